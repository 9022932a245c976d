"""The results as Parquet: a row an image, its detections a list of structs."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import numpy as np

import centerdecode as cd

from ... import interop
from ..._lazy import require
from ._format import Format, ImageResult

# A row group is as long as memory should hold, which masks decide, not boxes.
_MOST_ROWS = 1000
_MOST_BYTES = 64 * 2**20


def records(found: ImageResult) -> list[str]:
    """The row of an image, as Arrow's own stream in base 64: it brings its schema."""
    height, width = found.size
    return [_packed(_row(found.photo.path, width, height, found.detections, found.labels))]


@contextlib.contextmanager
def writing(file: IO[bytes], form: Format) -> Iterator[Callable[[Sequence[str]], None]]:
    """Write rows as they come, in row groups; the end of the file when the block ends well."""
    pa = require("pyarrow", "pyarrow", "interop")
    parquet = require("pyarrow.parquet", "pyarrow", "interop")
    rows: list[Any] = []
    writer = None

    def write_group() -> None:
        nonlocal writer
        table = pa.concat_tables(rows)
        writer = writer or parquet.ParquetWriter(file, table.schema)
        writer.write_table(table, row_group_size=max(1, len(table)))
        rows.clear()

    def add(records: Sequence[str]) -> None:
        rows.extend(map(_unpacked, records))
        if len(rows) >= _MOST_ROWS or sum(row.nbytes for row in rows) >= _MOST_BYTES:
            write_group()

    yield add
    if writer is None and not rows:  # no image at all: a schema and no rows
        rows.append(_row("", 0, 0, cd.Detections.empty(), None)[:0])
    if rows:
        write_group()
    if writer is not None:
        writer.close()


def _row(
    file: str, width: int, height: int, detections: cd.Detections, labels: Sequence[str] | None
) -> Any:
    # A name that is not UTF-8 is no Arrow string; its strange bytes are marked.
    name = file.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    extents = {"width": np.int32(width), "height": np.int32(height)}
    return interop.to_arrow_image(detections, labels, file=name, **extents)


def _packed(table: Any) -> str:
    pa = require("pyarrow", "pyarrow", "interop")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return base64.b64encode(sink.getvalue()).decode("ascii")


def _unpacked(record: str) -> Any:
    pa = require("pyarrow", "pyarrow", "interop")
    return pa.ipc.open_stream(base64.b64decode(record)).read_all()
