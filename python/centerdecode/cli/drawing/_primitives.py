"""Lines and points of an object, drawn by OpenCV: keypoints, boxes in space, masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..._lazy import require

Picture: TypeAlias = NDArray[np.uint8]
Color: TypeAlias = tuple[int, int, int]  # BGR

_FARTHEST = 2**15  # OpenCV counts pixels in 32 bits, 16 of them behind the point
_COVER = 0.45  # of a pixel, by a mask or the warmest heat


def draw_edges(
    picture: Picture,
    points: NDArray[Any],
    edges: Iterable[Sequence[int]],
    color: Color,
    thickness: int,
) -> None:
    """Lines between points (J, 2); one is left out where an end is NaN or far away."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    for a, b in edges:
        ends = points[[a, b]]
        if (np.abs(ends) < _FARTHEST).all():
            first, second = (tuple(map(round, end)) for end in ends.tolist())
            cv2.line(picture, first, second, color, thickness, cv2.LINE_AA)


def draw_points(picture: Picture, points: NDArray[Any], color: Color, radius: int) -> None:
    """Dots at points (n, 2), with a rim in black that sets them off."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    for point in points[(np.abs(points) < _FARTHEST).all(axis=1)].tolist():
        center = tuple(map(round, point))
        if radius > 1:
            rim = radius + max(1, radius // 3)
            cv2.circle(picture, center, rim, (0, 0, 0), cv2.FILLED, cv2.LINE_AA)
        cv2.circle(picture, center, radius, color, cv2.FILLED, cv2.LINE_AA)


def draw_mask(
    picture: Picture, mask: NDArray[np.uint8], xyxy: NDArray[np.float32], color: Color
) -> None:
    """Tint what a mask of the box (h, w) holds; not 0 is foreground."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = np.rint(np.clip(xyxy, 0, [width, height] * 2)).astype(int)
    if x2 <= x1 or y2 <= y1:
        return
    cells = (mask != 0).astype(np.uint8)
    inside = cv2.resize(cells, (x2 - x1, y2 - y1), interpolation=cv2.INTER_NEAREST) != 0
    region = picture[y1:y2, x1:x2]
    region[inside] = region[inside] * (1 - _COVER) + np.array(color) * _COVER


def draw_heatmap(picture: Picture, heatmap: NDArray[np.float32]) -> None:
    """Lay scores (H, W) over it: nothing where they are 0, up to red where they are 1."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    # The square root, because most objects score far below 1.
    heat = np.sqrt(heatmap)
    colors = cv2.applyColorMap(np.rint(heat * 255).astype(np.uint8), cv2.COLORMAP_TURBO)
    cover = np.clip(heat / 0.3, 0, 1)[..., None] * _COVER
    picture[...] = picture * (1 - cover) + colors * cover
