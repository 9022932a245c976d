"""NMS of the boxes of TensorFlow's CenterNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...families import NMS
from ._proto_options import Suppression

Result = Mapping[str, NDArray[Any]]


def non_max_suppression(result: Result, options: Suppression) -> dict[str, NDArray[Any]]:
    """Detections (B, N, ...) -> (B, max_total_detections, ...), padded with zeros.

    Each class by itself, by its own scores in detection_multiclass_scores, so that a row
    can come back under several classes. Classes become float32.
    """
    batch, total = len(result["detection_scores"]), options.max_total_detections
    thinned: dict[str, NDArray[Any]] = {
        name: np.zeros((batch, total, *values.shape[2:]), values.dtype)
        for name, values in result.items()
        if name != "num_detections"
    }
    thinned["detection_classes"] = np.zeros((batch, total), np.float32)
    counts = np.zeros(batch, np.int32)
    for image, count in enumerate(result["num_detections"]):
        boxes = result["detection_boxes"][image, :count]
        class_scores = result["detection_multiclass_scores"][image, :count]
        rows, classes = _kept(boxes, class_scores, options)
        counts[image] = kept = len(rows)
        for name, values in thinned.items():
            values[image, :kept] = result[name][image, rows]
        thinned["detection_scores"][image, :kept] = class_scores[rows, classes]
        thinned["detection_classes"][image, :kept] = classes
    return {**thinned, "num_detections": counts}


def _kept(
    boxes: NDArray[np.float32], class_scores: NDArray[np.float32], options: Suppression
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of boxes (n, 4) and the classes they stay under, the best score first."""
    threshold = min(_just_above(options.iou_threshold), 1.0)
    rule = NMS(iou_threshold=threshold, class_agnostic=True)._rule()
    parts = [np.empty((2, 0), np.int64)]
    for label in range(class_scores.shape[1]):
        own = np.flatnonzero(class_scores[:, label] > np.float32(options.score_threshold))
        # Overlaps are the same whichever axis comes first.
        order, _ = _core.nms(
            boxes[own], class_scores[own, label], np.zeros(len(own), np.int32), rule
        )
        rows = own[order[: options.max_detections_per_class]]
        parts.append(np.stack([rows, np.full(len(rows), label)]))
    rows, classes = np.concatenate(parts, axis=1)
    extents = (boxes[:, 2:] - boxes[:, :2].astype(np.float64)).prod(axis=1)
    solid = extents[rows] > 0
    rows, classes = rows[solid], classes[solid]
    best = np.argsort(-class_scores[rows, classes], kind="stable")[: options.max_total_detections]
    return rows[best], classes[best]


def _just_above(threshold: float) -> float:
    """Overlaps are compared as float32: half way to the next number they round to more."""
    low = np.float32(threshold)
    return (float(low) + float(np.nextafter(low, np.float32(np.inf)))) / 2
