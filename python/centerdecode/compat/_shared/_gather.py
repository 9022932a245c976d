"""Heads read at the cells of a top-K, and rows made of what is read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._top_k import TopK


def require_cells(heatmap: NDArray[Any], k: int) -> None:
    """The first of upstream's two stages takes K cells of every plane (B, C, H, W)."""
    if heatmap.ndim != 4:
        raise ValueError(f"a heatmap must have 4 axes (B, C, H, W), got {heatmap.shape}")
    cells = heatmap.shape[2] * heatmap.shape[3]
    if k > cells:
        raise ValueError(f"K must be at most the {cells} cells of a map, got {k}")


def require_channels(name: str, values: NDArray[Any], count: int) -> None:
    if values.shape[-1] != count:
        raise ValueError(f"{name} must have {count} channels, got {values.shape[-1]}")


def gather(
    head: NDArray[Any], found: TopK, shape: tuple[int, ...], layout: str = "NCHW"
) -> NDArray[np.float64]:
    """The channels of a head at the cells found on a heatmap of the shape: (B, K, C)."""
    channels = 1 if layout == "NCHW" else 3
    if head.ndim != 4 or np.delete(head.shape, channels).tolist() != [*np.delete(shape, channels)]:
        raise ValueError(f"a head must be on the grid of the heatmap {shape}, got {head.shape}")
    cells = np.arange(len(head))[:, None], found.ys, found.xs
    rows = head[cells[0], :, cells[1], cells[2]] if layout == "NCHW" else head[cells]
    return rows.astype(np.float64)


def cells_of(found: TopK) -> NDArray[np.float64]:
    """(B, K, 2), x before y."""
    return np.stack([found.xs, found.ys], axis=2).astype(np.float64)


def offsets_at(reg: NDArray[Any] | None, found: TopK, shape: tuple[int, ...]) -> Any:
    """(B, K, 2) of the offset head (B, 2, H, W), or half a cell."""
    if reg is None:
        return 0.5
    values = gather(reg, found, shape)
    require_channels("the offset", values, 2)
    return values


def boxes_around(centers: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes (..., 4); a negative size gives an inverted one."""
    return np.concatenate([centers - sizes / 2, centers + sizes / 2], axis=-1)


def rows_of(boxes: NDArray[np.float64], found: TopK) -> NDArray[np.float32]:
    """(B, K, 6) of boxes, scores and classes, rounded once."""
    columns: list[NDArray[Any]] = [boxes, found.scores[..., None], found.class_ids[..., None]]
    return np.concatenate(columns, axis=2).astype(np.float32)
