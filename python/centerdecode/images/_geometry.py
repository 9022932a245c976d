"""Where an image lies in the network's input, and the way back.

Sizes are (height, width). Matrices are (2, 3) float64.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Size: TypeAlias = tuple[int, int]
Matrix: TypeAlias = NDArray[np.float64]


class Placing(NamedTuple):
    """An image of `resized` size at (top, left) of the input; `matrix` maps its
    pixels to input pixels."""

    matrix: Matrix
    resized: Size
    top: int
    left: int


def affine(image: Size, network: Size) -> Placing:
    """The CenterNet reference's map: aspect kept, image center on input center.

    Where the network is not square the reference keeps to the width alone and
    lets tall images overflow; here the whole image always fits, as in FairMOT.
    """
    zoom = min(network[0] / image[0], network[1] / image[1])
    left = network[1] / 2 - zoom * (image[1] / 2)
    top = network[0] / 2 - zoom * (image[0] / 2)
    return Placing(np.array([[zoom, 0, left], [0, zoom, top]]), network, 0, 0)


def letterbox(image: Size, network: Size) -> Placing:
    """Aspect kept, resized to whole pixels, padded to all sides alike."""
    zoom = min(network[0] / image[0], network[1] / image[1])
    height = max(1, round(image[0] * zoom))
    width = max(1, round(image[1] * zoom))
    top = (network[0] - height) // 2
    left = (network[1] - width) // 2
    matrix = np.array([[width / image[1], 0, left], [0, height / image[0], top]])
    return Placing(matrix, (height, width), top, left)


def affine_letterbox(image: Size, network: Size) -> Placing:
    """keras-centernet's map: at the letterbox's place, but by the exact zoom."""
    zoom = min(network[0] / image[0], network[1] / image[1])
    place = letterbox(image, network)
    return Placing(np.array([[zoom, 0, place.left], [0, zoom, place.top]]), network, 0, 0)


def corner(image: Size, network: Size) -> Placing:
    """The letterbox's size, in the upper left corner."""
    place = letterbox(image, network)
    matrix = np.hstack([place.matrix[:, :2], np.zeros((2, 1))])
    return Placing(matrix, place.resized, 0, 0)


def stretch(image: Size, network: Size) -> Placing:
    """The whole input, whatever becomes of the aspect."""
    matrix = np.array([[network[1] / image[1], 0, 0], [0, network[0] / image[0], 0]], np.float64)
    return Placing(matrix, network, 0, 0)


def inverse(matrix: Matrix) -> Matrix:
    """The map back: input pixels to image pixels."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.hstack([linear, -linear @ matrix[:, 2:]])


def turned(points: NDArray[np.floating[Any]], matrix: Matrix) -> NDArray[np.float64]:
    """Points (..., 2) by the linear part of a matrix, as the core does it: a coefficient
    of zero leaves a coordinate out even where that is infinite."""
    linear = matrix[:, :2]
    products = np.where(linear == 0, 0.0, points[..., None, :] * linear)
    result: NDArray[np.float64] = products.sum(axis=-1)
    return result


def zoomed(size: Size, zoom: float) -> Size:
    """The size of an input at a test scale: the nearest multiple of 32, for networks that
    halve it five times; at scale 1 as it is."""
    if zoom == 1.0:
        return size
    height, width = (max(1, round(side * zoom / 32)) * 32 for side in size)
    return height, width
