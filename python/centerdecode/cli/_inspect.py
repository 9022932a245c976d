"""`centerdecode inspect`: what a model is taken for, and why."""

from __future__ import annotations

import argparse
import dataclasses
import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import centerdecode as cd

from ..graph.cutting import find_tail
from ..models import INPUT_FIELDS, default_core, read
from . import _model_writer, arguments
from .console import CommandError, reason

_TEXT = """\
Print a model's inputs and outputs, the family it is recognised as and why,
which output is which head, what is done to images before it, and who says so.
"""
_MORE = """\
--write-family writes a copy of the model (OUT.xml and OUT.bin) that carries all
of it in its rt_info, with what the other arguments say: a Detector and these
commands then need no more of them. What Intel's section model_info has words
for is written there, too.

A model of unknown output names needs a family of one's own, as a file:
  python -c 'from centerdecode.families import CENTERNET; print(
  CENTERNET.replace(name="MINE", heads={"heatmap": ("A",), "wh": ("B",),
  "offset": ("C",)}).to_json())' > my.json

examples:
  centerdecode inspect --model centernet.xml
  centerdecode inspect --model centernet.xml --family my.json
  centerdecode inspect --model centernet.onnx --resize letterbox --color RGB \\
      --mean 0 --scale 1 --labels coco --write-family ready.xml
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
    parser.add_argument("--json", action="store_true", help="print it as one JSON object")
    parser.add_argument("--list-presets", action=_ListPresets, help="print their names, and end")
    parser.add_argument(
        "--write-family", metavar="OUT.xml", help="write a copy of the model that needs no options"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="let --write-family replace files, even the model"
    )
    arguments.add_labels(parser)
    arguments.add_model(parser)


class _ListPresets(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *unused: Any) -> None:
        print("\n".join(cd.presets.NAMES))
        parser.exit()


def run(args: argparse.Namespace) -> int:
    try:
        model = read(args.model, default_core())
    except (ImportError, OSError, RuntimeError) as error:
        raise CommandError(reason(error)) from None
    if not args.json:
        _section("inputs", map(_port, model.inputs))
        _section("outputs", map(_port, model.outputs))
        if _decodes(model):
            _section("decoder", ["in its own graph; centerdecode.graph.cut gives its heads"])
    detector = arguments.make_detector(args, labels=arguments.labels_of(args))
    facts = _facts(args, detector)
    if args.json:
        ports = {"inputs": [*map(_record, model.inputs)], "outputs": [*map(_record, model.outputs)]}
        family = dataclasses.asdict(detector.family)
        print(json.dumps(ports | facts | {"family": family}, indent=2), flush=True)
    else:
        _print(facts)
    if args.write_family is not None:
        _model_writer.write(model, detector, args.write_family, overwrite=args.overwrite)
        if not args.json:
            print(f"written: {args.write_family}", flush=True)
    return 0


def _decodes(model: Any) -> bool:
    try:
        find_tail(model)
    except ValueError:
        return False
    return True


def _facts(args: argparse.Namespace, detector: cd.Detector) -> dict[str, Any]:
    """What is known of the model, besides its ports."""
    network = detector._open()
    recognition = network.recognition
    origins = dict(network.identity.origins)
    if detector.family.size is None:
        origins["size"] = "the model's input" if network.size else "the image"
    if args.labels is not None:
        origins["labels"] = "asked for"
    values = {field: getattr(detector.family, field) for field in INPUT_FIELDS}
    values["size"] = network.size
    used = {*recognition.heads.values()}
    preset = recognition.preset
    return {
        "why": [*detector.why],
        "preset": None if preset is None else preset.name,
        "source": None if preset is None else preset.source,
        "heads": dict(recognition.heads),
        "unused_outputs": [i for i in range(len(network.compiled.outputs)) if i not in used],
        "network_input": {
            field: {"value": value, "origin": origins[field]} for field, value in values.items()
        },
        "labels": {"value": detector.labels, "origin": origins["labels"]},
        "keypoints": [] if preset is None else [*preset.keypoints],
        "device": args.device,
        "precision": _precision(detector),
        "name": detector.family.name,
    }


def _print(facts: Mapping[str, Any]) -> None:
    why = facts["why"]
    if facts["source"] is not None:
        why = [*why, f"the preset is from {facts['source']}"]
    if facts["unused_outputs"]:
        numbers = ", ".join(map(str, facts["unused_outputs"]))
        why = [*why, f"outputs {numbers}, counted from 0, are no head of it"]
    _section(f"family {facts['name']}", why)
    fields = facts["network_input"].items()
    _section("network input", [f"{n}: {_text(n, f['value'])} ({f['origin']})" for n, f in fields])
    labels = facts["labels"]
    names = [name for name in labels["value"] or [] if name]
    text = f"{len(names)}, {labels['origin']}: {', '.join(names)}"
    _section("labels", textwrap.wrap(text, 78) if names else ["not in the model"])
    if facts["keypoints"]:
        _section("keypoints", textwrap.wrap(", ".join(facts["keypoints"]), 78))
    _section("device", [f"{facts['device']}, inference precision {facts['precision']}"])


def _section(title: str, lines: Iterable[str]) -> None:
    print("\n  ".join([f"{title}:", *lines]), flush=True)


def _record(port: Any) -> dict[str, Any]:
    shape = [d.get_length() if d.is_static else -1 for d in port.partial_shape]
    element_type = port.get_element_type().get_type_name()
    return {"names": sorted(port.get_names()), "shape": shape, "element_type": element_type}


def _port(port: Any) -> str:
    names = "|".join(sorted(port.get_names())) or "(no name)"
    return f"{names} {port.get_partial_shape()} {port.get_element_type().get_type_name()}"


def _text(field: str, value: Any) -> str:
    if field == "size":
        return "any" if value is None else f"{value[0]} x {value[1]}, height x width"
    return value if isinstance(value, str) else " ".join(f"{number:g}" for number in value)


def _precision(detector: cd.Detector) -> str:
    try:
        precision = detector.compiled_model.get_property("INFERENCE_PRECISION_HINT")
    except RuntimeError:
        return "not told by this device"
    return str(precision.get_type_name())
