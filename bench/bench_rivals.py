"""How fast is everybody else?

    pytest bench/bench_rivals.py

Every other way to the same detections, strongest first, each checked before it is timed.
Where a library is missing its rival is skipped: pip install ".[rivals]"
"""

import pytest
from centerdecode.cli._suite import RIVALS, expected, verify
from inputs import heads

NAMES = ["mb3-512", "noise-384", "fairmot-1088"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name.replace(" ", "-"))
def test_rival(benchmark, rival, name, threshold):
    work = heads.make(name, threshold)
    try:
        decode = rival.prepare(work)
    except ImportError as error:
        pytest.skip(str(error))
    verify(decode(), expected(work))
    benchmark(decode)
