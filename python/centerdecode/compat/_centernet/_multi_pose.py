"""Poses of the CenterNet reference: what `compat.centernet` exports of them."""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...decoding import find_peaks
from ...families import Refinement
from .._shared import as_numpy, choose_candidates, like, top_k

Array = NDArray[Any]
_RULE = Refinement()
_STRICTLY_MORE = float(np.nextafter(np.float32(_RULE.candidate_threshold), np.float32(1)))


class PoseHeads(NamedTuple):
    """NumPy views of the heads, all in `layout`, the heatmaps as scores. Without an
    offset, boxes or keypoints have half a cell."""

    heat: Array
    wh: Array
    kps: Array
    reg: Array | None
    hm_hp: Array | None
    hp_offset: Array | None
    layout: str


class Poses(NamedTuple):
    """(B, K, ...) in cells, float64: boxes (4), scores, keypoints (J, 2), class_ids."""

    boxes: NDArray[np.float64]
    scores: NDArray[np.float32]
    keypoints: NDArray[np.float64]
    class_ids: NDArray[np.int32]


def multi_pose_decode(
    heat: Any,
    wh: Any,
    kps: Any,
    reg: Any = None,
    hm_hp: Any = None,
    hp_offset: Any = None,
    K: int = 100,
) -> Any:
    """Decode boxes with keypoints, as `lib.models.decode.multi_pose_decode` does.

    Args:
        heat: (B, C, H, W) scores, after the sigmoid.
        wh: (B, 2, H, W), width and height in cells.
        kps: (B, 2 * J, H, W), x0 y0 x1 y1 ..., in cells from the integer peak.
        reg: (B, 2, H, W), the shift of centers; None: half a cell.
        hm_hp: (B, J, H, W) scores of keypoints; None: they stay as regressed.
        hp_offset: (B, 2, H, W), the shift of the peaks of hm_hp; None: half a cell.
        K: how many rows.

    Returns:
        (B, K, 4 + 1 + 2 * J + 1) float32 in cells: x1 y1 x2 y2, score, x0 y0 x1 y1
        ..., class; always K rows, of score 0 where peaks run out.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: more rows than a map has cells, or heads that do not fit.
    """
    heads = PoseHeads(
        heat=as_numpy(heat),
        wh=as_numpy(wh),
        kps=as_numpy(kps),
        reg=None if reg is None else as_numpy(reg),
        hm_hp=None if hm_hp is None else as_numpy(hm_hp),
        hp_offset=None if hp_offset is None else as_numpy(hp_offset),
        layout="NCHW",
    )
    found = poses_of(heads, K)
    batch = len(found.scores)
    rows: list[Array] = [
        found.boxes,
        found.scores[..., None],
        found.keypoints.reshape(batch, K, 2 * found.keypoints.shape[2]),
        found.class_ids[..., None],
    ]
    return like(heat, np.concatenate(rows, axis=2).astype(np.float32))


def poses_of(heads: PoseHeads, k: int) -> Poses:
    """The K strongest poses of each image."""
    height, width = heads.heat.shape[2:] if heads.layout == "NCHW" else heads.heat.shape[1:3]
    if k > height * width:
        raise ValueError(f"K must be at most the {height * width} cells of a map, got {k}")
    centers = top_k(heads.heat, k, layout=heads.layout)
    candidates = None if heads.hm_hp is None else _find_candidates(heads, heads.hm_hp, k)
    count = heads.kps.shape[1 if heads.layout == "NCHW" else 3] // 2
    boxes, keypoints = [], []
    for image, (ys, xs) in enumerate(zip(centers.ys, centers.xs, strict=True)):
        cells = np.stack([xs, ys], axis=1).astype(np.float64)
        center = cells + _shifts(heads.reg, heads.layout, image, ys, xs)
        half = _gather(heads.wh, heads.layout, image, ys, xs) / 2
        box = np.hstack([center - half, center + half])
        regressed = _gather(heads.kps, heads.layout, image, ys, xs)
        points = regressed.reshape(k, count, 2) + cells[:, None]
        if candidates is not None:
            points = _snap(points, box, candidates[image])
        boxes.append(box)
        keypoints.append(points)
    return Poses(
        np.array(boxes).reshape(len(boxes), k, 4),
        centers.scores,
        np.array(keypoints).reshape(len(boxes), k, count, 2),
        centers.class_ids,
    )


class _Candidates(NamedTuple):
    """Of one image, cells: (M, J, 2), (M, J), and (J) how many of the M there are."""

    at: NDArray[np.float64]
    scores: NDArray[np.float32]
    counts: NDArray[np.int32]


def _find_candidates(heads: PoseHeads, heatmap: Array, k: int) -> list[_Candidates]:
    joints = heatmap.shape[1 if heads.layout == "NCHW" else 3]
    found = [
        _Candidates(
            np.zeros((k, joints, 2)), np.zeros((k, joints), np.float32), np.zeros(joints, np.int32)
        )
        for _ in heatmap
    ]
    for j in range(joints):
        peaks = find_peaks(
            heatmap,
            top_k=k,
            score_threshold=_STRICTLY_MORE,
            activation="none",
            plateaus="keep",
            layout=heads.layout,
            classes=[j],
            element_type="f16" if heatmap.dtype == np.float16 else None,
        )
        assert isinstance(peaks, list)
        for image, (scores, _, ys, xs) in enumerate(peaks):
            shifts = _shifts(heads.hp_offset, heads.layout, image, ys, xs)
            found[image].at[: len(xs), j] = np.stack([xs, ys], axis=1) + shifts
            found[image].scores[: len(xs), j] = scores
            found[image].counts[j] = len(xs)
    return found


def _snap(
    points: NDArray[np.float64], boxes: NDArray[np.float64], candidates: _Candidates
) -> NDArray[np.float64]:
    longest = int(candidates.counts.max(initial=0))
    at = np.ascontiguousarray(candidates.at[:longest])
    scores = np.ascontiguousarray(candidates.scores[:longest])
    if longest == 0:
        return points
    chosen, _ = choose_candidates(points, boxes, at, scores, candidates.counts, _RULE)
    columns = np.arange(points.shape[1])
    return np.where((chosen >= 0)[..., None], at[np.maximum(chosen, 0), columns], points)


def _shifts(head: Array | None, layout: str, image: int, ys: Array, xs: Array) -> Any:
    return 0.5 if head is None else _gather(head, layout, image, ys, xs)


def _gather(head: Array, layout: str, image: int, ys: Array, xs: Array) -> NDArray[np.float64]:
    """(n, channels) at the cells."""
    rows: Array = head[image][:, ys, xs].T if layout == "NCHW" else head[image][ys, xs]
    return np.asarray(rows, np.float64)
