"""And when the heads are not in the cache?

    pytest bench/process/bench_cold.py

After inference they may be anywhere. Here the decode goes round over as many copies as
do not fit into the last cache together, so that each comes from memory.
"""

import itertools
from dataclasses import replace

import pytest
from centerdecode.cli._suite import expected, ours, verify
from inputs import heads

LAST_CACHE = 64 << 20  # bytes; more than most processors have


def copies(threshold):
    work = heads.make("mb3-512", threshold)
    count = 2 * LAST_CACHE // work.heatmap.nbytes + 1
    return [replace(work, heatmap=work.heatmap.copy()) for _ in range(count)]


@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
def test_decode(benchmark, threshold):
    works = copies(threshold)
    decodes = [ours(work) for work in works]
    verify(decodes[0](), expected(works[0]))
    one_after_another = itertools.cycle(decodes)
    benchmark(lambda: next(one_after_another)())


def test_the_read(benchmark):
    one_after_another = itertools.cycle([work.heatmap for work in copies(0.1)])
    benchmark(lambda: next(one_after_another).max())
