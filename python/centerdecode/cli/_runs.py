"""A run over images: what comes of each."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from .._ahead import Failed, Seen, expected_errors, look_at
from .._lazy import require
from .._reading import read_image
from . import _options
from ._images import Photo
from ._made import Lost, Made, lost, make
from ._progress import Progress
from ._format import Found, finite
from ._sinks import Sink


def detector_of(args: argparse.Namespace, labels: Sequence[str] | None, **more: Any) -> cd.Detector:
    """That of a run."""
    return _options.make_detector(
        args,
        labels=labels,
        score_threshold=args.score_threshold,
        top_k=args.top_k,
        calibration=args.calibration,
        clip=True,
        **more,
    )


def outcomes(
    detector: cd.Detector, photos: Sequence[Photo], args: argparse.Namespace
) -> Generator[Made | Lost, None, None]:
    """What comes of each image, in order."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    # It would say on stderr, in its own words, what we report.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    reduction = detector.jpeg_reduction if args.small_jpeg else None

    def read(photo: Photo) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        return read_image(photo.path, args.max_pixels, reduction)

    for seen in look_at(photos, read, detector):
        yield lost(*seen) if isinstance(seen, Failed) else _made(seen, detector, args)


def _made(seen: Seen[Photo], detector: cd.Detector, args: argparse.Namespace) -> Made | Lost:
    """What is written of an image, without the boxes that are not finite."""
    photo, image, size, every = seen
    labels, calibration = detector.labels, args.calibration
    try:
        heatmap = detector.heatmap(image) if args.show_heatmap else None
        detections, left_out = finite(every)
        found = Found(photo, image, size, detections, labels, heatmap, calibration, left_out)
        return make(found, args)
    except expected_errors() as error:
        return lost(photo, error)


def all_of(
    outcomes: Iterable[Made | Lost], args: argparse.Namespace, sink: Sink, progress: Progress
) -> bool:
    """Whether all went well with all images; what stops them early is raised when
    the files that were begun are complete.

    Args:
        outcomes: what comes of each of `sink.todo`, in order.
    """
    good = _greet(sink, progress)
    failed: list[str] = []
    tried = 0
    stopped: BaseException | None = None
    try:
        for outcome in progress.over(outcomes):
            flaw = _take(outcome, sink)
            if flaw is not None:
                failed.append(f"{flaw.place}: {flaw.why}")
                progress.complain(failed[-1])
            elif isinstance(outcome, Made) and outcome.left_out:
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


def _take(outcome: Made | Lost, sink: Sink) -> Lost | None:
    """What keeps an image from being of use, if anything does."""
    if isinstance(outcome, Lost):
        return outcome
    try:
        sink.take(outcome)
    except BrokenPipeError:
        raise
    except expected_errors() as error:
        return lost(outcome.photo, error)
    return None


def _complain_of_boxes(photo: Photo, left_out: int, progress: Progress) -> None:
    progress.complain(f"{photo.path}: {left_out} boxes are not finite, left out")
