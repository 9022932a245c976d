"""A run over images: what comes of each."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ..._lazy import require
from ...detector import Failed, Inferred, expected_errors, infer_each
from ...images import read_image
from .. import arguments
from ..console import Progress
from ..inputs import Photo
from ..results import ImageResult, finite
from ._image_output import ImageFailure, ImageOutput, failure_of, make_output
from ._sinks import Sink


def detector_of(args: argparse.Namespace, labels: Sequence[str] | None, **more: Any) -> cd.Detector:
    """That of a run."""
    return arguments.make_detector(
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
) -> Generator[ImageOutput | ImageFailure, None, None]:
    """What comes of each image, in order."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    # It would say on stderr, in its own words, what we report.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    reduction = detector.jpeg_reduction if args.small_jpeg else None

    def read(photo: Photo) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        return read_image(photo.path, args.max_pixels, reduction)

    for seen in infer_each(photos, read, detector):
        yield failure_of(*seen) if isinstance(seen, Failed) else _output_of(seen, detector, args)


def _output_of(
    seen: Inferred[Photo], detector: cd.Detector, args: argparse.Namespace
) -> ImageOutput | ImageFailure:
    """What is written of an image, without the boxes that are not finite."""
    photo, image, size, every = seen
    labels, calibration = detector.labels, args.calibration
    try:
        heatmap = detector.heatmap(image) if args.show_heatmap else None
        detections, left_out = finite(every)
        found = ImageResult(photo, image, size, detections, labels, heatmap, calibration, left_out)
        return make_output(found, args)
    except expected_errors() as error:
        return failure_of(photo, error)


def all_of(
    outcomes: Iterable[ImageOutput | ImageFailure],
    args: argparse.Namespace,
    sink: Sink,
    progress: Progress,
) -> bool:
    """Whether all went well with all images; what stops them early is raised when
    the files that were begun are complete.

    Args:
        outcomes: what comes of each of `sink.todo`, in order.
    """
    good = _report_resumed(sink, progress)
    failed: list[str] = []
    tried = 0
    stopped: BaseException | None = None
    try:
        for outcome in progress.over(outcomes):
            flaw = _take(outcome, sink)
            if flaw is not None:
                failed.append(f"{flaw.place}: {flaw.why}")
                progress.error(failed[-1])
            elif isinstance(outcome, ImageOutput) and outcome.left_out:
                _report_left_out(outcome.photo, outcome.left_out, progress)
                good = False
            tried += 1
    except (KeyboardInterrupt, BrokenPipeError) as stop:
        stopped = stop
    sink.end()
    if failed and tried > 1:
        lines = "".join(f"\n  {line}" for line in failed)
        progress.info(f"{len(failed)} of {tried} images could not be used:{lines}")
    if stopped is not None:
        more = "; --resume goes on" if args.output else ""
        progress.info(f"stopped after {tried} of {len(sink.todo)} images{more}")
        raise stopped
    return good and not failed


def _report_resumed(sink: Sink, progress: Progress) -> bool:
    """Say what a run that goes on found done; whether all had gone well with it."""
    if sink.resumed:
        count = len(sink.resumed)
        progress.info(f"{count} of {count + len(sink.todo)} images were done before")
    flawed = {photo: left_out for photo, left_out in sink.resumed.items() if left_out}
    for photo, left_out in flawed.items():
        _report_left_out(photo, left_out, progress)
    return not flawed


def _take(outcome: ImageOutput | ImageFailure, sink: Sink) -> ImageFailure | None:
    """What keeps an image from being of use, if anything does."""
    if isinstance(outcome, ImageFailure):
        return outcome
    try:
        sink.take(outcome)
    except BrokenPipeError:
        raise
    except expected_errors() as error:
        return failure_of(outcome.photo, error)
    return None


def _report_left_out(photo: Photo, left_out: int, progress: Progress) -> None:
    progress.error(f"{photo.path}: {left_out} boxes are not finite, left out")
