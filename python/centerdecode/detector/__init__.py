"""Images in, detections out: a compiled model between its preprocessing and its decoder."""

from ._cpus import usable_cpus, with_threads
from ._detector import Detector, network_of
from ._pending import Timings
from ._prefetch import Failed, Inferred, expected_errors, infer_each

__all__ = [
    "Detector",
    "Failed",
    "Inferred",
    "Timings",
    "expected_errors",
    "infer_each",
    "network_of",
    "usable_cpus",
    "with_threads",
]
