"""From PyAV's frames to pictures."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._lazy import require

log = logging.getLogger("centerdecode.video")


class Frame(NamedTuple):
    """A picture and when it is shown.

    image: (H, W, 3) uint8, BGR, upright, of its own memory; number: 0 for the first
    frame; time: in seconds since the beginning.
    """

    image: NDArray[np.uint8]
    number: int
    time: float


def pyav() -> Any:
    """Raises:
    ImportError: PyAV is missing; the message names the extra.
    """
    return require("av", "av", "cli")


def picture(frame: Any) -> NDArray[np.uint8]:
    """BGR and upright, by the frame's own matrix of colors and range (BT.601 where it
    has none, as FFmpeg), and its display matrix."""
    image: NDArray[np.uint8] = frame.to_ndarray(format="bgr24")
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return image if matrix is None else upright(image, np.frombuffer(bytes(matrix), np.int32))


def upright(image: NDArray[np.uint8], matrix: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Turn an image as a display matrix says, to the nearest right angle.

    Args:
        matrix: FFmpeg's nine numbers; a pixel at (x, y) is shown at
            (a x + c y, b x + d y), up to a shift, where they begin a, b, _, c, d.
    """
    a, b, _, c, d = matrix[:5].tolist()
    if abs(b) > abs(a):
        image, a, d = image.swapaxes(0, 1), c, b
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])


def explain(error: Exception) -> str:
    """What an error of PyAV says, without its number and the name of the file."""
    told: str = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return told[:1].lower() + told[1:]
