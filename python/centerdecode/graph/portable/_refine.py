"""Which peak of its own heatmap a regressed keypoint moves to, in a graph.

Distances are those of float32: of candidates that are as near but for its rounding another
one may be taken than the core takes, which computes them in double.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...families import KeypointRule, Refinement
from ._box_nodes import score_of
from ._keypoint_nodes import Points, PoseHeads, extent_of, side
from ._maps import Map, read
from ._ops import Ops, Value
from ._peaks import PeakRule, candidates
from ._ranking import NOTHING, strongest


class Candidates(NamedTuple):
    """(B, J, M) each, in cells, strongest first."""

    found: Value
    xs: Value
    ys: Value
    scores: Value


class Reach(NamedTuple):
    """(B, 1, K) each: what a candidate must lie within, and how near the nearest must be;
    None: it may be anywhere. And the longer side of what it belongs to."""

    bounds: tuple[Value, Value, Value, Value] | None
    radius: Value | None
    side: Value


def find_candidates(
    ops: Ops, heads: PoseHeads, rule: KeypointRule, axes: str, activation: str, plateaus: str
) -> Candidates:
    assert heads.heatmap is not None
    heatmap, refinement = heads.heatmap, rule.refinement
    activation = rule.heatmap_activation or activation
    options = refinement.peak_options(activation, plateaus)
    most = max(refinement.candidates, 1)
    threshold = options.raw_threshold if refinement.candidates else np.nan
    kept = candidates(ops, heatmap, PeakRule(most, threshold, refinement.window, plateaus))
    planes = ops.reshape(kept, (-1, 1, heatmap.cells))
    ranked = strongest(ops, planes, (1, heatmap.cells), most)
    found = ops.reshape(ranked.found, (-1, heatmap.channels, most))
    cells = ops.where(ranked.found, ranked.columns, 0, "int")
    ys, xs = ops.quotient(cells, heatmap.width)
    places = [ops.reshape(ops.cast(axis, "f32"), (-1, heatmap.channels, most)) for axis in (xs, ys)]
    cells = ops.reshape(cells, (-1, heatmap.channels * most))
    shifts = _shifts(ops, heads.offset, cells, heatmap.channels, most)
    xs, ys = (
        place + shift
        for place, shift in zip(places, shifts if axes == "xy" else shifts[::-1], strict=True)
    )
    scores = score_of(ops, ranked.values, activation, 0.0)
    return Candidates(found, xs, ys, ops.reshape(scores, (-1, heatmap.channels, most)))


def _shifts(ops: Ops, offset: Map | None, cells: Value, count: int, most: int) -> list[Value]:
    """What is added to the cells of candidates (B, J * M), first the head's first axis."""
    if offset is None:
        return [ops.value(0.5, "f32")] * 2
    own = np.repeat(np.arange(count) * 2, most).reshape(1, -1)
    first = cells * 0 + ops.constant(own if offset.channels != 2 else own * 0, "int")
    both = read(ops, offset, cells, (0, 1), first)
    return [ops.reshape(ops.slice(both, 2, axis, axis + 1), (0, count, most)) for axis in (0, 1)]


def reach_of(ops: Ops, rule: Refinement, points: Points, boxes: Value | None) -> Reach:
    """boxes: (B, K, 4) in cells; None: the extent of the keypoints stands for them."""
    known = boxes if boxes is not None else extent_of(ops, points)
    x1, y1, x2, y2 = (side(ops, known, which) for which in range(4))
    width, height = x2 - x1, y2 - y1
    longer = width.at_least(height)
    if boxes is not None:
        more = (rule.box_scale - 1.0) / 2.0
        first = x1 - width * more, y1 - height * more
        second = x2 + width * more, y2 + height * more
    elif rule.extent_margin is None:
        return Reach(None, None, longer)
    else:  # CenterTrack moves the second corner by the extent that the first already widened
        margin = rule.extent_margin
        first = x1 - width * margin, y1 - height * margin
        second = x2 + (x2 - first[0]) * margin, y2 + (y2 - first[1]) * margin
    radius = None
    if rule.search_scale is not None:
        radius = (second[0] - first[0]).at_least(second[1] - first[1]) * rule.search_scale
    return Reach((*first, *second), radius, longer)


def refine(ops: Ops, rule: Refinement, found: Candidates, reach: Reach, points: Points) -> Points:
    """The keypoints, each where its candidate is, if it takes one."""

    def apart(theirs: Value, ours: Value) -> Value:  # (B, J, K, M)
        return ops.reshape(theirs, (0, 0, 1, -1)) - ops.reshape(ours, (0, 0, -1, 1))

    dx, dy = apart(found.xs, points.xs), apart(found.ys, points.ys)
    distance = ops.unary("sqrt", dx * dx + dy * dy)
    rank = _rank(ops, rule, found, reach, distance)
    counts = ops.reshape(found.found, (0, 0, 1, -1)) & ~ops.unary("is_nan", rank)
    rank = ops.where(counts, rank, NOTHING)
    best = ops.reduce("max", rank, 3)
    numbers = ops.count_to(ops.extent(found.xs, 2))
    first = ops.where(rank.equals(best), numbers, max(rule.candidates - 1, 0), "int")
    index = ops.reshape(ops.reduce("min", first, 3), (0, 0, -1))
    new = Points(
        *(ops.gather_elements(part, index, 2) for part in (found.xs, found.ys, found.scores))
    )
    nearest = ops.reduce("min", ops.where(counts, distance, -NOTHING), 3)
    stays = ops.reshape(best, (0, 0, -1)).equals(NOTHING) | _rejected(
        rule, new, reach, ops.reshape(nearest, (0, 0, -1))
    )
    return Points(*(ops.where(stays, old, own) for old, own in zip(points, new, strict=True)))


def _rejected(rule: Refinement, chosen: Points, reach: Reach, nearest: Value) -> Value:
    """(B, J, K): whether a keypoint stays although it has a candidate."""
    threshold = rule.candidate_threshold if rule.score_threshold is None else rule.score_threshold
    rejected = chosen.scores < float(np.float32(threshold))
    if reach.bounds is not None:
        x1, y1, x2, y2 = reach.bounds
        rejected = rejected | (chosen.xs < x1) | (x2 < chosen.xs)
        rejected = rejected | (chosen.ys < y1) | (y2 < chosen.ys)
    if reach.radius is not None:
        rejected = rejected | (reach.radius < nearest)
    return rejected


def _rank(ops: Ops, rule: Refinement, found: Candidates, reach: Reach, distance: Value) -> Value:
    if rule.ranking == "min_distance":
        return distance * -1.0
    scores = ops.reshape(found.scores, (0, 0, 1, -1))
    if rule.ranking == "score_distance_ratio":
        return scores / (distance + rule.distance_offset)
    longer = ops.reshape(reach.side, (0, 1, -1, 1))
    return scores / (distance + longer * rule.distance_multiplier)
