"""Heads of boxes in space: seen by one camera, or from above in a point cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import (
    CENTERPOINT_NMS,
    NMS,
    BevRule,
    Extra,
    NMSLike,
    ascending,
    nms_of,
    rule_entries,
)
from ..results import Detections
from ._call import decode, extra_heads, make_decoder, remembered, wanted_extras
from ._placements import calibrations_of

_OPTIONS = (
    "stride",
    "top_k",
    "score_threshold",
    "activation",
    "window",
    "plateaus",
    "layout",
    "classes",
    "best_class",
    "max_per_class",
    "center_shift",
)
_HEADS3D = ("heatmap", "rotation", "depth", "dimensions", "wh", "offset", "amodal_offset")
_BEV_HEADS = ("heatmap", "offset", "height", "dimensions", "heading", "velocity")


@remembered
def _decoder3d(
    extras: tuple[tuple[str, Extra], ...],
    nms: NMS | None,
    element_type: str | None,
    depth_activation: str,
    *values: Any,
) -> _core.Decoder:
    own = dict(zip(_OPTIONS, values, strict=True), depth_activation=depth_activation)
    return make_decoder("boxes3d", _HEADS3D, extras, element_type, nms, **own)


@remembered
def _bev_rule(*values: Any) -> BevRule:
    return BevRule(*values)


@remembered
def _bev_decoder(
    extras: tuple[tuple[str, Extra], ...],
    nms: NMS | None,
    element_type: str | None,
    rule: BevRule,
    box_activation: str,
    *values: Any,
) -> _core.Decoder:
    own = dict(zip(_OPTIONS, values, strict=True), box_activation=box_activation)
    entries = rule_entries("bev", rule)
    return make_decoder("bev", _BEV_HEADS, extras, element_type, nms, entries, **own)


def decode_boxes3d(
    heatmap: Any,
    rotation: Any,
    depth: Any,
    dimensions: Any,
    wh: Any = None,
    offset: Any = None,
    *,
    calibration: ArrayLike | None,
    amodal_offset: Any = None,
    depth_activation: str = "inverse_sigmoid",
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
    center_shift: float | None = None,
    transform: ArrayLike | None = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    extras: Mapping[str, Any] | None = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of a CenterNet-style 3D detector (ddd) into boxes in space.

    The rules are those of "Objects as Points" (Zhou et al., 2019) and its program for
    KITTI. For options that are not explained here, see `decode_boxes`. There is no `flip`
    and there are no `scales`, as in that program: a mirror image, or a resized one, shows
    other angles and distances, and `calibration` is not of it.

    Args:
        heatmap: (C, H, W) or a batch of them, as in `find_peaks`.
        rotation: (8, H, W): for each of two bins two logits, a sine and a cosine of
            the angle from the middle of the bin.
        depth: (1, H, W), see `depth_activation`.
        dimensions: (3, H, W): height, width, length in meters.
        wh: (2, H, W), the extents of the box in the image, in cells; None: there is
            no such head, and xyxy is twice the center.
        offset: (2, H, W), the shift of each center in cells; None: half a cell.
        calibration: (3, 4) matrix, or (B, 3, 4), that projects camera coordinates
            (x right, y down, z ahead, meters) to pixels of the image that `transform`
            leads to. None: it is not known, and location and rotation_y are left out.
        amodal_offset: (2, H, W), the way from the center of the box in the image to
            where the middle of the object is seen, in cells: they differ where the box
            is cut at the border (CenterTrack); None: they are the same.
        depth_activation: "inverse_sigmoid" where meters are 1 / (sigmoid(z) + 1e-6)
            - 1 of the head, "none" where it holds meters.
        transform: as in `decode_boxes`. Extents are scaled by it, not moved.

    Returns:
        `Detections`, or a list of them for a batch, with these extras (float32):
        depth (n,) in meters; dimensions (n, 3), height, width, length in meters; alpha
        (n,), the observation angle in radians, which may exceed pi; location (n, 3),
        the middle of the bottom in camera coordinates; rotation_y (n,), the angle
        around the vertical axis in radians, wrapped once into [-pi, pi].

    Raises:
        TypeError, ValueError: as `decode_boxes`; and for a calibration that is not
            finite, or projects everything to one row or column.
    """
    wanted = wanted_extras(extras)
    rules = tuple((name, rule) for name, (_, rule) in wanted.items())
    decoder = _decoder3d(
        rules,
        nms_of(nms),
        element_type,
        depth_activation,
        stride,
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        layout,
        None if classes is None else tuple(ascending(classes)),
        best_class,
        max_per_class,
        center_shift,
    )
    tensors = (heatmap, rotation, depth, dimensions, wh, offset, amodal_offset)
    heads = dict(zip(_HEADS3D, tensors, strict=True)) | extra_heads(wanted)
    cameras = calibrations_of(calibration)
    return decode(decoder, heads, transform, clip, None, rules, cameras)


