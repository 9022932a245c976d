"""What was found, drawn on an image."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ..._lazy import require
from ...families import COCO_KEYPOINTS, COCO_SKELETON, name_of
from ...interop import to_supervision
from ..results import ImageResult
from ._label_layout import label_corners
from ._primitives import Picture, draw_edges, draw_heatmap, draw_mask, draw_points
from ._projection import EDGES, project

_SMALLEST_TEXT = 0.4  # what supervision advises for a thumbnail cannot be read
_MOST_HIDDEN = 0.3  # of a label, or there is no use in it
_LEAST_KEYPOINT = 0.1  # the score below which a keypoint is a guess
_TRACKS = ("track_ids", "tracker_ids", "track_id", "tracker_id")  # extras that name an object


def draw(found: ImageResult) -> Picture:
    """A copy of the image with the detections on it, the strongest on top.

    Heatmap and masks lie under boxes and keypoints, and labels over all of them. Boxes
    in space stand for those in the image where the calibration is known. Colors tell
    tracks apart, else poses, else classes.
    """
    picture = found.image.copy()
    if found.heatmap is not None:
        draw_heatmap(picture, found.heatmap)
    if len(found.detections) == 0:
        return picture
    numbers = _color_numbers(found.detections)
    thickness = max(1, round(min(picture.shape[:2]) / 300))
    _draw_objects(picture, found, numbers, thickness)
    _draw_labels(picture, found, numbers)
    return picture


def encode(picture: Picture, ending: str) -> bytes:
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


def _draw_objects(
    picture: Picture, found: ImageResult, numbers: NDArray[np.int_], thickness: int
) -> None:
    """The weakest first, each thing of all objects before the next thing."""
    sv = require("supervision", "supervision", "cli")
    rows = [*enumerate(found.detections)][::-1]
    colors = {i: sv.ColorPalette.DEFAULT.by_idx(int(numbers[i])).as_bgr() for i, _ in rows}
    for i, row in rows:
        if "masks" in row.extras:
            draw_mask(picture, row.extras["masks"], row.xyxy, colors[i])
    corners = {i: _corners_in_space(found, row) for i, row in rows}
    flat = [i for i, _ in rows if corners[i] is None]
    boxes = sv.BoxAnnotator(thickness=thickness)
    boxes.annotate(picture, to_supervision(found.detections[flat]), numbers[flat])
    for i, row in rows:
        points = corners[i]
        if points is not None:
            draw_edges(picture, points, EDGES, colors[i], thickness)
        if row.keypoints is not None:
            _draw_keypoints(picture, row, colors[i], thickness)


def _corners_in_space(found: ImageResult, row: cd.Detection) -> NDArray[np.float64] | None:
    return None if found.calibration is None else project(row.extras, found.calibration)


def _draw_keypoints(
    picture: Picture, row: cd.Detection, color: tuple[int, int, int], thickness: int
) -> None:
    """Those that are no guess, smaller on a small object than the lines of the picture."""
    points = np.array(row.keypoints, np.float64)
    if row.keypoint_scores is not None:
        points[row.keypoint_scores < _LEAST_KEYPOINT] = np.nan
    width, height = row.xyxy[2:] - row.xyxy[:2]
    pen = max(1, min(thickness, round(max(width, height) / 60)))
    edges = COCO_SKELETON if len(points) == len(COCO_KEYPOINTS) else ()
    draw_edges(picture, points, edges, color, pen)
    draw_points(picture, points, color, pen + pen // 2)


def _draw_labels(picture: Picture, found: ImageResult, numbers: NDArray[np.int_]) -> None:
    """Text is cut or left out where the picture is too small for it, and left out where
    the labels of stronger objects would hide it."""
    sv = require("supervision", "supervision", "cli")
    height, width = picture.shape[:2]
    scale = max(_SMALLEST_TEXT, sv.calculate_optimal_text_scale((width, height)))
    labels = sv.LabelAnnotator(
        text_scale=scale,
        text_thickness=max(1, round(1.5 * scale)),
        text_padding=max(2, round(6 * scale)),
        text_color=_readable_on(sv, sv.ColorPalette.DEFAULT),
        text_position=sv.Position.BOTTOM_LEFT,
    )
    texts = [_fitting(found, row, labels) for row in found.detections]
    extents = np.array([_extent(text, labels) for text in texts], np.float32)
    boxes = found.detections.xyxy
    corners, hidden = label_corners(boxes, extents, np.array([width, height]))
    shown = [i for i in reversed(range(len(texts))) if texts[i] and hidden[i] <= _MOST_HIDDEN]
    # An empty box at the label's corner: BOTTOM_LEFT is where the label begins.
    anchors = sv.Detections(np.hstack([corners, corners])[shown], class_id=numbers[shown])
    labels.annotate(picture, anchors, [texts[i] for i in shown])


def _fitting(found: ImageResult, row: cd.Detection, labels: Any) -> str:
    """What a label says: what fits into half of the picture's width, else the name that
    fits into all of it, else the beginning of that; "" where even this is too much."""
    height, width = found.image.shape[:2]
    key = next((key for key in _TRACKS if key in row.extras), None)
    track = "" if key is None else f"#{int(row.extras[key])} "
    name = track + (_drawable(name_of(found.labels, row.class_id)) or str(row.class_id))
    choices = [(f"{name} {row.score:.2f}", width / 2), (name, width)]
    choices += [(f"{name[:end]}..", width) for end in range(len(name) - 1, 0, -1)]
    for text, room in choices:
        across, down = _extent(text, labels)
        if across <= room and down <= height:
            return text
    return ""


def _drawable(name: str) -> str:
    """What OpenCV's font has of a name: letters without their accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _extent(text: str, labels: Any) -> tuple[int, int]:
    """Width and height of a label with its padding."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, height), _ = cv2.getTextSize(text, font, labels.text_scale, labels.text_thickness)
    return width + 2 * labels.text_padding, height + 2 * labels.text_padding


def _color_numbers(detections: cd.Detections) -> NDArray[np.int_]:
    """For each detection where its color is in the palette."""
    for key in _TRACKS:
        if key in detections.extras:
            return detections.extras[key].astype(int)
    if detections.keypoints is not None:
        return np.arange(len(detections))
    return detections.class_ids.astype(int)


def _readable_on(sv: Any, palette: Any) -> Any:
    """Black or white for each color, whichever it sets off more."""
    luma = [0.299 * color.r + 0.587 * color.g + 0.114 * color.b for color in palette.colors]
    return sv.ColorPalette([sv.Color.BLACK if y > 140 else sv.Color.WHITE for y in luma])
