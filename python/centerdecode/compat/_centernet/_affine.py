"""The similarity between an image and the map of a network, as CenterNet's `utils.image`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def get_affine_transform(
    center: ArrayLike,
    scale: ArrayLike,
    rot: float,
    output_size: ArrayLike,
    shift: ArrayLike = (0, 0),
    inv: int = 0,
) -> NDArray[np.float64]:
    """The matrix from an image to a network's map.

    Args:
        center: (x, y) of the image that comes to the middle of the map.
        scale: how many image pixels the width of the map shows; of two only the first
            counts (but both weigh the shift).
        rot: degrees.
        output_size: (width, height) of the map; only the width sets the zoom.
        shift: moves the center by this much of the scale.
        inv: 1: the way back, from the map to the image.

    Returns:
        (2, 3) float64.
    """
    scales = np.broadcast_to(np.asarray(scale, np.float64), 2)
    source = np.asarray(center, np.float64) + scales * np.asarray(shift, np.float64)
    size = np.asarray(output_size, np.float64)
    zoom = size[0] / scales[0]
    cos, sin = math.cos(math.radians(rot)), math.sin(math.radians(rot))
    turn = np.array([[cos, sin], [-sin, cos]])
    if inv:
        linear = turn.T / zoom
        return np.column_stack([linear, source - linear @ (size / 2)])
    linear = turn * zoom
    return np.column_stack([linear, size / 2 - linear @ source])


def transform_preds(
    coords: Any, center: ArrayLike, scale: ArrayLike, output_size: ArrayLike
) -> NDArray[np.float64]:
    """Points of the map -> points of the image.

    Args:
        coords: (N, 2 or more), x and y first.
        center, scale, output_size: as in `get_affine_transform`.

    Returns:
        The shape of `coords`, float64; columns after the first two are zero.
    """
    coords = np.asarray(coords)
    matrix = get_affine_transform(center, scale, 0, output_size, inv=1)
    mapped = np.zeros(coords.shape)
    mapped[:, :2] = coords[:, :2].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return mapped
