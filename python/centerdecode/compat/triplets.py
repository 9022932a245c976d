"""Duankaiwen/CenterNet (keypoint triplets) and CornerNet: change one import line.

    - from models.py_utils.kp_utils import _decode as decode
    + from centerdecode.compat.triplets import decode

>>> import numpy as np
>>> from centerdecode.compat.triplets import decode, rescore_by_center_region
>>> top_left, bottom_right, center = np.full((3, 1, 2, 16, 16), -9, np.float32)
>>> top_left[0, 1, 2, 3] = bottom_right[0, 1, 10, 12] = center[0, 1, 6, 7] = 3
>>> tag, offset = np.zeros((1, 1, 16, 16), "f4"), np.zeros((1, 2, 16, 16), "f4")
>>> detections, centers = decode(top_left, bottom_right, tag, tag, offset, offset,
...                              center, offset, K=70, kernel=3, ae_threshold=0.5)
>>> detections.shape, centers.shape
((1, 1000, 8), (1, 70, 4))
>>> rescore_by_center_region(detections[0], centers[0])[0, [0, 1, 2, 3, 7]].tolist()
[3.0, 2.0, 12.0, 10.0, 1.0]
"""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..decoding import Centers
from ._shared import TopK, as_numpy, like, rescored, top_k_of_logits


def decode(
    tl_heat: Any,
    br_heat: Any,
    tl_tag: Any,
    br_tag: Any,
    tl_regr: Any,
    br_regr: Any,
    ct_heat: Any,
    ct_regr: Any,
    K: int = 100,
    kernel: int = 1,
    ae_threshold: float = 1,
    num_dets: int = 1000,
) -> tuple[Any, Any]:
    """Pair corners, as upstream's `_decode`.

    Args:
        tl_heat, br_heat, ct_heat: (B, C, H, W) logits of corners and centers.
        tl_tag, br_tag: (B, 1, H, W).
        tl_regr, br_regr, ct_regr: (B, 2, H, W) shifts in cells. None for one of the
            corners' means none at all.
        K: how many corners of each map are paired, and how many centers there are.
        kernel: a corner is the greatest of kernel x kernel cells; 1: every cell.
        ae_threshold: tags that differ by more do not pair.
        num_dets: how many of the K * K pairs are returned.

    Returns:
        detections (B, num_dets, 8), rows [x1, y1, x2, y2, score, tl_score, br_score,
        class], score descending, then by the ranks of the corners; and centers
        (B, K, 4), rows [x, y, class, score]; all in cells. Corners that do not pair
        fill up, with a score of -1.

    Raises:
        ValueError: K exceeds the cells of a map, or num_dets K * K.
    """
    if num_dets > K * K:
        raise ValueError(f"num_dets must be at most K * K = {K * K}, got {num_dets}")
    if tl_regr is None or br_regr is None:
        tl_regr = br_regr = ct_regr = None
    top_left = _Points(tl_heat, tl_regr, K, kernel)
    bottom_right = _Points(br_heat, br_regr, K, kernel)
    found = _Points(ct_heat, ct_regr, K, kernel)
    corners = (top_left.pick(tl_tag)[:, :, 0], bottom_right.pick(br_tag)[:, :, 0])
    detections = _pairs(top_left, bottom_right, corners, ae_threshold, num_dets)
    columns = (found.xs, found.ys, found.peaks.class_ids, found.peaks.scores)
    centers = np.stack(columns, axis=-1).astype(np.float32)
    return like(tl_heat, detections), like(tl_heat, centers)


def rescore_by_center_region(detections: Any, centers: Any) -> Any:
    """Keep boxes with a center inside, as upstream's evaluation does.

    Args:
        detections: (N, 8) rows as of `decode`, in pixels of the image; or batches of
            them that are of one image, such as upstream's (1, N, 8).
        centers: (M, 4) rows as of `decode`, in pixels of the image; or batches alike.

    Returns:
        (n, 8) float32 rows with new scores, best first. Rows that scored -1, or that no
        center of their class lies inside the region of, are gone. Of equal scores the
        boxes with an area of more than 22500 are first.
    """
    rows = as_numpy(detections).reshape(-1, 8).astype(np.float32)
    points = as_numpy(centers).reshape(-1, 4).astype(np.float32)
    rows = rows[rows[:, 4] > -1]
    x1, y1, x2, y2 = rows[:, :4].T.astype(np.float64)
    large = (x2 - x1) * (y2 - y1) > _AREA_LIMIT
    rows[:, 4] = rescored(
        rows[:, :4],
        rows[:, 4],
        rows[:, 7].astype(np.int32),
        Centers(points[:, :2], points[:, 3], points[:, 2].astype(np.int32)),
        _AREA_LIMIT,
    )
    order = np.lexsort((~large, -rows[:, 4]))
    rows = rows[order]
    return like(detections, rows[rows[:, 4] > -1])


_AREA_LIMIT = 22500.0


class _Points:
    """The K best points of a batch, with their shifts: xs, ys (B, K) float32."""

    def __init__(self, heat: Any, regr: Any, k: int, kernel: int) -> None:
        self.peaks: TopK = top_k_of_logits(as_numpy(heat), k, window=kernel)
        shifts = np.zeros(2, np.float32) if regr is None else self.pick(regr)
        self.xs = self.peaks.xs.astype(np.float32) + shifts[..., 0]
        self.ys = self.peaks.ys.astype(np.float32) + shifts[..., 1]

    def pick(self, head: Any) -> NDArray[Any]:
        """(B, K, C): what a head says at the points."""
        images = np.arange(len(self.peaks.scores))[:, None]
        return np.asarray(as_numpy(head)[images, :, self.peaks.ys, self.peaks.xs])


def _pairs(
    top_left: _Points,
    bottom_right: _Points,
    tags: tuple[NDArray[Any], NDArray[Any]],
    ae_threshold: float,
    num_dets: int,
) -> NDArray[np.float32]:
    firsts, seconds = top_left.peaks, bottom_right.peaks
    scores = (firsts.scores[:, :, None] + seconds.scores[:, None]) / np.float32(2)
    rejected = (
        (firsts.class_ids[:, :, None] != seconds.class_ids[:, None])
        | (np.abs(tags[0][:, :, None] - tags[1][:, None]) > ae_threshold)
        | (bottom_right.xs[:, None] < top_left.xs[:, :, None])
        | (bottom_right.ys[:, None] < top_left.ys[:, :, None])
    )
    scores[rejected] = -1
    flat = scores.reshape(len(scores), scores.shape[1] * scores.shape[2])
    order = np.argsort(-flat, axis=1, kind="stable")[:, :num_dets]
    i, j = np.divmod(order, scores.shape[2])

    def of(numbers: NDArray[Any], ranks: NDArray[Any]) -> NDArray[Any]:
        return np.take_along_axis(numbers, ranks, axis=1)

    columns = [
        of(top_left.xs, i),
        of(top_left.ys, i),
        of(bottom_right.xs, j),
        of(bottom_right.ys, j),
        of(flat, order),
        of(firsts.scores, i),
        of(seconds.scores, j),
        of(firsts.class_ids, i),
    ]
    return np.stack(columns, axis=-1).astype(np.float32)
