"""The arguments of every command that has a model, and the Detector they describe."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import centerdecode as cd

from ..._lazy import require
from ...families import COCO, RESIZES, read_labels
from ...images import MAX_PIXELS
from ..console import CommandError, reason

_TRIPLES = ("--mean", "--scale", "--pad-value")


def add_model(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    model = parser.add_argument_group("model")
    model.add_argument(
        "--model", "-m", required=required, metavar="M", help="an IR (.xml) or ONNX file"
    )
    model.add_argument(
        "--device", "-d", metavar="D", default="CPU", help="an OpenVINO device (default CPU)"
    )
    model.add_argument(
        "--family",
        type=_family,
        metavar="NAME",
        help="how the model stores its heads, instead of recognising it: "
        f"{', '.join(family.name for family in cd.families.ALL)}; or a FILE.json as "
        "Family.to_json writes it",
    )
    model.add_argument(
        "--preset",
        type=_preset,
        metavar="NAME",
        help="a published model, instead of a family: "
        "centerdecode inspect --list-presets has their names",
    )
    network = parser.add_argument_group(
        "network input",
        "The model's rt_info, its preset or its family says these, unless given here.",
    )
    network.add_argument("--size", nargs=2, type=int, metavar=("H", "W"), help="height and width")
    network.add_argument("--resize", metavar="HOW", help=", ".join(RESIZES))
    network.add_argument("--color", type=str.upper, metavar="ORDER", help="RGB or BGR")
    for name, what in zip(
        _TRIPLES,
        (
            "subtracted from pixels of 0..255, a number or one for each channel",
            "divided by, after the mean",
            "the pixel around a smaller image",
        ),
        strict=True,
    ):
        network.add_argument(name, type=_numbers, metavar="A [B C]", help=what)


def add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels", metavar="coco|FILE", help="names of the classes: COCO's 80, or one a line"
    )


def labels_of(args: argparse.Namespace) -> list[str] | None:
    """Raises:
    CommandError: the file of --labels cannot be read.
    """
    if args.labels is None:
        return None
    try:
        return list(COCO) if args.labels == "coco" else read_labels(args.labels)
    except (OSError, ValueError) as error:
        raise CommandError(f"--labels {args.labels}: {reason(error)}") from None


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How image files are read."""
    reading = parser.add_argument_group("reading images")
    reading.add_argument(
        "--max-pixels",
        type=int,
        default=MAX_PIXELS,
        metavar="N",
        help="refuse an image of more, before it is decoded (default %(default)s)",
    )
    reading.add_argument(
        "--small-jpeg",
        action="store_true",
        help="read a JPEG at 1/2, 1/4 or 1/8 of its size where the network's input is smaller "
        "still: one of 12 megapixels in a quarter of the time. Boxes and scores differ a "
        "little from those of the whole image; no picture can be drawn of it",
    )


def add_augmentation(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("several looks at an image")
    group.add_argument("--flip", action="store_true", help="look at its mirror image, too")
    group.add_argument(
        "--scales", type=_list, metavar="S,..", help="look at it at several sizes, as 0.75,1"
    )
    group.add_argument(
        "--tile", type=int, metavar="N", help="look at large images in squares of N pixels, too"
    )


_READING = (("cv2", "opencv-python-headless", "cli"), ("imagesize", "imagesize", "cli"))


def check_libraries(*more: tuple[str, str, str]) -> None:
    """Whether there is what reads images, and `more`: module, distribution and extra.

    Raises:
        CommandError: something is missing; the message names the extra.
    """
    try:
        for module, distribution, extra in (*_READING, *more):
            require(module, distribution, extra)
    except ImportError as error:
        raise CommandError(str(error)) from None


def make_detector(args: argparse.Namespace, **more: Any) -> cd.Detector:
    """Raises:
    CommandError: the model cannot be read, is not recognised or does not fit.
    """
    names = ("size", "resize", "color", "mean", "scale", "pad_value")
    given = {name: getattr(args, name) for name in names}
    looks = {name: getattr(args, name, None) for name in ("flip", "scales", "tile")}
    given |= {name: look for name, look in looks.items() if look is not None}
    if looks["tile"] is not None and getattr(args, "small_jpeg", False):
        raise CommandError("--small-jpeg leaves out the pixels that --tile looks at: choose one")
    try:
        return cd.Detector(
            args.model, args.device, family=args.family, preset=args.preset, **given, **more
        )
    except (ImportError, OSError, RuntimeError, TypeError, ValueError) as error:
        # The library's advice is Python; here it is an argument.
        message, advice, _ = reason(error).partition("; pass family=")
        if advice:
            message += "; pass --family, see: centerdecode inspect --help"
        raise CommandError(message) from None


def joined(argv: Sequence[str]) -> list[str]:
    """["--mean", "1", "2", "3", "a.jpg"] -> ["--mean=1,2,3", "a.jpg"].

    So that an image may follow: argparse itself would take it for a number.
    """
    rest = list(argv)
    done = []
    while rest:
        word = rest.pop(0)
        numbers: list[str] = []
        while word in _TRIPLES and rest and len(numbers) < 3 and _is_number(rest[0]):
            numbers.append(rest.pop(0))
        done.append(f"{word}={','.join(numbers)}" if numbers else word)
    return done


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be greater than 0, got {text}")
    return number


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {text}")
    return number


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _list(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers, as 0.75,1, got {text!r}") from None


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be one number or three, got {text!r}") from None
    return numbers * 3 if len(numbers) == 1 else numbers


def _preset(text: str) -> cd.presets.Preset:
    try:
        return cd.presets.find(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("preset ")) from None


def _family(text: str) -> cd.Family:
    try:
        if text.endswith(".json"):
            return cd.Family.from_json(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text}: {reason(error)}") from None
    known = {family.name: family for family in cd.families.ALL}
    name = text.upper().replace("-", "_")
    if name not in known:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(known)}, got {text!r}")
    return known[name]
