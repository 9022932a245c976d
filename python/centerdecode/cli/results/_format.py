"""What was found in an image, and what a format of results files is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ..inputs import Photo


class ImageResult(NamedTuple):
    """The detections of one image.

    image: its pixels, or fewer where it was read at a part of its size.
    size: its (height, width).
    heatmap: as `Detector.heatmap` gives it, where pictures are to show it.
    calibration: as in `decode_boxes3d`, where it is known.
    left_out: how many boxes were not finite, and are not among them.
    """

    photo: Photo
    image: NDArray[np.uint8]
    size: tuple[int, int]
    detections: cd.Detections
    labels: Sequence[str] | None
    heatmap: NDArray[np.float32] | None = None
    calibration: NDArray[np.float64] | None = None
    left_out: int = 0


class Format(NamedTuple):
    """A results file of all images.

    records: what an image adds to it.
    writing: takes the records of one image after the other; ends the file when the
        block ends well.
    opening, between, closing: of a text file, around its records.
    """

    ending: str
    records: Callable[[ImageResult], list[str]]
    writing: Callable[
        [IO[Any], Format], contextlib.AbstractContextManager[Callable[[Sequence[str]], None]]
    ]
    mode: str = "w"
    opening: str = ""
    between: str = ""
    closing: str = ""


def finite(detections: cd.Detections) -> tuple[cd.Detections, int]:
    """Those whose boxes are finite, and how many are left out."""
    kept = np.flatnonzero(np.isfinite(detections.xyxy).all(axis=1))
    left_out = len(detections) - len(kept)
    return (detections[kept] if left_out else detections), left_out
