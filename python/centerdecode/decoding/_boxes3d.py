"""Heads of a monocular 3D detector to boxes in the image and in space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..families import Extra, NMSLike, box_format, head_format, peak_options, thinned
from ..results import Detections
from ._cells import Grid, read_extras, with_extras
from ._placements import sizes_of, transforms_of
from ._wanted_extras import wanted_extras

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements

_CORNERS = Extra(frame="box")


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
    grid = Grid(
        heatmap,
        head_format(layout, element_type),
        stride,
        "xy",
        transforms_of(transform),
        sizes_of("clip", clip),
    )
    found = _core.decode_boxes3d(
        heatmap,
        rotation,
        depth,
        dimensions,
        wh,
        offset,
        amodal_offset,
        grid.format,
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
        box_format(stride, "wh", "cells", "none", "xy", center_shift),
        depth_activation,
        grid.transforms,
        grid.clips,
        calibrations := calibrations_of(calibration),
    )
    many = found if isinstance(found, list) else [found]
    images = [_detections(arrays, calibrations) for arrays in many]
    images = with_extras(images, [arrays[8:] for arrays in many], wanted, grid)
    thin = [thinned(image, nms) for image in images]
    return thin if isinstance(found, list) else thin[0]


def read_boxes3d(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """3D boxes, by the decoder's own calibration."""
    found = _core.decode_boxes3d(
        heads["heatmap"],
        heads["rotation"],
        heads["depth"],
        heads["dimensions"],
        heads.get("wh"),
        heads.get("offset"),
        heads.get("amodal_offset"),
        decoder._format,
        decoder._peaks,
        decoder._box,
        decoder.family.depth_activation,
        placements.transforms,
        placements.clips,
        decoder.calibration,
    )
    many = found if isinstance(found, list) else [found]
    images = [_detections(arrays, decoder.calibration) for arrays in many]
    cells = [arrays[8:] for arrays in many]
    if "corners" in heads:  # they say the box, and "wh" does not
        grid = Grid.of(decoder, heads, placements)
        corners = with_extras(images, cells, {"corners": (heads["corners"], _CORNERS)}, grid)
        images = [
            replace(image, xyxy=own.extras["corners"])
            for image, own in zip(images, corners, strict=True)
        ]
    return read_extras(decoder, heads, placements, images, cells)


def calibrations_of(calibration: ArrayLike | None) -> NDArray[np.float64] | None:
    """(3, 4) or (B, 3, 4) -> (1 or B, 3, 4)."""
    if calibration is None:
        return None
    matrices = np.ascontiguousarray(calibration, np.float64)
    if matrices.shape[-2:] != (3, 4) or matrices.ndim not in (2, 3):
        raise ValueError(
            f"calibration must be of shape (3, 4), or (B, 3, 4) for a batch, got {matrices.shape}"
        )
    if not np.isfinite(matrices).all() or (matrices[..., [0, 1], [0, 1]] == 0).any():
        raise ValueError(f"calibration must be finite, with focal lengths, got {matrices.tolist()}")
    return matrices.reshape(-1, 3, 4)


def _detections(arrays: _core._Box3dArrays, calibrations: NDArray[np.float64] | None) -> Detections:
    xyxy, scores, class_ids, depth, dimensions, alpha, location, rotation_y = arrays[:8]
    extras = {"depth": depth, "dimensions": dimensions, "alpha": alpha}
    if calibrations is not None:
        extras |= {"location": location, "rotation_y": rotation_y}
    return Detections(xyxy, scores, class_ids, extras=extras)
