"""What was found in an image, as text: a table, or a record of a results file."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from ... import interop
from ...families import COCO, COCO_CATEGORY_IDS, name_of
from . import _parquet
from ._format import Format, ImageResult

_MOST_ROWS = 20
_MASKS = ("masks", "surface_coords")
_CSV_HEADER = "file,label,class_id,score,x1,y1,x2,y2\n"


def table(found: ImageResult) -> str:
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
def _text(file: IO[str], form: Format) -> Iterator[Callable[[Sequence[str]], None]]:
    file.write(form.opening)
    separator = ""

    def add(records: Sequence[str]) -> None:
        nonlocal separator
        for record in records:
            file.write(separator + record)
            separator = form.between

    yield add
    file.write(form.closing)


def _yolo(found: ImageResult) -> str:
    return interop.to_yolo(found.detections, found.size)


def _voc(found: ImageResult) -> str:
    name = os.path.basename(found.photo.path)
    return interop.to_voc(found.detections, found.size, name, found.labels)


def _json(found: ImageResult) -> list[str]:
    height, width = found.size
    record = {
        "file": found.photo.path,
        "width": width,
        "height": height,
        "detections": _rows(found),
    }
    return [json.dumps(record)]


def _rows(found: ImageResult) -> list[dict[str, Any]]:
    """Rounded, and masks in COCO's form: as numbers they would be a megabyte."""
    detections = found.detections
    extras = {name: column for name, column in detections.extras.items() if name not in _MASKS}
    rows = interop.to_dicts(dataclasses.replace(detections, extras=extras), found.labels)
    if "masks" in detections.extras:
        for row, mask in zip(rows, interop.to_rle(detections, found.size), strict=True):
            row["segmentation"] = mask
    return [_rounded(row) for row in rows]


def _json_line(found: ImageResult) -> list[str]:
    return [f"{record}\n" for record in _json(found)]


def _csv(found: ImageResult) -> list[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in _rows(found):
        cells = (row.get("label", ""), row["class_id"], row["score"], *row["xyxy"])
        writer.writerow((found.photo.path, *cells))
    return [text.getvalue()]


def _coco(found: ImageResult) -> list[str]:
    is_coco = found.labels is not None and tuple(found.labels) == COCO
    categories = COCO_CATEGORY_IDS if is_coco else None
    rows = interop.to_coco(found.detections, found.photo.image_id, categories, found.size)
    return [json.dumps(_rounded(row)) for row in rows]


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    """Scores to 6 digits, pixels to 2, as `detect --help` says; null for what is no number."""
    digits = {"score": 6, "keypoint_scores": 6, "xyxy": 2, "bbox": 2, "keypoints": 2}
    return {name: _round(value, digits.get(name)) for name, value in record.items()}


def _round(value: Any, digits: int | None) -> Any:
    if isinstance(value, list):
        return [_round(part, digits) for part in value]
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):  # JSON has no such numbers
        return None
    return value if digits is None else round(value, digits)


FORMATS: dict[str, Format] = {
    "json": Format("json", _json, _text, "w", "[", ",\n", "]\n"),
    "jsonl": Format("jsonl", _json_line, _text),
    "csv": Format("csv", _csv, _text, "w", _CSV_HEADER),
    "coco": Format("coco.json", _coco, _text, "w", "[", ",\n", "]\n"),
    "parquet": Format("parquet", _parquet.records, _parquet.writing, "wb"),
}
# A file for each image, by its ending.
FILES: dict[str, tuple[str, Callable[[ImageResult], str]]] = {
    "txt": ("txt", _yolo),
    "voc": ("xml", _voc),
}
