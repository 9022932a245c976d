"""mmdetection's CenterNetHead: its method `get_bboxes` as a function.

    - results = self.get_bboxes(center_heatmaps, whs, offsets, img_metas)
    + results = get_bboxes(center_heatmaps, whs, offsets, img_metas)

>>> import numpy as np
>>> from centerdecode.compat.mmdet import get_bboxes
>>> center_heatmaps = [np.zeros((1, 4, 16, 16), np.float32)]
>>> center_heatmaps[0][0, 2, 5, 6] = 0.75
>>> whs, offsets = [np.full((1, 2, 16, 16), 4, "f4")], [np.full((1, 2, 16, 16), 0.5, "f4")]
>>> img_metas = [dict(batch_input_shape=(64, 64), border=(2, 62, 4, 60), scale_factor=[1.0] * 4)]
>>> results = get_bboxes(center_heatmaps, whs, offsets, img_metas)
>>> results[0][0][0].tolist(), int(results[0][1][0])
([14.0, 12.0, 30.0, 28.0, 0.75], 2)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..families import NMS
from ..results import Detections
from ._shared import as_numpy, boxes_around, cells_of, gather, like, require_channels, top_k


def get_bboxes(
    center_heatmap_preds: Sequence[Any],
    wh_preds: Sequence[Any],
    offset_preds: Sequence[Any],
    img_metas: Sequence[Mapping[str, Any]],
    rescale: bool = True,
    with_nms: bool = False,
    *,
    topk: int = 100,
    local_maximum_kernel: int = 3,
    nms_iou: float = 0.5,
    max_per_img: int = 100,
) -> list[tuple[Any, Any]]:
    """Decode boxes.

    Args:
        center_heatmap_preds: one map (B, C, H, W) of scores, after the sigmoid.
        wh_preds, offset_preds: one map (B, 2, H, W) each, in cells, x before y.
        img_metas: of each image batch_input_shape (h, w) of the network's input, border
            (top, bottom, left, right) around the image there, and four scale_factor.
        rescale: divide by the scale factors.
        with_nms: drop what overlaps a better box of its class by more than `nms_iou`,
            and keep `max_per_img`.
        topk, local_maximum_kernel, nms_iou, max_per_img: upstream's test_cfg.

    Returns:
        For each image (n, 5) float32 rows [x1, y1, x2, y2, score] and (n,) int64 classes;
        always topk of them without NMS, of score 0 where peaks run out.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: more rows than the maps have cells, heads that do not fit, or not one
            map of each head.
    """
    if not len(center_heatmap_preds) == len(wh_preds) == len(offset_preds) == 1:
        raise ValueError("each head must be a list of one map")
    heatmap = as_numpy(center_heatmap_preds[0])
    found = top_k(heatmap, topk, window=local_maximum_kernel)
    sizes, shift = (
        gather(as_numpy(head[0]), found, heatmap.shape) for head in (wh_preds, offset_preds)
    )
    require_channels("wh_preds", sizes, 2)
    require_channels("offset_preds", shift, 2)
    boxes = boxes_around(cells_of(found) + shift, sizes)
    results = []
    for image, meta in enumerate(img_metas):
        height, width = meta["batch_input_shape"]
        top, _, left, _ = meta["border"]
        box = boxes[image] * ([width / heatmap.shape[3], height / heatmap.shape[2]] * 2)
        box -= [left, top, left, top]
        if rescale:
            box /= np.asarray(meta["scale_factor"], np.float64)
        classes = found.class_ids[image]
        detections = Detections(box.astype(np.float32), found.scores[image], classes)
        if with_nms:
            detections = NMS("hard", nms_iou)(detections)[:max_per_img]
        rows = np.column_stack([detections.xyxy, detections.scores])
        labels = detections.class_ids.astype(np.int64)
        reference = center_heatmap_preds[0]
        results.append((like(reference, rows), like(reference, labels)))
    return results
