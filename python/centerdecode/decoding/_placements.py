"""Where what is found goes: from the network's input to the image."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..families import extents_of


class Placements(NamedTuple):
    """Where the boxes of each image of a batch go: (1 or B, 2, 3) matrices from
    input to image pixels, (1 or B, 2) image sizes to clip to, and the input's
    (height, width)."""

    transforms: NDArray[np.float64] | None = None
    clips: NDArray[np.float64] | None = None
    input_size: tuple[int, int] | None = None

    def extents(self) -> tuple[float, float]:
        if self.input_size is None:
            raise ValueError("input_size must be given: the boxes are fractions of it")
        return extents_of("input_size", self.input_size)


def transforms_of(transform: ArrayLike | None) -> NDArray[np.float64] | None:
    """(2, 3) or (B, 2, 3) -> (1 or B, 2, 3)."""
    if transform is None:
        return None
    matrices = np.ascontiguousarray(transform, np.float64)
    if matrices.shape[-2:] != (2, 3) or matrices.ndim not in (2, 3):
        raise ValueError(
            f"transform must be of shape (2, 3), or (B, 2, 3) for a batch, got {matrices.shape}"
        )
    if not np.isfinite(matrices).all():
        raise ValueError(f"transform must be finite, got {matrices.tolist()}")
    return matrices.reshape(-1, 2, 3)


def sizes_of(name: str, sizes: ArrayLike | None) -> NDArray[np.float64] | None:
    """(height, width), or one for each image -> (1 or B, 2)."""
    if sizes is None:
        return None
    pairs = np.ascontiguousarray(sizes, np.float64)
    if pairs.shape[-1:] != (2,) or pairs.ndim not in (1, 2):
        raise ValueError(
            f"{name} must be (height, width), or one for each image of a batch, got {sizes!r}"
        )
    if not (pairs >= 0).all():
        raise ValueError(f"{name} must not be negative, got {pairs.tolist()}")
    return pairs.reshape(-1, 2)
