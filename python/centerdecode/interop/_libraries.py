"""Detections for supervision and torchvision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._lazy import require
from ..families import name_of
from ..results import Detections
from ._records import more

if TYPE_CHECKING:
    import supervision


def to_supervision(
    detections: Detections, labels: Sequence[str] | None = None
) -> supervision.Detections:
    """`supervision.Detections`, for its annotators, trackers and zones.

    Args:
        labels: names of the classes; they go to data["class_name"], where
            supervision looks for them.

    Returns:
        xyxy, confidence and class_id; in `data` keypoints, keypoint_scores and
        the extras, where the detections have them.

    Raises:
        ImportError: supervision is missing; the message names the extra.
        ValueError: a box that is not finite; supervision refuses it.
    """
    sv = require("supervision", "supervision", "interop")
    data: dict[str, Any] = {name: np.copy(column) for name, column in more(detections).items()}
    if labels is not None:
        names = [name_of(labels, class_id) for class_id in detections.class_ids.tolist()]
        data["class_name"] = np.array(names, dtype=np.str_)
    found: supervision.Detections = sv.Detections(
        xyxy=np.copy(detections.xyxy),
        confidence=np.copy(detections.scores),
        class_id=detections.class_ids.astype(int),
        data=data,
    )
    return found


def to_torchvision(detections: Detections) -> dict[str, Any]:
    """What torchvision's detection models return and torchmetrics takes.

    Returns:
        Tensors: boxes (n, 4) float32, scores (n,) float32 and labels (n,) int64; and
        keypoints (n, J, 3) x, y, 1 and keypoints_scores (n, J), where the
        detections have them. Labels are class_ids: no background is added.

    Raises:
        ImportError: torch is missing; the message names the extra.
    """
    torch = require("torch", "torch", "interop")
    found = {
        "boxes": torch.tensor(detections.xyxy),
        "scores": torch.tensor(detections.scores),
        "labels": torch.tensor(detections.class_ids, dtype=torch.int64),
    }
    if detections.keypoints is not None:
        ones = np.ones((*detections.keypoints.shape[:2], 1), np.float32)
        found["keypoints"] = torch.tensor(np.concatenate([detections.keypoints, ones], axis=2))
    if detections.keypoint_scores is not None:
        found["keypoints_scores"] = torch.tensor(detections.keypoint_scores)
    return found
