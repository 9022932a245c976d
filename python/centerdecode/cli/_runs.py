"""A run over images: what comes of each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from .._lazy import require
from . import _images
from ._ahead import Failed, Seen, expected_errors, look_at
from ._images import Photo
from ._progress import Progress
from ._results import Found, finite
from ._say import reason
from ._sinks import Sink


def _outcomes(
    detector: cd.Detector, photos: Sequence[Photo], args: argparse.Namespace
) -> Iterator[Found | Failed[Photo]]:
    """What comes of each image, in order."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    # It would say on stderr, in its own words, what we report.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    reduction = detector.jpeg_reduction if args.small_jpeg else None

    def read(photo: Photo) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        return _images.read(photo.path, args.max_pixels, reduction)

    for seen in look_at(photos, read, detector):
        yield seen if isinstance(seen, Failed) else _found(seen, detector, args)


def _found(
    seen: Seen[Photo], detector: cd.Detector, args: argparse.Namespace
) -> Found | Failed[Photo]:
    """What results are made of, without the boxes that are not finite."""
    photo, image, size, every = seen
    try:
        heatmap = detector.heatmap(image) if args.show_heatmap else None
    except expected_errors() as error:
        return Failed(photo, error)
    detections, left_out = finite(every)
    return Found(
        photo, image, size, detections, detector.labels, heatmap, args.calibration, left_out
    )


def all_of(detector: cd.Detector, args: argparse.Namespace, sink: Sink, progress: Progress) -> bool:
    """Whether all went well with all images; what stops them early is raised when
    the files that were begun are complete."""
    good = _greet(sink, progress)
    failed: list[str] = []
    tried = 0
    stopped: BaseException | None = None
    try:
        for outcome in progress.over(_outcomes(detector, sink.todo, args)):
            error = _take(outcome, sink)
            if error is not None:
                failed.append(f"{_place(outcome, error)}: {reason(error)}")
                progress.complain(failed[-1])
            elif isinstance(outcome, Found) and outcome.left_out:
                _complain_of_boxes(outcome.photo, outcome.left_out, progress)
                good = False
            tried += 1
    except (KeyboardInterrupt, BrokenPipeError) as stop:
        stopped = stop
    sink.end()
    if failed and tried > 1:
        lines = "".join(f"\n  {line}" for line in failed)
        progress.note(f"{len(failed)} of {tried} images could not be used:{lines}")
    if stopped is not None:
        more = "; --resume goes on" if args.output else ""
        progress.note(f"stopped after {tried} of {len(sink.todo)} images{more}")
        raise stopped
    return good and not failed


def _greet(sink: Sink, progress: Progress) -> bool:
    """Say what a run that goes on found done; whether all had gone well with it."""
    if sink.resumed:
        count = len(sink.resumed)
        progress.note(f"{count} of {count + len(sink.todo)} images were done before")
    flawed = {photo: left_out for photo, left_out in sink.resumed.items() if left_out}
    for photo, left_out in flawed.items():
        _complain_of_boxes(photo, left_out, progress)
    return not flawed


def _take(outcome: Found | Failed[Photo], sink: Sink) -> Exception | None:
    """What keeps an image from being of use, if anything does."""
    if isinstance(outcome, Failed):
        return outcome.error
    try:
        sink.take(outcome)
    except BrokenPipeError:
        raise
    except expected_errors() as error:
        return error
    return None


def _place(outcome: Found | Failed[Photo], error: Exception) -> str:
    photo = outcome.item if isinstance(outcome, Failed) else outcome.photo
    return getattr(error, "filename", None) or photo.path


def _complain_of_boxes(photo: Photo, left_out: int, progress: Progress) -> None:
    progress.complain(f"{photo.path}: {left_out} boxes are not finite, left out")
