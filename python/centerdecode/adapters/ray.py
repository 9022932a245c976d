"""Detections of more images than one machine can look at, by Ray Data.

    >>> from centerdecode.adapters.ray import DetectorActor
    >>> images = ray.data.read_binary_files("s3://photos", include_paths=True)
    >>> found = images.map_batches(
    ...     DetectorActor, fn_constructor_args=["/models/centernet.xml"], num_cpus=2,
    ...     batch_size=32, compute=ray.data.ActorPoolStrategy(size=16),
    ... )
    >>> found.write_parquet("s3://found")

`detect` does that, writes as it goes, and goes on after a kill.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import centerdecode as cd

from .._files import states_of
from .._lazy import require
from ..images import MAX_PIXELS
from . import _cluster
from ._arrow_rows import Rows
from ._parts import Parts


class DetectorActor:
    """A `Detector` that `ray.data.Dataset.map_batches` runs in each of its actors.

    It infers with as many threads as Ray assigned CPUs to the actor, or fewer where the
    process may use fewer, and does not bind them: INFERENCE_NUM_THREADS and
    ENABLE_CPU_PINNING, unless `config` has them.

    Args:
        model: path to an IR or ONNX file, which every node of the cluster can read.
        device: as in `Detector`.
        column: the column of images: bytes of image files, paths that every node can read,
            or arrays of (H, W, 3), (H, W, 4) or (H, W) uint8. None: the first of image
            (as `ray.data.read_images` has it), bytes (as `read_binary_files`) and path.
        pixels: "RGB" or "BGR", the order of channels of arrays; Ray's readers give RGB.
        max_pixels: an image file of more is an error, before it is decoded.
        config, **options: as in `Detector`; hint is "throughput" unless given.

    Raises:
        ImportError: ray or pyarrow is missing; the message names the extra.
        Else as `Detector`.
    """

    def __init__(
        self,
        model: str | Path,
        device: str = "CPU",
        *,
        column: str | None = None,
        pixels: str = "RGB",
        max_pixels: int = MAX_PIXELS,
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        config = _cluster.config_for_worker(config, device)
        options = {"hint": "throughput"} | options
        self.detector = cd.Detector(model, device, config=config, **options)
        self._rows = Rows(self.detector, column=column, pixels=pixels, max_pixels=max_pixels)

    def __call__(self, batch: Any) -> Any:
        """What is found in each image of a batch, in its order.

        Args:
            batch: a dict of arrays (batch_format="numpy", Ray's default) or a
                `pyarrow.Table` (batch_format="pyarrow", not for decoded images).

        Returns:
            A `pyarrow.Table`, a row an image: the columns of the batch without pixels and
            bytes of the images; width and height (int32), of the image; error (string);
            detections: list<struct> of label (string, null where there are no labels),
            class_id (int32), score, x1, y1, x2 and y2 (float32, pixels of the image); then
            keypoints, keypoint_scores and the extras as lists of fixed size. The schema is
            the same whatever is found. Of an image that cannot be used error says why,
            width and height are null, and detections is empty.

        Raises:
            ValueError: the batch has no such column, or one of these names.
        """
        return self._rows(batch)

    def lost(self, batch: Any, why: str) -> Any:
        """The same of images that are not looked at, with that error."""
        return self._rows.lost(batch, why)


class Report(NamedTuple):
    """images: that were looked at; failed: those of them that could not be used; done: how
    many there were from the run that this one went on with."""

    images: int
    failed: int
    done: int


def detect(
    images: Any,
    model: str | Path,
    output: str | Path,
    *,
    key: str = "path",
    workers: int | None = None,
    cpus_per_worker: float = 1,
    batch_size: int = 32,
    resume: bool = False,
    **options: Any,
) -> Report:
    """Write what is found in images to Parquet files, by actors of the cluster.

    A file is written of every batch, whole or not at all, by this process alone. When it is
    killed, or an error ends it, what is in files is done: the same call with `resume` leaves
    those rows out. An actor that dies is begun again with what it had, image by image; one
    of which it dies again and again has that as its error.

    Args:
        images: paths; or a `ray.data.Dataset`.
        output: a folder, of this machine.
        key: the column of the dataset that tells images apart.
        workers: how many actors. None: as many as the cluster has CPUs for, but for one
            CPU for who reads a dataset.
        cpus_per_worker: of each.
        batch_size: images of a batch, and rows of a file.
        resume: go on with the run that was stopped in `output`, if there is one.
        **options: as in `DetectorActor`.

    Raises:
        FileExistsError: `output` holds a run, and `resume` was not asked for.
        ValueError: that run had other settings.
        RuntimeError: another process writes there.
        ray.exceptions.RayError: workers cannot make their detector, or a batch has no `key`.
    """
    _cluster.connect()
    settings: dict[str, Any] = {
        "model": os.path.realpath(model),
        "key": key,
        "version": cd.__version__,
    }
    settings |= {"options": options, "state": states_of(model)}
    with contextlib.closing(Parts(output, key, settings, resume=resume)) as parts:
        are_paths = isinstance(images, Sequence)
        if workers is None:
            workers = _cluster.workers_for(cpus_per_worker, reserved=0 if are_paths else 1)
        tables = _cluster.spread(
            (_of_paths if are_paths else _left_of)(images, key, parts.done, batch_size),
            DetectorActor,
            {"model": model, **options},
            key=key,
            workers=workers,
            cpus=cpus_per_worker,
            batch_size=batch_size,
        )
        looked_at = failed = 0
        for table in tables:
            parts.write(table)
            looked_at += len(table)
            failed += len(table) - table["error"].null_count
        return Report(looked_at, failed, len(parts.done))


def _of_paths(images: Sequence[Any], key: str, done: set[Any], batch_size: int) -> Any:
    """A dataset of those that are not done, each once."""
    paths = [path for path in dict.fromkeys(map(os.fspath, images)) if path not in done]
    return _cluster.dataset_of({key: paths}, batch_size)


def _left_of(dataset: Any, key: str, done: set[Any], batch_size: int) -> Any:
    """The rows that are not done."""
    pa = require("pyarrow", "pyarrow", "ray")
    if not done:
        return dataset

    def without(table: Any, done: Any) -> Any:
        compute = require("pyarrow.compute", "pyarrow", "ray")
        return table.filter(compute.invert(compute.is_in(table[key], done)))

    return dataset.map_batches(
        without, fn_kwargs={"done": pa.array([*done])}, batch_format="pyarrow", batch_size=None
    )
