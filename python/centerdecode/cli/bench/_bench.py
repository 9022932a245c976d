"""`centerdecode bench`: what decoding costs, with one's own model or among decoders."""

from __future__ import annotations

import argparse
from typing import Any

from .. import arguments
from ..console import CommandError

_TEXT = """\
Measure what decoding costs on this machine.

With --model: run the model alone, with centerdecode in the callback of every
request, and with a good NumPy decoder there instead. With --suite: time this
decoder and its rivals on the same heads.
"""
_MORE = """\
Options of one dash are benchmark_app's. The three runs of a model take turns, so
that a machine that is busy for a while slows all of them down. Latency is from
the start of a request to the end of its callback.

--suite decodes the heads that --model gives for the image of -i, or of the size
and numbers of a COCO model's where there is no --model. Each decoder is checked
before it is timed; those whose library is missing are left out, and said so.
All of them: pip install "centerdecode[bench,rivals]"

examples:
  centerdecode bench -m centernet.xml -i street.jpg -hint latency -t 10
  centerdecode bench --suite --output numbers
"""


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "bench",
        help="measure what decoding costs",
        description=_TEXT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--suite", action="store_true", help="compare decoders")
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="with --suite: write decoders.md, .json and .png, growth.json and .png there",
    )
    parser.add_argument("-i", dest="image", metavar="IMAGE", help="what to infer (default: noise)")
    parser.add_argument(
        "-t",
        dest="seconds",
        type=arguments.positive,
        metavar="S",
        help="seconds for each run (default 10), or, with --suite, for each decoder (default 1)",
    )
    parser.add_argument(
        "--score-threshold", type=float, default=0.1, metavar="S", help="lowest score (default 0.1)"
    )
    parser.add_argument(
        "--top-k", type=int, default=100, metavar="K", help="most objects (default 100)"
    )
    arguments.add_model(parser, required=False)
    _add_inference(parser.add_argument_group("inference"))


def _add_inference(group: Any) -> None:
    hints = ("throughput", "latency", "cumulative_throughput", "none")
    group.add_argument("-hint", choices=hints, default="throughput", help="(default throughput)")
    group.add_argument(
        "-niter", type=arguments.count, metavar="N", help="images for each run, instead of -t"
    )
    group.add_argument(
        "-nireq", type=arguments.count, metavar="N", help="requests (default: the device's)"
    )
    group.add_argument("-nstreams", metavar="N", help="streams (default: by the hint)")
    group.add_argument(
        "-nthreads", type=arguments.count, metavar="N", help="threads for inference on CPU"
    )
    group.add_argument(
        "-infer_precision", metavar="T", help="f32 (default on CPU), bf16, f16 or dynamic"
    )
    group.add_argument(
        "-json_stats", action="store_true", help="write centerdecode_bench.json, too"
    )
    group.add_argument(
        "-report_folder", metavar="DIR", default=".", help="where to (default: this folder)"
    )


def run(args: argparse.Namespace) -> int:
    if args.suite:
        from . import _bench_suite

        return _bench_suite.run(args)
    if args.model is None:
        raise CommandError("--model M or --suite is needed, see: centerdecode bench --help")
    if args.output is not None:
        raise CommandError("--output belongs to --suite; here it is -report_folder")
    from . import _bench_model

    return _bench_model.run(args)
