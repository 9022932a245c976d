"""Heads of an extreme point detector to boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..families import SIDES, ExtremeRule, NMSLike, box_format, head_format, peak_options
from ..results import Detections
from ._limits import limited
from ._merging import Parts, decoded
from ._placements import sizes_of

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements


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
    rule = ExtremeRule(
        top_k=top_k,
        point_threshold=point_threshold,
        center_threshold=center_threshold,
        edge_aggregation=edge_aggregation,
        class_agnostic=class_agnostic,
        max_detections=max_detections,
    )
    form = head_format(layout, element_type)
    peaks = peak_options(top_k, point_threshold, activation, window, plateaus, classes)
    box = box_format(stride, "wh", "cells", "none", "xy", None)
    extreme = rule.format(score_threshold)
    clips = sizes_of("clip", clip)

    def decode(
        heads: Mapping[str, Any], transforms: NDArray[np.float64] | None
    ) -> Parts[Detections]:
        found = _core.decode_extreme_points(
            tuple(heads[side] for side in SIDES),
            heads["center"],
            offsets_of(tuple(heads[f"{side}_offset"] for side in SIDES)),
            form,
            peaks,
            box,
            extreme,
            bool(flip),
            transforms,
            clips,
        )
        return _parts(found, flip)

    heads = {
        "top": top,
        "left": left,
        "bottom": bottom,
        "right": right,
        "center": center,
        "top_offset": top_offset,
        "left_offset": left_offset,
        "bottom_offset": bottom_offset,
        "right_offset": right_offset,
    }
    return decoded(decode, heads, transform, scales, nms=nms, top_k=max_detections)


def read_extreme_points(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Extreme points, by the rule of the decoder's family."""
    family = decoder.family
    rule = family.extreme_points or ExtremeRule()
    found = _core.decode_extreme_points(
        tuple(heads[side] for side in SIDES),
        heads["center"],
        offsets_of(tuple(heads.get(f"{side}_offset") for side in SIDES)),
        decoder._format,
        peak_options(
            rule.top_k,
            rule.point_threshold,
            family.activation,
            family.window,
            decoder.plateaus,
            decoder.classes,
            decoder.best_class,
        ),
        decoder._box,
        rule.format(decoder.score_threshold),
        decoder.flip,
        placements.transforms,
        placements.clips,
    )
    images, _ = _parts(found, decoder.flip)
    return [limited(Detections.concat(parts), decoder.max_per_class) for parts in images]


def offsets_of(offsets: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """All four, or None."""
    missing = [side for side, head in zip(SIDES, offsets, strict=True) if head is None]
    if len(missing) == len(SIDES):
        return None
    if missing:
        raise ValueError(f"offsets must be given for all sides or none, got none for {missing}")
    return offsets


def _parts(found: tuple[list[_core._ExtremeArrays], bool], flip: bool) -> Parts[Detections]:
    """What the core found in each image, and in its mirror image where there is one."""
    inputs, batched = found
    rows = [Detections(*arrays[:5], extras={"center_score": arrays[5]}) for arrays in inputs]
    step = 2 if flip else 1
    return [rows[i : i + step] for i in range(0, len(rows), step)], batched
