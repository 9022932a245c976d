"""TTFNet's decoder, a method of its head, as a function.

    - boxes = self.get_bboxes(pred_heatmap, pred_wh, img_metas, cfg, rescale=True)
    + boxes = get_bboxes(pred_heatmap, pred_wh, img_metas, cfg, rescale=True)

>>> from types import SimpleNamespace
>>> import numpy as np
>>> from centerdecode.compat.ttfnet import get_bboxes
>>> pred_heatmap, pred_wh = np.full((1, 80, 16, 16), -9, "f4"), np.full((1, 4, 16, 16), 8, "f4")
>>> pred_heatmap[0, 3, 5, 6] = 0
>>> img_metas = [{"pad_shape": (64, 64, 3), "scale_factor": 2.0}]
>>> cfg = SimpleNamespace(max_per_img=100, score_thr=0.01)
>>> boxes = get_bboxes(pred_heatmap, pred_wh, img_metas, cfg, rescale=True)
>>> [array.tolist() for array in boxes[0]]
[[[8.0, 6.0, 16.0, 14.0, 0.5]], [3.0]]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._shared import (
    as_numpy,
    cells_of,
    gather,
    like,
    require_cells,
    require_channels,
    top_k_of_logits,
)


def get_bboxes(
    pred_heatmap: Any,
    pred_wh: Any,
    img_metas: Sequence[Mapping[str, Any]],
    cfg: Any,
    rescale: bool = False,
    *,
    down_ratio: int = 4,
    wh_agnostic: bool = True,
) -> list[tuple[Any, Any]]:
    """Decode boxes.

    Args:
        pred_heatmap: (B, C, H, W) logits.
        pred_wh: (B, 4, H, W), input pixels from the peak to the left, top, right and
            bottom side; (B, 4 * C, H, W) unless `wh_agnostic`.
        img_metas: of each image pad_shape (h, w, ...) and scale_factor, one number or four.
        cfg: has max_per_img and score_thr, as attributes or as keys.
        rescale: divide by the scale factor.
        down_ratio, wh_agnostic: attributes of upstream's head.

    Returns:
        For each image (n, 5) float32 rows [x1, y1, x2, y2, score] of those that score
        more than score_thr, inside of the padded image, and (n,) float32 classes.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: more rows than a map has cells, or heads that do not fit.
    """
    heatmap = as_numpy(pred_heatmap)
    count = int(_option(cfg, "max_per_img"))
    require_cells(heatmap, count)
    found = top_k_of_logits(heatmap, count)
    sides = gather(as_numpy(pred_wh), found, heatmap.shape)
    if not wh_agnostic:
        require_channels("pred_wh", sides, 4 * heatmap.shape[1])
        columns = 4 * found.class_ids[..., None] + np.arange(4)
        sides = np.take_along_axis(sides, columns, axis=2)
    require_channels("pred_wh", sides, 4)
    peaks = cells_of(found) * down_ratio
    boxes = np.concatenate([peaks - sides[..., :2], peaks + sides[..., 2:]], axis=2)
    results = []
    for image, meta in enumerate(img_metas):
        height, width = meta["pad_shape"][:2]
        box = boxes[image].clip(0, [width - 1, height - 1] * 2)
        if rescale:
            box /= np.asarray(meta["scale_factor"], np.float64)
        rows = np.column_stack([box, found.scores[image]]).astype(np.float32)
        labels = found.class_ids[image].astype(np.float32)
        keep = found.scores[image] > np.float32(_option(cfg, "score_thr"))
        results.append((like(pred_heatmap, rows[keep]), like(pred_heatmap, labels[keep])))
    return results


def _option(cfg: Any, name: str) -> Any:
    return cfg[name] if isinstance(cfg, Mapping) else getattr(cfg, name)
