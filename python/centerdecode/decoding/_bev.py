"""Heads over a bird's-eye view of a point cloud to boxes in space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import (
    CENTERPOINT_NMS,
    BevRule,
    Extra,
    NMSLike,
    box_format,
    head_format,
    peak_options,
    thinned,
    whole_number,
)
from ..results import Detections
from ._cells import Grid, read_extras, with_extras
from ._limits import limited
from ._placements import sizes_of, transforms_of
from ._wanted_extras import wanted_extras

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements


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
    rule = BevRule(voxel_size, origin, center_range, clockwise, max_candidates)
    wanted = wanted_extras(extras)
    _require_no_frame({name: extra for name, (_, extra) in wanted.items()})
    format_ = head_format(layout, element_type)
    found = _core.decode_bev(
        heatmap,
        offset,
        height,
        dimensions,
        heading,
        velocity,
        format_,
        peak_options(
            max_candidates, score_threshold, activation, window, plateaus, classes, best_class
        ),
        box_format(stride, "wh", "cells", box_activation, "xy", center_shift),
        rule._rule(),
        transforms_of(transform),
        sizes_of("clip", clip),
    )
    many = found if isinstance(found, list) else [found]
    images = with_extras(
        [_detections(arrays) for arrays in many],
        [arrays[8:] for arrays in many],
        wanted,
        Grid(heatmap, format_, stride, "xy", None, None),
    )
    most = whole_number("top_k", top_k, least=0)
    images = [thinned(limited(image, max_per_class), nms)[:most] for image in images]
    return images if isinstance(found, list) else images[0]


def read_bev(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Boxes in space, by the rule of the decoder's family."""
    family = decoder.family
    if family.bev is None:
        raise ValueError(f"family.bev must say where cells lie for decoder {family.decoder!r}")
    _require_no_frame(family.extras)
    found = _core.decode_bev(
        heads["heatmap"],
        heads.get("offset"),
        heads["height"],
        heads["dimensions"],
        heads["heading"],
        heads.get("velocity"),
        decoder._format,
        peak_options(
            family.bev.max_candidates,
            decoder.score_threshold,
            family.activation,
            family.window,
            decoder.plateaus,
            decoder.classes,
            True,
        ),
        decoder._box,
        family.bev._rule(),
        placements.transforms,
        placements.clips,
    )
    many = found if isinstance(found, list) else [found]
    images = read_extras(
        decoder,
        heads,
        placements,
        [_detections(arrays) for arrays in many],
        [arrays[8:] for arrays in many],
    )
    return [limited(image, decoder.max_per_class) for image in images]


def _require_no_frame(extras: Mapping[str, Extra]) -> None:
    """The frames of extras are in pixels of an image, and here there is none."""
    framed = {name: rule.frame for name, rule in extras.items() if rule.frame != "none"}
    if framed:
        raise ValueError(f'extras of a bird\'s-eye view must have frame "none", got {framed}')


def _detections(arrays: _core._BevArrays) -> Detections:
    xyxy, scores, class_ids, location, dimensions, yaw, corners, velocity, _, _ = arrays
    extras = {"location": location, "dimensions": dimensions, "yaw": yaw, "corners": corners}
    if velocity is not None:
        extras["velocity"] = velocity
    return Detections(xyxy, scores, class_ids, extras=extras)
