"""`centerdecode detect`: images in, tables, pictures and results files out; `_video` has the rest."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from typing import Any

import centerdecode as cd

from ...images import MAX_PIXELS
from .. import arguments
from ..arguments import settings_of
from ..console import CommandError, Progress, reason
from ..inputs import Photo, VideoInput, find_images, find_videos
from ..results import FILES, FORMATS, Item
from ..videos import add_video_arguments, check_targets, is_video, run_videos
from . import _output_folder, _ray_run
from ._calibration import read_calibration
from ._image_run import all_of, detector_of, outcomes
from ._sinks import open_sink

_TEXT = """\
Print a table of the objects in each image. With --output also write annotated
pictures there, and a file detections.ENDING (json unless --format says else).
With --format and no --output the results go to stdout instead of the tables,
and nothing else does.

Of a video or camera a line is printed, and with --output an annotated video is
written there, and its results as NAME.ENDING beside it; or, if --output ends as
a video does, that video alone.
"""
_MORE = """\
formats:
  json     one list: file, width, height and detections of each image
  jsonl    the same, one image a line
  csv      one detection a row: file,label,class_id,score,x1,y1,x2,y2
  coco     COCO's results list, for pycocotools, in detections.coco.json.
           image_id is the number that ends the file's name (000000403385.jpg),
           else the lowest that is free. category_id is COCO's own (1..90) for
           COCO's 80 labels, else class_id + 1
  parquet  one image a row: file, width, height and detections, a list of
           structs; needs --output
  txt      YOLO: one file an image, lines of "class cx cy w h score" as
           fractions of the image; needs --output
  voc      Pascal VOC: one .xml an image; needs --output
Boxes are x1 y1 x2 y2 in pixels of the image, cut at its border, rounded to 2
digits; scores are rounded to 6; parquet rounds nothing. Masks are COCO's run
lengths in json, jsonl and coco. Files are written whole or not at all.

A run that was stopped or killed leaves DIR/detections.partial: --resume goes on
where it stopped, if model and options are the same. An image or a video that
changed since is done again, and so is the video in which it stopped.

Records of videos (json, jsonl, csv, coco) also have frame, from 0, and time, in
seconds; in coco the frame is the image_id. A video keeps its sound, its times
and its orientation; a truncated or damaged one is used as far as it goes. What
is no .mp4, .m4v, .mov, .mkv or .webm becomes .mp4. A camera that fails, or
gives no frame for 5 s, is opened again, up to 10 times in a row without a
frame; frames that come while the model is busy are dropped.

With --ray the files, the tables and their order are those of a run without it,
each can go on with what the other began, and pictures are drawn by the actors,
too. One that dies begins again with the images that it had; an image of which
it dies again and again is reported, and the rest runs.

exit status: 0; 1 if an image could not be used, or not all of a video, the rest
was; 2 if nothing could be done; 130 after Ctrl-C, what was found until then is
kept

examples:
  centerdecode detect street.jpg --model centernet.xml
  centerdecode detect photos street.jpg --model centernet.xml --labels coco \\
      --resize letterbox --color RGB --mean 0 --scale 1 --output found
  centerdecode detect clip.mp4 --model centernet.xml --output out.mp4
  centerdecode detect rtsp://192.168.0.20/stream -m centernet.xml --duration 60
  centerdecode detect photos -m centernet.xml --output found --resume
  centerdecode detect photos -m centernet.xml --format jsonl | jq .file
  centerdecode detect photos -m centernet.xml --output found --ray 10.0.0.1:6379
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
    parser.add_argument("--format", choices=[*FORMATS, *FILES], help="that of the results")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run that was stopped in --output"
    )
    parser.add_argument(
        "--quiet", "-q", action="store_true", help="print errors only, no tables and no progress"
    )
    parser.add_argument(
        "--show-heatmap", action="store_true", help="lay the heatmap over the pictures"
    )
    arguments.add_labels(parser)
    parser.add_argument(
        "--score-threshold",
        type=float,
        metavar="S",
        help="lowest score (default 0.3, or that of a decoder in the model)",
    )
    parser.add_argument(
        "--top-k",
        type=int,
        metavar="K",
        help="most objects (default 100, or those of a decoder in the model)",
    )
    parser.add_argument(
        "--calibration",
        type=read_calibration,
        metavar="FILE",
        help="the camera, for boxes in space: 3 x 4 numbers, or KITTI's file",
    )
    arguments.add_reading(parser)
    add_video_arguments(parser)
    arguments.add_model(parser)
    arguments.add_augmentation(parser)
    _ray_run.add_to(parser)


