"""Detections as Arrow tables: a row each, or a row for each image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..families import name_of
from ..results import Detections
from ._records import more


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
    own = {
        **_corners(detections),
        "score": detections.scores,
        "class_id": detections.class_ids,
        **more(detections),
    }
    taken = sorted(own.keys() & columns.keys())
    if taken:
        raise ValueError(f"columns must have names of their own, got {taken}")
    arrays = {name: _extra_column(pa, name, columns[name], len(detections)) for name in columns}
    arrays |= {name: _column(pa, np.array(column)) for name, column in own.items()}
    return pa.table(arrays)


def to_arrow_image(
    detections: Detections, labels: Sequence[str] | None = None, **columns: Any
) -> Any:
    """A `pyarrow.Table` of one row, an image, with its detections as a list of structs.

    Tables of several images of one model have the same schema, also where nothing was
    found.

    Args:
        labels: names of the classes.
        columns: more columns, before the others: a str or a number.

    Returns:
        The table: the columns, and detections: list<struct> of label (string; null
        where there are no labels), class_id (int32), score, x1, y1, x2 and y2 (float32);
        then keypoints, keypoint_scores and the extras as lists of fixed size.

    Raises:
        ImportError: pyarrow is missing; the message names the extra.
    """
    pa = require("pyarrow", "pyarrow", "interop")
    class_ids = detections.class_ids.tolist()
    names = [None if labels is None else name_of(labels, class_id) for class_id in class_ids]
    own = {"class_id": detections.class_ids, "score": detections.scores, **_corners(detections)}
    fields = {"label": pa.array(names, pa.string())}
    fields |= {name: _column(pa, np.array(a)) for name, a in (own | more(detections)).items()}
    structs = pa.StructArray.from_arrays([*fields.values()], names=[*fields])
    found = pa.ListArray.from_arrays(pa.array([0, len(structs)], pa.int32()), structs)
    alone = {name: pa.array([value]) for name, value in columns.items()}
    return pa.table({**alone, "detections": found})


def _corners(detections: Detections) -> dict[str, NDArray[np.float32]]:
    return {name: detections.xyxy[:, i] for i, name in enumerate(("x1", "y1", "x2", "y2"))}


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
