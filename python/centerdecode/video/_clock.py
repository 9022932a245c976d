"""The time of a camera's frames."""

from __future__ import annotations

import math
import time
from typing import Any

_LEAST = 0.001  # seconds between two frames


class Clock:
    """The time of frames since the first one, through all connections."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._last = -math.inf
        self._zero: float | None = None  # of the camera's clock, on ours

    def connect(self) -> None:
        """The camera's clock begins anew."""
        self._zero = None

    def read(self, frame: Any) -> float:
        now = time.monotonic()
        if self._begun is None:
            self._begun = now
        seconds = max(now - self._begun, self._last + _LEAST)
        if frame.time is not None:
            if self._zero is None:
                self._zero = seconds - frame.time
            seconds = max(self._zero + frame.time, self._last + _LEAST)
        self._last = seconds
        return seconds
