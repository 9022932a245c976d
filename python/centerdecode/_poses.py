"""Heads to detections with keypoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from . import _core
from ._decoded import Places
from ._detections import Detections
from ._keypoints import KeypointRule
from ._nms import NMSLike, thinned
from ._options import box_format, head_format, peak_options, sizes_of, transforms_of

if TYPE_CHECKING:
    from ._decoder import Decoder


def decode_poses(
    heatmap: Any,
    wh: Any,
    offset: Any,
    keypoints: Any,
    keypoint_heatmap: Any = None,
    keypoint_offset: Any = None,
    *,
    keypoint_rule: KeypointRule = KeypointRule(),  # noqa: B008  (frozen)
    stride: float = 4,
    top_k: int = 100,
    score_threshold: float = 0.3,
    activation: str = "sigmoid",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = False,
    max_per_class: int | None = None,
    box_encoding: str = "wh",
    box_units: str = "cells",
    box_activation: str = "none",
    axes: str = "xy",
    center_shift: float | None = None,
    transform: ArrayLike | None = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of a CenterNet-style pose estimator into boxes with keypoints.

    A keypoint is regressed from the integer cell of its detection's peak. Where there
    is a keypoint heatmap it moves to one of the peaks there, if that passes the tests
    of `keypoint_rule.refinement`. The defaults are those of "Objects as Points" (Zhou
    et al., 2019); `families` has the rules of others. Several detections may take the
    same peak. For options that are not explained here, see `decode_boxes`.

    Args:
        heatmap, wh, offset: as in `decode_boxes`; all heads are on one grid. wh=None:
            the family has no boxes, and they become the extent of the keypoints.
        keypoints: (2 * J, H, W), see `KeypointRule`.
        keypoint_heatmap: (J, H, W), or None: keypoints stay as they are regressed.
        keypoint_offset: (2, H, W), for all keypoints, or (2 * J, H, W), a pair for
            each, the shift of the keypoint heatmap's peaks in cells, interleaved; None:
            half a cell.
        keypoint_rule: how keypoints are stored and refined.
        plateaus: of the keypoint heatmap, too.
        clip: of boxes. Keypoints may leave the image.

    Returns:
        `Detections`, or a list of them for a batch, with keypoints (n, J, 2), x before
        y, in the frame of xyxy, and keypoint_scores (n, J): the score of the peak that
        a keypoint moved to; `unmatched_score`, or the detection's own score where that
        is None, for one that stayed.

    Raises:
        TypeError, ValueError: as `decode_boxes`.
    """
    found = _core.decode_poses(
        heatmap,
        wh,
        offset,
        keypoints,
        keypoint_heatmap,
        keypoint_offset,
        head_format(layout, element_type),
        peak_options(
            top_k,
            score_threshold,
            activation,
            window,
            plateaus,
            classes,
            best_class,
            max_per_class,
        ),
        box_format(stride, box_encoding, box_units, box_activation, axes, center_shift),
        keypoint_rule.rule(axes, activation, plateaus),
        transforms_of(transform),
        sizes_of("clip", clip),
    )
    if isinstance(found, list):
        return [thinned(Detections(*arrays), nms) for arrays in found]
    return thinned(Detections(*found), nms)


def read_poses(decoder: Decoder, heads: Mapping[str, Any], places: Places) -> list[Detections]:
    """Poses, by the rule of the decoder's family; and faces, whose keypoints are
    landmarks."""
    family = decoder.family
    rule = family.keypoints or KeypointRule()
    found = _core.decode_poses(
        heads["heatmap"],
        heads.get("wh"),
        heads.get("offset"),
        heads["keypoints"],
        heads.get("keypoint_heatmap"),
        heads.get("keypoint_offset"),
        decoder._format,
        decoder._peaks,
        decoder._box,
        rule.rule(family.axes, family.activation, decoder.plateaus),
        places.transforms,
        places.clips,
    )
    return [Detections(*arrays) for arrays in (found if isinstance(found, list) else [found])]
