"""Heads of an extreme point detector to boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import NMS, SIDES, ExtremeRule, NMSLike, ascending, rule_entries
from ..results import Detections
from ._call import decode, make_decoder, nms_or_soft, remembered
from ._placements import zooms_of

_RULE = (
    "top_k",
    "point_threshold",
    "center_threshold",
    "max_detections",
    "edge_aggregation",
    "class_agnostic",
)
_OPTIONS = (
    "stride",
    "score_threshold",
    "activation",
    "window",
    "plateaus",
    "layout",
    "classes",
    "flip",
    "scales",
)
_HEADS = (*SIDES, "center", *(f"{side}_offset" for side in SIDES))


@remembered
def _decoder(nms: NMS | None, element_type: str | None, *values: Any) -> _core.Decoder:
    rule = ExtremeRule(**dict(zip(_RULE, values, strict=False)))
    return make_decoder(
        "extreme_points",
        _HEADS,
        (),
        element_type,
        nms,
        rule_entries("extreme_points", rule),
        top_k=rule.max_detections,
        **dict(zip(_OPTIONS, values[len(_RULE) :], strict=True)),
    )


def decode_extreme_points(
    top: Any,
    left: Any,
    bottom: Any,
    right: Any,
    center: Any,
    top_offset: Any = None,
    left_offset: Any = None,
    bottom_offset: Any = None,
    right_offset: Any = None,
    *,
    stride: float = 4,
    top_k: int = 40,
    point_threshold: float = 0.1,
    center_threshold: float = 0.1,
    score_threshold: float = 0.3,
    max_detections: int = 1000,
    edge_aggregation: float = 0.0,
    class_agnostic: bool = False,
    activation: str = "sigmoid",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    transform: Any = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    flip: bool = False,
    scales: Sequence[float] | None = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Group the extreme points of objects into boxes.

    The rules are those of ExtremeNet ("Bottom-up Object Detection by Grouping Extreme
    and Center Points", Zhou et al., 2019). A topmost, a leftmost, a bottommost and a
    rightmost point make an object if they are of one class, none lies beyond the one
    that is extreme in its direction, and the cell in their middle is a center. Its score
    is (top + left + bottom + right + 2 * center) / 6. What cannot be among the best is
    not looked at. For options that are not explained here, see `decode_boxes`.

    Args:
        top, left, bottom, right: (C, H, W) heatmaps of the extreme points, or a batch
            of them; of any number of channels where `class_agnostic`.
        center: (C, H, W), the heatmap of centers, of which all cells count.
        top_offset, ...: (2, H, W), the shifts of the points in cells, all four or none;
            without them points are moved by half a cell.
        top_k: keep at most this many points of each side, over all classes.
        point_threshold, center_threshold: inclusive lower bounds on the scores of each
            point and of the center.
        score_threshold: inclusive lower bound on the score of the object.
        max_detections: keep at most this many objects.
        edge_aggregation: weight of the scores that lead up to a point along its side
            without falling, added to its own: for sides that are nearly straight, where
            there is no single extreme point. Scores above 1 then count as 1. ExtremeNet
            uses 0.1. This reads and stores whole heatmaps.
        class_agnostic: points need not be of one class, and the class of an object is
            the center's best.
        classes: channels to look at; where `class_agnostic`, those of the center.
        nms: as in `decode_boxes`; None: soft-NMS where flip, too.
        flip: the batch holds each image and behind it its mirror image, and there are
            half as many results. What is found in the mirror image is turned back and
            put together with what is found in the image.
        scales: as in `decode_boxes`; the best max_detections are kept.

    Returns:
        `Detections`, or a list of them for a batch. keypoints (n, 4, 2) are the top,
        left, bottom and right point, x before y, in the frame of xyxy; they are not
        clipped. keypoint_scores (n, 4) are theirs, and the extra center_score (n,) is
        the center's. Order: score descending, then by rank of the top, left, bottom
        and right point.

    Raises:
        TypeError, ValueError: as `decode_boxes`.
    """
    zooms = None if scales is None else tuple(zooms_of(scales))
    decoder = _decoder(
        nms_or_soft(nms, bool(flip) or (zooms is not None and len(zooms) > 1)),
        element_type,
        top_k,
        point_threshold,
        center_threshold,
        max_detections,
        edge_aggregation,
        class_agnostic,
        stride,
        score_threshold,
        activation,
        window,
        plateaus,
        layout,
        None if classes is None else tuple(ascending(classes)),
        flip,
        zooms,
    )
    tensors = (top, left, bottom, right, center, top_offset, left_offset, bottom_offset)
    heads = dict(zip(_HEADS, (*tensors, right_offset), strict=True))
    return decode(decoder, heads, transform, clip, scales)
