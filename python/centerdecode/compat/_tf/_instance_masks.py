"""Instance masks of the TF Object Detection API's CenterNet: what
`compat.tf_object_detection` exports of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...families import head_format, real_number, whole_number
from .._shared import as_numpy, like


def crop_and_threshold_masks(
    elems: Sequence[Any],
    input_height: int,
    input_width: int,
    mask_height: int = 256,
    mask_width: int = 256,
    score_threshold: float = 0.5,
    densepose_class_index: int = -1,
) -> tuple[Any, Any]:
    """Cut the mask of each object out of the class's map of one image.

    Args:
        elems: boxes (N, 4), ymin xmin ymax xmax as parts of the true image; classes (N,);
            masks (H, W, C), probabilities; part_heatmap (H, W, P) and surf_coords (H, W,
            2 * P), v u v u ..., or None; true_height and true_width, the size of the
            image without its padding, in input pixels.
        input_height, input_width: the size of the padded image, in the same pixels.
        mask_height, mask_width: of a mask.
        score_threshold: foreground reaches it.
        densepose_class_index: the class whose foreground is told by parts.

    Returns:
        (N, mask_height, mask_width) uint8: 0, or 1 in the foreground; for the DensePose
        class the number of its part there, from 1 on. And (N, mask_height, mask_width, 2)
        float32, v and u of that part, 0 elsewhere; None without part_heatmap and
        surf_coords.

    Raises:
        TypeError: maps that would have to be converted.
        ValueError: maps that do not fit each other, or a class that has none.
    """
    boxes, classes, masks, part_heatmap, surf_coords, true_height, true_width = elems
    maps = as_numpy(masks)
    with_parts = part_heatmap is not None and surf_coords is not None
    ymin, xmin, ymax, xmax = np.asarray(boxes, np.float64).T
    zoom_y, zoom_x = true_height / input_height, true_width / input_width
    corners = np.stack([xmin * zoom_x, ymin * zoom_y, xmax * zoom_x, ymax * zoom_y], axis=1)
    ((cropped, surface),) = _core.cut_masks(
        maps,
        as_numpy(part_heatmap) if with_parts else None,
        as_numpy(surf_coords) if with_parts else None,
        head_format("NHWC", "f16" if maps.dtype == np.float16 else None),
        [(corners, np.asarray(classes).astype(np.int32))],
        _core.MaskRule(
            whole_number("mask_height", mask_height, least=1),
            whole_number("mask_width", mask_width, least=1),
            real_number("score_threshold", score_threshold),
            "none",
            densepose_class_index,
            None,
        ),
    )
    return like(masks, cropped), None if surface is None else like(masks, surface)


def convert_strided_predictions_to_instance_masks(
    boxes: Any,
    classes: Any,
    masks: Any,
    true_image_shapes: Any,
    densepose_part_heatmap: Any = None,
    densepose_surface_coords: Any = None,
    stride: int = 4,
    mask_height: int = 256,
    mask_width: int = 256,
    score_threshold: float = 0.5,
    densepose_class_index: int = -1,
) -> tuple[Any, Any]:
    """Cut the masks of every image of a batch, as `crop_and_threshold_masks` does.

    Args:
        boxes: (B, N, 4), ymin xmin ymax xmax as parts of the true image.
        classes: (B, N).
        masks: (B, H, W, C), probabilities.
        true_image_shapes: (B, 3), the height and width of each image without its padding.
        densepose_part_heatmap: (B, H, W, P); densepose_surface_coords: (B, H, W, 2 * P);
            both, or there are none.
        stride: input pixels per cell.
        mask_height, mask_width, score_threshold, densepose_class_index: as there.

    Returns:
        (B, N, mask_height, mask_width) uint8, and (B, N, mask_height, mask_width, 2)
        float32 or None.

    Raises:
        TypeError, ValueError: as there.
    """
    maps = as_numpy(masks)
    shape = (*np.shape(classes), mask_height, mask_width)
    found = np.empty(shape, np.uint8)
    part_heatmap = surf_coords = surface = None
    if densepose_part_heatmap is not None and densepose_surface_coords is not None:
        part_heatmap, surf_coords = map(
            as_numpy, (densepose_part_heatmap, densepose_surface_coords)
        )
        surface = np.empty((*shape, 2), np.float32)
    for i, (image, true_shape) in enumerate(zip(maps, np.asarray(true_image_shapes), strict=True)):
        cropped, coords = crop_and_threshold_masks(
            (
                boxes[i],
                classes[i],
                image,
                None if part_heatmap is None else part_heatmap[i],
                None if surf_coords is None else surf_coords[i],
                *_extents(true_shape),
            ),
            maps.shape[1] * stride,
            maps.shape[2] * stride,
            mask_height,
            mask_width,
            score_threshold,
            densepose_class_index,
        )
        found[i] = cropped
        if surface is not None:
            surface[i] = coords
    return like(masks, found), None if surface is None else like(masks, surface)


def _extents(true_shape: NDArray[Any]) -> tuple[int, int]:
    return int(true_shape[0]), int(true_shape[1])
