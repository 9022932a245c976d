"""Images read while others are inferred, for commands that look at many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..results import Detections
from ._detector import Detector
from ._requests import in_callback
from ._stream import waits_for_others

T = TypeVar("T")
_MAX_SUBMITTED = 4  # images in memory, besides the one that is given


class Submitted(NamedTuple, Generic[T]):
    """An image that is being inferred; `size` is its (height, width), and `image` may be
    smaller."""

    item: T
    image: NDArray[np.uint8]
    size: tuple[int, int]
    future: Future[Detections]


class Inferred(NamedTuple, Generic[T]):
    """One that was."""

    item: T
    image: NDArray[np.uint8]
    size: tuple[int, int]
    detections: Detections


class Failed(NamedTuple, Generic[T]):
    """One of which nothing came, and why."""

    item: T
    error: Exception


def expected_errors() -> tuple[type[Exception], ...]:
    """What an image may do that ends nothing but the work on itself."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    return OSError, MemoryError, RuntimeError, ValueError, cv2.error


def infer_each(
    items: Iterable[T],
    read: Callable[[T], tuple[NDArray[np.uint8], tuple[int, int]]],
    detector: Detector,
) -> Iterator[Inferred[T] | Failed[T]]:
    """What the detector finds in the image of each item, in their order. Where it ends
    early, what was submitted has ended, too.

    Args:
        read: the image of an item, and its (height, width).
    """
    expected = expected_errors()
    waiting: deque[Submitted[T] | Failed[T]] = deque()

    def begin(item: T) -> Submitted[T] | Failed[T]:
        try:
            image, size = read(item)
            return Submitted(item, image, size, detector.submit(image, original_size=size))
        except expected as error:
            return Failed(item, error)

    def end(submitted: Submitted[T] | Failed[T]) -> Inferred[T] | Failed[T]:
        if isinstance(submitted, Failed):
            return submitted
        try:
            return Inferred(*submitted[:3], submitted.future.result())
        except expected as error:
            return Failed(submitted.item, error)

    def end_first() -> Inferred[T] | Failed[T]:
        first = end(waiting[0])
        waiting.popleft()  # it has ended by now, whatever comes while it is waited for
        return first

    try:
        for item in items:
            waiting.append(begin(item))
            if len(waiting) > _MAX_SUBMITTED:
                yield end_first()
        while waiting:
            yield end_first()
    finally:
        left = [submitted.future for submitted in waiting if isinstance(submitted, Submitted)]
        for future in left:
            future.cancel()
        # A generator may be collected in any thread, one that is waited for among them.
        if not (in_callback() or waits_for_others()):
            wait(left)
