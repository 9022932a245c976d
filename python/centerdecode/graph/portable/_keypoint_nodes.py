"""Keypoints in a graph: regressed at a peak, and moved to peaks of their own heatmaps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...families import KeypointRule
from ._maps import Map, read
from ._ops import Ops, Value
from ._peaks import Peaks


class PoseHeads(NamedTuple):
    keypoints: Map
    heatmap: Map | None
    offset: Map | None


class Points(NamedTuple):
    """Of J keypoints: (B, J, K) each, in cells, and their scores."""

    xs: Value
    ys: Value
    scores: Value


def read_points(
    ops: Ops,
    heads: PoseHeads,
    rule: KeypointRule,
    axes: str,
    peaks: Peaks,
    scores: Value,
    boxes: Value | None,
) -> Points:
    """The keypoints of all detections, as they are regressed. scores: (B, K), which those
    get that stay so, unless the rule has one for them; boxes: (B, K, 4) in cells."""
    xs, ys = regress(ops, heads.keypoints, rule, axes, peaks, boxes)
    each = np.ones((1, heads.keypoints.channels // 2, 1), np.float32)
    unmatched = rule.refinement.unmatched_score
    if unmatched is not None:
        return Points(xs, ys, ops.value(each * np.float32(unmatched), "f32"))
    return Points(xs, ys, ops.reshape(scores, (0, 1, -1)) * each)


def extent_of(ops: Ops, points: Points) -> Value:
    """(B, K, 4) x1 y1 x2 y2 around all keypoints; a NaN is none."""
    sides = [
        ops.reduce(how, ops.where(ops.unary("is_nan", values), beyond, values), 1)
        for how, beyond in (("min", math.inf), ("max", -math.inf))
        for values in (points.xs, points.ys)
    ]
    return ops.transpose(ops.concat(sides, 1), (0, 2, 1))


def pairs(ops: Ops, points: Points) -> Value:
    """(B, K, J, 2), x before y."""
    axes = [ops.reshape(values, (0, 0, 0, 1)) for values in (points.xs, points.ys)]
    return ops.transpose(ops.concat(axes, 3), (0, 2, 1, 3))


def regress(
    ops: Ops, head: Map, rule: KeypointRule, axes: str, peaks: Peaks, boxes: Value | None
) -> tuple[Value, Value]:
    """xs and ys (B, J, K) of where keypoints are regressed, in cells."""
    count = head.channels // 2
    step, first = (1, count) if rule.order == "planar" else (2, 1)
    channels = [[axis * first + j * step for j in range(count)] for axis in (0, 1)]
    if axes == "yx":
        channels.reverse()
    found = []
    for axis, numbers in enumerate(channels):
        values = _activated(ops, read(ops, head, peaks.cells, numbers), rule.activation)
        values = ops.transpose(values, (0, 2, 1))
        if rule.frame == "cell":
            cells = ops.cast((peaks.xs, peaks.ys)[axis], "f32")
            found.append(values + ops.reshape(cells, (0, 1, -1)))
        else:
            assert boxes is not None
            low, high = (side(ops, boxes, axis + at) for at in (0, 2))
            found.append(low + values * (high - low))
    return found[0], found[1]


def side(ops: Ops, boxes: Value, which: int) -> Value:
    """(B, 1, K) of (B, K, 4)."""
    return ops.transpose(ops.slice(boxes, 2, which, which + 1), (0, 2, 1))


def _activated(ops: Ops, numbers: Value, activation: str) -> Value:
    if activation == "none":
        return numbers
    scaled = numbers * 4.0
    size = ops.unary("abs", scaled)
    grown = ops.unary("exp", size)
    beyond = ops.where(scaled < 0.0, grown * -1.0, grown)
    return ops.where(size < 1.0, scaled * math.e, beyond)
