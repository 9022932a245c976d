"""`centerdecode detect` on videos and cameras: annotated videos and results out."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Sequence

import centerdecode as cd

from .._ahead import expected_errors
from .._files import replacing
from .._lazy import require
from ..video import Camera, Frame, Video, VideoWriter
from . import _films, _frames, _options, _picture
from ._films import Film
from ._frame_results import Record, recording
from ._frames import Source
from ._journal import Journal
from ._progress import Progress, telling
from ._format import Found
from ._say import CommandError, complain, reason
from ._tally import Tally

_RETRIES = 10
_RATE = 25  # of what a camera gives, in the file; every frame has its own time


def add_to(parser: argparse.ArgumentParser) -> None:
    video = parser.add_argument_group("videos and cameras")
    video.add_argument("--frames", type=_options.count, metavar="N", help="stop after N frames")
    video.add_argument(
        "--duration", type=_options.positive, metavar="S", help="stop after S seconds"
    )


def run(
    args: argparse.Namespace,
    films: Sequence[Film],
    detector: cd.Detector,
    journal: Journal | None,
) -> bool:
    """Whether all went well with all of them; what stops them early is raised when the
    files that were begun are complete.

    Args:
        journal: what is done of the run, where there is a folder.
    """
    try:
        require("av", "av", "cli")
    except ImportError as error:
        raise CommandError(str(error)) from None
    good = True
    stopped: BaseException | None = None
    with contextlib.ExitStack() as stack:
        record = None
        if args.format is not None and (args.output is None or _films.is_video(args.output)):
            record = stack.enter_context(recording(sys.stdout, args.format))
        try:
            for film in films:
                if journal is not None and _is_done(args, film, journal):
                    good &= _greet(args, film, journal)
                else:
                    good &= _one(args, film, detector, record, journal)
        except (KeyboardInterrupt, BrokenPipeError) as stop:
            stopped = stop
    if stopped is not None:
        raise stopped
    return good


def _is_done(args: argparse.Namespace, film: Film, journal: Journal) -> bool:
    files = _films.targets(args, film)
    return not film.live and film in journal and all(os.path.exists(file or "") for file in files)


def _greet(args: argparse.Namespace, film: Film, journal: Journal) -> bool:
    """Say of a video that it was done before; whether all had gone well with it."""
    progress = Progress(None, quiet=args.quiet, wanted=False)
    progress.note(f"{film.shown} was done before")
    left_out, _ = journal.read(film)
    return not _complain_of_boxes(film, left_out, progress)


def _complain_of_boxes(film: Film, left_out: int, progress: Progress) -> bool:
    if left_out:
        progress.complain(f"{film.shown}: {left_out} boxes are not finite, left out")
    return left_out > 0


def _one(
    args: argparse.Namespace,
    film: Film,
    detector: cd.Detector,
    record: Record | None,
    journal: Journal | None,
) -> bool:
    """Whether all went well with one."""
    av = require("av", "av", "cli")
    try:
        with contextlib.ExitStack() as stack:
            source = _open(args, film, stack)
            total = None if isinstance(source, Camera) else _frames.expected(args, source)
            on_screen = record is not None and sys.stdout.isatty()
            progress = Progress(total, unit="frame", quiet=args.quiet, wanted=not on_screen)
            stack.enter_context(telling(progress))
            tally, stopped = _follow(args, film, source, detector, record, progress)
            if record is None and tally.frames:
                progress.say(tally.line(source))
            if stopped is not None:
                raise stopped
            flawed = _complain_of_boxes(film, tally.strange, progress)
            if source.problem is None and not tally.frames:
                progress.complain(f"{film.shown}: no frame came")
            whole = bool(source.problem is None and tally.frames)
            if whole and journal is not None and not film.live:
                journal.add(film, tally.strange)
            return whole and not flawed
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
        pairs = progress.over(_frames.pairs(detector, _frames.limited(args, source), film.live))
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
