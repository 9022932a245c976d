"""A graph, written once for all languages that have these operations.

Numbers are "f32" or "int" (OpenVINO: i32; ONNX: int64), conditions are "bool". Shapes may
have dynamic dimensions, of which -1 says so. A comparison with a NaN tells nothing: some
runtimes take it for true, so graphs ask `is_nan` first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

# Names that OpenVINO's opsets and ONNX have for the same thing.
UNARY = {
    "is_nan": "IsNaN",
    "logical_not": "Not",
    "exp": "Exp",
    "sqrt": "Sqrt",
    "abs": "Abs",
    "floor": "Floor",
}
BINARY = {
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "maximum": "Max",
    "minimum": "Min",
    "equal": "Equal",
    "less": "Less",
    "logical_and": "And",
    "logical_or": "Or",
}
_CONDITIONS = {"is_nan", "logical_not", "equal", "less", "logical_and", "logical_or"}


class Value:
    """A tensor in a graph. Arithmetic with numbers of Python is of its own kind."""

    __slots__ = ("kind", "node", "ops")

    def __init__(self, ops: Ops, node: Any, kind: str) -> None:
        self.ops = ops
        self.node = node
        self.kind = kind

    def __add__(self, other: Operand) -> Value:
        return self.ops.binary("add", self, other)

    def __sub__(self, other: Operand) -> Value:
        return self.ops.binary("subtract", self, other)

    def __mul__(self, other: Operand) -> Value:
        return self.ops.binary("multiply", self, other)

    def __truediv__(self, other: Operand) -> Value:
        return self.ops.binary("divide", self, other)

    def __lt__(self, other: Operand) -> Value:
        return self.ops.binary("less", self, other)

    def __and__(self, other: Value) -> Value:
        return self.ops.binary("logical_and", self, other)

    def __or__(self, other: Value) -> Value:
        return self.ops.binary("logical_or", self, other)

    def __invert__(self) -> Value:
        return self.ops.unary("logical_not", self)

    def equals(self, other: Operand) -> Value:
        return self.ops.binary("equal", self, other)

    def at_least(self, other: Operand) -> Value:
        return self.ops.binary("maximum", self, other)

    def at_most(self, other: Operand) -> Value:
        return self.ops.binary("minimum", self, other)


Operand: TypeAlias = "Value | float | int | np.ndarray[Any, Any]"


class Ops(ABC):
    """A language to write graphs in."""

    def value(self, operand: Operand, kind: str) -> Value:
        """A constant of a kind, unless it is a value already."""
        if isinstance(operand, Value):
            return operand
        types = {"f32": np.float32, "int": np.int64, "bool": np.bool_}
        return self.constant(np.asarray(operand, types[kind]), kind)

    def unary(self, name: str, x: Value) -> Value:
        return Value(self, self._apply(name, [x]), "bool" if name in _CONDITIONS else x.kind)

    def binary(self, name: str, a: Value, b: Operand) -> Value:
        node = self._apply(name, [a, self.value(b, a.kind)])
        return Value(self, node, "bool" if name in _CONDITIONS else a.kind)

    def quotient(self, a: Value, b: Operand) -> tuple[Value, Value]:
        """a // b and a % b of whole numbers from 0 to 2**24: more of them OpenVINO divides
        wrongly on CPU."""
        whole = a / b
        return whole, a - whole * b

    @abstractmethod
    def _apply(self, name: str, inputs: Sequence[Value]) -> Any:
        """One of UNARY or BINARY."""

    @abstractmethod
    def constant(self, array: np.ndarray[Any, Any], kind: str) -> Value: ...

    @abstractmethod
    def cast(self, x: Value, kind: str) -> Value: ...

    @abstractmethod
    def where(self, condition: Value, a: Operand, b: Operand, kind: str = "f32") -> Value: ...

    @abstractmethod
    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        """0 keeps a dimension, -1 takes what is left."""

    @abstractmethod
    def expand(self, x: Value, shape: Sequence[Value]) -> Value:
        """To dimensions, each a vector of one."""

    @abstractmethod
    def transpose(self, x: Value, order: Sequence[int]) -> Value: ...

    @abstractmethod
    def concat(self, values: Sequence[Value], axis: int) -> Value: ...

    @abstractmethod
    def slice(self, x: Value, axis: int, start: int, stop: int) -> Value:
        """A negative stop counts from the end."""

    @abstractmethod
    def gather_elements(self, x: Value, index: Value, axis: int) -> Value: ...

    @abstractmethod
    def top_k(self, x: Value, k: int) -> tuple[Value, Value]:
        """The k greatest of the last axis, and where they are; of equal ones any."""

    @abstractmethod
    def max_pool(self, x: Value, window: tuple[int, int]) -> Value:
        """(B, C, H, W), of the same size; what is beyond the border counts for nothing."""

    @abstractmethod
    def reduce(self, how: str, x: Value, axis: int) -> Value:
        """ "sum", "max" or "min" along an axis, which stays."""

    @abstractmethod
    def extent(self, x: Value, axis: int) -> Value:
        """A dimension as a vector of one."""

    @abstractmethod
    def count_to(self, extent: Value) -> Value:
        """0, 1, ... below a vector of one, a vector."""
