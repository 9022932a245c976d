"""What does a decode in a model's graph cost, beside a call of the library?

    pytest bench/bench_graph.py

An inference of a model of one cell takes its time without any decoding: what a larger one
takes longer is the operation's. It may take 1.15 times as long as a `Decoder`.
"""

import numpy as np
import pytest
from centerdecode.cli._suite import medians, ours
from inputs import graph_heads, heads

MOST = 1.15


def test_operation(record):
    work = heads.make("mb3-512")
    request, least = [graph_heads.embedded(own) for own in (work, heads.one_cell(80))]
    decode = ours(work)
    request.infer()
    xyxy, scores, _ = decode()
    assert request.get_output_tensor(3).data == len(scores)
    np.testing.assert_array_equal(request.get_output_tensor(0).data[0, : len(scores)], xyxy)
    whole, library, empty = medians([request.infer, decode, least.infer], rounds=400)
    ratio = (whole - empty) / library
    record(
        f"operation in a graph: {ratio:.3g} x the library call ({1e6 * empty:.3g} us of "
        f"inference without it), promised {MOST}: {'holds' if ratio <= MOST else 'FAILS'}"
    )
    assert ratio <= MOST


@pytest.mark.parametrize("name", ["mb3-512", "hourglass-256"])
def test_infer(benchmark, name):
    benchmark(graph_heads.embedded(heads.make(name)).infer)
