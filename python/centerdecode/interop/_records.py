"""Detections as plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ..families import name_of
from ..results import Detections


def to_dicts(detections: Detections, labels: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Plain Python records, one for each detection.

    Args:
        labels: names of the classes; a class that has none is named by its number.

    Returns:
        Dicts of label (if `labels` is given), class_id, score and xyxy; then
        keypoints, keypoint_scores and the extras, where the detections have them.
    """
    columns = more(detections)
    records = []
    for i, row in enumerate(detections):
        record: dict[str, Any] = {} if labels is None else {"label": name_of(labels, row.class_id)}
        record |= {"class_id": row.class_id, "score": row.score, "xyxy": row.xyxy.tolist()}
        records.append(record | {name: column[i].tolist() for name, column in columns.items()})
    return records


def more(detections: Detections) -> dict[str, NDArray[Any]]:
    """The columns that not every family has."""
    points = {"keypoints": detections.keypoints, "keypoint_scores": detections.keypoint_scores}
    own = {name: column for name, column in points.items() if column is not None}
    return own | dict(detections.extras)
