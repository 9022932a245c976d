"""Where the corners of a box in space are seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The corners as signs of (length, height, width): the front face, then the rear one,
# each around. The object stands on what its location says, and y is down.
_SIGNS = np.array(
    [[x, y, z] for x in (1, -1) for y, z in ((0, 1), (0, -1), (-1, -1), (-1, 1))], np.float64
)
_FACES = [[0, 1, 2, 3], [4, 5, 6, 7]]
EDGES = [
    *((face[i], face[(i + 1) % 4]) for face in _FACES for i in range(4)),
    *zip(*_FACES, strict=True),
    *((0, 2), (1, 3)),  # a cross on the front
]
_NEAREST = 0.1  # meters; what is nearer or behind the camera is not seen


def project(
    extras: Mapping[str, Any], calibration: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """The 8 corners of a detection in pixels, in the order that EDGES counts them.

    Args:
        extras: of one detection of `decode_boxes3d`.
        calibration: (3, 4).

    Returns:
        (8, 2); None: the object has no place in space, or a corner is not before the camera.
    """
    if not {"dimensions", "location", "rotation_y"} <= extras.keys():
        return None
    height, width, length = (float(extent) for extent in extras["dimensions"])
    x, y, z = (_SIGNS * [length / 2, height, width / 2]).T
    cosine, sine = np.cos(extras["rotation_y"]), np.sin(extras["rotation_y"])
    turned = np.stack([cosine * x + sine * z, y, cosine * z - sine * x], axis=1)
    seen = np.hstack([turned + extras["location"], np.ones((8, 1))]) @ calibration.T
    if not (seen[:, 2] > _NEAREST).all():
        return None
    pixels: NDArray[np.float64] = seen[:, :2] / seen[:, 2:]
    return pixels
