"""A decoder as a graph: heads in, what an embedded model gives out."""

from __future__ import annotations

from collections.abc import Mapping

from ...decoding import Decoder
from ...families import KeypointRule
from ._box_nodes import BoxHeads, read_boxes, score_of
from ._keypoint_nodes import Points, PoseHeads, extent_of, pairs, read_points
from ._maps import Map
from ._ops import Ops, Value
from ._peaks import Peaks, find_peaks
from ._portable_rules import box_rule, check_heads, peak_rule, pose_heads
from ._refine import find_candidates, reach_of, refine
from ._suppression import survivors, taken

# The outputs, in their order, and how many axes they have.
RANKS = {
    "boxes": 3,
    "scores": 2,
    "class_ids": 2,
    "counts": 1,
    "keypoints": 4,
    "keypoint_scores": 3,
}


def decode(ops: Ops, decoder: Decoder, heads: Mapping[str, Map]) -> dict[str, Value]:
    """The outputs of an embedded model, by name: see `embed`."""
    family = decoder.family
    check_heads(family, heads)
    peaks = find_peaks(ops, heads["heatmap"], peak_rule(decoder))
    scores = score_of(ops, peaks.values, family.activation, decoder.score_threshold)
    boxes = _boxes(ops, decoder, heads, peaks)
    columns = {"scores": scores}
    posed = pose_heads(family, heads)
    if posed is not None:
        points = _keypoints(ops, decoder, posed, peaks, scores, boxes)
        boxes = extent_of(ops, points) if boxes is None else boxes
        columns["keypoints"] = pairs(ops, points) * family.stride
        columns["keypoint_scores"] = ops.transpose(points.scores, (0, 2, 1))
    assert boxes is not None
    columns["boxes"] = boxes * family.stride
    found, class_ids = peaks.found, peaks.class_ids
    columns = {name: _only(ops, found, name, column) for name, column in columns.items()}
    if decoder.nms is not None:
        rows = survivors(ops, decoder.nms, columns["boxes"], class_ids, found, decoder.top_k)
        found, class_ids = rows[0], taken(ops, class_ids, rows[1], None)
        count = 0 if posed is None else posed.keypoints.channels // 2
        for name, numbers in (("boxes", 4), ("scores", None), ("keypoint_scores", count)):
            if name in columns:
                columns[name] = taken(ops, columns[name], rows[1], numbers)
        if posed is not None:
            flat = ops.reshape(columns["keypoints"], (0, 0, -1))
            columns["keypoints"] = ops.reshape(taken(ops, flat, rows[1], 2 * count), (0, 0, -1, 2))
        columns = {name: _only(ops, found, name, column) for name, column in columns.items()}
    columns["class_ids"] = ops.where(found, class_ids, -1, "int")
    columns["counts"] = ops.reshape(ops.reduce("sum", ops.cast(found, "int"), 1), (-1,))
    return {name: columns[name] for name in RANKS if name in columns}


def _only(ops: Ops, found: Value, name: str, column: Value) -> Value:
    """0 in the rows where nothing is found."""
    return ops.where(ops.reshape(found, (0, -1, *[1] * (RANKS[name] - 2))), column, 0.0)


def _boxes(ops: Ops, decoder: Decoder, heads: Mapping[str, Map], peaks: Peaks) -> Value | None:
    """(B, K, 4) in cells; None: the family has no boxes."""
    size = heads.get("corners", heads.get("wh"))
    if size is None:
        return None
    offset = None if "corners" in heads else heads.get("offset")
    rule = box_rule(decoder.family, heads)
    return read_boxes(ops, BoxHeads(size, offset), rule, peaks, heads["heatmap"].channels)


def _keypoints(
    ops: Ops,
    decoder: Decoder,
    heads: PoseHeads,
    peaks: Peaks,
    scores: Value,
    boxes: Value | None,
) -> Points:
    """The keypoints, moved to where their heatmaps say."""
    family = decoder.family
    rule = family.keypoints or KeypointRule()
    axes = rule.axes or family.axes
    points = read_points(ops, heads, rule, axes, peaks, scores, boxes)
    if heads.heatmap is None:
        return points
    found = find_candidates(ops, heads, rule, axes, family.activation, decoder.plateaus)
    reach = reach_of(ops, rule.refinement, points, boxes)
    return refine(ops, rule.refinement, found, reach, points)
