"""A decoder as a graph: heads in, what an embedded model gives out."""

from __future__ import annotations

from collections.abc import Mapping

from .._decoder import Decoder
from .._keypoints import KeypointRule
from ._boxes import BoxHeads, read_boxes, score_of
from ._keypoints import Points, PoseHeads, extent_of, pairs, read_points
from ._maps import Map
from ._ops import Ops, Value
from ._peaks import Peaks, find_peaks
from ._refine import find_candidates, reach_of, refine
from ._rules import box_rule, check_heads, peak_rule, pose_heads

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
    outputs = {
        name: ops.where(ops.reshape(peaks.found, (0, -1, *[1] * (RANKS[name] - 2))), column, 0.0)
        for name, column in columns.items()
    }
    outputs["class_ids"] = ops.where(peaks.found, peaks.class_ids, -1, "int")
    outputs["counts"] = ops.reshape(ops.reduce("sum", ops.cast(peaks.found, "int"), 1), (-1,))
    return {name: outputs[name] for name in RANKS if name in outputs}


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
