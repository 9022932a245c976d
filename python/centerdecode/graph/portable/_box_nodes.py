"""Boxes in a graph, in float32 and nearly as exact as the core, which computes in double.

Sums carry their rounding errors with them, and are rounded once. Strides that are no
powers of two, and exp, round once more each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ._maps import Map, read
from ._ops import Operand, Ops, Value
from ._peaks import Peaks

# Which numbers of a cell make x1, y1, x2, y2, x before y, and what they are multiplied with.
_SIDES = {
    "wh": ((0, 1, 0, 1), (-0.5, -0.5, 0.5, 0.5)),
    "ltrb": ((0, 1, 2, 3), (-1.0, -1.0, 1.0, 1.0)),
    "corners": ((0, 1, 2, 3), (1.0, 1.0, 1.0, 1.0)),
}


class BoxRule(NamedTuple):
    """As the options of `decode_boxes`; center_shift is a number here."""

    stride: float
    encoding: str
    units: str
    activation: str
    axes: str
    center_shift: float


class BoxHeads(NamedTuple):
    wh: Map
    offset: Map | None


def read_boxes(ops: Ops, heads: BoxHeads, rule: BoxRule, peaks: Peaks, classes: int) -> Value:
    """(B, K, 4) x1 y1 x2 y2 in cells."""
    numbers, factors = _SIDES[rule.encoding]
    group = 2 if rule.encoding == "wh" else 4
    swapped = [number ^ 1 for number in numbers] if rule.axes == "yx" else numbers
    specific = heads.wh.channels != group and heads.wh.channels == group * classes
    first = peaks.class_ids * group if specific else None
    extents = _activated(ops, read(ops, heads.wh, peaks.cells, swapped, first), rule.activation)
    unit = 1.0 if rule.units == "cells" else rule.stride
    sides = extents * np.divide(factors, unit, dtype=np.float32).reshape(1, 1, 4)
    terms: list[Operand] = [pairs_of(ops, peaks), sides]
    if rule.center_shift != 0:
        terms.insert(1, rule.center_shift)
    if heads.offset is not None:
        order = (0, 1, 0, 1) if rule.axes == "xy" else (1, 0, 1, 0)
        terms.insert(1, read(ops, heads.offset, peaks.cells, order))
    return exact_sum(terms)


def pairs_of(ops: Ops, peaks: Peaks) -> Value:
    """(B, K, 4) x y x y of cells, float32."""
    xs, ys = (ops.reshape(ops.cast(axis, "f32"), (0, -1, 1)) for axis in (peaks.xs, peaks.ys))
    return ops.concat([xs, ys, xs, ys], 2)


def exact_sum(terms: Sequence[Operand]) -> Value:
    """The sum, the first of which is a value, rounded once (Knuth's two-sum); where it is
    infinite or no number it is what a plain sum is."""
    total, *rest = terms
    assert isinstance(total, Value)
    ops = total.ops
    error: Value | None = None
    for term in rest:
        new = total + term
        taken = new - total
        lost = (total - (new - taken)) + (ops.value(term, "f32") - taken)
        error = lost if error is None else error + lost
        total = new
    if error is None or len(rest) == 1:
        return total
    return ops.where(ops.unary("is_nan", error), total, total + error)


def _activated(ops: Ops, numbers: Value, activation: str) -> Value:
    if activation == "exp":
        return ops.unary("exp", numbers)
    if activation == "relu":  # a NaN stays
        return ops.where(numbers < 0.0, 0.0, numbers)
    return numbers


def score_of(ops: Ops, values: Value, activation: str, least: float) -> Value:
    """Scores of raw numbers that reach the score `least`, below which rounding brings none."""
    if activation == "none":
        return values
    small = ops.unary("exp", ops.unary("abs", values) * -1.0)
    above = ops.where(values < 0.0, small, 1.0)
    return (above / (small + 1.0)).at_least(max(least, 0.0))
