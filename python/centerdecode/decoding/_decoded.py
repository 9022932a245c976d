"""Models that decode in their own graph: rows of boxes, as fractions or pixels of the input.

There is little left to do: keep what is wanted, and move it to the image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..families import Family
from ..images import turned
from ..results import Detections
from ._placements import Placements


class Filter(Protocol):
    """What of a `Decoder` these models still need."""

    family: Family
    score_threshold: float
    classes: list[int] | None
    top_k: int
    element_type: str | None


def read_detection_output(
    filter_: Filter, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """OpenVINO's (1, 1, N, 7) rows, of as many images as they or `placements` know of."""
    known = [len(many) for many in (placements.transforms, placements.clips) if many is not None]
    type_ = filter_.element_type or ""
    images = max([1, _core.count_detection_images(heads["rows"], type_), *known])
    height, width = placements.extents()
    found: list[Detections] = []
    for i in range(images):
        arrays = _core.decode_detection_output(
            heads["rows"], type_, i, height, width, filter_.score_threshold
        )
        found.append(_place(_keep(filter_, Detections(*arrays)), placements, i))
    return found


def read_zoo(filter_: Filter, heads: Mapping[str, Any], placements: Placements) -> list[Detections]:
    """The outputs of TensorFlow's detection zoo: (B, N, 4) y1 x1 y2 x2 in [0, 1],
    scores and classes (B, N), how many of the N count, and keypoints (y, x).

    Raises:
        TypeError: neither float32 nor whole numbers.
        ValueError: shapes that do not belong together, or a count beyond N.
    """
    height, width = placements.extents()
    found: list[Detections] = []
    for rows in _counted(heads, "count"):
        keypoints = rows.get("keypoints")
        detections = Detections(
            (rows["boxes"][:, [1, 0, 3, 2]] * [width, height, width, height]).astype(np.float32),
            rows["scores"].astype(np.float32),
            rows["classes"].astype(np.int32) - filter_.family.first_class,
            None if keypoints is None else (keypoints[..., ::-1] * [width, height]).astype("f4"),
            rows.get("keypoint_scores"),
        )
        found.append(_place(_keep_reached(filter_, detections), placements, len(found)))
    return found


def read_embedded(
    filter_: Filter, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """What `centerdecode.graph.embed` gives a model for outputs: (B, K, 4) x1 y1 x2 y2 in
    pixels of its input, scores and class_ids (B, K), counts (B,), and keypoints
    (B, K, J, 2) with keypoint_scores (B, K, J), or none.

    Raises:
        TypeError, ValueError: as `read_zoo`.
    """
    found: list[Detections] = []
    for rows in _counted(heads, "counts"):
        detections = Detections(
            rows["boxes"],
            rows["scores"],
            rows["class_ids"].astype(np.int32),
            rows.get("keypoints"),
            rows.get("keypoint_scores"),
        )
        found.append(_place(_keep_reached(filter_, detections), placements, len(found)))
    return found


def _counted(heads: Mapping[str, Any], counts_head: str) -> Iterator[dict[str, NDArray[Any]]]:
    """The rows of each image that count, by head; views of the model's tensors."""
    arrays = {head: _numbers(head, tensor) for head, tensor in heads.items()}
    boxes = arrays["boxes"]
    counts = arrays.pop(counts_head).reshape(-1)
    if boxes.ndim != 3 or boxes.shape[2] != 4 or len(counts) != len(boxes):
        raise ValueError(
            f"boxes must be (B, N, 4) with B counts, got {boxes.shape}, {counts.shape}"
        )
    for head, array in arrays.items():
        if array.shape[:2] != boxes.shape[:2]:
            raise ValueError(f"{head} must be of {boxes.shape[:2]} boxes, got {array.shape}")
    if not ((counts >= 0) & (counts <= boxes.shape[1])).all():
        raise ValueError(
            f"{counts_head} must be of 0 to {boxes.shape[1]} boxes, got {counts.tolist()}"
        )
    for i, count in enumerate(counts.astype(int)):
        yield {head: array[i][:count] for head, array in arrays.items()}


def _numbers(head: str, tensor: Any) -> NDArray[Any]:
    """A small output as an array. Half-width ones are refused: NumPy would take
    OpenVINO's bf16 for float16."""
    array = np.asarray(getattr(tensor, "data", tensor))
    own = tensor.element_type.get_type_name() if hasattr(tensor, "element_type") else array.dtype
    whole = np.issubdtype(array.dtype, np.integer)
    if (array.dtype != np.float32 and not whole) or not array.dtype.isnative:
        raise TypeError(f"{head} must be float32 or whole numbers, got {own} {array.shape}")
    return array


def _keep_reached(filter_: Filter, detections: Detections) -> Detections:
    return _keep(filter_, detections[detections.scores >= filter_.score_threshold])


def _keep(filter_: Filter, detections: Detections) -> Detections:
    if filter_.classes is not None:
        detections = detections[np.isin(detections.class_ids, filter_.classes)]
    return Detections.concat([detections])[: filter_.top_k]


def _place(detections: Detections, placements: Placements, image: int) -> Detections:
    transform = (
        None
        if placements.transforms is None
        else placements.transforms[image % len(placements.transforms)]
    )
    clip = None if placements.clips is None else placements.clips[image % len(placements.clips)]

    def moved(points: NDArray[np.float32]) -> NDArray[np.float32]:
        if transform is not None:
            points = (turned(points, transform) + transform[:, 2]).astype(np.float32)
        return points

    corners = moved(detections.xyxy.reshape(-1, 2))
    if clip is not None:
        corners = np.clip(corners, 0, np.float32(clip[::-1]))
    return Detections(
        corners.reshape(-1, 4),
        detections.scores,
        detections.class_ids,
        None if detections.keypoints is None else moved(detections.keypoints),
        detections.keypoint_scores,
        detections.extras,
    )
