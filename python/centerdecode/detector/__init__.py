"""Images in, detections out: a compiled model between its preprocessing and its decoder."""

from ._cpus import usable_cpus, with_threads
from ._detector import Detector
from ._prefetch import Failed, Seen, expected_errors, look_at

__all__ = [
    "Detector",
    "Failed",
    "Seen",
    "expected_errors",
    "look_at",
    "usable_cpus",
    "with_threads",
]
