"""Hard NMS in a graph: a step for each row, as not all runtimes have loops.

The overlap is computed in float32: boxes that overlap by the threshold but for its rounding
may be told apart otherwise than by the core, which computes in double.
"""

from __future__ import annotations

import numpy as np

from ...families import NMS
from ._ops import Ops, Value

_NOWHERE = -float(2**25)


def survivors(
    ops: Ops, rule: NMS, boxes: Value, class_ids: Value, found: Value, k: int
) -> tuple[Value, Value]:
    """Which of k rows (B, K) stay, strongest first: whether there is one, and where it was.

    boxes: (B, K, 4), strongest first; found: (B, K).
    """
    stronger = ops.constant(np.triu(np.ones((1, k, k), bool), 1), "bool")
    beats = _overlaps(ops, rule, boxes) & stronger
    if not rule.class_agnostic:
        ours, theirs = _both(ops, class_ids)
        beats = beats & ours.equals(theirs)
    for i in range(k):
        beaten = ops.reshape(ops.slice(beats, 1, i, i + 1), (0, -1))
        found = found & ~(beaten & ops.slice(found, 1, i, i + 1))
    numbers = ops.constant(-np.arange(k, dtype=np.float32).reshape(1, k), "f32")
    best, places = ops.top_k(ops.where(found, numbers, _NOWHERE), k)
    return ~(best < _NOWHERE / 2), places


def taken(ops: Ops, column: Value, places: Value, numbers: int | None) -> Value:
    """The rows of a column at places (B, K). numbers: how many each has, None: it is one."""
    if numbers is None:
        return ops.gather_elements(column, places, 1)
    each = ops.constant(np.zeros((1, 1, numbers)), "int")
    return ops.gather_elements(column, ops.reshape(places, (0, -1, 1)) + each, 1)


def _both(ops: Ops, x: Value) -> tuple[Value, Value]:
    return ops.reshape(x, (0, -1, 1)), ops.reshape(x, (0, 1, -1))


def _overlaps(ops: Ops, rule: NMS, boxes: Value) -> Value:
    """(B, K, K): whether two boxes overlap beyond the threshold; a NaN overlaps nothing."""
    sides = [ops.reshape(ops.slice(boxes, 2, i, i + 1), (0, -1)) for i in range(4)]
    x1, y1, x2, y2 = sides
    pixel = 1.0 if rule.whole_pixels else 0.0
    area = (x2 - x1 + pixel) * (y2 - y1 + pixel)
    extents = []
    for low, high in ((x1, x2), (y1, y2)):
        (low_a, low_b), (high_a, high_b) = _both(ops, low), _both(ops, high)
        extents.append(high_a.at_most(high_b) - low_a.at_least(low_b) + pixel)
    width, height = extents
    both = width * height
    area_a, area_b = _both(ops, area)
    overlap = both / (area_a + area_b - both)
    zero, threshold = ops.value(0.0, "f32"), ops.value(rule.iou_threshold, "f32")
    beyond = ~(overlap < threshold) if rule.inclusive else threshold < overlap
    is_number = ~ops.unary("is_nan", area_a + area_b + overlap)
    return beyond & is_number & (zero < width) & (zero < height) & (zero < overlap)
