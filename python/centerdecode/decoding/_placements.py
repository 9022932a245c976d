"""Where what is found goes: from the network's input to the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..families import real_number


class Placements(NamedTuple):
    """Where the boxes of each image of a batch go: (1 or B, 2, 3) matrices from
    input to image pixels, (1 or B, 2) image sizes to clip to, and the input's
    (height, width)."""

    transforms: NDArray[np.float64] | None = None
    clips: NDArray[np.float64] | None = None
    input_size: tuple[int, int] | None = None


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


def zooms_of(scales: Sequence[float]) -> list[float]:
    """Scales as numbers.

    Raises:
        TypeError, ValueError: one that is none, or not positive; or there are none.
    """
    zooms = [real_number("scales", scale) for scale in scales]
    if not zooms or not 0 < min(zooms) <= max(zooms) < np.inf:
        raise ValueError(f"scales must be positive, got {zooms}")
    return zooms


def one_for_each(name: str, values: Any, count: int) -> list[Any]:
    """A list of one for each scale; None: a list of None.

    Raises:
        ValueError: no list, or one of another length.
    """
    if values is None:
        return [None] * count
    indexed = hasattr(values, "__len__") and not isinstance(values, (str, bytes, Mapping))
    if not indexed or len(values) != count:
        what = f"{len(values)}" if indexed else type(values).__name__
        raise ValueError(f"{name} must be a list of {count}, one for each scale, got {what}")
    return list(values)


def calibrations_of(calibration: ArrayLike | None) -> NDArray[np.float64] | None:
    """(3, 4) or (B, 3, 4) -> (1 or B, 3, 4)."""
    if calibration is None:
        return None
    matrices = np.ascontiguousarray(calibration, np.float64)
    if matrices.shape[-2:] != (3, 4) or matrices.ndim not in (2, 3):
        raise ValueError(
            f"calibration must be of shape (3, 4), or (B, 3, 4) for a batch, got {matrices.shape}"
        )
    if not np.isfinite(matrices).all() or (matrices[..., [0, 1], [0, 1]] == 0).any():
        raise ValueError(f"calibration must be finite, with focal lengths, got {matrices.tolist()}")
    return matrices.reshape(-1, 3, 4)