def run(args: argparse.Namespace) -> int:
    _check_arguments(args)
    arguments.check_libraries(*_libraries(args))
    videos, images, closed = find_videos(args.image, args.output)
    check_targets(args, videos, images)
    photos, barren = find_images(images, args.output)
    _check_options(args, videos, photos)
    _ray_run.check(args, videos)
    detector = detector_of(args, arguments.labels_of(args))
    results_on_screen = args.output is None and args.format is not None and sys.stdout.isatty()
    progress = Progress(len(photos), quiet=args.quiet, wanted=not results_on_screen)
    for error in closed:
        progress.error(f"{error.filename}: {reason(error)}")
    for folder in barren:
        progress.error(f"{folder}: no images in this folder")
    try:
        good = _run_all(args, photos, videos, detector, progress)
    except BrokenPipeError:
        raise
    except OSError as error:
        progress.error(f"{error.filename or 'results'}: {reason(error)}")
        return 1
    return 0 if good and not closed and not barren else 1


def _run_all(
    args: argparse.Namespace,
    photos: Sequence[Photo],
    videos: Sequence[VideoInput],
    detector: cd.Detector,
    progress: Progress,
) -> bool:
    """Whether all went well with all images and videos."""
    with contextlib.ExitStack() as stack:
        journal = None
        if args.output is not None and not is_video(args.output):
            items: list[Item] = [*photos, *(video for video in videos if not video.live)]
            journal = stack.enter_context(
                _output_folder.journal_of(args, items, settings_of(args, detector))
            )
        good = True
        if photos:
            sink = open_sink(args, photos, journal, progress.print)
            outcomes_of = _ray_run.outcomes_of if args.ray is not None else outcomes
            with contextlib.closing(outcomes_of(detector, sink.todo, args)) as results:
                good = all_of(results, args, sink, progress)
        if videos:
            good &= run_videos(args, videos, detector, journal)
        return good


def _check_options(
    args: argparse.Namespace, videos: Sequence[VideoInput], photos: Sequence[Photo]
) -> None:
    """What is asked of images counts for those among videos, but there must be some."""
    max_pixels = args.max_pixels != MAX_PIXELS
    for option, given in (
        ("--show-heatmap", args.show_heatmap),
        ("--small-jpeg", args.small_jpeg),
        ("--max-pixels", max_pixels),
    ):
        if given and videos and not photos:
            raise CommandError(f"{option} is for images, not for videos")
    if args.resume and all(video.live for video in videos) and not photos:
        raise CommandError("--resume is for images and videos, not for cameras")
    for option in ("frames", "duration"):
        if not videos and getattr(args, option) is not None:
            raise CommandError(f"--{option} is for videos and cameras, not for images")


def _check_arguments(args: argparse.Namespace) -> None:
    if args.small_jpeg and args.output is not None:
        raise CommandError("--small-jpeg has no pixels to draw on: it cannot be with --output")
    if args.output is not None:
        return
    for option, given, why in (
        (f"--format {args.format}", args.format in (*FILES, "parquet"), "writes files"),
        ("--resume", args.resume, "goes on with what is there"),
        ("--show-heatmap", args.show_heatmap, "is seen in pictures"),
    ):
        if given:
            raise CommandError(f"{option} {why}: it needs --output")


def _libraries(args: argparse.Namespace) -> list[tuple[str, str, str]]:
    """What is needed besides what reads images."""
    needed = []
    if args.output is not None:
        needed.append(("supervision", "supervision", "cli"))
    if args.format == "parquet":
        needed.append(("pyarrow", "pyarrow", "interop"))
    return needed
