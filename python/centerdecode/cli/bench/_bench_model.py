"""`centerdecode bench --model`: a model alone, with our decoder, and with NumPy's."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import centerdecode as cd

from ..._files import replacing
from ...decoding import Placements
from .._suite import facts, numpy_decoder, verify, why_not
from ..console import CommandError, reason
from ._inference_runs import InferenceRuns, Timings
from ._prepared_model import PreparedModel, prepare

ALONE, OURS, NUMPY = "inference alone", "with centerdecode", "with NumPy, threshold first"
OnRequest = Callable[[Any], Any]


def run(args: argparse.Namespace) -> int:
    prepared = prepare(args)
    try:
        runs = InferenceRuns(prepared, args.nireq)
        ways, missing = _ways(args, prepared, runs.infer())
        _print_progress(f"{args.model}: family {prepared.detector.family.name}, {prepared.image}")
        measured = runs.measure(
            ways, count=args.niter, seconds=args.seconds or 10, report=_print_progress
        )
    except RuntimeError as error:
        raise CommandError(reason(error)) from None
    for name, own in measured.items():
        print("\n".join(_closing(name, own)))
    print(_comparison(measured))
    if missing:
        print(f"{NUMPY}: not measured, {missing}")
    if args.json_stats:
        _write(args, prepared, runs, measured)
    return 0


def _ways(
    args: argparse.Namespace, prepared: PreparedModel, request: Any
) -> tuple[dict[str, OnRequest | None], str]:
    """What is done with each finished request, by name, and why NumPy's way is not
    among it. A way that finds something else than ours is not timed."""
    options = {"score_threshold": args.score_threshold, "top_k": args.top_k}
    family = prepared.detector.family
    decoder = cd.Decoder(family, plateaus="keep", **options)
    height, width = prepared.tensor.shape[1:3]
    placements = Placements(input_size=(height, width))

    def ours(request: Any) -> cd.Detections:
        return decoder.decode_heads(prepared.read(request), placements)[0]

    ways: dict[str, OnRequest | None] = {ALONE: None, OURS: ours}
    found = ours(request)
    arrays = {head: tensor.data for head, tensor in prepared.read(request).items()}
    missing = why_not(family, arrays)
    if not missing:
        decode = numpy_decoder(family, **options)
        try:
            verify(decode(arrays), (found.xyxy, found.scores, found.class_ids))
        except AssertionError:
            return ways, "it finds something else in these heads than centerdecode"
        ways[NUMPY] = lambda request: decode(
            {head: tensor.data for head, tensor in prepared.read(request).items()}
        )
    return ways, missing


def _closing(name: str, own: Timings) -> list[str]:
    """benchmark_app's last lines."""
    ms = [1000 * latency for latency in own.latencies]
    return [
        f"{name}",
        f"  Count:            {len(ms)} iterations",
        f"  Duration:         {1000 * own.seconds:.2f} ms",
        "  Latency:",
        f"     Median:        {statistics.median(ms):.2f} ms",
        f"     Average:       {statistics.fmean(ms):.2f} ms",
        f"     Min:           {min(ms):.2f} ms",
        f"     Max:           {max(ms):.2f} ms",
        f"  Throughput:       {own.throughput:.2f} FPS",
    ]


def _comparison(measured: dict[str, Timings]) -> str:
    alone = measured[ALONE].throughput
    parts = [
        f"{name} {own.throughput:.2f} FPS ({100 * own.throughput / alone:.1f} %)"
        for name, own in measured.items()
    ]
    return "; ".join(parts)


def _write(
    args: argparse.Namespace,
    prepared: PreparedModel,
    runs: InferenceRuns,
    measured: dict[str, Timings],
) -> None:
    options = {name: value for name, value in vars(args).items() if name != "run"}
    options["family"] = prepared.detector.family.name
    options["preset"] = args.preset and args.preset.name
    results = [
        {
            "name": name,
            "count": len(own.latencies),
            "duration_ms": 1000 * own.seconds,
            "latency_median_ms": 1000 * statistics.median(own.latencies),
            "latency_average_ms": 1000 * statistics.fmean(own.latencies),
            "latency_min_ms": 1000 * min(own.latencies),
            "latency_max_ms": 1000 * max(own.latencies),
            "throughput_fps": own.throughput,
        }
        for name, own in measured.items()
    ]
    content = {
        "cmd_options": options,
        "configuration_setup": {**facts(), **runs.configuration(), "input": prepared.image},
        "execution_results": results,
    }
    path = Path(args.report_folder) / "centerdecode_bench.json"
    try:
        os.makedirs(args.report_folder, exist_ok=True)
        with replacing(path) as file:
            json.dump(content, file, indent=2)
            file.write("\n")
    except OSError as error:
        raise CommandError(f"-report_folder: {path}: {reason(error)}") from None


def _print_progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
