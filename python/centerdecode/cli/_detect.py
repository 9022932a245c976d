"""`centerdecode detect`: images in, tables, pictures and results files out; `_video` has the rest."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import Any

import numpy as np

import centerdecode as cd

from .._lazy import require
from . import _films, _images, _options, _video
from ._progress import Progress
from ._results import FORMATS, Found
from ._say import CommandError, reason
from ._sinks import Sink, open_sinks

_TEXT = """\
Print a table of the objects in each image. With --output also write annotated
pictures there, and a file detections.ENDING (json unless --format says else).
With --format and no --output the results go to stdout instead of the tables.

Of a video or camera a line is printed, and with --output an annotated video is
written there, and its results as NAME.ENDING beside it; or, if --output ends as
a video does, that video alone.
"""
_MORE = """\
formats:
  json   one list: file, width, height and detections of each image
  jsonl  the same, one image a line
  csv    one detection a row: file,label,class_id,score,x1,y1,x2,y2
  coco   COCO's results list, for pycocotools, in detections.coco.json. image_id
         is the number that ends the file's name (000000403385.jpg), else the
         lowest that is free. category_id is COCO's own (1..90) for COCO's 80
         labels, else class_id + 1
  txt    YOLO: one file an image, lines of "class cx cy w h score" as fractions
         of the image; needs --output
Boxes are x1 y1 x2 y2 in pixels of the image, cut at its border, rounded to 2
digits; scores are rounded to 6. Files are written whole or not at all.

Records of videos (json, jsonl, csv, coco) also have frame, from 0, and time, in
seconds; in coco the frame is the image_id. A video keeps its sound, its times
and its orientation; a truncated or damaged one is used as far as it goes. What
is no .mp4, .m4v, .mov, .mkv or .webm becomes .mp4. A camera that fails, or
gives no frame for 5 s, is opened again, up to 10 times in a row without a
frame; frames that come while the model is busy are dropped.

exit status: 0; 1 if an image could not be used, or not all of a video, the rest
was; 2 if nothing could be done; 130 after Ctrl-C, what was found until then is
kept

example:
  centerdecode detect photos street.jpg --model centernet.xml --labels coco \\
      --resize letterbox --color RGB --mean 0 --scale 1 --output found
  centerdecode detect clip.mp4 --model centernet.xml --output out.mp4
  centerdecode detect rtsp://192.168.0.20/stream -m centernet.xml --duration 60
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "detect",
        help="find objects in images, videos and streams",
        description=_TEXT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "image",
        nargs="+",
        metavar="IMAGE",
        help="an image or a video, a folder of them, rtsp://... or camera:0",
    )
    parser.add_argument(
        "--output", metavar="DIR", help="write pictures and results there; or VIDEO.mp4"
    )
    parser.add_argument("--format", choices=[*FORMATS, "txt"], help="that of the results")
    _options.add_labels(parser)
    parser.add_argument(
        "--score-threshold", type=float, default=0.3, metavar="S", help="lowest score (default 0.3)"
    )
    parser.add_argument(
        "--top-k", type=int, default=100, metavar="K", help="most objects (default 100)"
    )
    _options.add_reading(parser)
    _video.add_to(parser)
    _options.add_model(parser)
    _options.add_augmentation(parser)


def run(args: argparse.Namespace) -> int:
    if args.format == "txt" and args.output is None:
        raise CommandError("--format txt writes a file for each image: it needs --output")
    if args.small_jpeg and args.output is not None:
        raise CommandError("--small-jpeg has no pixels to draw on: it cannot be with --output")
    _check_libraries(args)
    films, images = _films.find(args.image, args.output)
    _films.check(args, films, images)
    photos, barren = _images.find(images, args.output)
    detector = _options.make_detector(
        args,
        labels=_options.labels_of(args),
        score_threshold=args.score_threshold,
        top_k=args.top_k,
        clip=True,
    )
    results_on_screen = args.output is None and args.format is not None and sys.stdout.isatty()
    progress = Progress(len(photos), wanted=not results_on_screen)
    for folder in barren:
        progress.complain(f"{folder}: no images in this folder")
    try:
        good = not photos or _all(args, photos, detector, progress)
        good &= not films or _video.run(args, films, detector)
    except BrokenPipeError:
        raise
    except OSError as error:
        progress.complain(f"{error.filename or 'results'}: {reason(error)}")
        return 1
    return 0 if good and not barren else 1


def _all(
    args: argparse.Namespace, photos: list[_images.Photo], detector: cd.Detector, progress: Progress
) -> bool:
    """Whether all went well with all images; what stops them early is raised when
    the files that were begun are complete."""
    good = True
    stopped: BaseException | None = None
    with contextlib.ExitStack() as stack:
        sinks = open_sinks(args, photos, progress.say, stack)
        try:
            for photo in progress.over(photos):
                good &= _one(args, photo, detector, sinks, progress)
        except (KeyboardInterrupt, BrokenPipeError) as stop:
            stopped = stop
    if stopped is not None:
        raise stopped
    return good


def _one(
    args: argparse.Namespace,
    photo: _images.Photo,
    detector: cd.Detector,
    sinks: list[Sink],
    progress: Progress,
) -> bool:
    """Whether all went well with one image."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    try:
        reduction = detector.jpeg_reduction if args.small_jpeg else None
        image, size = _images.read(photo.path, args.max_pixels, reduction)
        detections = detector(image, original_size=size)
        finite = np.flatnonzero(np.isfinite(detections.xyxy).all(axis=1))
        strange = len(detections) - len(finite)
        if strange:
            progress.complain(f"{photo.path}: {strange} boxes are not finite, left out")
            detections = detections[finite]
        for sink in sinks:
            sink(Found(photo, image, size, detections, detector.labels))
    except BrokenPipeError:
        raise
    except (OSError, RuntimeError, ValueError, cv2.error) as error:
        where = getattr(error, "filename", None) or photo.path
        progress.complain(f"{where}: {reason(error)}")
        return False
    return not strange


def _check_libraries(args: argparse.Namespace) -> None:
    try:
        require("cv2", "opencv-python-headless", "cli")
        if args.output is not None:
            require("supervision", "supervision", "cli")
    except ImportError as error:
        raise CommandError(str(error)) from None
