"""The ways to hand images to a pipeline: one, several, a stream, from threads and tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..families import whole_number
from ..results import Detections
from ._pending import Pending, Timings
from ._pipeline import Pipeline
from ._stream import Waiters, in_order

if TYPE_CHECKING:
    from typing_extensions import Self

ImageOrReader: TypeAlias = NDArray[np.uint8] | Callable[[], NDArray[np.uint8]]


class Predictor:
    """What a `Detector` can be asked. Threads, streams and tasks may share one."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.timings = Timings(0.0, 0.0, 0.0)
        self._pipeline: Pipeline | None = pipeline
        self._waiters: Waiters | None = None
        self._changing = threading.Lock()
        self._closing = False

    def __call__(
        self, image: NDArray[np.uint8], *, original_size: tuple[int, int] | None = None
    ) -> Detections:
        """Detect objects in one image.

        Args:
            image: (H, W, 3) uint8, BGR, as `cv2.imread` gives it.
            original_size: (height, width) of the picture, where `image` is that at 1/2,
                1/4 or 1/8, as cv2.IMREAD_REDUCED_COLOR_2, _4 and _8 read a JPEG. Not
                for tiles.

        Returns:
            `Detections` with xyxy in pixels of `image`, or of the picture of
            `original_size`. They own their memory.

        Raises:
            TypeError, ValueError: not such an image.
            ImportError: OpenCV is missing; the message names the extra.
            RuntimeError: the detector is closed, or OpenVINO failed.
        """
        pending = self._running().start(image, original_size)
        found = pending.result()
        self._note(pending)
        return found

    def predict(self, images: Iterable[NDArray[np.uint8]]) -> list[Detections]:
        """The detections of each image, in order; as `stream`."""
        return list(self.stream(images))

    def stream(
        self, frames: Iterable[NDArray[np.uint8]], *, max_in_flight: int | None = None
    ) -> Generator[Detections, None, None]:
        """The detections of each frame, in order, several inferred at once.

        Frames are taken and resized in the thread that iterates, and may be reused by
        their source as soon as it is asked for the next; heads are decoded in OpenVINO's
        callback thread. Closing the generator, or leaving it to the garbage collector,
        drops what is not decoded yet, and waits for what is being inferred.

        Args:
            max_in_flight: the most frames that are taken before their detections are
                given. None: twice the number of requests, so that a slow one leaves the
                others busy.

        Raises:
            Exception: what `frames` raised, or what `__call__` raises for a frame, with
                its own type, after the detections of all earlier frames.
        """
        most = 2 * self._running().count
        if max_in_flight is not None:
            most = whole_number("max_in_flight", max_in_flight, least=1)
        return in_order(frames, self._start, most, self._note)

    def submit(
        self, image: ImageOrReader, *, original_size: tuple[int, int] | None = None
    ) -> Future[Detections]:
        """Begin with an image that stays as it is until the future is done.

        Waits while there are as many on their way as a stream takes. May be called from
        a callback of a future, where it does not wait.

        Args:
            image: as in a call; or a function that gives it, which is called in another
                thread. What it raises, the future holds.
            original_size: as in a call.
        """
        return self._waiting().submit(partial(self._predict_one, image, original_size))

    async def apredict(
        self, image: ImageOrReader, *, original_size: tuple[int, int] | None = None
    ) -> Detections:
        """The detections of an image, for `await`: nothing is done in the event loop's
        thread.

        However many tasks ask, as many are on their way as a stream takes, in the order of
        asking; the others wait, and their images are not looked at yet. A task that is
        cancelled while it waits is forgotten; later its result is dropped.

        Args:
            image: as in a call; or a function that gives it, which is called in another
                thread when its turn has come, so that those who wait hold no pixels.
            original_size: as in a call.
        """
        work = partial(self._predict_one, image, original_size)
        return await asyncio.wrap_future(self._waiting().enqueue(work))

    def close(self) -> None:
        """Wait for what was begun; nothing is begun any more."""
        with self._changing:
            waiters, self._waiters = self._waiters, None
            self._closing = True
        if waiters is not None:
            waiters.close()
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _predict_one(
        self, image: ImageOrReader, original_size: tuple[int, int] | None
    ) -> Detections:
        return self(image() if callable(image) else image, original_size=original_size)

    def _start(self, image: Any) -> Pending[Detections]:
        return self._running().start(image)

    def _note(self, pending: Pending[Detections]) -> None:
        self.timings = pending.timings

    def _running(self) -> Pipeline:
        if self._pipeline is None:
            raise RuntimeError("this Detector is closed")
        return self._pipeline

    def _waiting(self) -> Waiters:
        """The threads behind `submit` and `apredict`, made when they are needed."""
        pipeline = self._running()
        with self._changing:
            if self._closing:
                raise RuntimeError("this Detector is closed")
            if self._waiters is None:
                self._waiters = Waiters(2 * pipeline.count)
            return self._waiters
