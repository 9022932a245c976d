"""`centerdecode evaluate`: how right a model is, in COCO's numbers."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from typing import Any

import centerdecode as cd

from ..._files import replacing
from ...detector import network_of
from .. import arguments
from ..arguments import settings_of
from ..console import CommandError, reason
from . import _evaluate_images, _ground_truth, _metrics

_TEXT = """\
Detect objects in the images that the annotations tell of, and print COCO's
numbers: twelve for boxes, ten for keypoints, and AP by class. With --output
also write them to evaluation.json there, and what was found to
detections.coco.json, in COCO's results format, not rounded.
"""
_MORE = """\
classes: a label of the model that is the name of a category is that category,
  in any case of its letters, "_" like " ". A model without labels: COCO's 80 in
  COCO's order if both have them; else the categories in ascending order of their
  ids, if they are as many as the classes. --category-ids tells it otherwise.
  What is found of a class without category is left out.
images: those that are missing, unreadable or not of the annotated size are
  reported, and the numbers are those of the others.
boxes: as the model says them, not cut at the border of the image, as in the
  programs that the families come from; --clip cuts them, as detect does.
keypoints: measured too, where the model gives as many as the annotations have;
  COCO's tolerances hold for its 17, others need --sigmas.

--json prints what evaluation.json holds: the numbers by name, AP by class, what
  could not be used, and all that decides on them: arguments, family, version.

exit status: 0; 1 if an image, or a box in it, could not be used; 2 if nothing could be done

example:
  centerdecode evaluate --model centernet.xml --labels coco --images val2017 \\
      --annotations instances_val2017.json --output measured
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="measure AP on annotated images",
        description=_TEXT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--images", required=True, metavar="DIR", help="the folder of the images")
    parser.add_argument(
        "--annotations", required=True, metavar="FILE", help="COCO's instances or keypoints, JSON"
    )
    parser.add_argument("--output", metavar="DIR", help="write numbers and results there")
    parser.add_argument(
        "--iou-type",
        choices=["bbox", "keypoints"],
        help="what is measured; default: boxes, and keypoints where there are any",
    )
    parser.add_argument(
        "--sigmas", nargs="+", type=float, metavar="S", help="the tolerance of each keypoint"
    )
    arguments.add_labels(parser)
    parser.add_argument(
        "--category-ids", nargs="+", type=int, metavar="ID", help="the category of each class"
    )
    parser.add_argument(
        "--score-threshold", type=float, default=0.0, metavar="S", help="lowest score (default 0)"
    )
    parser.add_argument(
        "--top-k", type=int, default=100, metavar="K", help="most objects an image (default 100)"
    )
    parser.add_argument("--clip", action="store_true", help="cut boxes at the image's border")
    parser.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    parser.add_argument(
        "--quiet", "-q", action="store_true", help="print errors only, no numbers and no progress"
    )
    arguments.add_augmentation(parser)
    arguments.add_reading(parser)
    arguments.add_model(parser)


def run(args: argparse.Namespace) -> int:
    arguments.check_libraries(("faster_coco_eval", "faster-coco-eval", "evaluate"))
    _check_folders(args)
    truth = _ground_truth.read(args.annotations)
    _check_keypoints(args, _metrics.keypoints_of(truth))
    detector = arguments.make_detector(
        args,
        labels=arguments.labels_of(args),
        score_threshold=args.score_threshold,
        top_k=args.top_k,
        clip=args.clip,
    )
    mapping = _ground_truth.map_categories(
        truth["categories"], detector.labels, _classes(detector), args.category_ids
    )
    _print(args, f"classes: {mapping.why}")
    detected = _evaluate_images.detect(args, truth, detector, mapping.category_ids)
    if not detected.image_ids:
        raise CommandError(f"--images {args.images}: none of the annotated images can be used")
    measured = []
    for iou_type in _iou_types(args, truth, detected.rows):
        measured.append(
            _metrics.measure(truth, detected.rows, iou_type, detected.image_ids, args.sigmas)
        )
        _print(args, f"\n{iou_type}, {len(detected.image_ids)} of {len(truth['images'])} images:")
        _print(args, _metrics.text(measured[-1]))
    report = _report(args, detector, detected, measured, mapping)
    if args.json:
        print(json.dumps(report, indent=2))
    if args.output is not None:
        _write(args.output, detected.rows, report)
    return 1 if detected.failed or detected.not_finite else 0


