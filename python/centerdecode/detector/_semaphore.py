"""A semaphore that gives slots in the order in which threads wait for them."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator

# Seconds between two calls of `poll` while a thread waits.
POLL_INTERVAL = 0.05


class FairSemaphore:
    """`count` slots, given in the order of the calls. With a `threading.Semaphore` a thread that
    releases and acquires again can have all slots, and other threads none.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count  # 0 while somebody waits
        self._waiting: deque[Callable[[], object]] = deque()

    def acquire(self, poll: Callable[[], object] = lambda: None) -> None:
        """Wait for a slot, and call `poll` from time to time meanwhile."""
        gate = threading.Lock()
        gate.acquire()
        begin = gate.release
        self.enqueue(begin)
        try:
            while not gate.acquire(timeout=POLL_INTERVAL):
                poll()
        except BaseException:
            if not self.cancel(begin):
                self.release()  # the slot had come
            raise

    def enqueue(self, begin: Callable[[], object]) -> None:
        """Queue for a slot without waiting: `begin` is called when the slot comes, here if one is
        free, else in the thread that releases one. Where `begin` returns True the slot passes on.
        """
        with self._lock:
            if not self._free:
                self._waiting.append(begin)
                return
            self._free -= 1
        if begin() is True:
            self.release()

    def cancel(self, begin: Callable[[], object]) -> bool:
        """Leave the queue; return whether the slot had not come yet."""
        with self._lock:
            if begin not in self._waiting:
                return False
            self._waiting.remove(begin)
            return True

    def release(self) -> None:
        """Give a slot back: the next in line gets it."""
        passed_on = True
        while passed_on:  # not by recursion, as every waiting thread may
            with self._lock:
                if not self._waiting:
                    self._free += 1
                    return
                begin = self._waiting.popleft()
            passed_on = begin() is True

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """A slot, for the time of the block."""
        self.acquire()
        try:
            yield
        finally:
            self.release()