def decode_bev(
    heatmap: Any,
    offset: Any,
    height: Any,
    dimensions: Any,
    heading: Any,
    velocity: Any = None,
    *,
    voxel_size: Sequence[float],
    origin: Sequence[float],
    center_range: Sequence[float] | None = None,
    clockwise: bool = True,
    stride: float = 4,
    top_k: int = 83,
    max_candidates: int = 1000,
    score_threshold: float = 0.1,
    activation: str = "sigmoid",
    window: int = 1,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = True,
    max_per_class: int | None = None,
    box_activation: str = "exp",
    center_shift: float | None = None,
    transform: ArrayLike | None = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = CENTERPOINT_NMS,
    extras: Mapping[str, Any] | None = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of a lidar detector over a bird's-eye view into boxes in space.

    The rules and defaults are those of CenterPoint ("Center-based 3D Object Detection and
    Tracking", Yin et al., 2021) and its program, but for a score equal to the threshold,
    which reaches it. Lengths are meters, angles radians, in the frame of the point cloud,
    z up. A model of several tasks has a set of heads for each: decode one task a call,
    and add to its class_ids how many classes the tasks before have. For options that are
    not explained here, see `decode_boxes`.

    Args:
        heatmap: (C, H, W) or a batch of them, as in `find_peaks`; W goes along x.
        offset: (2, H, W), the shift of each center in cells, x before y; None: half one.
        height: (1, H, W), z of the center of the box.
        dimensions: (3, H, W), see `box_activation`: the extents along x and along y of a
            box whose yaw is 0, and along z. CenterPoint's are width, length, height.
        heading: (2, H, W), the sine and the cosine of yaw.
        velocity: (2, H, W), along x and y, in meters a second; None: no such head.
        voxel_size: (x, y), of which a cell has `stride` along each axis.
        origin: (x, y), where the first cell begins: the lower end of the point cloud's
            range.
        center_range: lowest x, y, z and highest x, y, z; boxes whose center is beyond are
            dropped, those on the border are kept. None: all but NaN are kept.
        clockwise: yaw turns x towards -y, as CenterPoint's does; False: towards y.
        top_k: keep at most this many, after NMS.
        max_candidates: keep at most this many in `center_range`, before NMS.
        best_class: of several classes at one cell keep the strongest.
        max_per_class: before NMS.
        box_activation: of dimensions, as in `decode_boxes`.
        transform, clip: of xyxy alone: from meters to pixels of a picture from above.
        nms: "footprint" and "circle" are the shapes for it, see `NMS`; boxes of all
            classes count, as a task of CenterPoint has similar ones.
        extras: as in `decode_boxes`; the numbers stay as they are, in no frame.

    Returns:
        `Detections`, or a list of them for a batch. xyxy is the extent of the footprint
        along both axes: in meters, or where `transform` leads. The extras (float32) are
        location (n, 3), x, y, z of the center; dimensions (n, 3); yaw (n,), in [-pi, pi],
        as the head has it; corners (n, 4, 2), around the footprint; and velocity (n, 2)
        where there is such a head.

    Raises:
        TypeError, ValueError: as `decode_boxes`; and for numbers that are not finite.
    """
    rule = _bev_rule(voxel_size, origin, center_range, clockwise, max_candidates)
    wanted = wanted_extras(extras)
    rules = tuple((name, extra) for name, (_, extra) in wanted.items())
    _require_no_frame(rules)
    decoder = _bev_decoder(
        rules,
        nms_of(nms),
        element_type,
        rule,
        box_activation,
        stride,
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        layout,
        None if classes is None else tuple(ascending(classes)),
        best_class,
        max_per_class,
        center_shift,
    )
    tensors = (heatmap, offset, height, dimensions, heading, velocity)
    heads = dict(zip(_BEV_HEADS, tensors, strict=True)) | extra_heads(wanted)
    return decode(decoder, heads, transform, clip, None, rules)


def _require_no_frame(extras: Iterable[tuple[str, Extra]]) -> None:
    """The core's rule of a bird's-eye view, with the caller's names of extras."""
    framed = {name: rule.frame for name, rule in extras if rule.frame != "none"}
    if framed:
        raise ValueError(f'extras of a bird\'s-eye view must have frame "none", got {framed}')
