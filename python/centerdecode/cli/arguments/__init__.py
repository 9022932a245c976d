"""The arguments that commands share, the Detector they describe, and the settings of a run."""

from ._arguments import (
    add_augmentation,
    add_labels,
    add_model,
    add_reading,
    check_libraries,
    count,
    joined,
    labels_of,
    make_detector,
    positive,
)
from ._run_settings import settings_of

__all__ = [
    "add_augmentation",
    "add_labels",
    "add_model",
    "add_reading",
    "check_libraries",
    "count",
    "joined",
    "labels_of",
    "make_detector",
    "positive",
    "settings_of",
]
