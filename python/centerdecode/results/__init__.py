"""What decoding gives: arrays, a row for each detection."""

from ._detections import Detection, Detections, Masks, Peaks
from ._limits import limited

__all__ = ["Detection", "Detections", "Masks", "Peaks", "limited"]
