"""The time of a camera's frames."""

from __future__ import annotations

import math
import time
from typing import Any


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
        seconds = now - self._begun
        if frame.time is not None:
            if self._zero is None:
                self._zero = seconds - frame.time
            seconds = self._zero + frame.time
        self._last = max(seconds, self._last + 0.001)
        return self._last
