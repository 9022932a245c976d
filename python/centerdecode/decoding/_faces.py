"""Heads to faces with landmarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from ..families import CENTERFACE_LANDMARKS, CENTERFACE_NMS, KeypointRule, NMSLike
from ..results import Detections
from ._boxes import decode_boxes
from ._placements import Placements
from ._poses import decode_poses, read_poses

if TYPE_CHECKING:
    from ._decoder import Decoder


def decode_faces(
    heatmap: Any,
    wh: Any,
    offset: Any = None,
    landmarks: Any = None,
    *,
    keypoint_rule: KeypointRule = CENTERFACE_LANDMARKS,
    stride: float = 4,
    top_k: int = 100,
    score_threshold: float = 0.5,
    activation: str = "none",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = False,
    max_per_class: int | None = None,
    box_encoding: str = "wh",
    box_units: str = "cells",
    box_activation: str = "exp",
    axes: str = "yx",
    center_shift: float | None = 0.5,
    transform: Any = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = CENTERFACE_NMS,
    extras: Mapping[str, Any] | None = None,
    flip: bool = False,
    scales: Sequence[float] | None = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of a face detector into boxes with landmarks.

    The defaults are CenterFace's (Xu et al., 2019), but for `window`: its program takes
    every cell above the threshold to NMS, which `window=1` does. top_k is cut before
    NMS, so raise it then.

    For DBFace:

        >>> rule = cd.families.DBFACE.keypoints
        >>> cd.decode_faces(hm, tlrb, None, landmark, keypoint_rule=rule, axes="xy",
        ...                 box_encoding="ltrb", box_activation="none", center_shift=0)

    Args:
        heatmap, wh, offset: as in `decode_boxes`.
        landmarks: (2 * J, H, W), see `KeypointRule`: for CenterFace, parts of the box
            from its first corner. None: no such head.
        nms, extras: as in `decode_boxes`.
        flip, scales: as in `decode_poses`.
        clip: of boxes. Landmarks count from the box as it is before.

    Returns:
        As `decode_poses`: keypoints (n, J, 2) and keypoint_scores (n, J), each that of
        its face; None where there is no such head.

    Raises:
        TypeError, ValueError: as `decode_poses`.
    """
    options: dict[str, Any] = {
        "stride": stride,
        "top_k": top_k,
        "score_threshold": score_threshold,
        "activation": activation,
        "window": window,
        "plateaus": plateaus,
        "layout": layout,
        "classes": classes,
        "best_class": best_class,
        "max_per_class": max_per_class,
        "box_encoding": box_encoding,
        "box_units": box_units,
        "box_activation": box_activation,
        "axes": axes,
        "center_shift": center_shift,
        "transform": transform,
        "clip": clip,
        "nms": nms,
        "extras": extras,
        "flip": flip,
        "scales": scales,
        "element_type": element_type,
    }
    if landmarks is None:
        return decode_boxes(heatmap, wh, offset, **options)
    return decode_poses(heatmap, wh, offset, landmarks, keypoint_rule=keypoint_rule, **options)


def read_faces(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Faces, by the landmarks' rule of the decoder's family."""
    named = dict(heads)
    named["keypoints"] = named.pop("landmarks", None)
    return read_poses(decoder, named, placements)
