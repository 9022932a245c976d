"""Peaks of a heatmap in a graph, strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ._maps import Map, read
from ._ops import Ops, Value
from ._ranking import LEAST, NOTHING, Ranked, merged, strongest


class PeakRule(NamedTuple):
    """As the options of `decode_boxes`; `threshold` is the smallest raw number that counts,
    NaN where none does."""

    top_k: int
    threshold: float
    window: int
    plateaus: str
    classes: Sequence[int] | None = None
    best_class: bool = False
    max_per_class: int | None = None


class Peaks(NamedTuple):
    """(B, K) each. Where nothing is found all else is 0."""

    found: Value
    values: Value  # raw
    class_ids: Value
    ys: Value
    xs: Value
    cells: Value  # ys * width + xs


def find_peaks(ops: Ops, heatmap: Map, rule: PeakRule) -> Peaks:
    """What `decode_boxes` finds; -inf and the two lowest floats are equals here, and NaN is
    below them."""
    kept = _chosen(ops, candidates(ops, heatmap, rule), heatmap.channels, rule)
    if rule.max_per_class is not None:
        ranked = _limited(ops, heatmap, kept, rule)
        class_ids, cells = ranked.rows, ranked.columns
        ys, xs = ops.quotient(cells, heatmap.extent(ops, heatmap.axes[2]))
    elif heatmap.layout == "NCHW":
        rows = ops.reshape(kept, (0, heatmap.channels, -1))
        ranked = strongest(ops, rows, (heatmap.channels, heatmap.cells), rule.top_k)
        class_ids = ranked.rows
        ys, xs = ops.quotient(ranked.columns, heatmap.extent(ops, 3))
    else:
        rows = ops.reshape(ops.transpose(kept, (0, 2, 3, 1)), (0, 0, -1))
        length = -1 if heatmap.width == -1 else heatmap.width * heatmap.channels
        ranked = strongest(ops, rows, (heatmap.height, length), rule.top_k)
        ys = ranked.rows
        xs, class_ids = ops.quotient(ranked.columns, heatmap.channels)
    found = ranked.found
    class_ids, ys, xs = (ops.where(found, part, 0, "int") for part in (class_ids, ys, xs))
    cells = ys * heatmap.extent(ops, heatmap.axes[2]) + xs
    values = ops.reshape(read(ops, heatmap, cells, (0,), class_ids), (0, -1))
    return Peaks(found, values, class_ids, ys, xs, cells)


def candidates(ops: Ops, heatmap: Map, rule: PeakRule) -> Value:
    """(B, C, H, W): the number of a cell that no neighbour beats, else NOTHING."""
    planes = heatmap.planes(ops)
    numbers = ops.where(ops.unary("is_nan", planes), NOTHING, planes.at_least(LEAST))
    if np.isnan(rule.threshold):
        return numbers.at_most(NOTHING)
    radius = rule.window // 2
    reach = [
        radius if extent == -1 else min(radius, extent - 1)
        for extent in (heatmap.height, heatmap.width)
    ]
    windows = [2 * radius + 1 for radius in reach]
    wide = ops.max_pool(numbers, (1, windows[1])) if reach[1] else numbers
    whole = ops.max_pool(wide, (windows[0], 1)) if reach[0] else wide
    beaten = numbers < whole.at_least(max(rule.threshold, LEAST))
    if rule.plateaus == "first":  # of equals the first: above, or to the left
        earlier = [(wide, 2, reach[0]), (numbers, 3, reach[1])]
        for values, axis, radius in earlier:
            if radius:
                beaten = beaten | ~(_before(ops, values, axis, radius) < numbers)
    return ops.where(beaten, NOTHING, numbers)


def _before(ops: Ops, values: Value, axis: int, reach: int) -> Value:
    """The greatest of so many cells before each."""

    def shifted(x: Value, step: int) -> Value:
        border = ops.slice(x, axis, 0, step).at_most(NOTHING)
        return ops.concat([border, ops.slice(x, axis, 0, -step)], axis)

    found, known = shifted(values, 1), 1
    while known < reach:
        step = min(known, reach - known)
        found = ops.binary("maximum", found, shifted(found, step))
        known += step
    return found


def _chosen(ops: Ops, kept: Value, channels: int, rule: PeakRule) -> Value:
    """What is left of candidates by the options that look at classes."""
    numbers = ops.constant(np.arange(channels).reshape(1, channels, 1, 1), "int")
    if rule.classes is not None:
        wanted = np.isin(np.arange(channels), rule.classes).reshape(1, channels, 1, 1)
        kept = ops.where(ops.constant(wanted, "bool"), kept, NOTHING)
    if rule.best_class:  # of equals the first
        is_best = kept.equals(ops.reduce("max", kept, 1))
        first = ops.reduce("min", ops.where(is_best, numbers, channels, "int"), 1)
        kept = ops.where(numbers.equals(first), kept, NOTHING)
    return kept


def _limited(ops: Ops, heatmap: Map, kept: Value, rule: PeakRule) -> Ranked:
    """The strongest of the strongest of each class, which are the rows."""
    assert rule.max_per_class is not None
    most = max(min(rule.max_per_class, rule.top_k), 1)
    if heatmap.cells == -1:
        raise ValueError("max_per_class must be None where the grid is dynamic")
    planes = ops.reshape(kept, (-1, 1, heatmap.cells))
    if rule.max_per_class == 0:
        planes = planes.at_most(NOTHING)
    ranked = strongest(ops, planes, (1, heatmap.cells), most)
    count = heatmap.channels * most
    values, _, cells = (ops.reshape(part, (-1, count)) for part in ranked)
    classes = np.repeat(np.arange(heatmap.channels), most).reshape(1, -1)
    class_ids = cells * 0 + ops.constant(classes, "int")
    if heatmap.layout == "NCHW":
        position = class_ids * heatmap.cells + cells
    else:
        position = cells * heatmap.channels + class_ids
    return merged(ops, Ranked(values, class_ids, cells), position, (count, rule.top_k))
