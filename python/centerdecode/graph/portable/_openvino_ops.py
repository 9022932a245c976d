"""Graphs written in OpenVINO's operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._ops import Operand, Ops, Value

_LAST = np.iinfo(np.int32).max
_TYPES = {"f32": "f32", "int": "i32", "bool": "boolean"}


class OpenVINOOps(Ops):
    """Nodes of opset 13, which OpenVINO has since 2024."""

    def __init__(self) -> None:
        from openvino import opset1, opset13

        self._op: Any = opset13
        self._first_op: Any = opset1

    def _apply(self, name: str, inputs: Sequence[Value]) -> Any:
        return getattr(self._op, name)(*(x.node for x in inputs)).output(0)

    def _made(self, node: Any, kind: str, output: int = 0) -> Value:
        return Value(self, node.output(output), kind)

    def constant(self, array: np.ndarray[Any, Any], kind: str) -> Value:
        if kind != "f32":
            types = {"int": np.int32, "bool": np.bool_}
            return self._made(self._op.constant(array.astype(types[kind])), kind)
        with np.errstate(over="ignore"):
            if np.array_equal(array.astype(np.float16), array):
                return self._made(self._op.constant(array), kind)
        return self._exact(array)

    def _exact(self, array: np.ndarray[Any, Any]) -> Value:
        """A constant as a product of others that saving as f16, OpenVINO's default, leaves
        as they are."""
        fractions, exponents = np.frexp(array)
        whole = self._op.constant((fractions * 2.0**24).astype(np.int32))
        product = self._made(self._op.convert(whole, "f32"), "f32")
        rest = exponents - 24
        while rest.any():
            step = rest.clip(-14, 15)
            power = np.ldexp(np.ones(array.shape, np.float32), step)
            product = product * self._made(self._op.constant(power), "f32")
            rest = rest - step
        return product

    def cast(self, x: Value, kind: str) -> Value:
        return self._made(self._op.convert(x.node, _TYPES[kind]), kind)

    def where(self, condition: Value, a: Operand, b: Operand, kind: str = "f32") -> Value:
        nodes = [self.value(x, kind).node for x in (a, b)]
        return self._made(self._op.select(condition.node, *nodes), kind)

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        return self._made(self._op.reshape(x.node, np.array(shape, np.int64), True), x.kind)

    def expand(self, x: Value, shape: Sequence[Value]) -> Value:
        whole = self._op.concat([extent.node for extent in shape], 0)
        return self._made(self._op.broadcast(x.node, whole), x.kind)

    def transpose(self, x: Value, order: Sequence[int]) -> Value:
        return self._made(self._op.transpose(x.node, np.array(order, np.int64)), x.kind)

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        return self._made(self._op.concat([x.node for x in values], axis), values[0].kind)

    def slice(self, x: Value, axis: int, start: int, stop: int) -> Value:
        bounds = [np.array([number], np.int64) for number in (start, stop, 1, axis)]
        return self._made(self._op.slice(x.node, *bounds), x.kind)

    def gather_elements(self, x: Value, index: Value, axis: int) -> Value:
        return self._made(self._op.gather_elements(x.node, index.node, axis), x.kind)

    def top_k(self, x: Value, k: int) -> tuple[Value, Value]:
        node = self._op.topk(x.node, np.int64(k), -1, "max", "value", index_element_type="i32")
        return self._made(node, x.kind), self._made(node, "int", 1)

    def max_pool(self, x: Value, window: tuple[int, int]) -> Value:
        pads = [extent // 2 for extent in window]
        return self._made(self._first_op.max_pool(x.node, [1, 1], pads, pads, [*window]), x.kind)

    def reduce(self, how: str, x: Value, axis: int) -> Value:
        node = getattr(self._op, f"reduce_{how}")(x.node, np.array([axis], np.int64), True)
        return self._made(node, x.kind)

    def extent(self, x: Value, axis: int) -> Value:
        return self.slice(self._made(self._op.shape_of(x.node, "i32"), "int"), 0, axis, axis + 1)

    def count_to(self, extent: Value) -> Value:
        stop = self._op.squeeze(extent.node, np.array([0], np.int64))
        return self._made(self._op.range(np.int32(0), stop, np.int32(1), "i32"), "int")
