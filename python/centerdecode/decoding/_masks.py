"""Segmentation heads to instance masks, and to the parts of a surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..families import MaskRule, head_format
from ..images import inverse
from ..results import Detections, Masks

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements


def decode_masks(
    segmentation: Any,
    xyxy: Any,
    class_ids: Any,
    parts: Any = None,
    surface_coords: Any = None,
    *,
    mask_rule: MaskRule = MaskRule(),  # noqa: B008  (frozen)
    stride: float = 4,
    activation: str = "sigmoid",
    layout: str = "NCHW",
    element_type: str | None = None,
) -> Masks | list[Masks]:
    """Cut the mask of each detection out of a segmentation head.

    A mask is the box, resampled: its outermost pixels lie on the sides of the box, between
    cells is bilinear, and what lies beyond the head is 0 before it is held against the
    threshold. As in the CenterNet of the TF Object Detection API, whose rules these are,
    the first cell lies on one side of the network input and the last on the other.

    Args:
        segmentation: (C, H, W), a channel for each class, or a batch of them, as `heatmap`
            in `find_peaks`.
        xyxy: (n, 4) boxes in pixels of the network input, as decoders give them without a
            transform; for a batch a list of them, one for each image.
        class_ids: (n,), the channel of each box; for a batch a list.
        parts: (P, H, W), how much a cell looks like each of 255 parts at most.
        surface_coords: (2 * P, H, W), v and u on each part; with `parts`, or neither.
        mask_rule: the size of masks, and what is foreground.
        stride: input pixels per cell.
        activation, layout, element_type: as in `find_peaks`.

    Returns:
        `Masks`, or a list of them for a batch. They take n * height * width bytes, and
        surface coordinates eight times as many.

    Raises:
        TypeError, ValueError: as `find_peaks`; and for boxes, classes or heads that do
            not fit each other.
    """
    batched = np.ndim(xyxy[0]) == 2 if len(xyxy) else False
    if batched and len(class_ids) != len(xyxy):
        raise ValueError(
            f"class_ids must be one array for each of {len(xyxy)} images, got {len(class_ids)}"
        )
    rows = zip(xyxy, class_ids, strict=True) if batched else [(xyxy, class_ids)]
    found = _core.cut_masks(
        segmentation,
        parts,
        surface_coords,
        head_format(layout, element_type),
        [(np.ascontiguousarray(boxes, np.float64), _whole(ids)) for boxes, ids in rows],
        mask_rule.rule(activation, stride),
    )
    return [Masks(*arrays) for arrays in found] if batched else Masks(*found[0])


def with_masks(
    decoder: Decoder,
    heads: Mapping[str, Any],
    placements: Placements,
    found: list[Detections],
    rule: MaskRule,
) -> list[Detections]:
    """Adds the masks of what a decoder found, if there is the head for them.

    A mask covers xyxy as it is: where that was clipped, the mask is of what is left.
    """
    family = decoder.family
    if "segmentation" not in heads:
        return found
    rows = [(_in_input(one.xyxy, placements, i), one.class_ids) for i, one in enumerate(found)]
    cut = _core.cut_masks(
        heads["segmentation"],
        heads.get("parts"),
        heads.get("surface_coords"),
        decoder._format,
        rows,
        rule.rule(family.activation, family.stride),
    )
    return [
        replace(one, extras={**one.extras, **_columns(Masks(*arrays))})
        for one, arrays in zip(found, cut, strict=True)
    ]


def _columns(masks: Masks) -> dict[str, NDArray[Any]]:
    return {name: column for name, column in masks._asdict().items() if column is not None}


def _in_input(xyxy: NDArray[np.float32], placements: Placements, image: int) -> NDArray[np.float64]:
    """Boxes back in pixels of the network input."""
    boxes = xyxy.astype(np.float64)
    if placements.transforms is None:
        return boxes
    transform = placements.transforms[image % len(placements.transforms)]
    if np.linalg.det(transform[:, :2]) == 0:
        raise ValueError(
            f"transform must have an inverse where there are masks, got {transform.tolist()}"
        )
    back = inverse(transform)
    return (boxes.reshape(-1, 2) @ back[:, :2].T + back[:, 2]).reshape(-1, 4)


def _whole(class_ids: Any) -> NDArray[np.int32]:
    numbers = np.asarray(class_ids)
    if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
        raise TypeError(f"class_ids must be whole numbers, got {numbers.dtype} {numbers.shape}")
    return np.ascontiguousarray(numbers, np.int32)
