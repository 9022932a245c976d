"""Pictures into a video file."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._frames import pyav
from ._sound import Sound
from ._sources import of_file

if TYPE_CHECKING:
    from typing_extensions import Self

# Those that keep the time of every picture, and of which FFmpeg knows which sound they hold.
_FORMATS = {
    ".m4v": "mp4",
    ".mkv": "matroska",
    ".mov": "mov",
    ".mp4": "mp4",
    ".webm": "webm",
}
_CODECS = {"webm": "libvpx-vp9"}
_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "20"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0"},
}
_OWN_RULES = {"strict": "experimental"}  # some sound that MP4 holds is called that
_FINEST = 90000  # ticks a second, about
_BT709, _LIMITED = 1, 1  # FFmpeg's numbers for these colors
_numbers = itertools.count()


class VideoWriter:
    """A video file that is there whole or not at all.

        >>> video = Video("street.mp4")
        >>> with VideoWriter("found.mp4", fps=video.fps, audio=video.path) as writer:
        ...     for image, _, time in video.frames():
        ...         writer.write(draw(image), time)

    When the block ends well, and on Ctrl-C, the file takes the place of `path`; after
    any other exception, or without a single picture, what was there stays. Colors are
    BT.709's, of limited range.

    Args:
        path: its ending says the format: .mp4, .m4v, .mov, .mkv or .webm.
        fps: frames per second, greater than 0: for pictures that come without a time,
            and what the file says.
        audio: a file whose sound is put beside the pictures: every track, its packets as
            they are, or encoded again where the format cannot hold them, which is
            logged. None: no sound.
        codec: a name of FFmpeg's; None: "libx264", or "libvpx-vp9" in .webm.
        options: the codec's own, as strings; None: fast, and hardly to be told from the
            original.

    Raises:
        ValueError: another ending, or fps that is not a number greater than 0.
        ImportError: PyAV is missing; the message names the extra.
    """

    ENDINGS = frozenset(_FORMATS)  # of the files that it writes

    def __init__(
        self,
        path: str | Path,
        *,
        fps: float | Fraction,
        audio: str | Path | None = None,
        codec: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._path = Path(path)
        form = _FORMATS.get(self._path.suffix.lower())
        if form is None:
            raise ValueError(f"path must end in {', '.join(_FORMATS)}, got {os.fspath(path)!r}")
        if not 0 < fps < math.inf:
            raise ValueError(f"fps must be greater than 0, got {fps}")
        self._format = form
        self._fps = Fraction(fps).limit_denominator(100000)
        self._tick = _tick(self._fps)
        self._audio = None if audio is None else os.fspath(audio)
        self._codec = codec or _CODECS.get(form, "libx264")
        self._options = dict(_OPTIONS.get(self._codec, {}) if options is None else options)
        # Beside it, because os.replace does not cross file systems.
        self._unfinished = self._path.with_name(
            f".centerdecode-{os.getpid()}-{next(_numbers)}.video.tmp"
        )
        self._container: Any = None
        self._stream: Any = None
        self._sound: Sound | None = None
        self._last: int | None = None
        self._cut = False
        pyav()

    def write(self, image: NDArray[np.uint8], time: float | None = None) -> None:
        """Add a picture.

        Args:
            image: (H, W, 3) uint8, BGR. The first says the size of the video, made
                even by repeating the last row or column; others are scaled to it.
            time: when it is shown, in seconds from the beginning; if that is not after
                the one before, as soon after it as can be told; None: 1 / fps after it.

        Raises:
            OSError: the file cannot be written.
            ValueError: the codec is unknown or refuses the size.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(f"image must be (H, W, 3) uint8, got {image.shape} {image.dtype}")
        image = np.pad(image, [(0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)], "edge")
        if self._container is None:
            with self._naming():
                self._begin(*image.shape[:2])
        step = round(1 / self._fps / self._tick)
        if time is not None:
            at = round(time / self._tick)
        else:
            at = 0 if self._last is None else self._last + step
        if self._last is not None:
            at = max(at, self._last + 1)
        self._last = at
        frame = pyav().VideoFrame.from_ndarray(image, format="bgr24").reformat(
            self._stream.width, self._stream.height, self._stream.pix_fmt,
            dst_colorspace=_BT709, dst_color_range=_LIMITED,
        )  # fmt: skip
        frame.pts, frame.time_base = at, self._tick
        with self._naming():
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.advance(float(at * self._tick))

    def cut_audio(self) -> None:
        """Let the sound end with the last picture, as when a video is left early;
        otherwise all of it is kept."""
        self._cut = True

    def close(self) -> None:
        """Complete the file."""
        if self._container is None:
            return
        with self._naming():
            self._container.mux(self._stream.encode(None))
            if self._sound is not None:
                end = float((self._last or 0) * self._tick + 1 / self._fps)
                self._sound.close(end if self._cut else math.inf)
            self._container.close()
        self._container = None
        os.replace(self._unfinished, self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            if kind is None or issubclass(kind, KeyboardInterrupt):
                self.close()
        finally:
            self._discard()

    def _begin(self, height: int, width: int) -> None:
        av = pyav()
        self._container = av.open(
            of_file(str(self._unfinished)), "w", format=self._format, options=_OWN_RULES
        )
        self._stream = self._container.add_stream(self._codec, self._fps, self._options)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._tick
        context = self._stream.codec_context
        context.time_base = self._tick
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        if self._audio is not None:
            self._sound = Sound(self._audio, self._container)

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        """FFmpeg's errors, with the name of the file that is meant."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from None

    def _discard(self) -> None:
        if self._container is not None:
            with contextlib.suppress(pyav().FFmpegError, OSError):  # the first error counts
                self._container.close()
            self._container = None
        self._unfinished.unlink(missing_ok=True)


def _tick(fps: Fraction) -> Fraction:
    """A unit of time of which a frame takes a whole number."""
    if fps.numerator > _FINEST:
        return Fraction(1, _FINEST)
    return Fraction(1, fps.numerator * (_FINEST // fps.numerator))
