"""`centerdecode detect` on videos and cameras: annotated videos and results out."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Sequence

import centerdecode as cd

from ..._files import replacing
from ..._lazy import require
from ...detector import expected_errors
from ...video import Camera, Frame, Video, VideoWriter
from .. import arguments, drawing
from ..console import CommandError, Progress, print_error, reason, shown_logs
from ..inputs import VideoInput
from ..results import ImageResult, Journal
from . import _detected_frames
from ._detected_frames import Source
from ._frame_results import Record, recording
from ._video_summary import VideoSummary
from ._video_targets import is_video, targets_of

_RETRIES = 10
_RATE = 25  # of what a camera gives, in the file; every frame has its own time


def add_video_arguments(parser: argparse.ArgumentParser) -> None:
    video = parser.add_argument_group("videos and cameras")
    video.add_argument("--frames", type=arguments.count, metavar="N", help="stop after N frames")
    video.add_argument(
        "--duration", type=arguments.positive, metavar="S", help="stop after S seconds"
    )


def run_videos(
    args: argparse.Namespace,
    videos: Sequence[VideoInput],
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
        if args.format is not None and (args.output is None or is_video(args.output)):
            record = stack.enter_context(recording(sys.stdout, args.format))
        try:
            for video in videos:
                if journal is not None and _is_done(args, video, journal):
                    good &= _report_resumed(args, video, journal)
                else:
                    good &= _one(args, video, detector, record, journal)
        except (KeyboardInterrupt, BrokenPipeError) as stop:
            stopped = stop
    if stopped is not None:
        raise stopped
    return good


def _is_done(args: argparse.Namespace, video: VideoInput, journal: Journal) -> bool:
    files = targets_of(args, video)
    return not video.live and video in journal and all(os.path.exists(file or "") for file in files)


def _report_resumed(args: argparse.Namespace, video: VideoInput, journal: Journal) -> bool:
    """Say of a video that it was done before; whether all had gone well with it."""
    progress = Progress(None, quiet=args.quiet, wanted=False)
    progress.info(f"{video.shown} was done before")
    left_out, _ = journal.read(video)
    return not _report_left_out(video, left_out, progress)


def _report_left_out(video: VideoInput, left_out: int, progress: Progress) -> bool:
    if left_out:
        progress.error(f"{video.shown}: {left_out} boxes are not finite, left out")
    return left_out > 0


def _one(
    args: argparse.Namespace,
    video: VideoInput,
    detector: cd.Detector,
    record: Record | None,
    journal: Journal | None,
) -> bool:
    """Whether all went well with one."""
    av = require("av", "av", "cli")
    try:
        with contextlib.ExitStack() as stack:
            source = _open(args, video, stack)
            total = None if isinstance(source, Camera) else _detected_frames.expected(args, source)
            on_screen = record is not None and sys.stdout.isatty()
            progress = Progress(total, unit="frame", quiet=args.quiet, wanted=not on_screen)
            stack.enter_context(shown_logs(progress))
            summary, stopped = _follow(args, video, source, detector, record, progress)
            if record is None and summary.frames:
                progress.print(summary.line(source))
            if stopped is not None:
                raise stopped
            flawed = _report_left_out(video, summary.left_out, progress)
            if source.problem is None and not summary.frames:
                progress.error(f"{video.shown}: no frame came")
            whole = bool(source.problem is None and summary.frames)
            if whole and journal is not None and not video.live:
                journal.add(video, summary.left_out)
            return whole and not flawed
    except BrokenPipeError:
        raise
    except (*expected_errors(), av.FFmpegError) as error:
        where = getattr(error, "filename", None) or video.shown
        print_error(f"{where}: {reason(error)}")
        return False


def _follow(
    args: argparse.Namespace,
    video: VideoInput,
    source: Source,
    detector: cd.Detector,
    record: Record | None,
    progress: Progress,
) -> tuple[VideoSummary, BaseException | None]:
    """What was found, and what stopped it early, when the files are complete."""
    summary = VideoSummary(video, detector.labels)
    stopped: BaseException | None = None
    with contextlib.ExitStack() as stack:
        writer, takers = _open_files(args, video, source, stack)
        pairs = progress.over(
            _detected_frames.pairs(detector, _detected_frames.limited(args, source), video.live)
        )
        stack.enter_context(contextlib.closing(pairs))
        try:
            for frame, detections in pairs:
                found = summary.take(frame, detections)
                for take in [record, *takers] if record is not None else takers:
                    take(found, frame)
        except (KeyboardInterrupt, BrokenPipeError) as stop:
            stopped = stop
        if writer is not None and (stopped or args.frames or args.duration):
            writer.cut_audio()
    return summary, stopped


def _open(args: argparse.Namespace, video: VideoInput, stack: contextlib.ExitStack) -> Source:
    if not video.live:
        return Video(video.source)
    camera = stack.enter_context(Camera(video.source, retries=_RETRIES))
    if args.duration is not None:
        # Not by the time of frames, because there may be none.
        timer = threading.Timer(args.duration, camera.close)
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
    return camera


def _open_files(
    args: argparse.Namespace, video: VideoInput, source: Source, stack: contextlib.ExitStack
) -> tuple[VideoWriter | None, list[Record]]:
    """The annotated video, and what takes each frame."""
    targets = targets_of(args, video)
    takers: list[Record] = []
    writer = None
    if targets.results is not None:
        file = stack.enter_context(replacing(targets.results))
        takers.append(stack.enter_context(recording(file, args.format or "json")))
    if targets.video is not None:
        rate, sound = (_RATE, None) if isinstance(source, Camera) else (source.fps, video.source)
        writer = stack.enter_context(VideoWriter(targets.video, fps=rate, audio=sound))
        takers.append(_drawing(args, writer))
    return writer, takers


def _drawing(args: argparse.Namespace, writer: VideoWriter) -> Record:
    def take(found: ImageResult, frame: Frame) -> None:
        writer.write(drawing.draw(found._replace(calibration=args.calibration)), frame.time)

    return take
