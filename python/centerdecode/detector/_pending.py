"""Work that was started, and its result later."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Timings(NamedTuple):
    """Where an image's time went, in seconds. Of an image that took several inferences,
    of which some may have run at once, the sums of theirs."""

    preprocess: float
    infer: float
    decode: float


class Pending(ABC, Generic[T]):
    @property
    @abstractmethod
    def done(self) -> bool:
        """Would `result` come, or raise, at once?"""

    @abstractmethod
    def result(self) -> T:
        """Wait for it, and raise what was raised meanwhile. To be called once."""

    @abstractmethod
    def drop(self) -> None:
        """Nobody wants the result."""

    @abstractmethod
    def settle(self) -> None:
        """Wait until nothing of it runs any more."""

    @property
    @abstractmethod
    def timings(self) -> Timings:
        """Of what is done."""


class Joined(Pending[T], Generic[T]):
    """What `join` makes of the results of several, in the thread that asks for it."""

    def __init__(self, parts: Iterable[Pending[Any]], join: Callable[[list[Any]], T]) -> None:
        self._parts: list[Pending[Any]] = []
        self._join = join
        self._joining = 0.0
        try:
            for part in parts:
                self._parts.append(part)
        except BaseException:
            self.drop()
            raise

    @property
    def done(self) -> bool:
        return all(part.done for part in self._parts)

    def result(self) -> T:
        try:
            results = [part.result() for part in self._parts]
            start = time.perf_counter()
            joined = self._join(results)
            self._joining = time.perf_counter() - start
            return joined
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        for part in self._parts:
            part.drop()

    def settle(self) -> None:
        for part in self._parts:
            part.settle()

    @property
    def timings(self) -> Timings:
        sums = [*map(sum, zip(*(part.timings for part in self._parts), strict=True))]
        return Timings(sums[0], sums[1], sums[2] + self._joining)
