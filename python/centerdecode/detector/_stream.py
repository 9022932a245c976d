"""Many images through one detector: in order, or each with a future of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from ._pending import Pending
from ._semaphore import FairSemaphore

S = TypeVar("S")
T = TypeVar("T")

_END = object()


def in_order(
    items: Iterable[S],
    start: Callable[[S], Pending[T]],
    most: int,
    note: Callable[[Pending[T]], object] = lambda pending: None,
) -> Generator[T, None, None]:
    """The results of what is started for each item, in the order of the items.

    Items are taken in the thread that iterates, and at most `most` of them are taken and
    not yet answered. Before one is taken, what is done is given, so that a slow source
    does not hold back results. `note` is told of each before its result is given.

    Raises:
        Exception: `items`, `start` or a result; after the results of what was before.
    """
    waiting: deque[Pending[T]] = deque()
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
        for pending in waiting:
            pending.drop()
        for pending in waiting:
            pending.settle()


_thread = threading.local()


def _mark() -> None:
    _thread.waits_for_others = True


class Waiters:
    """Threads that wait for results, so that others need not: `count` of them, and as many
    things to wait for. Who asks first is served first, whether it waits or not."""

    def __init__(self, count: int) -> None:
        self._slots = FairSemaphore(count)
        self._threads = ThreadPoolExecutor(count, "centerdecode", _mark)
        self._closed = False

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """`work()`, in another thread. Waits where there are `count` already."""
        future: Future[T] = Future()
        # A callback of a future runs in a thread that the others may be waiting for.
        if waits_for_others():
            self._begin(future, [work], lambda: None)
            return future
        end = _once(self._slots.release)
        self._slots.acquire()
        try:
            self._begin(future, [work], end)
        except BaseException:
            end()
            raise
        return future

    def enqueue(self, work: Callable[[], T]) -> Future[T]:
        """The same; waits for nothing. Of what is cancelled before its turn has come
        nothing is kept."""
        future: Future[T] = Future()
        asked = [work]  # until it begins

        def begin() -> bool:
            """Whether it does not."""
            if not asked:
                return True
            try:
                self._begin(future, asked, self._slots.release)
            except RuntimeError as error:  # closed meanwhile, or no thread is left
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)
                return True
            return False

        def forget(future: Future[T]) -> None:
            if future.cancelled() and self._slots.cancel(begin):
                asked.clear()

        self._slots.enqueue(begin)
        future.add_done_callback(forget)
        return future

    def close(self) -> None:
        """Wait for all that was begun."""
        self._closed = True
        self._threads.shutdown(wait=not waits_for_others())

    def _begin(
        self, future: Future[T], asked: list[Callable[[], T]], end: Callable[[], object]
    ) -> None:
        """asked: the work, until it begins."""
        try:
            self._threads.submit(_answer, future, asked, end)
        except RuntimeError:
            # Where the system has no thread left, the others may come to it all the same.
            if _taken(asked) is None:
                return
            if self._closed:
                raise RuntimeError("this Detector is closed") from None
            raise


def _answer(future: Future[T], asked: list[Callable[[], T]], end: Callable[[], object]) -> None:
    """Let the future have what the work gives or raises, after the turn has ended: its
    callbacks may take long."""
    work = _taken(asked)
    if work is None:
        return
    if not future.set_running_or_notify_cancel():
        end()
        return
    try:
        try:
            result = work()
        finally:
            end()
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
        future.set_exception(error)
        del future  # the error's traceback leads here
    else:
        future.set_result(result)


def _taken(asked: list[T]) -> T | None:
    """The only one of a list, for one of the threads that ask for it."""
    try:
        return asked.pop()
    except IndexError:
        return None


def _once(act: Callable[[], object]) -> Callable[[], object]:
    """What does it when it is called first."""
    left = [act]

    def end() -> None:
        act = _taken(left)
        if act is not None:
            act()

    return end


def waits_for_others() -> bool:
    """Is this thread one of those that wait for results, and others for it?"""
    return getattr(_thread, "waits_for_others", False)
