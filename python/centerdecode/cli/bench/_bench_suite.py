"""`centerdecode bench --suite`: this decoder and its rivals on the same heads."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

import centerdecode as cd

from ..._files import replacing
from ..._lazy import require
from .._suite import (
    Workload,
    as_json,
    draw_growth,
    draw_rivals,
    facts,
    markdown,
    measure_growth,
    measure_rivals,
    workload_named,
)
from ..console import CommandError, reason
from ._prepared_model import prepare


def run(args: argparse.Namespace) -> int:
    if args.output is not None:
        try:
            require("matplotlib", "matplotlib", "bench")
        except ImportError as error:
            raise CommandError(str(error)) from None
    seconds = args.seconds or 1.0
    try:
        table = measure_rivals(_work(args), seconds=seconds, report=_print_progress)
    except AssertionError as error:
        raise CommandError(f"a decoder finds something else than the others: {error}") from None
    machine = facts()
    text = markdown(table, machine)
    print(text, end="", flush=True)
    if args.output is None:
        return 0
    cpu = str(machine["cpu"])
    curves = measure_growth(seconds=seconds / 10, report=_print_progress)
    growth = {"machine": machine, "curves": [curve._asdict() for curve in curves]}
    _write(args.output, "decoders.md", lambda file: file.write(text))
    _write(args.output, "decoders.json", _json(as_json(table, machine)))
    _write(args.output, "decoders.png", lambda file: draw_rivals(table, cpu, file), "wb")
    _write(args.output, "growth.json", _json(growth))
    _write(args.output, "growth.png", lambda file: draw_growth(curves, cpu, file), "wb")
    return 0


def _work(args: argparse.Namespace) -> Workload:
    """The heads of --model, else those of no model.

    Raises:
        CommandError: heads that the rivals cannot decode.
    """
    if args.model is None:
        return workload_named("coco-512", top_k=args.top_k)
    prepared = prepare(args)
    request = prepared.detector.compiled_model.create_infer_request()
    request.infer([prepared.tensor])
    family = prepared.detector.family
    heads = {head: np.array(tensor.data[0]) for head, tensor in prepared.read(request).items()}
    _check(family, heads)
    if family.layout == "NHWC":
        heads = {head: np.moveaxis(array, 2, 0).copy() for head, array in heads.items()}
    return Workload(
        f"{Path(args.model).stem} on {Path(prepared.image).name}",
        heads["heatmap"],
        heads["wh"],
        heads["offset"],
        activation=family.activation,
        top_k=args.top_k,
        stride=family.stride,
    )


def _check(family: cd.Family, heads: dict[str, Any]) -> None:
    plain = cd.families.CENTERNET
    fields = ("decoder", "box_encoding", "box_units", "box_activation", "axes", "window")
    other = [field for field in fields if getattr(family, field) != getattr(plain, field)]
    types = {str(array.dtype) for array in heads.values()}
    if other or {*heads} != {*plain.heads} or types != {"float32"}:
        raise CommandError(
            "--suite compares decoders of plain CenterNet heads (heatmap, wh and offset, in "
            f"f32); this model is {family.name} with {', '.join(heads)}"
        )


def _json(content: dict[str, Any]) -> Callable[[IO[Any]], Any]:
    return lambda file: file.write(json.dumps(content, indent=2) + "\n")


def _write(folder: str, name: str, fill: Callable[[IO[Any]], Any], mode: str = "w") -> None:
    path = Path(folder) / name
    try:
        os.makedirs(folder, exist_ok=True)
        with replacing(path, mode) as file:
            fill(file)
    except OSError as error:
        raise CommandError(f"--output: {path}: {reason(error)}") from None
    _print_progress(str(path))


def _print_progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
