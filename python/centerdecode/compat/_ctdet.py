"""Boxes of the CenterNet reference: what `compat.centernet` exports of them."""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arrays import as_numpy, like
from ._top_k import TopK, top_k


def ctdet_decode(
    heat: Any, wh: Any, reg: Any = None, cat_spec_wh: bool = False, K: int = 100
) -> Any:
    """Decode boxes, as `lib.models.decode.ctdet_decode` does.

    Args:
        heat: (B, C, H, W) scores, after the sigmoid.
        wh: (B, 2, H, W), width and height in cells; (B, 2 * C, H, W) if `cat_spec_wh`.
        reg: (B, 2, H, W), the shift of centers in cells; None: half a cell.
        cat_spec_wh: each class has its own size, w0 h0 w1 h1 ...
        K: how many rows.

    Returns:
        (B, K, 6) float32 in cells: x1 y1 x2 y2, score, class; always K rows, of score
        0 where peaks run out.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: more rows than a map has cells, or heads that do not fit.
    """
    heatmap = as_numpy(heat)
    require_cells(heatmap, K)
    found = top_k(heatmap, K)
    sizes = gather(as_numpy(wh), found, heatmap.shape)
    if cat_spec_wh:
        require_channels("wh", sizes, 2 * heatmap.shape[1])
        columns = 2 * found.class_ids[..., None] + np.arange(2)
        sizes = np.take_along_axis(sizes, columns, axis=2)
    require_channels("wh", sizes, 2)
    offset = None if reg is None else as_numpy(reg)
    centers = cells_of(found) + shifts(offset, found, heatmap.shape)
    return like(heat, rows_of(around(centers, sizes), found))


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


def shifts(reg: NDArray[Any] | None, found: TopK, shape: tuple[int, ...]) -> Any:
    """(B, K, 2) of the offset head (B, 2, H, W), or half a cell."""
    if reg is None:
        return 0.5
    values = gather(reg, found, shape)
    require_channels("the offset", values, 2)
    return values


def around(centers: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes (..., 4); a negative size gives an inverted one."""
    return np.concatenate([centers - sizes / 2, centers + sizes / 2], axis=-1)


def rows_of(boxes: NDArray[np.float64], found: TopK) -> NDArray[np.float32]:
    """(B, K, 6) of boxes, scores and classes, rounded once."""
    columns: list[NDArray[Any]] = [boxes, found.scores[..., None], found.class_ids[..., None]]
    return np.concatenate(columns, axis=2).astype(np.float32)
