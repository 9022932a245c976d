"""Detections for FiftyOne, whose places are fractions of the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._lazy import require
from ..families import name_of
from ..results import Detections


def to_fiftyone(
    detections: Detections,
    image_size: tuple[int, int],
    labels: Sequence[str] | None = None,
) -> Any:
    """`fiftyone.Detections`, for a field of a sample.

    Args:
        image_size: (height, width) of the image.
        labels: names of the classes; a class that has none is named by its number.

    Returns:
        A `fiftyone.Detection` each, with label, bounding_box (x, y, width, height as
        fractions of the image) and confidence; a mask (bool, of the box), where there
        is one; and the extras of one number as attributes of their name. Keypoints
        are a field of their own there: `to_fiftyone_keypoints`.

    Raises:
        ImportError: fiftyone is missing; the message names the extra.
    """
    fiftyone = require("fiftyone", "fiftyone", "fiftyone")
    height, width = image_size
    numbers = {name: column for name, column in detections.extras.items() if column.ndim == 1}
    found = []
    for i, row in enumerate(detections):
        x1, y1, x2, y2 = row.xyxy.tolist()
        more: dict[str, Any] = {name: column[i].item() for name, column in numbers.items()}
        if "masks" in row.extras:
            more["mask"] = row.extras["masks"] != 0
        found.append(
            fiftyone.Detection(
                label=name_of(labels, row.class_id),
                bounding_box=[x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height],
                confidence=row.score,
                **more,
            )
        )
    return fiftyone.Detections(detections=found)


def to_fiftyone_keypoints(
    detections: Detections,
    image_size: tuple[int, int],
    labels: Sequence[str] | None = None,
) -> Any:
    """`fiftyone.Keypoints`, for another field of the sample.

    Args:
        image_size, labels: as in `to_fiftyone`.

    Returns:
        A `fiftyone.Keypoint` for each detection, with label, points (x, y as fractions
        of the image) and confidence, the scores of the points, where they have any.

    Raises:
        ImportError: fiftyone is missing; the message names the extra.
        ValueError: the detections have no keypoints.
    """
    fiftyone = require("fiftyone", "fiftyone", "fiftyone")
    if detections.keypoints is None:
        raise ValueError("detections must have keypoints, got none")
    points = detections.keypoints / np.array(image_size[::-1], np.float64)
    scores = detections.keypoint_scores
    return fiftyone.Keypoints(
        keypoints=[
            fiftyone.Keypoint(
                label=name_of(labels, int(class_id)),
                points=[(x, y) for x, y in points[i].tolist()],
                **({} if scores is None else {"confidence": scores[i].tolist()}),
            )
            for i, class_id in enumerate(detections.class_ids)
        ]
    )
