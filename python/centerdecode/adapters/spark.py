"""Detections of the images of a Spark DataFrame, by `mapInArrow`.

>>> from centerdecode.adapters.spark import detect
>>> images = spark.read.format("binaryFile").load("s3a://photos")
>>> detect(images, "/models/centernet.xml").write.parquet("s3a://found")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import centerdecode as cd

from .._lazy import require
from ..detector import usable_cpus, with_threads
from ..images import MAX_PIXELS
from ._arrow_rows import Rows


def detect(
    frame: Any,
    model: str | Path,
    device: str = "CPU",
    *,
    column: str = "content",
    max_pixels: int = MAX_PIXELS,
    config: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """The rows of a DataFrame with what is found in their images; nothing is done until Spark
    needs it.

    Each partition makes a detector, of as many threads as `spark.task.cpus` says, or fewer
    where the process may use fewer. Here one is made, too, which tells the columns.

    Args:
        frame: a `pyspark.sql.DataFrame`.
        model: path to an IR or ONNX file, which the driver and every executor can read.
        device: as in `Detector`.
        column: holds the bytes of image files (as the source `binaryFile` has them), or
            paths that every executor can read.
        max_pixels: an image file of more is an error, before it is decoded.
        config, **options: as in `Detector`; hint is "throughput" unless given.

    Returns:
        A DataFrame: the columns of the given one, but for bytes of the images, then width,
        height, error and detections, as `centerdecode.adapters.ray.DetectorActor` gives
        them, with lists of any size in place of those of fixed size.

    Raises:
        ImportError: pyspark or pyarrow is missing; the message names the extra.
        ValueError: there is no such column, or one that would be written over.
        Else as `Detector`.
    """
    types = require("pyspark.sql.pandas.types", "pyspark", "spark")
    sql = require("pyspark.sql.types", "pyspark", "spark")
    pa = require("pyarrow", "pyarrow", "spark")
    options = {"hint": "throughput"} | options
    with cd.Detector(model, device, config=config, **options) as detector:
        found = pa.schema([_any_size(field) for field in Rows(detector).schema])
    if column not in frame.columns:
        raise ValueError(f"column must be one of {frame.columns}, got {column!r}")
    taken = sorted({*frame.columns} & {*found.names})
    if taken:
        raise ValueError(f"columns must have names of their own, got {taken}")
    is_path = isinstance(frame.schema[column].dataType, sql.StringType)
    kept = [field for field in frame.schema if field.name != column or is_path]

    def look(batches: Iterator[Any]) -> Iterator[Any]:
        threads = with_threads(config, _assigned_cpus()) if device == "CPU" else config
        with cd.Detector(model, device, config=threads, **options) as detector:
            rows = Rows(detector, column=column, max_pixels=max_pixels)
            for batch in batches:
                table = rows(pa.Table.from_batches([batch]))
                fields = [*(table.schema.field(field.name) for field in kept), *found]
                yield from table.cast(pa.schema(fields)).to_batches()

    return frame.mapInArrow(look, sql.StructType([*kept, *types.from_arrow_schema(found)]))


def _assigned_cpus() -> int:
    """Those of the task that asks."""
    context = require("pyspark", "pyspark", "spark").TaskContext.get()
    return max(1, min(int(context.cpus()), usable_cpus()))


def _any_size(field: Any) -> Any:
    """A field whose lists, at any depth, are such as Spark reads."""
    pa = require("pyarrow", "pyarrow", "spark")
    kind = field.type
    if pa.types.is_struct(kind):
        kind = pa.struct([_any_size(inner) for inner in kind])
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        kind = pa.list_(_any_size(kind.value_field))
    return field.with_type(kind)
