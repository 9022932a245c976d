"""How many images a second does a stream give?

    pytest bench/detector/bench_stream.py

Divide the frames of a stream (8 and 80) by its time. With decoding and without is one
promise of `limits.py`. "bare" is OpenVINO's own queue with a tensor that is ready: what
lies between is resizing, which another thread of the caller's may do.
"""

import pytest
from inputs import frames

LONG = pytest.mark.benchmark(max_time=3, min_rounds=5)


@LONG
@pytest.mark.parametrize("name", frames.MODELS)
@pytest.mark.parametrize("way", ["bare", "not_decoded", "decoded"])
def test_stream(benchmark, name, way):
    benchmark(getattr(frames.make(name), way))
