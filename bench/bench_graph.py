"""What does a decode cost as an operation of OpenVINO's graph?

    pytest bench/bench_graph.py

The operation alone, with heads that are there, beside a call of `Decoder` (what OpenVINO
needs for any inference, some 10 us, is part of it); and a trained model that has it, beside
the model without it, and with a call behind. The first is a promise of `limits.py`.
"""

import heads
import in_graph
import pytest


@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
@pytest.mark.parametrize("way", ["by_call", "in_graph"])
def test_alone(benchmark, way, threshold):
    benchmark(getattr(in_graph.alone("mb3-512", threshold), way))


@pytest.mark.benchmark(max_time=3)
@pytest.mark.parametrize("way", ["bare", "and_call", "in_graph"])
def test_in_a_model(benchmark, way):
    benchmark(getattr(in_graph.whole(), way))
