"""Where labels go: at their boxes, inside the picture, not on each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating[Any]]


def label_corners(
    xyxy: Points, extents: Points, picture: NDArray[np.int64]
) -> tuple[Points, Points]:
    """The upper left corners of labels of `extents` (width, height), and which part of
    each the labels before it hide, from 0 to 1 or more where several do.

    The first box, the strongest, has the first choice. A label goes above its
    box, else inside it unless it would hide the object, else below, else further
    above; to the left, else to the right; and where all of that is taken, where
    the labels before it hide least.
    """
    corners = np.zeros((len(xyxy), 2), np.float32)
    parts = np.zeros(len(xyxy), np.float32)
    for i, ((x1, y1, x2, y2), (width, height)) in enumerate(zip(xyxy, extents, strict=True)):
        inside = (y1, y2 - height) if y2 - y1 > 3 * height else ()
        ys = [y1 - height, *inside, y2, y1 - 2 * height, y1 - 3 * height]
        fitting = [y for y in ys if 0 <= y <= picture[1] - height] or [y1]
        choices = np.array([(x, y) for y in fitting for x in (x1, x2 - width)])
        choices = np.clip(choices, 0, np.maximum(picture - [width, height], 0))
        hidden = [_overlap(choice, extents[i], corners[:i], extents[:i]) for choice in choices]
        corners[i] = choices[int(np.argmin(hidden))]
        parts[i] = min(hidden) / (width * height)
    return np.floor(corners), parts


def _overlap(corner: Points, extent: Points, corners: Points, extents: Points) -> float:
    """The area of one rectangle that others cover."""
    upper = np.maximum(corner, corners)
    lower = np.minimum(corner + extent, corners + extents)
    return float(np.maximum(lower - upper, 0).prod(axis=1).sum())
