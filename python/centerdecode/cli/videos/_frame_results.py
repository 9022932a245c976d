"""Results of frames: those of images, with the number and the time of the frame."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import IO, TypeAlias

from ...video import Frame
from ..results import FORMATS, ImageResult

Record: TypeAlias = Callable[[ImageResult, Frame], None]


@contextlib.contextmanager
def recording(file: IO[str], name: str) -> Iterator[Record]:
    """Write the records of frames as they come; the closing only when the block ends
    well.

    Args:
        name: of FORMATS, as text.
    """
    form = FORMATS[name]
    file.write(_with_columns(form.opening, "frame", "time") if name == "csv" else form.opening)
    separator = ""

    def record(found: ImageResult, frame: Frame) -> None:
        nonlocal separator
        for text in form.records(found):
            file.write(separator + _TIMED[name](text, frame))
            separator = form.between
        file.flush()

    yield record
    file.write(form.closing)


def _in_json(text: str, frame: Frame) -> str:
    record = json.loads(text)
    timed = {"file": record.pop("file"), "frame": frame.number, "time": round(frame.time, 3)}
    return json.dumps(timed | record)


def _in_json_line(text: str, frame: Frame) -> str:
    return f"{_in_json(text, frame)}\n"


def _in_csv(text: str, frame: Frame) -> str:
    return _with_columns(text, str(frame.number), str(round(frame.time, 3)))


def _in_coco(text: str, frame: Frame) -> str:
    return text  # its image_id is the number of the frame


def _with_columns(text: str, *cells: str) -> str:
    """CSV with these cells after the first of every row."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerows([row[0], *cells, *row[1:]] for row in csv.reader(io.StringIO(text)))
    return rows.getvalue()


_TIMED: dict[str, Callable[[str, Frame], str]] = {
    "json": _in_json,
    "jsonl": _in_json_line,
    "csv": _in_csv,
    "coco": _in_coco,
}
