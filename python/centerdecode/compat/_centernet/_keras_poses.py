"""Poses of keras-centernet: what `compat.keras_centernet` exports of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy, like
from ._multi_pose import PoseHeads, poses_of


def hpdet_decode(
    hm: Any,
    wh: Any,
    kps: Any,
    reg: Any,
    hm_hp: Any,
    hp_offset: Any,
    k: int = 100,
    output_stride: float = 4,
) -> Any:
    """Decode boxes with keypoints, as the layer of `HpDetDecode` does.

    Args:
        hm: (B, H, W, C) logits.
        wh, reg, hp_offset: (B, H, W, 2); kps: (B, H, W, 2 * J), x0 y0 x1 y1 ...
        hm_hp: (B, H, W, J) logits of keypoints.
        k: how many rows.
        output_stride: input pixels per cell.

    Returns:
        (B, k, 4 + 1 + 2 * J + 1) float32 in input pixels: x1 y1 x2 y2, score, J x
        values, J y values, class.

    Raises:
        TypeError, ValueError: as `multi_pose_decode` of `compat.centernet`.
    """
    heads = PoseHeads(
        heat=_sigmoid(as_numpy(hm)),
        wh=as_numpy(wh),
        kps=as_numpy(kps),
        reg=as_numpy(reg),
        hm_hp=_sigmoid(as_numpy(hm_hp)),
        hp_offset=as_numpy(hp_offset),
        layout="NHWC",
    )
    found = poses_of(heads, k)
    rows: list[NDArray[Any]] = [
        found.boxes * output_stride,
        found.scores[..., None],
        found.keypoints[..., 0] * output_stride,
        found.keypoints[..., 1] * output_stride,
        found.class_ids[..., None],
    ]
    return like(hm, np.concatenate(rows, axis=2).astype(np.float32))


def _sigmoid(logits: NDArray[Any]) -> NDArray[np.float32]:
    """Scores: upstream filters and ranks these, on which saturated logits tie."""
    with np.errstate(over="ignore"):
        inverse = np.exp(-logits.astype(np.float64)).astype(np.float32)
    return np.float32(1) / (np.float32(1) + inverse)
