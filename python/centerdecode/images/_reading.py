"""Image files as pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ._geometry import Size

MAX_PIXELS = 150_000_000  # 450 MB as BGR; cameras of phones have 108 million
_NO_IMAGE = "not an image that OpenCV can read"
_JPEG = b"\xff\xd8\xff"


def read_image(
    path: str, max_pixels: int = MAX_PIXELS, reduction: Callable[[Size], int] | None = None
) -> tuple[NDArray[np.uint8], Size]:
    """The pixels, BGR, turned upright as EXIF says, and the (height, width) of all.

    As cv2.imread has them: grey becomes three channels, 16 bits become their upper 8, an
    alpha channel is left out, and of several frames the first is taken.

    Args:
        reduction: of that size the n at which a JPEG is read, at 1/n; None: 1. See
            `Detector.jpeg_reduction`.

    Raises:
        OSError: it cannot be opened.
        ValueError: OpenCV cannot decode it, or it has more than `max_pixels`.
    """
    return decode_image(Path(path).read_bytes(), max_pixels, reduction)


def decode_image(
    content: bytes, max_pixels: int = MAX_PIXELS, reduction: Callable[[Size], int] | None = None
) -> tuple[NDArray[np.uint8], Size]:
    """The same of what such a file holds.

    Raises:
        ValueError: as `read_image`.
    """
    height, width = _size_of(content, max_pixels)
    if reduction is None or not content.startswith(_JPEG):
        image = _decode(content, 1)
        return image, (image.shape[0], image.shape[1])
    # Before it is decoded nobody knows whether it stands upright.
    n = min(reduction((height, width)), reduction((width, height)))
    image = _decode(content, n)
    upright = (image.shape[0] < image.shape[1]) == (height < width)
    return image, (height, width) if upright else (width, height)


def _size_of(content: bytes, max_pixels: int) -> Size:
    """(height, width) as the file's head has it, and as the pixels lie in it."""
    imagesize = require("imagesize", "imagesize", "cli")
    width, height = imagesize.get(io.BytesIO(content), exif_rotation=False)
    if min(width, height) < 1:
        raise ValueError(_NO_IMAGE)
    if width * height > max_pixels:
        raise ValueError(
            f"{width} x {height} is {width * height} pixels, more than max_pixels {max_pixels}"
        )
    return height, width


def _decode(content: bytes, n: int) -> NDArray[np.uint8]:
    cv2 = require("cv2", "opencv-python-headless", "cli")
    flag = cv2.IMREAD_COLOR if n == 1 else getattr(cv2, f"IMREAD_REDUCED_COLOR_{n}")
    try:
        # By content and not by name: cv2.imread knows no names that are not ASCII
        # on Windows, and warns on stderr of what we report ourselves.
        image: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(content, np.uint8), flag)
    except cv2.error:
        image = None
    if image is None:
        raise ValueError(_NO_IMAGE)
    return image
