"""FairMOT's decoder: change one import line.

    - from lib.models.decode import mot_decode
    + from centerdecode.compat.fairmot import mot_decode

>>> import numpy as np
>>> from centerdecode.compat.fairmot import mot_decode
>>> heat, wh = np.zeros((1, 1, 16, 24), np.float32), np.full((1, 4, 16, 24), 2, np.float32)
>>> heat[0, 0, 6, 8] = 0.75
>>> reg = np.full((1, 2, 16, 24), 0.25, np.float32)
>>> dets, inds = mot_decode(heat, wh, reg=reg, ltrb=True, K=5)
>>> dets[0, 0].tolist(), int(inds[0, 0])
([6.25, 4.25, 10.25, 8.25, 0.75, 0.0], 152)
"""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import Any

import numpy as np

from ._shared import (
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


def mot_decode(
    heat: Any, wh: Any, reg: Any = None, ltrb: bool = False, K: int = 100
) -> tuple[Any, Any]:
    """Decode boxes, and where to read the identity head.

    Args:
        heat: (B, C, H, W) scores, after the sigmoid.
        wh: (B, 2, H, W), width and height in cells, or with `ltrb` (B, 4, H, W), distances
            from the center to the left, top, right and bottom side.
        reg: (B, 2, H, W), the shift of centers in cells; None: half a cell.
        K: how many rows.

    Returns:
        (B, K, 6) float32 rows in cells [x1, y1, x2, y2, score, class], and (B, K) int64,
        the integer peaks y * W + x.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: more rows than a map has cells, or heads that do not fit.
    """
    heatmap = as_numpy(heat)
    require_cells(heatmap, K)
    found = top_k(heatmap, K)
    sizes = gather(as_numpy(wh), found, heatmap.shape)
    require_channels("wh", sizes, 4 if ltrb else 2)
    offset = None if reg is None else as_numpy(reg)
    centers = cells_of(found) + offsets_at(offset, found, heatmap.shape)
    if ltrb:
        boxes = np.concatenate([centers - sizes[..., :2], centers + sizes[..., 2:]], axis=2)
    else:
        boxes = boxes_around(centers, sizes)
    inds = found.ys.astype(np.int64) * heatmap.shape[3] + found.xs
    return like(heat, rows_of(boxes, found)), like(heat, inds)
