"""`centerdecode demo`: the model in the box on the page in the box."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from .._files import replacing
from ..families import name_of
from ..images import read_image
from . import arguments, drawing
from .console import CommandError, reason
from .inputs import Photo
from .results import ImageResult, table

DIGITS = Path(__file__).parents[1] / "digits"
MODEL, PAGE, TRUTH = DIGITS / "digits.xml", DIGITS / "page.jpg", DIGITS / "page.json"
PICTURE = "centerdecode_demo.png"

_TEXT = f"""\
Find handwritten digits on a cluttered page. The model, a small CenterNet, and
the page are part of centerdecode: no network and no other file is needed.
Prints a table of the digits, what they read, and a command to try next, and
writes {PICTURE}, the page with what was found on it.
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="see it work, with a model and a page that are included",
        description=_TEXT,
        epilog="example: centerdecode demo --output found",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--output", default=".", metavar="DIR", help="where the picture goes (default: here)"
    )
    parser.add_argument(
        "--score-threshold", type=float, default=0.3, metavar="S", help="lowest score (default 0.3)"
    )


def run(args: argparse.Namespace) -> int:
    arguments.check_libraries(("supervision", "supervision", "cli"))
    try:
        detector = cd.Detector(MODEL, score_threshold=args.score_threshold, clip=True)
        image, size = read_image(str(PAGE))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise CommandError(reason(error)) from None
    detections = detector(image)
    photo = Photo(str(PAGE), PAGE.stem, 1)
    found = ImageResult(photo, image, size, detections, detector.labels)
    print(table(found))
    path = os.path.normpath(os.path.join(args.output, PICTURE))
    try:
        os.makedirs(args.output, exist_ok=True)
        with replacing(path, "wb") as file:
            file.write(drawing.encode(drawing.draw(found), ".png"))
    except OSError as error:
        raise CommandError(f"--output: {error.filename or path}: {reason(error)}") from None
    names = [name_of(detector.labels, class_id) for class_id in detections.class_ids.tolist()]
    print(f"\nread:    {as_text(names, detections.xyxy)}\nwritten: {_written()}")
    print(f"\n{path} shows it.\nNext, your own images, with this model or with yours:")
    print(f'  centerdecode detect YOUR.jpg --model "{MODEL}" --output found')
    return 0


def as_text(names: Sequence[str], xyxy: NDArray[np.floating[Any]]) -> str:
    """The names in order of reading, a space between lines.

    A box is on the line of the highest one whose vertical extent its center lies in.
    """
    centers = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    lines: list[list[int]] = []
    for i in np.argsort(centers[:, 1], kind="stable").tolist():
        if lines and centers[i, 1] < xyxy[lines[-1][0], 3]:
            lines[-1].append(i)
        else:
            lines.append([i])
    ordered = (sorted(line, key=lambda i: float(centers[i, 0])) for line in lines)
    return " ".join("".join(names[i] for i in line) for line in ordered)


def _written() -> str:
    """What the page says, by its truth."""
    truth = json.loads(TRUTH.read_bytes())
    names = {category["id"]: category["name"] for category in truth["categories"]}
    boxes = np.array([row["bbox"] for row in truth["annotations"]], np.float64)
    boxes[:, 2:] += boxes[:, :2]
    return as_text([names[row["category_id"]] for row in truth["annotations"]], boxes)
