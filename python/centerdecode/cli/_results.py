"""What was found in an image, as text: a table, or a record of a results file."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from .. import interop
from .._labels import COCO, COCO_CATEGORY_IDS, name_of
from ._images import Photo

_MOST_ROWS = 20
_CSV_HEADER = "file,label,class_id,score,x1,y1,x2,y2\n"


class Found(NamedTuple):
    """The detections of one image; `size` is its (height, width), and `image` may be
    smaller."""

    photo: Photo
    image: NDArray[np.uint8]
    size: tuple[int, int]
    detections: cd.Detections
    labels: Sequence[str] | None


class Format(NamedTuple):
    """A results file: records between an opening and a closing."""

    ending: str
    records: Callable[[Found], list[str]]
    opening: str = ""
    between: str = ""
    closing: str = ""


def table(found: Found) -> str:
    """The rows for people, aligned."""
    height, width = found.size
    lines = [f"{found.photo.path}: {width} x {height}, {len(found.detections) or 'nothing'} found"]
    shown = found.detections[:_MOST_ROWS]
    names = [name_of(found.labels, class_id) for class_id in shown.class_ids.tolist()]
    wide = max(map(len, ["label", *names]))
    if names:
        lines.append(f"{'#':>5}  {'label':{wide}}  score       x1       y1       x2       y2")
    for i, (name, row) in enumerate(zip(names, shown, strict=True), start=1):
        box = "".join(f"{corner:9.1f}" for corner in row.xyxy)
        lines.append(f"{i:5}  {name:{wide}}  {row.score:5.3f}{box}")
    if len(found.detections) > len(shown):
        lines.append(f"       ... and {len(found.detections) - len(shown)} more")
    return "\n".join(lines)


@contextlib.contextmanager
def writing(file: IO[str], form: Format) -> Iterator[Callable[[Found], None]]:
    """Write records as they come; the closing only when the block ends well."""
    file.write(form.opening)
    separator = ""

    def add(found: Found) -> None:
        nonlocal separator
        for record in form.records(found):
            file.write(separator + record)
            separator = form.between
        file.flush()

    yield add
    file.write(form.closing)


def yolo(found: Found) -> str:
    """Lines of class, center, width, height and score, as fractions of the image."""
    height, width = found.size
    lines = []
    for row in found.detections:
        x1, y1, x2, y2 = row.xyxy.tolist()
        box = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        lines.append(f"{row.class_id} {' '.join(f'{n:.6f}' for n in (*box, row.score))}\n")
    return "".join(lines)


def _json(found: Found) -> list[str]:
    height, width = found.size
    detections = [_rounded(row) for row in interop.to_dicts(found.detections, found.labels)]
    record = {"file": found.photo.path, "width": width, "height": height, "detections": detections}
    return [json.dumps(record)]


def _json_line(found: Found) -> list[str]:
    return [f"{record}\n" for record in _json(found)]


def _csv(found: Found) -> list[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in interop.to_dicts(found.detections, found.labels):
        row = _rounded(row)
        cells = (row.get("label", ""), row["class_id"], row["score"], *row["xyxy"])
        writer.writerow((found.photo.path, *cells))
    return [text.getvalue()]


def _coco(found: Found) -> list[str]:
    is_coco = found.labels is not None and tuple(found.labels) == COCO
    categories = COCO_CATEGORY_IDS if is_coco else None
    rows = interop.to_coco(found.detections, found.photo.image_id, categories)
    return [json.dumps(_rounded(row)) for row in rows]


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    """Scores to 6 digits, pixels to 2, as `detect --help` says."""
    digits = {"score": 6, "keypoint_scores": 6, "xyxy": 2, "bbox": 2, "keypoints": 2}
    return {name: _round(value, digits.get(name)) for name, value in record.items()}


def _round(value: Any, digits: int | None) -> Any:
    if isinstance(value, list):
        return [_round(part, digits) for part in value]
    return value if digits is None or isinstance(value, int) else round(value, digits)


FORMATS: dict[str, Format] = {
    "json": Format("json", _json, "[", ",\n", "]\n"),
    "jsonl": Format("jsonl", _json_line),
    "csv": Format("csv", _csv, _CSV_HEADER),
    "coco": Format("coco.json", _coco, "[", ",\n", "]\n"),
}
