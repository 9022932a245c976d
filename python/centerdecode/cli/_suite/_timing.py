"""Times that mean something on a machine that does other things, too."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Call = Callable[[], Any]


def interleaved(
    calls: Sequence[Call],
    *,
    rounds: int,
    warm_up: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> list[list[float]]:
    """Seconds of each call, one after the other in every round.

    What slows the machine down for a while slows all of them down, so that medians of
    one run can be divided by each other.

    Args:
        clock: `time.process_time` for the seconds of all threads together.
    """
    for call in list(calls) * warm_up:
        call()
    times: list[list[float]] = [[] for _ in calls]
    with _no_garbage():
        for _ in range(rounds):
            for call, own in zip(calls, times, strict=True):
                start = clock()
                call()
                own.append(clock() - start)
    return times


def medians(
    calls: Sequence[Call], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Median seconds of each call, taken when it has just run: what another call left
    in the cache is no part of it."""
    twice = [call for call in calls for _ in range(2)]
    times = interleaved(twice, rounds=rounds, clock=clock)
    return [statistics.median(own) for own in times[1::2]]


def beside(read: Call, call: Call, *, seconds: float) -> tuple[float, float]:
    """Median seconds of `read` and of `call`, in about so many seconds."""
    reading, calling = medians([read, call], rounds=rounds_for(call, seconds=seconds / 2))
    return reading, calling


def rounds_for(call: Call, *, seconds: float, most: int = 500, least: int = 5) -> int:
    """How often `call` runs in so many seconds, by a first try."""
    call()
    start = time.perf_counter()
    call()
    return max(least, min(most, int(seconds / (time.perf_counter() - start))))


@contextmanager
def _no_garbage() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
