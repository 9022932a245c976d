"""`centerdecode detect --ray`: the same run, with images looked at by the actors of a cluster."""

from __future__ import annotations

import argparse
import os
import pickle
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import centerdecode as cd

from ..._lazy import require
from .. import arguments
from ..console import CommandError, reason
from ..inputs import Photo, VideoInput
from ._image_output import ImageFailure, ImageOutput
from ._image_run import detector_of, outcomes

_ADDRESS = re.compile(r"auto|local|(ray://)?\[?[\w.:-]+\]?:\d+")
_MOST = 32  # images of a batch
_LEAST = 4  # batches for each worker, so that they end at about the same time


def add_to(parser: argparse.ArgumentParser) -> None:
    cluster = parser.add_argument_group("a cluster")
    cluster.add_argument(
        "--ray",
        nargs="?",
        const="",
        type=_address,
        metavar="ADDRESS",
        help="look at images by actors of Ray: HOST:PORT, ray://HOST:PORT, auto, or local for a "
        "cluster of this machine alone (default: auto, else local). They must be able to read "
        "the images and the model by the same paths",
    )
    cluster.add_argument(
        "--ray-workers",
        type=arguments.count,
        metavar="N",
        help="how many actors (default: as many as the cluster has CPUs for)",
    )
    cluster.add_argument(
        "--cpus-per-worker",
        type=arguments.count,
        metavar="N",
        help="of each, and threads of OpenVINO (default 1)",
    )


def check(args: argparse.Namespace, videos: Sequence[VideoInput]) -> None:
    """Raises:
    CommandError: what is wished of a cluster cannot be.
    """
    if args.ray is None:
        for option in ("ray_workers", "cpus_per_worker"):
            if getattr(args, option) is not None:
                raise CommandError(f"--{option.replace('_', '-')} needs --ray")
    elif videos:
        raise CommandError(f"--ray is for images, and {videos[0].shown} is none")


def outcomes_of(
    detector: cd.Detector, photos: Sequence[Photo], args: argparse.Namespace
) -> Generator[ImageOutput | ImageFailure, None, None]:
    """What comes of each image, in order, from the actors of the cluster. They make
    detectors of their own; the one given is closed.

    Raises:
        CommandError: there is no such cluster, or its actors cannot be used.
    """
    try:
        from ...adapters import cluster

        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
        ray = cluster.ray()
        cluster.connect(args.ray or None)
    except (ImportError, ConnectionError, RuntimeError, ValueError) as error:
        raise CommandError(f"--ray: {reason(error)}") from None
    labels = detector.labels
    detector.close()
    cpus = args.cpus_per_worker or 1
    workers = args.ray_workers or cluster.workers_for(cpus)
    size = max(1, min(_MOST, len(photos) // (workers * _LEAST)))
    rows = {"photo": [pickle.dumps(tuple(photo)) for photo in photos]}
    with cluster.silent():
        try:
            for table in cluster.spread(
                cluster.dataset_of(rows, size),
                _Worker,
                {"args": args, "folder": os.getcwd(), "labels": labels},
                key="photo",
                workers=workers,
                cpus=cpus,
                batch_size=size,
            ):
                yield from map(pickle.loads, table["outcome"].to_pylist())
        except ray.exceptions.RayError as error:
            raise CommandError(f"--ray: {_cause(error)}") from None


class _Worker:
    """What a run without a cluster does, in an actor.

    Args:
        folder: that of the run, to which its paths are relative.
    """

    def __init__(self, args: argparse.Namespace, folder: str, labels: Sequence[str] | None) -> None:
        from ...adapters import cluster

        os.chdir(folder)
        config = cluster.config_for_worker(None, args.device)
        self._args = args
        self._detector = detector_of(args, labels, config=config)

    def __call__(self, batch: Mapping[str, Any]) -> Any:
        return _packed(outcomes(self._detector, _photos(batch), self._args))

    def lost(self, batch: Mapping[str, Any], why: str) -> Any:
        return _packed(ImageFailure(photo, photo.path, why) for photo in _photos(batch))


def _photos(batch: Mapping[str, Any]) -> list[Photo]:
    return [Photo(*pickle.loads(row)) for row in batch["photo"]]


def _packed(outcomes: Iterator[ImageOutput | ImageFailure]) -> Any:
    # Names that are not UTF-8 are no Arrow strings, and pickles hold them.
    pa = require("pyarrow", "pyarrow", "ray")
    return pa.table({"outcome": pa.array(map(pickle.dumps, outcomes), pa.large_binary())})


def _cause(error: BaseException) -> str:
    """What a worker said last, which Ray hands on as a traceback in text."""
    inner = getattr(error, "cause", None) or error
    return reason(inner).rpartition("CommandError: ")[2]


def _address(text: str) -> str:
    if text and not _ADDRESS.fullmatch(text):  # empty: the const, of which argparse asks too
        raise argparse.ArgumentTypeError(
            f"must be HOST:PORT, ray://HOST:PORT, auto or local, got {text!r}; "
            "where it is an image, name it before --ray"
        )
    return text
