"""Boxes of the CenterNet reference: what `compat.centernet` exports of them."""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import Any

import numpy as np

from .._shared import (
    as_numpy,
    boxes_around,
    cells_of,
    gather,
    like,
    offsets_at,
    require_cells,
    require_channels,
    rows_of,
    top_k,
)


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
    centers = cells_of(found) + offsets_at(offset, found, heatmap.shape)
    return like(heat, rows_of(boxes_around(centers, sizes), found))