def _print(args: argparse.Namespace, text: str) -> None:
    if not (args.quiet or args.json):
        print(text, flush=True)


def _classes(detector: cd.Detector) -> int | None:
    """How many classes the model has, where its heatmap tells."""
    heatmap = network_of(detector).recognition.heads.get("heatmap")
    if heatmap is None:
        return None
    channels = detector.compiled_model.output(heatmap).partial_shape[
        detector.family.layout.index("C")
    ]
    return channels.get_length() if channels.is_static else None


def _check_folders(args: argparse.Namespace) -> None:
    """Before the work, not after it."""
    if not os.path.isdir(args.images):
        raise CommandError(f"--images {args.images}: no such folder")
    try:
        if args.output is not None:
            os.makedirs(args.output, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--output {args.output}: {reason(error)}") from None


def _check_keypoints(args: argparse.Namespace, annotated: int) -> None:
    if args.iou_type == "keypoints" and not annotated:
        raise CommandError(f"--annotations {args.annotations}: no keypoints in it")
    needed = _needs_sigmas(args, annotated)
    if args.iou_type == "keypoints" and needed:
        raise CommandError(needed)
    if args.sigmas is not None and len(args.sigmas) != annotated:
        raise CommandError(f"--sigmas: {len(args.sigmas)} numbers for {annotated} keypoints")


def _needs_sigmas(args: argparse.Namespace, annotated: int) -> str:
    if args.sigmas is not None or annotated == _metrics.KEYPOINTS:
        return ""
    return f"{annotated} keypoints are not COCO's 17: pass --sigmas with a number for each"


def _iou_types(
    args: argparse.Namespace, truth: Mapping[str, Any], rows: _metrics.Rows
) -> list[str]:
    """What can be measured of what was found.

    Raises:
        CommandError: not what was wished.
    """
    annotated = _metrics.keypoints_of(truth)
    found = _metrics.keypoints_of({"annotations": rows})
    if args.iou_type == "bbox" or (args.iou_type is None and not (annotated and found)):
        return ["bbox"]
    problem = _needs_sigmas(args, annotated)
    if rows and found != annotated:
        problem = f"the model gives {found} keypoints, the annotations have {annotated}"
    if args.iou_type == "keypoints":
        if problem:
            raise CommandError(problem)
        return ["keypoints"]
    if problem:
        _print(args, f"keypoints are not measured: {problem}")
    return ["bbox"] if problem else ["bbox", "keypoints"]


def _report(
    args: argparse.Namespace,
    detector: cd.Detector,
    detected: _evaluate_images.DetectedImages,
    measured: list[_metrics.Metrics],
    mapping: _ground_truth.CategoryMapping,
) -> dict[str, Any]:
    return {
        "settings": settings_of(args, detector),
        "classes": mapping.why,
        "images": len(detected.image_ids),
        "failed": detected.failed,
        "not_finite": detected.not_finite,
        "numbers": {metrics.iou_type: metrics.numbers for metrics in measured},
        "by_class": {metrics.iou_type: metrics.classes for metrics in measured},
    }


def _write(folder: str, rows: _metrics.Rows, report: dict[str, Any]) -> None:
    try:
        for name, content, indent in (
            ("detections.coco.json", rows, None),
            ("evaluation.json", report, 2),
        ):
            with replacing(os.path.join(folder, name)) as file:
                json.dump(content, file, indent=indent)
                file.write("\n")
    except OSError as error:
        raise CommandError(f"--output: {error.filename or folder}: {reason(error)}") from None
