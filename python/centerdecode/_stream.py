"""Many images through one detector: in order, or each with a future of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from ._started import Started
from ._turns import Turns

S = TypeVar("S")
T = TypeVar("T")

_END = object()


def in_order(
    items: Iterable[S],
    start: Callable[[S], Started[T]],
    most: int,
    note: Callable[[Started[T]], object] = lambda started: None,
) -> Generator[T, None, None]:
    """The results of what is started for each item, in the order of the items.

    Items are taken in the thread that iterates, and at most `most` of them are taken and
    not yet answered. Before one is taken, what is done is given, so that a slow source
    does not hold back results. `note` is told of each before its result is given.

    Raises:
        Exception: `items`, `start` or a result; after the results of what was before.
    """
    waiting: deque[Started[T]] = deque()
    source = iter(items)
    stopped: Exception | None = None
    more = True
    try:
        while more or waiting:
            if more:
                try:
                    item: Any = next(source, _END)
                    more = item is not _END
                    if more:
                        waiting.append(start(item))
                except Exception as error:  # noqa: BLE001 - it is raised when its turn comes
                    more, stopped = False, error
            if waiting and (not more or len(waiting) == most or waiting[0].done):
                result = waiting[0].result()
                note(waiting.popleft())
                yield result
        if stopped is not None:
            raise stopped
    finally:
        stopped = None  # its traceback leads here
        for started in waiting:
            started.drop()
        for started in waiting:
            started.settle()


_thread = threading.local()


def _mark() -> None:
    _thread.waits_for_others = True


class Waiters:
    """Threads that wait for results, so that others need not."""

    def __init__(self, count: int) -> None:
        self._turns = Turns(count)
        self._threads = ThreadPoolExecutor(count, "centerdecode", _mark)

    def submit(self, work: Callable[[S], T], item: S) -> Future[T]:
        """`work(item)`, in another thread. Waits where there are `count` already."""
        # A callback of a future runs in a thread that the others may be waiting for.
        if _waits_for_others():
            return self.enqueue(work, item)
        self._turns.take()
        try:
            future = self.enqueue(work, item)
        except BaseException:
            self._turns.give()
            raise
        future.add_done_callback(lambda _: self._turns.give())
        return future

    def enqueue(self, work: Callable[[S], T], item: S) -> Future[T]:
        """The same; waits for nothing."""
        try:
            return self._threads.submit(work, item)
        except RuntimeError:
            raise RuntimeError("this Detector is closed") from None

    def close(self) -> None:
        """Wait for all that was begun."""
        self._threads.shutdown(wait=not _waits_for_others())


def _waits_for_others() -> bool:
    return getattr(_thread, "waits_for_others", False)
