"""Keypoints of TensorFlow's CenterNet: regressed, candidates, and as parts of the image.

Letters of shapes: N instances, M candidates of each keypoint, J keypoints.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._shared import TopK, as_numpy, like
from ._map_cells import best_cells, values_at
from ._object_tensors import points_of, true_sizes


class Candidates(NamedTuple):
    """(B, M, J, 2) in cells, (B, M, J) scores, (B, J) how many of the M count, (B, M, J)."""

    at: NDArray[np.float32]
    scores: NDArray[np.float32]
    counts: NDArray[np.int32]
    depths: NDArray[np.float32] | None


def regressed_keypoints_at_object_centers(
    regressed_keypoint_predictions: Any, y_indices: Any, x_indices: Any
) -> Any:
    """Keypoints as regressed from the integer cells of peaks.

    Args:
        regressed_keypoint_predictions: (B, H, W, 2 * J), y0 x0 y1 x1 ..., in cells.
        y_indices, x_indices: (B, N) integers, the cells of peaks.

    Returns:
        (B, N, 2 * J) float32 in cells.

    Raises:
        TypeError: a head that would have to be converted, cells that are no integers.
        ValueError: shapes that do not fit, a cell outside of the map.
    """
    name, head = "regressed_keypoint_predictions", as_numpy(regressed_keypoint_predictions)
    found = values_at(name, head, y_indices, x_indices)
    if found.shape[2] % 2:
        raise ValueError(f"{name} must have an even number of channels, got {found.shape[2]}")
    cells = np.tile(points_of(y_indices, x_indices), found.shape[2] // 2)
    return like(regressed_keypoint_predictions, (found + cells).astype(np.float32))


def prediction_tensors_to_keypoint_candidates(
    keypoint_heatmap_predictions: Any,
    keypoint_heatmap_offsets: Any,
    keypoint_score_threshold: float = 0.1,
    max_pool_kernel_size: int | None = 1,
    max_candidates: int = 20,
    keypoint_depths: Any = None,
) -> tuple[Any, Any, Any, Any]:
    """The best cells of each keypoint's map.

    Args:
        keypoint_heatmap_predictions: (B, H, W, J) scores.
        keypoint_heatmap_offsets: (B, H, W, 2) for all keypoints, or (B, H, W, 2 * J), a
            pair for each; y before x, in cells.
        keypoint_score_threshold: a candidate that scores less does not count.
        max_pool_kernel_size: the window; odd. 1 or None: no filter.
        max_candidates: M, of each keypoint.
        keypoint_depths: (B, H, W, 1) or (B, H, W, J); None: there are none.

    Returns:
        Candidates (B, M, J, 2) float32 in cells, the best first; scores (B, M, J)
        float32; how many of them count, (B, J) int32; depths (B, M, J) float32, or None.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: heads that do not fit, an even window.
    """
    heatmap = as_numpy(keypoint_heatmap_predictions)
    found = candidates_of(
        best_cells(heatmap, max_pool_kernel_size, max_candidates, per_channel=True),
        heatmap.shape[3],
        as_numpy(keypoint_heatmap_offsets),
        None if keypoint_depths is None else as_numpy(keypoint_depths),
        keypoint_score_threshold,
    )
    at, scores, counts = (like(keypoint_heatmap_predictions, part) for part in found[:3])
    depths = None
    if found.depths is not None:
        depths = like(keypoint_heatmap_predictions, found.depths)
    return at, scores, counts, depths


def candidates_of(
    cells: TopK,
    joints: int,
    offsets: NDArray[Any],
    depths: NDArray[Any] | None,
    threshold: float,
) -> Candidates:
    """`cells`: (B, J * M), keypoint after keypoint."""
    shape = len(cells.scores), joints, cells.scores.shape[1] // joints
    points = points_of(cells.ys, cells.xs).reshape(*shape, 2).transpose(0, 2, 1, 3)
    shifts = _of_each_keypoint("keypoint_heatmap_offsets", offsets, cells, joints, 2)
    scores = np.ascontiguousarray(cells.scores.reshape(shape).transpose(0, 2, 1))
    counts = np.count_nonzero(scores >= np.float32(threshold), axis=1).astype(np.int32)
    found = None
    if depths is not None:
        found = _of_each_keypoint("keypoint_depths", depths, cells, joints, 1)[..., 0]
    return Candidates(
        (points + shifts).astype(np.float32),
        scores,
        counts,
        None if found is None else found.astype(np.float32),
    )


def _of_each_keypoint(
    name: str, head: NDArray[Any], cells: TopK, joints: int, width: int
) -> NDArray[np.float64]:
    """(B, M, J, width) of a head of so many channels for all keypoints, or for each."""
    if head.ndim != 4 or head.shape[3] not in (width, width * joints):
        raise ValueError(
            f"{name} must have {width} or {width * joints} channels (B, H, W, *), got {head.shape}"
        )
    step = 0 if head.shape[3] == width else width
    columns = []
    for j in range(joints):
        ys, xs = (np.split(part, joints, axis=1)[j] for part in (cells.ys, cells.xs))
        columns.append(values_at(name, head[..., step * j : step * j + width], ys, xs))
    return np.stack(columns, axis=2)


def convert_strided_predictions_to_normalized_keypoints(
    keypoint_coords: Any,
    keypoint_scores: Any,
    stride: float,
    true_image_shapes: Any,
    clip_out_of_frame_keypoints: bool = False,
) -> tuple[Any, Any]:
    """Keypoints in cells as parts of the image.

    Args:
        keypoint_coords: (B, N, J, 2), y before x, in cells.
        keypoint_scores: (B, N, J).
        stride: input pixels per cell.
        true_image_shapes: (B, 3), as in `convert_strided_predictions_to_normalized_boxes`.
        clip_out_of_frame_keypoints: move those outside of [0, 1] to its border, and set
            their scores to 0.

    Returns:
        Coordinates (B, N, J, 2) and scores (B, N, J), float32.

    Raises:
        TypeError: coordinates or scores that are no arrays.
        ValueError: shapes that do not fit.
    """
    coords = as_numpy(keypoint_coords).astype(np.float64)
    scores = as_numpy(keypoint_scores).astype(np.float32)
    coords = coords * stride / true_sizes(true_image_shapes, len(coords))[:, None, None]
    if clip_out_of_frame_keypoints:
        inside = ((coords >= 0) & (coords <= 1)).all(axis=3)
        coords, scores = coords.clip(0, 1), np.where(inside, scores, np.float32(0))
    return like(keypoint_coords, coords.astype(np.float32)), like(keypoint_coords, scores)
