"""Turns at something of which there is only so much, in the order of asking."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

# Seconds after which those who wait look around.
PATIENCE = 0.05


class Turns:
    """So many turns at a time. Who asks first is served first: of a `threading.Semaphore`
    a thread that gives back and takes again can have all, and others none.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count  # 0 while somebody waits
        self._waiting: deque[threading.Lock] = deque()

    def take(self, look: Callable[[], object] = lambda: None) -> None:
        """Wait for a turn, and call `look` from time to time meanwhile."""
        gate = threading.Lock()
        gate.acquire()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            self._waiting.append(gate)
        try:
            while not gate.acquire(timeout=PATIENCE):
                look()
        except BaseException:
            self._leave(gate)
            raise

    def give(self) -> None:
        """End a turn: the next begins."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _leave(self, gate: threading.Lock) -> None:
        with self._lock:
            if gate in self._waiting:
                self._waiting.remove(gate)
                return
        self.give()  # its turn had come
