"""Heads in a graph, and what they hold at cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ._ops import Operand, Ops, Value


class Map(NamedTuple):
    """One head: (B, channels, height, width) or channels last; -1: of any extent."""

    value: Value
    layout: str
    channels: int
    height: int
    width: int

    @property
    def axes(self) -> tuple[int, int, int]:
        """Which of its axes are channels, rows and columns."""
        return (1, 2, 3) if self.layout == "NCHW" else (3, 1, 2)

    def extent(self, ops: Ops, axis: int) -> Operand:
        """A dimension: a number, or a vector of one."""
        known = dict(zip(self.axes, (self.channels, self.height, self.width), strict=True))
        return ops.extent(self.value, axis) if known[axis] == -1 else known[axis]

    @property
    def cells(self) -> int:
        """How many cells a channel has."""
        return -1 if -1 in (self.height, self.width) else self.height * self.width

    def area(self, ops: Ops) -> Operand:
        """The same as a number, or a vector of one."""
        if self.cells != -1:
            return self.cells
        height, width = (self.extent(ops, axis) for axis in self.axes[1:])
        return ops.value(height, "int") * width

    def planes(self, ops: Ops) -> Value:
        """(B, C, H, W) float32."""
        planes = ops.cast(self.value, "f32")
        return planes if self.layout == "NCHW" else ops.transpose(planes, (0, 3, 1, 2))


def read(
    ops: Ops, head: Map, cells: Value, channels: Sequence[int], first: Value | None = None
) -> Value:
    """(B, K, n) float32: what n channels hold at cells (B, K), counted by rows; `first`
    (B, K) is added to their numbers."""
    count = len(channels)
    numbers = ops.constant(np.array(channels, np.int64).reshape(1, 1, count), "int")
    if first is not None:
        numbers = ops.reshape(first, (0, -1, 1)) + numbers
    at = ops.reshape(cells, (0, -1, 1))
    index = numbers * head.area(ops) + at if head.layout == "NCHW" else at * head.channels + numbers
    flat = ops.reshape(head.value, (0, -1))
    found = ops.gather_elements(flat, ops.reshape(index, (0, -1)), 1)
    return ops.cast(ops.reshape(found, (0, -1, count)), "f32")


def map_of(value: Value, head: str, shape: Sequence[int], layout: str) -> Map:
    """A head of this shape, -1 where it is dynamic.

    Raises:
        ValueError: a head that is no map, that is empty, or whose channels are not known.
    """
    found = Map(value, layout, -1, -1, -1)
    if len(shape) == 4:
        found = Map(value, layout, *(shape[axis] for axis in found.axes))
    if found.channels == -1:
        raise ValueError(
            f"{head} must be of 4 dimensions with a known number of channels ({layout}) "
            f"for a portable graph, got {[*shape]}"
        )
    if 0 in shape:
        raise ValueError(
            f"{head} must not be empty for a portable graph, whose MaxPool takes no such map, "
            f"got {[*shape]}; give the model an input of a size"
        )
    return found
