"""`centerdecode detect` on videos and cameras: annotated videos and results out."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from .._ahead import expected_errors
from .._files import replacing
from .._lazy import require
from ..video import Camera, Frame, Video, VideoWriter
from . import _films, _options, _picture
from ._films import Film
from ._frame_results import Record, recording
from ._progress import Progress, telling
from ._results import Found
from ._say import CommandError, complain, reason
from ._tally import Tally

Source: TypeAlias = Camera | Video
_RETRIES = 10
_RATE = 25  # of what a camera gives, in the file; every frame has its own time


def add_to(parser: argparse.ArgumentParser) -> None:
    video = parser.add_argument_group("videos and cameras")
    video.add_argument("--frames", type=_options.count, metavar="N", help="stop after N frames")
    video.add_argument(
        "--duration", type=_options.positive, metavar="S", help="stop after S seconds"
    )


def run(args: argparse.Namespace, films: Sequence[Film], detector: cd.Detector) -> bool:
    """Whether all went well with all of them; what stops them early is raised when the
    files that were begun are complete."""
    try:
        require("av", "av", "cli")
    except ImportError as error:
        raise CommandError(str(error)) from None
    _films.make_folder(args)
    good = True
    stopped: BaseException | None = None
    with contextlib.ExitStack() as stack:
        record = None
        if args.format is not None and (args.output is None or _films.is_video(args.output)):
            record = stack.enter_context(recording(sys.stdout, args.format))
        try:
            for film in films:
                good &= _one(args, film, detector, record)
        except (KeyboardInterrupt, BrokenPipeError) as stop:
            stopped = stop
    if stopped is not None:
        raise stopped
    return good


def _one(
    args: argparse.Namespace, film: Film, detector: cd.Detector, record: Record | None
) -> bool:
    """Whether all went well with one."""
    av = require("av", "av", "cli")
    try:
        with contextlib.ExitStack() as stack:
            source = _open(args, film, stack)
            total = None if isinstance(source, Camera) else _expected(args, source)
            on_screen = record is not None and sys.stdout.isatty()
            progress = Progress(total, unit="frame", quiet=args.quiet, wanted=not on_screen)
            stack.enter_context(telling(progress))
            tally, stopped = _follow(args, film, source, detector, record, progress)
            if record is None and tally.frames:
                progress.say(tally.line(source))
            if stopped is not None:
                raise stopped
            if tally.strange:
                progress.complain(f"{film.shown}: {tally.strange} boxes are not finite, left out")
            if source.problem is None and not tally.frames:
                progress.complain(f"{film.shown}: no frame came")
            return bool(source.problem is None and tally.frames and not tally.strange)
    except BrokenPipeError:
        raise
    except (*expected_errors(), av.FFmpegError) as error:
        where = getattr(error, "filename", None) or film.shown
        complain(f"{where}: {reason(error)}")
        return False


def _follow(
    args: argparse.Namespace,
    film: Film,
    source: Source,
    detector: cd.Detector,
    record: Record | None,
    progress: Progress,
) -> tuple[Tally, BaseException | None]:
    """What was found, and what stopped it early, when the files are complete."""
    tally = Tally(film, detector.labels)
    stopped: BaseException | None = None
    with contextlib.ExitStack() as stack:
        writer, takers = _open_files(args, film, source, stack)
        pairs = progress.over(_pairs(detector, _limited(args, source), film.live))
        stack.enter_context(contextlib.closing(pairs))
        try:
            for frame, detections in pairs:
                found = tally.take(frame, detections)
                for take in [record, *takers] if record is not None else takers:
                    take(found, frame)
        except (KeyboardInterrupt, BrokenPipeError) as stop:
            stopped = stop
        if writer is not None and (stopped or args.frames or args.duration):
            writer.cut_audio()
    return tally, stopped


def _open(args: argparse.Namespace, film: Film, stack: contextlib.ExitStack) -> Source:
    if not film.live:
        return Video(film.source)
    camera = stack.enter_context(Camera(film.source, retries=_RETRIES))
    if args.duration is not None:
        # Not by the time of frames, because there may be none.
        timer = threading.Timer(args.duration, camera.close)
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
    return camera


def _open_files(
    args: argparse.Namespace, film: Film, source: Source, stack: contextlib.ExitStack
) -> tuple[VideoWriter | None, list[Record]]:
    """The annotated video, and what takes each frame."""
    targets = _films.targets(args, film)
    takers: list[Record] = []
    writer = None
    if targets.results is not None:
        file = stack.enter_context(replacing(targets.results))
        takers.append(stack.enter_context(recording(file, args.format or "json")))
    if targets.video is not None:
        rate, sound = (_RATE, None) if isinstance(source, Camera) else (source.fps, film.source)
        writer = stack.enter_context(VideoWriter(targets.video, fps=rate, audio=sound))
        takers.append(_drawing(args, writer))
    return writer, takers


def _drawing(args: argparse.Namespace, writer: VideoWriter) -> Record:
    def take(found: Found, frame: Frame) -> None:
        writer.write(_picture.draw(found._replace(calibration=args.calibration)), frame.time)

    return take


def _limited(args: argparse.Namespace, source: Source) -> Iterator[Frame]:
    frames = itertools.islice(source.frames(), args.frames)
    if args.duration is None or isinstance(source, Camera):
        return frames
    return itertools.takewhile(lambda frame: frame.time < args.duration, frames)


def _expected(args: argparse.Namespace, video: Video) -> int | None:
    """How many frames there are to come, about."""
    counts = [video.frame_count, args.frames]
    if args.duration is not None:
        counts.append(round(args.duration * video.fps))
    return min((count for count in counts if count is not None), default=None)


def _pairs(
    detector: cd.Detector, frames: Iterator[Frame], live: bool
) -> Iterator[tuple[Frame, cd.Detections]]:
    """Each frame with its detections; a stream takes frames before it gives results, but
    those of a camera would be old by then."""
    waiting: deque[Frame] = deque()

    def images() -> Iterator[NDArray[np.uint8]]:
        for frame in frames:
            waiting.append(frame)
            yield frame.image

    for detections in detector.stream(images(), max_in_flight=1 if live else None):
        yield waiting.popleft(), detections
