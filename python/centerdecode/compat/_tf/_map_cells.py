"""Cells of TensorFlow's CenterNet: found on a map, and read from a head.

Maps are (B, H, W, C), cells (B, N) integers, points y before x.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...families import head_format, whole_number
from .._shared import TopK, as_numpy, like, top_k

_TOLERANCE = 1e-6  # less than this below its window's greatest, a cell is kept


def top_k_feature_map_locations(
    feature_map: Any, max_pool_kernel_size: int | None = 3, k: int = 100, per_channel: bool = False
) -> tuple[Any, Any, Any, Any]:
    """The best cells of a filtered map.

    A cell that is 1e-6 or more below the greatest of its window counts as 0, and
    stays in the map: where peaks run out, such cells fill the rows.

    Args:
        feature_map: (B, H, W, C) scores.
        max_pool_kernel_size: the window; odd. 1 or None: no filter.
        k: how many cells.
        per_channel: k cells of each channel, instead of k of all.

    Returns:
        (scores float32, y, x, channel int32), the best first, equals by y, x, channel.
        (B, min(k, H * W * C)) each; per channel (B, C * k), channel after channel, where
        a channel of fewer cells is filled up with score 0 at its cell (0, 0).

    Raises:
        TypeError: a map that would have to be converted.
        ValueError: a map of other than 4 axes, a negative k, an even window.
    """
    found = best_cells(as_numpy(feature_map), max_pool_kernel_size, k, per_channel)
    columns = found.scores, found.ys, found.xs, found.class_ids
    scores, y, x, channel = (like(feature_map, column) for column in columns)
    return scores, y, x, channel


def best_cells(
    heatmap: NDArray[Any],
    window: int | None,
    k: int,
    per_channel: bool = False,
    find: Callable[..., TopK] = top_k,
) -> TopK:
    """`top_k_feature_map_locations` with a `find` for what the map holds: `top_k` for
    scores, `top_k_of_logits`."""
    if heatmap.ndim != 4:
        raise ValueError(f"a map must have 4 axes (B, H, W, C), got {heatmap.shape}")
    k = whole_number("k", k, least=0)
    window = 1 if window is None else window
    find = partial(find, window=window, layout="NHWC", tolerance=_TOLERANCE)
    batch, height, width, channels = heatmap.shape
    if not per_channel:
        return find(heatmap, min(k, height * width * channels))
    missing = max(k - height * width, 0)
    parts = []
    for c in range(channels):
        found = find(heatmap[..., c : c + 1], k - missing)
        columns: list[Any] = [np.pad(column, ((0, 0), (0, missing))) for column in found]
        parts.append(TopK(*columns)._replace(class_ids=np.full((batch, k), c, np.int32)))
    return TopK(*(np.concatenate(column, axis=1) for column in zip(*parts, strict=True)))


def values_at(name: str, head: NDArray[Any], y_indices: Any, x_indices: Any) -> NDArray[np.float64]:
    """The channels of a head (B, H, W, D) at cells (B, N): (B, N, D).

    Raises:
        TypeError: a head that would have to be converted, cells that are no integers.
        ValueError: shapes that do not fit, a cell outside of the head.
    """
    ys, xs = indices_of("y_indices", y_indices), indices_of("x_indices", x_indices)
    if head.ndim != 4:
        raise ValueError(f"{name} must have 4 axes (B, H, W, channels), got {head.shape}")
    if ys.shape != xs.shape or ys.ndim != 2 or len(ys) != len(head):
        raise ValueError(
            "y_indices and x_indices must be of one shape (B, N), "
            f"got {ys.shape} and {xs.shape} for {name} of {head.shape}"
        )
    form = head_format("NHWC", "f16" if head.dtype == np.float16 else None)
    rows = _core.gather(head, head, name, None, form, [*zip(ys, xs, strict=True)])
    return np.array(rows, np.float64).reshape(*ys.shape, head.shape[3])


def row_col_channel_indices_from_flattened_indices(
    indices: Any, num_cols: int, num_channels: int
) -> tuple[Any, Any, Any]:
    """Split flat indices (y * num_cols + x) * num_channels + channel.

    Returns:
        (y, x, channel) int32, in the shape of the indices.

    Raises:
        TypeError: indices that are no array, or no integers.
    """
    flat = indices_of("indices", as_numpy(indices))
    cells = flat // num_channels
    parts = cells // num_cols, cells % num_cols, flat % num_channels
    row, col, channel = (like(indices, part.astype(np.int32)) for part in parts)
    return row, col, channel


def flattened_indices_from_row_col_indices(
    row_indices: Any, col_indices: Any, num_cols: int
) -> Any:
    """Flat int32 indices row * num_cols + column, in the shape of the indices.

    Raises:
        TypeError: indices that are no array, or no integers.
    """
    rows = indices_of("row_indices", as_numpy(row_indices))
    flat = rows * num_cols + indices_of("col_indices", col_indices)
    return like(row_indices, flat.astype(np.int32))


def indices_of(name: str, values: Any) -> NDArray[np.int32]:
    """Integers of any width, as the core takes them."""
    array = numbers_of(values)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{name} must be integers, got {array.dtype}")
    return np.ascontiguousarray(array, np.int32)


def numbers_of(values: Any) -> NDArray[Any]:
    """Few numbers, in an array, a tensor, or a list."""
    return as_numpy(values) if hasattr(values, "__dlpack__") else np.asarray(values)
