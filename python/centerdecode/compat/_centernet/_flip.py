"""Mirrored heads of a flip test, as CenterNet's `models.utils`. They are new arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy, like

Pairs = Iterable[Sequence[int]]


def flip_tensor(x: Any) -> Any:
    """A head (B, C, H, W) mirrored left to right."""
    return like(x, _mirrored(x))


def flip_lr(x: Any, flip_idx: Pairs) -> Any:
    """A head (B, J, H, W) mirrored, the channels of each pair exchanged."""
    flipped = _mirrored(x)
    for a, b in flip_idx:
        flipped[:, [a, b]] = flipped[:, [b, a]]
    return like(x, flipped)


def flip_lr_off(x: Any, flip_idx: Pairs) -> Any:
    """Offsets (B, 2 * J, H, W), x0 y0 x1 y1 ..., mirrored: x negated, the joints of each
    pair exchanged. (Upstream knows 17 joints only.)"""
    flipped = _mirrored(x)
    batch, channels, height, width = flipped.shape
    joints = flipped.reshape(batch, channels // 2, 2, height, width)
    joints[:, :, 0] *= -1
    for a, b in flip_idx:
        joints[:, [a, b]] = joints[:, [b, a]]
    return like(x, flipped)


def _mirrored(x: Any) -> NDArray[Any]:
    return np.ascontiguousarray(as_numpy(x)[..., ::-1])
