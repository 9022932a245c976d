"""What decoding gives: arrays, a row for each detection."""

from ._detections import Detection, Detections, Masks, Peaks

__all__ = ["Detection", "Detections", "Masks", "Peaks"]
