"""The same decode as a graph behind the network: 3x3 max-pool, top-k, gather.

`on_logits` compares and ranks raw numbers (Select); otherwise all of them become
scores first, and those of cells that are no peaks are multiplied by zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..._lazy import require
from ._workload import Decode, DecodedBoxes, Workload, above


def openvino_graph(*, on_logits: bool, threads: int) -> Callable[[Workload], Decode]:
    def prepare(work: Workload) -> Decode:
        ov = require("openvino", "openvino", "rivals")
        config = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
        model = _openvino_model(work, on_logits)
        request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
        for i, head in enumerate(work.heads):
            request.set_input_tensor(i, ov.Tensor(head[None], shared_memory=True))

        def decode() -> DecodedBoxes:
            request.infer()
            xyxy, scores, class_ids = (request.get_output_tensor(i).data for i in range(3))
            return above(work, (xyxy, scores, class_ids))

        return decode

    return prepare


def _openvino_model(work: Workload, on_logits: bool) -> Any:
    ov = require("openvino", "openvino", "rivals")
    op = require("openvino.opset13", "openvino", "rivals")
    _, height, width = work.heatmap.shape
    area, count = height * width, min(work.top_k, work.heatmap.size)
    heads = [op.parameter([1, *head.shape], np.float32) for head in work.heads]
    whole, wh, offset = heads
    if work.activation == "sigmoid" and not on_logits:
        whole = op.sigmoid(whole)
    pooled = op.max_pool(whole, [1, 1], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    peak = op.equal(whole, pooled)
    if on_logits:
        kept = op.select(peak, whole, np.float32(-np.inf))
    else:
        kept = op.multiply(whole, op.convert(peak, "f32"))
    best = op.topk(op.reshape(kept, [-1], False), np.int32(count), 0, "max", "value")
    index, score = best.output(1), best.output(0)
    if work.activation == "sigmoid" and on_logits:
        score = op.sigmoid(score)
    cell = op.floor_mod(index, np.int32(area))
    both = op.broadcast(op.unsqueeze(cell, 0), [2, count])
    at = [op.gather_elements(op.reshape(head, [2, area], False), both, 1) for head in (wh, offset)]
    yx = [op.floor_mod(cell, np.int32(width)), op.divide(cell, np.int32(width))]
    center = op.add(op.convert(op.concat([op.unsqueeze(axis, 0) for axis in yx], 0), "f32"), at[1])
    half = op.multiply(at[0], np.float32(0.5))
    corners = op.concat([op.subtract(center, half), op.add(center, half)], 0)
    xyxy = op.transpose(op.multiply(corners, np.float32(work.stride)), [1, 0])
    ends = [op.result(end) for end in (xyxy, score, op.divide(index, np.int32(area)))]
    return ov.Model(ends, heads, "decode")


def onnxruntime_graph(*, threads: int) -> Callable[[Workload], Decode]:
    def prepare(work: Workload) -> Decode:
        onnxruntime = require("onnxruntime", "onnxruntime", "rivals")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        model = _onnx_model(work).SerializeToString()
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        heads = {name: head[None] for name, head in zip("hwo", work.heads, strict=True)}

        def decode() -> DecodedBoxes:
            xyxy, scores, class_ids = session.run(None, heads)
            return above(work, (xyxy, scores, class_ids))

        return decode

    return prepare


# A node a line: operator, inputs, output; numbers are named by what they are.
_NODES = """\
MaxPool    h                  pooled
Equal      h,pooled           peak
Where      peak,h,-inf        kept
Reshape    kept,flat          line
TopK       line,count         best,index
Mod        index,area         cell
Div        index,area         class_ids
Mod        cell,width         x
Div        cell,width         y
Concat     x,y                ends
Reshape    ends,pair          yx
Cast       yx                 xy
Expand     cell,pair          both
Reshape    w,plane            wh
Reshape    o,plane            offset
GatherElements wh,both        size
GatherElements offset,both    shift
Add        xy,shift           center
Mul        size,half          extent
Sub        center,extent      low
Add        center,extent      high
Concat     low,high           corners
Mul        corners,stride     scaled
Transpose  scaled             xyxy
"""
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "MaxPool": {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]},
    "TopK": {"axis": 0},
    "Concat": {"axis": 0},
    "Cast": {"to": 1},
    "GatherElements": {"axis": 1},
}


def _onnx_model(work: Workload) -> Any:
    onnx = require("onnx", "onnx", "rivals")
    helper = onnx.helper
    _, height, width = work.heatmap.shape
    count = min(work.top_k, work.heatmap.size)
    area = height * width
    floats = {"-inf": -np.inf, "half": 0.5, "stride": work.stride}
    integers = {
        "area": [area], "width": [width], "count": [count],
        "flat": [-1], "plane": [2, area], "pair": [2, count],
    }  # fmt: skip
    values = [
        onnx.numpy_helper.from_array(np.asarray(value, kind), name)
        for kind, constants in ((np.float32, floats), (np.int64, integers))
        for name, value in constants.items()
    ]
    nodes = []
    for line in _NODES.splitlines():
        kind, inputs, outputs = line.split()
        attributes = _ATTRIBUTES.get(kind, {})
        nodes.append(helper.make_node(kind, inputs.split(","), outputs.split(","), **attributes))
    last = "Sigmoid" if work.activation == "sigmoid" else "Identity"
    nodes.append(helper.make_node(last, ["best"], ["scores"]))
    info, kinds = helper.make_tensor_value_info, onnx.TensorProto
    heads = [
        info(name, kinds.FLOAT, [1, *head.shape])
        for name, head in zip("hwo", work.heads, strict=True)
    ]
    ends = [
        info("xyxy", kinds.FLOAT, [count, 4]),
        info("scores", kinds.FLOAT, [count]),
        info("class_ids", kinds.INT64, [count]),
    ]
    graph = helper.make_graph(nodes, "decode", heads, ends, values)
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)
