"""What does one class of 80 cost, or some of them?

    pytest bench/bench_classes.py

The others are not read, whatever they hold.
"""

from dataclasses import replace

import numpy as np
import pytest
from centerdecode.cli._suite import decoder_of, expected, verify
from inputs import heads

SUBSETS = {"person": [0], "vehicles": [1, 2, 3, 5, 7], "half": list(range(0, 80, 2))}


@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("classes", SUBSETS.values(), ids=SUBSETS)
def test_decode(benchmark, classes, layout, threshold):
    work = heads.make("mb3-512", threshold)
    decoder = decoder_of(work, layout=layout, classes=classes)
    stored = work.heads if layout == "NCHW" else [heads.channels_last(head) for head in work.heads]
    (found,) = decoder(stored)
    xyxy, scores, class_ids = expected(replace(work, heatmap=work.heatmap[classes].copy()))
    verify((found.xyxy, found.scores, found.class_ids), (xyxy, scores, np.take(classes, class_ids)))
    benchmark(decoder, stored)
