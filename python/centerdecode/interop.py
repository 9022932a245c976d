"""Detections in the form of other libraries, each imported when it is asked for.

    >>> from centerdecode import interop
    >>> annotated = supervision.BoxAnnotator().annotate(image, interop.to_supervision(detections))

What they return shares no memory with the detections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._detections import Detections
from ._labels import name_of
from ._lazy import require

if TYPE_CHECKING:
    import supervision

__all__ = ["to_arrow", "to_coco", "to_dicts", "to_supervision", "to_torchvision"]


def to_dicts(detections: Detections, labels: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Plain Python records, one for each detection.

    Args:
        labels: names of the classes; a class that has none is named by its number.

    Returns:
        Dicts of label (if `labels` is given), class_id, score and xyxy; then
        keypoints, keypoint_scores and the extras, where the detections have them.
    """
    more = _more(detections)
    records = []
    for i, row in enumerate(detections):
        record: dict[str, Any] = {} if labels is None else {"label": name_of(labels, row.class_id)}
        record |= {"class_id": row.class_id, "score": row.score, "xyxy": row.xyxy.tolist()}
        records.append(record | {name: column[i].tolist() for name, column in more.items()})
    return records


def to_coco(
    detections: Detections,
    image_id: int,
    category_ids: Sequence[int] | Mapping[int, int] | None = None,
) -> list[dict[str, Any]]:
    """Rows of COCO's results format, as `pycocotools.COCO.loadRes` reads them.

    Args:
        image_id: the image's number in the annotations.
        category_ids: the category of each class_id; None: class_id + 1, because
            COCO counts from 1. The 80 classes of COCO itself have gaps in theirs.

    Returns:
        Dicts of image_id, category_id, bbox (x, y, width, height) and score; and
        keypoints (x, y, 1, x, y, 1, ...), where the detections have them. Floats
        are not rounded.

    Raises:
        ValueError: a class that has no category.
    """
    records = []
    for row in detections:
        x1, y1, x2, y2 = row.xyxy.tolist()
        record = {
            "image_id": image_id,
            "category_id": _category(row.class_id, category_ids),
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "score": row.score,
        }
        if row.keypoints is not None:
            record["keypoints"] = [n for x, y in row.keypoints.tolist() for n in (x, y, 1)]
        records.append(record)
    return records


def _category(class_id: int, category_ids: Sequence[int] | Mapping[int, int] | None) -> int:
    if category_ids is None:
        return class_id + 1
    try:
        return category_ids[class_id]
    except LookupError:
        raise ValueError(f"category_ids must have one for class {class_id}, got none") from None


def to_supervision(
    detections: Detections, labels: Sequence[str] | None = None
) -> supervision.Detections:
    """`supervision.Detections`, for its annotators, trackers and zones.

    Args:
        labels: names of the classes; they go to data["class_name"], where
            supervision looks for them.

    Returns:
        xyxy, confidence and class_id; in `data` keypoints, keypoint_scores and
        the extras, where the detections have them.

    Raises:
        ImportError: supervision is missing; the message names the extra.
        ValueError: a box that is not finite; supervision refuses it.
    """
    sv = require("supervision", "supervision", "interop")
    data: dict[str, Any] = {name: np.copy(column) for name, column in _more(detections).items()}
    if labels is not None:
        names = [name_of(labels, class_id) for class_id in detections.class_ids.tolist()]
        data["class_name"] = np.array(names, dtype=np.str_)
    found: supervision.Detections = sv.Detections(
        xyxy=np.copy(detections.xyxy),
        confidence=np.copy(detections.scores),
        class_id=detections.class_ids.astype(int),
        data=data,
    )
    return found


def to_torchvision(detections: Detections) -> dict[str, Any]:
    """What torchvision's detection models return and torchmetrics takes.

    Returns:
        Tensors: boxes (n, 4) float32, scores (n,) float32 and labels (n,) int64; and
        keypoints (n, J, 3) x, y, 1 and keypoints_scores (n, J), where the
        detections have them. Labels are class_ids: no background is added.

    Raises:
        ImportError: torch is missing; the message names the extra.
    """
    torch = require("torch", "torch", "interop")
    found = {
        "boxes": torch.tensor(detections.xyxy),
        "scores": torch.tensor(detections.scores),
        "labels": torch.tensor(detections.class_ids, dtype=torch.int64),
    }
    if detections.keypoints is not None:
        ones = np.ones((*detections.keypoints.shape[:2], 1), np.float32)
        found["keypoints"] = torch.tensor(np.concatenate([detections.keypoints, ones], axis=2))
    if detections.keypoint_scores is not None:
        found["keypoints_scores"] = torch.tensor(detections.keypoint_scores)
    return found


def to_arrow(detections: Detections, **columns: Any) -> Any:
    """A `pyarrow.Table`, one row for each detection, for Parquet, Polars, DuckDB, Ray.

    Tables of several images have the same schema, also where nothing was found,
    so that `pyarrow.concat_tables` takes them.

    Args:
        columns: more columns, before the others: a str or a number stands in
            every row; an array has one value for each detection (a list too, but
            an empty one has no type).

    Returns:
        The table: x1, y1, x2, y2 and score (float32), class_id (int32); then keypoints,
        keypoint_scores and the extras as lists of fixed size.

    Raises:
        ImportError: pyarrow is missing; the message names the extra.
        ValueError: a column has another length, or a name that is taken.
    """
    pa = require("pyarrow", "pyarrow", "interop")
    corners = {name: detections.xyxy[:, i] for i, name in enumerate(("x1", "y1", "x2", "y2"))}
    own = {**corners, "score": detections.scores, "class_id": detections.class_ids}
    own |= _more(detections)
    taken = sorted(own.keys() & columns.keys())
    if taken:
        raise ValueError(f"columns must have names of their own, got {taken}")
    arrays = {name: _extra_column(pa, name, columns[name], len(detections)) for name in columns}
    arrays |= {name: _column(pa, np.array(column)) for name, column in own.items()}
    return pa.table(arrays)


def _more(detections: Detections) -> dict[str, NDArray[Any]]:
    """The columns that not every family has."""
    points = {"keypoints": detections.keypoints, "keypoint_scores": detections.keypoint_scores}
    own = {name: column for name, column in points.items() if column is not None}
    return own | dict(detections.extras)


def _column(pa: Any, values: NDArray[Any]) -> Any:
    """(n,) as a plain array, (n, a, b) as lists of a lists of b."""
    column = pa.array(values.reshape(-1))
    for size in values.shape[:0:-1]:
        column = pa.FixedSizeListArray.from_arrays(column, size)
    return column


def _extra_column(pa: Any, name: str, values: Any, rows: int) -> Any:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        return pa.repeat(pa.scalar(values), rows)
    if len(values) != rows:
        raise ValueError(f"{name} must have {rows} values, one a detection, got {len(values)}")
    return pa.array(values)
