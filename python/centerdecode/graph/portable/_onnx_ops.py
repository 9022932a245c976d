"""Graphs written in ONNX's operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..._lazy import require
from ._ops import BINARY, UNARY, Operand, Ops, Value

LEAST_OPSET = 13
_REDUCTIONS = {"sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}
_AXES_ARE_INPUTS = {"sum": 13, "max": 18, "min": 18}  # since this opset


class OnnxOps(Ops):
    """Nodes and initializers of a model of this opset; a value's node is its name.

    nodes, initializers: what was written so far, in an order in which it can run.
    """

    def __init__(self, opset: int) -> None:
        self._onnx: Any = require("onnx", "onnx", "onnx")
        self.types: Any = self._onnx.TensorProto
        self._opset = opset
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def node(self, kind: str, inputs: Sequence[str], outputs: int = 1, **attributes: Any) -> Any:
        """The name of the output of a new node, or a list of them."""
        stem = f"centerdecode/{kind}_{len(self.nodes)}"
        names = [stem if i == 0 else f"{stem}:{i}" for i in range(outputs)]
        made = self._onnx.helper.make_node(kind, [*inputs], names, name=stem, **attributes)
        self.nodes.append(made)
        return names[0] if outputs == 1 else names

    def _apply(self, name: str, inputs: Sequence[Value]) -> Any:
        return self.node((UNARY | BINARY)[name], [x.node for x in inputs])

    def _numbers(self, *numbers: int) -> str:
        return str(self.constant(np.array(numbers, np.int64), "int").node)

    def constant(self, array: np.ndarray[Any, Any], kind: str) -> Value:
        types = {"f32": np.float32, "int": np.int64, "bool": np.bool_}
        name = f"centerdecode/constant_{len(self.initializers)}"
        tensor = self._onnx.numpy_helper.from_array(array.astype(types[kind]), name)
        self.initializers.append(tensor)
        return Value(self, name, kind)

    def cast(self, x: Value, kind: str) -> Value:
        to = {"f32": self.types.FLOAT, "int": self.types.INT64, "bool": self.types.BOOL}[kind]
        return Value(self, self.node("Cast", [x.node], to=to), kind)

    def where(self, condition: Value, a: Operand, b: Operand, kind: str = "f32") -> Value:
        names = [condition.node, *(self.value(x, kind).node for x in (a, b))]
        return Value(self, self.node("Where", names), kind)

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        return Value(self, self.node("Reshape", [x.node, self._numbers(*shape)]), x.kind)

    def expand(self, x: Value, shape: Sequence[Value]) -> Value:
        whole = self.concat(shape, 0)
        return Value(self, self.node("Expand", [x.node, whole.node]), x.kind)

    def transpose(self, x: Value, order: Sequence[int]) -> Value:
        return Value(self, self.node("Transpose", [x.node], perm=[*order]), x.kind)

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        node = self.node("Concat", [x.node for x in values], axis=axis)
        return Value(self, node, values[0].kind)

    def slice(self, x: Value, axis: int, start: int, stop: int) -> Value:
        bounds = [self._numbers(number) for number in (start, stop, axis)]
        return Value(self, self.node("Slice", [x.node, *bounds]), x.kind)

    def gather_elements(self, x: Value, index: Value, axis: int) -> Value:
        node = self.node("GatherElements", [x.node, index.node], axis=axis)
        return Value(self, node, x.kind)

    def top_k(self, x: Value, k: int) -> tuple[Value, Value]:
        values, places = self.node("TopK", [x.node, self._numbers(k)], 2, axis=-1)
        return Value(self, values, x.kind), Value(self, places, "int")

    def max_pool(self, x: Value, window: tuple[int, int]) -> Value:
        pads = [extent // 2 for extent in window] * 2
        return Value(
            self, self.node("MaxPool", [x.node], kernel_shape=[*window], pads=pads), x.kind
        )

    def reduce(self, how: str, x: Value, axis: int) -> Value:
        if self._opset >= _AXES_ARE_INPUTS[how]:
            return Value(self, self.node(_REDUCTIONS[how], [x.node, self._numbers(axis)]), x.kind)
        return Value(self, self.node(_REDUCTIONS[how], [x.node], axes=[axis]), x.kind)

    def extent(self, x: Value, axis: int) -> Value:
        whole = Value(self, self.node("Shape", [x.node]), "int")
        return self.slice(whole, 0, axis, axis + 1)

    def count_to(self, extent: Value) -> Value:
        stop = self.node("Squeeze", [extent.node, self._numbers(0)])
        ends = [self.constant(np.array(number), "int").node for number in (0, 1)]
        return Value(self, self.node("Range", [ends[0], stop, ends[1]]), "int")
