"""`centerdecode inspect`: what a model is taken for, and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import centerdecode as cd

from .._network import default_core, read
from . import _options
from ._say import CommandError, reason

_TEXT = """\
Print a model's inputs and outputs, the family it is recognised as and why, and
what is done to images before it.
"""
_MORE = """\
A model of unknown output names needs a family of one's own, as a file:
  python -c 'from centerdecode.families import CENTERNET; print(
  CENTERNET.replace(name="MINE", heads={"heatmap": ("A",), "wh": ("B",),
  "offset": ("C",)}).to_json())' > my.json

examples:
  centerdecode inspect --model centernet.xml
  centerdecode inspect --model centernet.xml --family my.json
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "inspect",
        help="say what a model is taken for, and why",
        description=_TEXT,
        allow_abbrev=False,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    _options.add_model(parser)


def run(args: argparse.Namespace) -> int:
    try:
        model = read(args.model, default_core())
    except (ImportError, OSError, RuntimeError) as error:
        raise CommandError(reason(error)) from None
    _section("inputs", map(_port, model.inputs))
    _section("outputs", map(_port, model.outputs))
    detector = _options.make_detector(args)
    _section(f"family {detector.family.name}", detector.why)
    _section("network input", _preprocessing(detector))
    _section("labels", [", ".join(detector.labels) if detector.labels else "not in the model"])
    _section("device", [f"{args.device}, inference precision {_precision(detector)}"])
    return 0


def _section(title: str, lines: Iterable[str]) -> None:
    print("\n  ".join([f"{title}:", *lines]), flush=True)


def _port(port: Any) -> str:
    names = "|".join(sorted(port.get_names())) or "(no name)"
    return f"{names} {port.get_partial_shape()} {port.get_element_type().get_type_name()}"


def _preprocessing(detector: cd.Detector) -> list[str]:
    family = detector.family
    _, height, width, _ = detector.compiled_model.input().get_partial_shape()
    fixed = height.is_static and width.is_static
    return [
        f"size: {f'{height} x {width}' if fixed else 'any'} (height x width)",
        f"resize: {family.resize}, pad value {_triple(family.pad_value)}",
        f"color: {family.color}",
        f"mean: {_triple(family.mean)}",
        f"scale: {_triple(family.scale)}",
    ]


def _triple(numbers: Iterable[float]) -> str:
    return " ".join(f"{number:g}" for number in numbers)


def _precision(detector: cd.Detector) -> str:
    try:
        precision = detector.compiled_model.get_property("INFERENCE_PRECISION_HINT")
    except RuntimeError:
        return "not told by this device"
    return str(precision.get_type_name())
