"""use_isa chooses, puts back, and changes no bit of any result."""

import os
import re
import subprocess
import sys

import centerdecode as cd
import numpy as np
import pytest
from support.heads import ELEMENT_TYPES, channels_last, fill, store

ISAS = cd.supported_isas()
OTHER = ISAS[-1]  # scalar, which runs everywhere


@pytest.fixture(autouse=True)
def put_back():
    former = cd.active_isa()
    yield
    cd.use_isa(former)


def test_the_best_is_first_and_scalar_is_last():
    assert ISAS[-1] == "scalar"
    assert len(set(ISAS)) == len(ISAS)
    known = ["avx512", "avx2", "neon", "scalar"]
    assert [name for name in known if name in ISAS] == list(ISAS)


@pytest.mark.parametrize("name", ISAS)
def test_use_isa_sets(name):
    cd.use_isa(name)
    assert cd.active_isa() == name


@pytest.mark.parametrize("name", ISAS)
def test_use_isa_puts_the_former_back(name):
    cd.use_isa(ISAS[0])
    with cd.use_isa(name):
        assert cd.active_isa() == name
        with cd.use_isa(OTHER):
            assert cd.active_isa() == OTHER
        assert cd.active_isa() == name
    assert cd.active_isa() == ISAS[0]


def test_use_isa_puts_the_former_back_when_something_is_raised():
    cd.use_isa(ISAS[0])
    with pytest.raises(ZeroDivisionError), cd.use_isa(OTHER):
        _ = 1 / 0
    assert cd.active_isa() == ISAS[0]


@pytest.mark.parametrize("name", ["sse9", "", "AVX2", "scalar "])
def test_use_isa_refuses_and_lists_what_runs(name):
    message = f"isa '{name}' does not run here; these do: {' '.join(ISAS)}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cd.use_isa(name)
    assert cd.active_isa() in ISAS


PRINT_ISA = """
import centerdecode
try:
    print(centerdecode.active_isa())
except ValueError as error:
    print(error)
"""


def active_where(value):
    """Return the process that prints its active ISA, with CENTERDECODE_ISA set so."""
    environment = {k: v for k, v in os.environ.items() if k != "CENTERDECODE_ISA"}
    if value is not None:
        environment["CENTERDECODE_ISA"] = value
    return subprocess.run(
        [sys.executable, "-c", PRINT_ISA],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.rstrip("\n")


@pytest.mark.parametrize("name", ISAS)
def test_the_environment_chooses(name):
    assert active_where(name) == name


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_choice_the_best_is_taken(value):
    assert active_where(value) == ISAS[0]


def test_the_environment_is_told_what_runs():
    runs = f"isa 'mmx' does not run here; these do: {' '.join(ISAS)}"
    assert active_where("mmx") == f"CENTERDECODE_ISA: {runs}"


@pytest.mark.parametrize("filling", ["noise", "sparse", "plateaus", "mixed"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_every_isa_gives_the_same_bytes(layout, element_type, filling):
    heatmap = store(fill(filling, (80, 128, 128)), element_type)
    heatmap = heatmap if layout == "NCHW" else channels_last(heatmap)
    for options in ({"score_threshold": 0.1}, {"plateaus": "keep", "window": 5, "top_k": 5000}):
        results = []
        for name in ISAS:
            with cd.use_isa(name):
                found = cd.find_peaks(heatmap, layout=layout, element_type=element_type, **options)
                results.append([column.tobytes() for column in found])
        assert len(results[0][0]) >= 400
        assert results == [results[0]] * len(ISAS)
    assert np.isfinite(found.scores).all()
