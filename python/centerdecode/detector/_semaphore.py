"""Turns at something of which there is only so much, in the order of asking."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator

# Seconds after which those who wait look around.
PATIENCE = 0.05


class Turns:
    """So many turns at a time. Who asks first is served first: of a `threading.Semaphore`
    a thread that gives back and takes again can have all, and others none.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count  # 0 while somebody waits
        self._waiting: deque[Callable[[], object]] = deque()

    def take(self, look: Callable[[], object] = lambda: None) -> None:
        """Wait for a turn, and call `look` from time to time meanwhile."""
        gate = threading.Lock()
        gate.acquire()
        begin = gate.release
        self.ask(begin)
        try:
            while not gate.acquire(timeout=PATIENCE):
                look()
        except BaseException:
            if not self.leave(begin):
                self.give()  # its turn had come
            raise

    def ask(self, begin: Callable[[], object]) -> None:
        """Wait for nothing: `begin` is called when the turn has come, here if it is free,
        else in the thread that ends another. Where it returns True the turn passes on.
        """
        with self._lock:
            if not self._free:
                self._waiting.append(begin)
                return
            self._free -= 1
        if begin() is True:
            self.give()

    def leave(self, begin: Callable[[], object]) -> bool:
        """Ask no more; whether the turn had not come yet."""
        with self._lock:
            if begin not in self._waiting:
                return False
            self._waiting.remove(begin)
            return True

    def give(self) -> None:
        """End a turn: the next begins."""
        passed_on = True
        while passed_on:  # not by recursion, as all who wait may
            with self._lock:
                if not self._waiting:
                    self._free += 1
                    return
                begin = self._waiting.popleft()
            passed_on = begin() is True

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """A turn, for the time of the block."""
        self.take()
        try:
            yield
        finally:
            self.give()
