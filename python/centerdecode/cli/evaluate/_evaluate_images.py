"""What a model finds in the images that annotations tell of."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ... import interop
from ...detector import Failed, infer_each
from ...images import read_image
from ..console import Progress, reason
from ..results import finite
from ._metrics import Rows

_MOST_LINES = 10


class DetectedImages(NamedTuple):
    """The images that were looked at, and what was found; the files that could not be
    used, and those in which some boxes are not finite."""

    image_ids: list[int]
    rows: Rows
    failed: list[str]
    not_finite: list[str]


class _Entry(NamedTuple):
    """An image of the annotations, and where it should be."""

    image_id: int
    path: str
    size: tuple[int, int] | None  # height and width, as annotated


def detect(
    args: argparse.Namespace,
    truth: Mapping[str, Any],
    detector: cd.Detector,
    category_ids: Mapping[int, int],
) -> DetectedImages:
    """Results in COCO's format, of the classes that are categories."""
    detected = DetectedImages([], [], [], [])
    entries = [*_entries(truth, args.images)]
    progress = Progress(len(entries), quiet=args.quiet)
    present = _without_missing(entries, detected, progress)
    for seen in progress.over(infer_each(present, partial(_read, args, detector), detector)):
        entry = seen.item
        if isinstance(seen, Failed):
            progress.error(f"{entry.path}: {reason(seen.error)}")
            detected.failed.append(entry.path)
            continue
        found, left_out = finite(seen.detections)
        if left_out:
            progress.error(f"{entry.path}: {left_out} boxes are not finite, left out")
            detected.not_finite.append(entry.path)
        known = np.isin(found.class_ids, [*category_ids])
        detected.image_ids.append(entry.image_id)
        detected.rows.extend(interop.to_coco(found[known], entry.image_id, category_ids))
    return detected


def _entries(truth: Mapping[str, Any], folder: str) -> Iterator[_Entry]:
    for image in truth["images"]:
        sized = "height" in image and "width" in image
        size = (image["height"], image["width"]) if sized else None
        yield _Entry(image["id"], os.path.join(folder, image["file_name"]), size)


def _without_missing(
    entries: list[_Entry], detected: DetectedImages, progress: Progress
) -> list[_Entry]:
    """The entries whose files are there; the others are told, but not by the thousand."""
    missing = [entry.path for entry in entries if not os.path.exists(entry.path)]
    for path in missing[:_MOST_LINES]:
        progress.error(f"{path}: no such file")
    if len(missing) > _MOST_LINES:
        progress.error(f"... and {len(missing) - _MOST_LINES} more images are missing")
    detected.failed.extend(missing)
    gone = {*missing}
    return [entry for entry in entries if entry.path not in gone]


def _read(
    args: argparse.Namespace, detector: cd.Detector, entry: _Entry
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Raises:
    OSError, ValueError: no such image, or not the one that was annotated.
    """
    reduction = detector.jpeg_reduction if args.small_jpeg else None
    image, size = read_image(entry.path, args.max_pixels, reduction)
    if entry.size is not None and entry.size != size:
        raise ValueError(
            f"{size[1]} x {size[0]}, but annotated as {entry.size[1]} x {entry.size[0]}"
        )
    return image, size
