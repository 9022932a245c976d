"""What does a call cost where there is little to read?

    pytest bench/bench_small.py

One class: faces, people, hands; and one cell, which is the call itself.
"""

import pytest
from centerdecode.cli._suite import expected, ours, verify
from inputs import heads

NAMES = ["fairmot-1088", "centerface-640", "dbface-640", "hand-256"]


@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
@pytest.mark.parametrize("name", NAMES)
def test_decode(benchmark, name, threshold):
    work = heads.make(name, threshold)
    decode = ours(work)
    verify(decode(), expected(work))
    benchmark(decode)


def test_one_cell(benchmark):
    work = heads.one_cell()
    decode = ours(work)
    verify(decode(), expected(work))
    assert decode()[1].tolist() == [0.5]
    benchmark(decode)


@pytest.mark.parametrize("name", NAMES)
def test_the_read(benchmark, name):
    benchmark(heads.make(name).heatmap.max)
