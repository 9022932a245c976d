"""Boxes and labels drawn on an image, by supervision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._labels import name_of
from .._lazy import require
from ..interop import to_supervision
from ._places import label_corners
from ._results import Found

_SMALLEST_TEXT = 0.4  # what supervision advises for a thumbnail cannot be read


def draw(found: Found) -> NDArray[np.uint8]:
    """A copy of the image with the detections on it, the strongest on top."""
    sv = require("supervision", "supervision", "cli")
    height, width = found.image.shape[:2]
    thickness = sv.calculate_optimal_line_thickness((width, height))
    boxes = sv.BoxAnnotator(thickness=thickness)
    scale = max(_SMALLEST_TEXT, sv.calculate_optimal_text_scale((width, height)))
    labels = sv.LabelAnnotator(
        text_scale=scale,
        text_thickness=max(1, thickness // 2),
        text_padding=max(2, round(6 * scale)),
        text_color=_readable_on(sv, sv.ColorPalette.DEFAULT),
        text_position=sv.Position.BOTTOM_LEFT,
    )
    detections = to_supervision(found.detections)
    texts = [f"{name_of(found.labels, row.class_id)} {row.score:.2f}" for row in found.detections]
    extents = np.array([_extent(text, labels) for text in texts], np.float32).reshape(-1, 2)
    corners = label_corners(found.detections.xyxy, extents, np.array([width, height]))
    # An empty box at the label's corner: BOTTOM_LEFT is where the label begins.
    anchors = sv.Detections(np.hstack([corners, corners]), class_id=detections.class_id)
    picture = boxes.annotate(found.image.copy(), detections[::-1])
    drawn: NDArray[np.uint8] = labels.annotate(picture, anchors[::-1], texts[::-1])
    return drawn


def encode(picture: NDArray[np.uint8], ending: str) -> bytes:
    """Raises:
    ValueError: OpenCV cannot write such a file.
    """
    cv2 = require("cv2", "opencv-python-headless", "cli")
    try:
        done, content = cv2.imencode(ending, picture)
    except cv2.error:
        done = False
    if not done:
        raise ValueError(f"OpenCV cannot write {ending}")
    return bytes(content)


def _extent(text: str, labels: Any) -> tuple[int, int]:
    """Width and height of a label with its padding."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, height), _ = cv2.getTextSize(text, font, labels.text_scale, labels.text_thickness)
    return width + 2 * labels.text_padding, height + 2 * labels.text_padding


def _readable_on(sv: Any, palette: Any) -> Any:
    """Black or white for each color, whichever it sets off more."""
    luma = [0.299 * color.r + 0.587 * color.g + 0.114 * color.b for color in palette.colors]
    return sv.ColorPalette([sv.Color.BLACK if y > 140 else sv.Color.WHITE for y in luma])
