"""Does it stay a read where the heads are big?

    pytest bench/bench_big.py

1203 classes as LVIS has them, a network input of 1024, and a batch of 8.
"""

from dataclasses import replace

import pytest
from centerdecode.cli._suite import decoder_of, expected, ours, verify
from inputs import heads


@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
@pytest.mark.parametrize("name", ["lvis-512", "coco-1024"])
def test_decode(benchmark, name, threshold):
    work = heads.make(name, threshold)
    decode = ours(work)
    verify(decode(), expected(work))
    benchmark(decode)


@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
def test_batch(benchmark, threshold):
    works, stacked = heads.batch()
    decoder = decoder_of(works[0], score_threshold=threshold)
    for found, work in zip(decoder(stacked), works, strict=True):
        wanted = expected(replace(work, score_threshold=threshold))
        verify((found.xyxy, found.scores, found.class_ids), wanted)
    benchmark(decoder, stacked)


@pytest.mark.parametrize("name", ["lvis-512", "coco-1024"])
def test_the_read(benchmark, name):
    benchmark(heads.make(name).heatmap.max)


def test_the_read_of_a_batch(benchmark):
    benchmark(heads.batch()[1][0].max)
