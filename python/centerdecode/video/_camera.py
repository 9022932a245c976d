"""A camera or a network stream as frames, for as long as it takes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._clock import Clock
from ._connection import connection
from ._frames import Frame, explain, log, picture, pyav
from ._sources import of_camera, shown

if TYPE_CHECKING:
    from typing_extensions import Self

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0  # seconds between two attempts


class Camera:
    """Frames of a camera, read by a thread of its own from the first iteration on.

        >>> with Camera("rtsp://192.168.0.20/stream") as camera:
        ...     for detections in detector.stream(camera):
        ...         print(len(detections))

    When the connection fails, ends, or gives no frame for `timeout` seconds, it is
    closed and opened again, after 0.5 s, then 1, 2, 4, 8, 10, 10 ... as long as no
    frame comes. Iteration ends when the camera is closed or `retries` are used up.
    One thread may iterate; any may close.

    Args:
        source: an address that FFmpeg knows (rtsp://, http://, udp:// ...), a device
            ("/dev/video0"), or "camera:0" or 0 for the first device. RTSP goes over
            TCP unless `options` say else.
        timeout: seconds, greater than 0.
        retries: how often in a row it is opened again without a frame before
            iteration ends; None: without end.
        queue: how many frames may wait, 1 or more.
        drop_oldest: what happens when one more comes: the oldest is let go, so that
            a slow program always works on what is new; False: the camera waits,
            and what it then does is its own affair.
        options: for FFmpeg's reader of that source, as strings.

    Attributes:
        dropped: how many frames were let go.
        reconnects: how often a frame came again after a failure.
        problem: why iteration ended by itself; None: it did not.

    Raises:
        ValueError: a number out of its range.
        ImportError: PyAV is missing; the message names the extra.
    """

    def __init__(
        self,
        source: str | int,
        *,
        timeout: float = 5.0,
        retries: int | None = None,
        queue: int = 1,
        drop_oldest: bool = True,
        options: Mapping[str, str] | None = None,
    ) -> None:
        if not timeout > 0:
            raise ValueError(f"timeout must be greater than 0, got {timeout}")
        if retries is not None and retries < 0:
            raise ValueError(f"retries must be 0 or more, or None, got {retries}")
        if queue < 1:
            raise ValueError(f"queue must be 1 or more, got {queue}")
        pyav()
        self.source = source
        self._name = shown(source)
        self.dropped = 0
        self.reconnects = 0
        self.problem: str | None = None
        self._timeout = timeout
        self._retries = retries
        self._size = queue
        self._drops = drop_oldest
        self._options = dict(options or {})
        self._waiting: deque[tuple[Any, int, float]] = deque()
        self._change = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._count = 0
        self._first: float | None = None
        self._clock = Clock()

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """The pictures, (H, W, 3) uint8, BGR, upright."""
        for frame in self.frames():
            yield frame.image

    def frames(self) -> Iterator[Frame]:
        """The frames with their number, which counts those that were let go, too, and
        the time since the first that was given: as the camera counts it, or by this
        machine's clock where it does not, and from one connection to the next."""
        with self._change:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
                self._thread.start()
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                frame, number, seconds = self._waiting.popleft()
                self._change.notify_all()
            if self._first is None:
                self._first = seconds
            yield Frame(picture(frame), number, seconds - self._first)

    def close(self) -> None:
        """Let the camera go: iteration ends, frames that wait are forgotten.

        Returns within about `timeout`, when the thread has ended.
        """
        with self._change:
            self._waiting.clear()
            self._closed = True
            self._change.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(2 * self._timeout)
            if self._thread.is_alive():
                log.warning("%s: does not let go", self._name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _run(self) -> None:
        """However it ends: who waits for frames hears of it."""
        try:
            self._keep_reading()
        except Exception as error:
            self.problem = explain(error)
            raise
        finally:
            with self._change:
                self._closed = True
                self._change.notify_all()

    def _keep_reading(self) -> None:
        failures = 0
        while not self._closed:
            try:
                for frame in self._connection():
                    if failures:
                        self.reconnects += 1
                        log.info("%s: frames again", self._name)
                        failures = 0
                    self._put(frame)
                told = "the stream ended"
            except (pyav().FFmpegError, OSError, ValueError) as error:
                told = explain(error)
            if self._closed:
                return
            failures += 1
            if self._retries is not None and failures > self._retries:
                self.problem = f"{told}; given up after {failures} attempts without a frame"
                log.warning("%s: %s", self._name, self.problem)
                return
            wait = _wait(failures)
            log.warning("%s: %s; trying again in %.1f s", self._name, told, wait)
            with self._change:
                self._change.wait_for(lambda: self._closed, wait)

    def _connection(self) -> Iterator[Any]:
        self._clock.connect()
        address = of_camera(self.source)
        address = address._replace(options=address.options | self._options)
        return connection(address, self._timeout, lambda: self._closed)

    def _put(self, frame: Any) -> None:
        seconds = self._clock.read(frame)
        with self._change:
            if not self._drops:
                self._change.wait_for(lambda: len(self._waiting) < self._size or self._closed)
            if self._closed:
                return
            if len(self._waiting) == self._size:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append((frame, self._count, seconds))
            self._count += 1
            self._change.notify_all()


def _wait(failures: int) -> float:
    return min(_FIRST_WAIT * 2.0 ** min(failures - 1, 10), _LONGEST_WAIT)
