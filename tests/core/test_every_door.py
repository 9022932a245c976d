"""Every family by every way into the library, on every instruction set: the same bits."""

import os
import pickle
import subprocess
import sys

import centerdecode as cd
import pytest
from centerdecode import families
from support.paths import ROOT
from support.sayable import assert_same
from support.servers import doors

CASES = dict(doors.cases())


@pytest.fixture(scope="module", params=cd.supported_isas())
def isa(request):
    with cd.use_isa(request.param):
        yield request.param


@pytest.fixture(scope="module")
def environment(isa):
    return os.environ | {"CENTERDECODE_ISA": isa}


@pytest.fixture(scope="module")
def others(extension, environment, tmp_path_factory):
    """What the C library and the operation find in each case, by (door, case)."""
    folder = tmp_path_factory.mktemp("doors")
    (folder / "cases").write_bytes(pickle.dumps(CASES))
    command = [sys.executable, "-m", "support.servers.doors", folder / "cases", folder / "found"]
    subprocess.run(command, cwd=ROOT / "tests", env=environment, check=True)
    return pickle.loads((folder / "found").read_bytes())


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return doors.build_cpp(tmp_path_factory.mktemp("program"))


def check(found, case, name):
    wanted = case.by_python()
    assert len(found) == len(wanted) == 2
    for own, expected in zip(found, wanted, strict=True):
        assert_same(own, expected, name)
    return sum(map(len, wanted))


def test_every_family_is_among_the_cases():
    assert [case.family for name, case in CASES.items() if name == case.family.name] == [
        *families.ALL,
        doors.TASKS,
    ]


@pytest.mark.parametrize("name", CASES)
def test_c(others, name):
    assert check(others["C", name], CASES[name], name) > 1


@pytest.mark.parametrize("name", [name for name, case in CASES.items()
                                  if not case.place and case.family.decoder not in doors.DECODED])  # fmt: skip
def test_the_operation(others, name):
    check(others["graph", name], CASES[name], name)


@pytest.mark.parametrize("name", CASES)
def test_cpp(program, environment, name, tmp_path):
    check(doors.by_cpp(program, CASES[name], tmp_path / "case", environment), CASES[name], name)
