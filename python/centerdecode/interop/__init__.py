"""Detections in the form of other libraries and files.

    >>> from centerdecode import interop
    >>> annotated = supervision.BoxAnnotator().annotate(image, interop.to_supervision(detections))

A library is imported when it is asked for. What they return shares no memory with
the detections.
"""

from __future__ import annotations

from ._arrow import to_arrow, to_arrow_image
from ._coco import to_coco, to_rle
from ._fiftyone import to_fiftyone, to_fiftyone_keypoints
from ._libraries import to_supervision, to_torchvision
from ._records import to_dicts
from ._text import to_voc, to_yolo

__all__ = [
    "to_arrow",
    "to_arrow_image",
    "to_coco",
    "to_dicts",
    "to_fiftyone",
    "to_fiftyone_keypoints",
    "to_rle",
    "to_supervision",
    "to_torchvision",
    "to_voc",
    "to_yolo",
]
