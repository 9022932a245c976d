"""CenterTrack's decoder: change one import line.

    - from lib.model.decode import generic_decode
    + from centerdecode.compat.centertrack import generic_decode

>>> import numpy as np
>>> from centerdecode.compat.centertrack import generic_decode
>>> hm = np.zeros((1, 10, 16, 16), np.float32)
>>> hm[0, 7, 5, 6] = 0.75
>>> wh, reg, tracking = np.full((3, 1, 2, 16, 16), 2, np.float32)
>>> dets = generic_decode({"hm": hm, "wh": wh, "reg": reg, "tracking": tracking}, K=100)
>>> dets["bboxes"][0, 0].tolist(), int(dets["clses"][0, 0]), dets["tracking"][0, 0].tolist()
([7.0, 6.0, 9.0, 8.0], 7, [2.0, 2.0])
"""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._shared import (
    TopK,
    as_numpy,
    boxes_around,
    cells_of,
    gather,
    like,
    offsets_at,
    require_cells,
    require_channels,
    top_k,
)

Array = NDArray[np.float64]
_RAW = ("tracking", "dep", "rot", "dim", "amodel_offset", "nuscenes_att", "velocity")
_CANDIDATE_THRESHOLD = np.float32(0.2)
_MARGIN = 0.25  # of the extent of joints that have no box


def generic_decode(
    output: Mapping[str, Any], K: int = 100, opt: Any = None, *, upstream_bugs: bool = False
) -> dict[str, Any]:
    """Decode whatever heads there are.

    Args:
        output: heads (B, *, H, W): hm, scores after the sigmoid, and any of reg, wh, ltrb,
            ltrb_amodal, hps, hm_hp, hp_offset, tracking, dep, rot, dim, amodel_offset,
            nuscenes_att, velocity.
        K: how many rows.
        opt: not used, as upstream.
        upstream_bugs: without hm_hp upstream returns the joints as kps_score, too. Here
            it is then what joints have that no candidate is near: the score, squared.

    Returns:
        (B, K, ...) float32, in cells: scores, clses, xs, ys, cts (integer peaks x, y),
        bboxes (of ltrb_amodal, else ltrb, else wh), bboxes_amodal, hps, kps_score, and
        the other heads at the peaks under their own names.

    Raises:
        KeyError: no hm.
        TypeError: heads that would have to be converted.
        ValueError: more rows than a map has cells, or heads that do not fit.
    """
    heads = {name: as_numpy(head) for name, head in output.items() if head is not None}
    require_cells(heads["hm"], K)
    found = top_k(heads["hm"], K)
    peaks = cells_of(found)
    values: dict[str, NDArray[Any]] = {
        "scores": found.scores,
        "clses": found.class_ids,
        "xs": found.xs,
        "ys": found.ys,
        "cts": peaks,
    }
    values.update(
        {name: gather(heads[name], found, heads["hm"].shape) for name in _RAW if name in heads}
    )
    boxes = _boxes(heads, found, peaks)
    if "hps" in heads:
        values.update(_joints(heads, found, boxes.get("bboxes"), upstream_bugs))
    if "bboxes_amodal" in boxes:
        boxes["bboxes"] = boxes["bboxes_amodal"]
    values.update(boxes)
    return {name: like(output["hm"], value.astype(np.float32)) for name, value in values.items()}


def _boxes(heads: Mapping[str, NDArray[Any]], found: TopK, peaks: Array) -> dict[str, Array]:
    boxes = {}
    shape = heads["hm"].shape
    if "wh" in heads:
        # Upstream reads the first two channels of a class-specific head, too.
        sizes = gather(heads["wh"], found, shape)[..., :2].clip(min=0)
        boxes["bboxes"] = boxes_around(peaks + offsets_at(heads.get("reg"), found, shape), sizes)
    for head, name in (("ltrb", "bboxes"), ("ltrb_amodal", "bboxes_amodal")):
        if head in heads:
            sides = gather(heads[head], found, shape)
            require_channels(head, sides, 4)
            boxes[name] = np.tile(peaks, 2) + sides
    return boxes


def _joints(
    heads: Mapping[str, NDArray[Any]], found: TopK, boxes: Array | None, upstream_bugs: bool
) -> dict[str, NDArray[Any]]:
    """hps (B, K, 2 * J) and kps_score (B, K)."""
    flat = gather(heads["hps"], found, heads["hm"].shape)
    batch, k, channels = flat.shape
    joints = flat.reshape(batch, k, channels // 2, 2) + cells_of(found)[:, :, None]
    if "hm_hp" not in heads:
        hps = joints.reshape(batch, k, -1)
        scores = found.scores.astype(np.float64)
        return {"hps": hps, "kps_score": hps if upstream_bugs else scores * scores}
    limits = _extents(joints) if boxes is None else boxes
    own = np.repeat(found.scores[..., None].astype(np.float64), channels // 2, axis=2)
    for j in range(channels // 2):
        joints[:, :, j], own[:, :, j] = _snap(
            joints[:, :, j], own[:, :, j], limits, *_candidates(heads, j, k)
        )
    return {"hps": joints.reshape(batch, k, -1), "kps_score": found.scores * own.mean(axis=2)}


def _candidates(heads: Mapping[str, NDArray[Any]], j: int, k: int) -> tuple[Array, Array]:
    """The K best of one joint: (B, K, 2) in cells and (B, K) scores; -1 and far away where
    they score too little."""
    found = top_k(heads["hm_hp"][:, j : j + 1], k)
    offset = heads.get("hp_offset", heads.get("reg"))
    at = cells_of(found) + offsets_at(offset, found, heads["hm_hp"].shape)
    valid = found.scores > _CANDIDATE_THRESHOLD
    return np.where(valid[..., None], at, -10000.0), np.where(valid, found.scores, -1.0)


def _snap(
    joints: Array, scores: Array, limits: Array, candidates: Array, candidate_scores: Array
) -> tuple[Array, Array]:
    """Joints (B, K, 2) moved to their nearest candidate where that lies within the limits."""
    away = joints[:, :, None] - candidates[:, None]
    nearest = np.argmin(np.hypot(away[..., 0], away[..., 1]), axis=2)
    at = np.take_along_axis(candidates, nearest[..., None], axis=1)
    score = np.take_along_axis(candidate_scores, nearest, axis=1)
    inside = ((at >= limits[..., :2]) & (at <= limits[..., 2:])).all(axis=2)
    taken = inside & (score >= _CANDIDATE_THRESHOLD)
    return np.where(taken[..., None], at, joints), np.where(taken, score, scores)


def _extents(joints: Array) -> Array:
    """Boxes (B, K, 4) of joints. The second margin reckons with the first, as upstream."""
    low, high = joints.min(axis=2), joints.max(axis=2)
    low = low - _MARGIN * (high - low)
    return np.concatenate([low, high + _MARGIN * (high - low)], axis=2)
