"""A video file as frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._frames import Frame, explain, log, picture, pyav
from ._sources import of_file, shown

_UNREADABLE = "not a video that FFmpeg can read, or one that was cut before its index"
_EMPTY = "no video in it, or cut before its first frame"
_SLACK = 0.5  # seconds by which files that are whole end before they say


class Video:
    """A video file; every iteration over it reads it from its beginning.

        >>> for image in Video("street.mp4"):
        ...     detections = detector(image)

    A file that is cut off or damaged gives the frames that it has. `problem` then
    says what was wrong, and it is logged as a warning. Frames that the decoder had
    to mend are given as it gives them. Frames that a Matroska file has lost in its
    middle cannot be told from a pause.

    Args:
        path: whatever FFmpeg can read; of several video streams, the one that
            FFmpeg takes for the best is read.

    Attributes:
        path: as given.
        fps: frames per second, on average, a Fraction; 25 if the file does not say.
        duration: in seconds, as the file says; None: it does not.
        frame_count: as the file says, or about, by its duration; None: unknown.
        problem: what was wrong with the file in the last iteration; None: nothing
            that could be seen.

    Raises:
        OSError: it cannot be opened.
        ValueError: FFmpeg cannot read it, or there is no video in it.
        ImportError: PyAV is missing; the message names the extra.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = os.fspath(path)
        self.problem: str | None = None
        with _open(self.path) as container:
            stream = container.streams.best("video")
            rate = stream.average_rate or stream.guessed_rate
            self.fps = Fraction(rate) if rate else Fraction(25)
            length = container.duration
            self.duration = None if length is None or length <= 0 else length / 1e6
            self.frame_count: int | None = stream.frames or None
            if not stream.frames and self.duration is not None:
                self.frame_count = round(self.duration * self.fps)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """The pictures, (H, W, 3) uint8, BGR, upright."""
        for frame in self.frames():
            yield frame.image

    def frames(self) -> Iterator[Frame]:
        """The frames with their number and time, in the order in which they are shown.

        A frame whose time is not told, or not after that of the frame before, is
        taken to come 1 / fps after it.
        """
        self.problem = None
        reading = _Reading()
        with _open(self.path) as container:
            start = (container.start_time or 0) / 1e6
            time = None
            for number, frame in enumerate(reading.decode(container)):
                told = None if frame.time is None else frame.time - start
                if time is None:
                    time = told or 0.0
                else:
                    time = told if told is not None and told > time else time + float(1 / self.fps)
                yield Frame(picture(frame), number, time)
        self.problem = reading.problem(None if self.duration is None else start + self.duration)
        if self.problem is not None:
            log.warning("%s: %s", shown(self.path), self.problem)


class _Reading:
    """What was met while a file was read."""

    def __init__(self) -> None:
        self._frames = 0
        self._mended = 0
        self._damaged = 0
        self._failures: list[Exception] = []
        self._end = 0.0  # of what was read of any stream, in seconds

    def decode(self, container: Any) -> Iterator[Any]:
        stream = container.streams.best("video")
        stream.thread_type = "AUTO"
        for packet in self._packets(container):
            if packet.stream.index != stream.index:
                continue
            self._damaged += packet.is_corrupt
            try:
                frames = packet.decode()
            except (pyav().FFmpegError, EOFError) as error:
                self._failures.append(error)
                continue
            for frame in frames:
                self._frames += 1
                self._mended += frame.is_corrupt
                yield frame

    def _packets(self, container: Any) -> Iterator[Any]:
        """Those of all streams; after an error, what empties the decoder."""
        packets = container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except pyav().FFmpegError as error:
                self._failures.append(error)
                yield from self._flush(container)
                return
            if packet.pts is not None and packet.time_base is not None:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                self._end = max(self._end, float(end))
            yield packet

    def _flush(self, container: Any) -> Iterator[Any]:
        packet = pyav().Packet()
        packet.stream = container.streams.best("video")
        yield packet

    def problem(self, end: float | None) -> str | None:
        """
        Args:
            end: where the file says that it ends.
        """
        wrong = []
        if self._failures:
            told = explain(self._failures[0])
            wrong.append(f"{len(self._failures)} packets could not be decoded ({told})")
        if self._damaged:
            wrong.append(f"{self._damaged} packets are damaged")
        if self._mended:
            wrong.append(f"{self._mended} frames are damaged")
        if end is not None and self._end < end - _SLACK:
            wrong.append(f"it ends at {self._end:.2f} of {end:.2f} s")
        if not self._frames:
            wrong.append("no frame can be decoded")
        return f"{self._frames} frames read; {', '.join(wrong)}" if wrong else None


def _open(path: str) -> Any:
    av = pyav()
    try:
        container = av.open(of_file(path), metadata_errors="replace")
    except (av.error.InvalidDataError, av.error.EOFError):
        raise ValueError(_UNREADABLE) from None
    except OSError as error:  # which names it as FFmpeg wants it
        raise OSError(error.errno, error.strerror, shown(path)) from None
    if not container.streams.video:
        container.close()
        raise ValueError(_EMPTY)
    return container
