"""Heads that a graph decodes: the operation, and nothing else, in a model."""

import functools

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import graph
from openvino import opset13 as ops


@functools.cache
def core():
    """Return a core that knows the operation; it is compiled once for each OpenVINO."""
    pytest.importorskip("cmake", reason="cmake is not installed")
    own = ov.Core()
    graph.add_to(own)
    return own


def embedded(work):
    """Return a request that decodes the heads of a work inside a graph, in place."""
    heads = [head[None] for head in (work.heatmap, work.wh, work.offset)]
    parameters = [ops.parameter(head.shape, np.float32) for head in heads]
    for parameter, name in zip(parameters, ("hm", "wh", "reg"), strict=True):
        parameter.output(0).set_names({name})
    model = ov.Model([parameter.output(0) for parameter in parameters], parameters)
    options = {"top_k": work.top_k, "score_threshold": work.score_threshold, "plateaus": "keep"}
    whole = graph.embed(model, cd.families.CENTERNET, **options)
    request = core().compile_model(whole, "CPU").create_infer_request()
    for i, head in enumerate(heads):
        request.set_input_tensor(i, ov.Tensor(head, shared_memory=True))
    return request
