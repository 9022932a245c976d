"""What TensorFlow's CenterNet reads at the centers of objects, but for keypoints."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy, boxes_around, like, require_channels
from ._map_cells import indices_of, numbers_of, values_at


def prediction_tensors_to_boxes(
    y_indices: Any,
    x_indices: Any,
    height_width_predictions: Any,
    offset_predictions: Any,
    *,
    clip: bool = True,
) -> Any:
    """Boxes around peaks, each at its cell plus the offset there.

    Args:
        y_indices, x_indices: (B, N) integers, the cells of peaks.
        height_width_predictions: (B, H, W, 2), height before width, in cells; a negative
            one counts as 0.
        offset_predictions: (B, H, W, 2), y before x, in cells.
        clip: to the H rows and W columns of the map. False is upstream's rule until
            July 2020, by which the published models were made.

    Returns:
        (B, N, 4) float32 in cells: ymin xmin ymax xmax.

    Raises:
        TypeError: heads that would have to be converted, cells that are no integers.
        ValueError: shapes that do not fit, a cell outside of the map.
    """
    sizes = as_numpy(height_width_predictions)
    extents = values_at("height_width_predictions", sizes, y_indices, x_indices)
    shifts = values_at("offset_predictions", as_numpy(offset_predictions), y_indices, x_indices)
    require_channels("height_width_predictions", extents, 2)
    require_channels("offset_predictions", shifts, 2)
    boxes = boxes_around(points_of(y_indices, x_indices) + shifts, extents.clip(min=0))
    if clip:
        boxes = boxes.clip(0, sizes.shape[1:3] * 2)
    return like(height_width_predictions, boxes.astype(np.float32))


def prediction_tensors_to_temporal_offsets(
    y_indices: Any, x_indices: Any, offset_predictions: Any
) -> Any:
    """Where objects were in the last frame: (B, N, 2) float32, y before x, in cells.

    Args:
        y_indices, x_indices: (B, N) integers, the cells of peaks.
        offset_predictions: (B, H, W, 2), from there.

    Raises:
        TypeError, ValueError: as `prediction_tensors_to_boxes`.
    """
    found = values_at("offset_predictions", as_numpy(offset_predictions), y_indices, x_indices)
    require_channels("offset_predictions", found, 2)
    return like(offset_predictions, found.astype(np.float32))


def predicted_embeddings_at_object_centers(
    embedding_predictions: Any, y_indices: Any, x_indices: Any
) -> Any:
    """The embeddings (B, N, E) float32 at the cells, of the length that they have.

    Args:
        embedding_predictions: (B, H, W, E).
        y_indices, x_indices: (B, N) integers, the cells of peaks.

    Raises:
        TypeError, ValueError: as `prediction_tensors_to_boxes`.
    """
    head = as_numpy(embedding_predictions)
    found = values_at("embedding_predictions", head, y_indices, x_indices)
    return like(embedding_predictions, found.astype(np.float32))


def convert_strided_predictions_to_normalized_boxes(
    boxes: Any, stride: float, true_image_shapes: Any
) -> Any:
    """Boxes in cells as parts of the image.

    Args:
        boxes: (B, N, 4) ymin xmin ymax xmax, in cells.
        stride: input pixels per cell.
        true_image_shapes: (B, 3), the height, width and channels of each image in the
            input, without what pads it at the bottom and on the right.

    Returns:
        (B, N, 4) float32, clipped to [0, 1].

    Raises:
        TypeError: boxes that are no array.
        ValueError: shapes that do not fit.
    """
    corners = as_numpy(boxes).astype(np.float64)
    sizes = np.tile(true_sizes(true_image_shapes, len(corners)), 2)
    parts = corners * stride / sizes[:, None]
    return like(boxes, parts.clip(0, 1).astype(np.float32))


def true_sizes(true_image_shapes: Any, batch: int) -> NDArray[np.float64]:
    """(B, 2) heights and widths of (B, 3) shapes."""
    shapes = numbers_of(true_image_shapes)
    if shapes.ndim != 2 or shapes.shape[1] < 2 or len(shapes) != batch:
        raise ValueError(f"true_image_shapes must be of shape ({batch}, 3), got {shapes.shape}")
    return shapes[:, :2].astype(np.float64)


def points_of(y_indices: Any, x_indices: Any) -> NDArray[np.float64]:
    """Cells as points (B, N, 2)."""
    cells = indices_of("y_indices", y_indices), indices_of("x_indices", x_indices)
    return np.stack(cells, axis=2).astype(np.float64)
