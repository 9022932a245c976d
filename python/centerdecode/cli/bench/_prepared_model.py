"""A model made ready for a benchmark, and one inference of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ...detector import network_of
from ...images import read_image
from .. import arguments
from ..console import CommandError, reason

HeadTensors = dict[str, Any]


class PreparedModel(NamedTuple):
    """tensor: the network's input, ready; image: what it was made of, in words;
    read: the heads of a finished request, by name of head, in place."""

    detector: cd.Detector
    tensor: NDArray[Any]
    image: str
    read: Callable[[Any], HeadTensors]


def prepare(args: argparse.Namespace) -> PreparedModel:
    """Raises:
    CommandError: the model or the image cannot be used.
    """
    config = {"PERFORMANCE_HINT": args.hint.upper()} if args.hint != "none" else {}
    if args.nstreams is not None:
        config["NUM_STREAMS"] = args.nstreams
    if args.nthreads is not None:
        config["INFERENCE_NUM_THREADS"] = args.nthreads
    detector = arguments.make_detector(
        args,
        config=config,
        precision=args.infer_precision,
        score_threshold=args.score_threshold,
        top_k=args.top_k,
    )
    network = network_of(detector)
    heads = dict(network.recognition.heads)

    def read(request: Any) -> HeadTensors:
        return {head: request.get_output_tensor(i) for head, i in heads.items()}

    if args.image is None:
        height, width = network.size or (512, 512)
        image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
        return PreparedModel(detector, network.prepare(image)[0], "noise", read)
    try:
        tensor, _, _ = network.prepare(read_image(args.image)[0])
    except (ImportError, OSError, ValueError) as error:
        raise CommandError(f"-i {args.image}: {reason(error)}") from None
    return PreparedModel(detector, tensor, args.image, read)
