"""Rows of the decoders -> results by class on the image, as CenterNet's `utils.post_process`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy
from ._affine import transform_preds

Results = list[dict[int, list[list[float]]]]


def ctdet_post_process(dets: Any, c: Any, s: Any, h: float, w: float, num_classes: int) -> Results:
    """Boxes on the image, by class.

    Args:
        dets: (B, K, 6) of `ctdet_decode`; unlike upstream's they stay as they are.
        c, s: center and scale of each image, see `get_affine_transform`.
        h, w: of the map.
        num_classes: how many classes every result has.

    Returns:
        For each image {1..num_classes: rows [x1, y1, x2, y2, score]}, not clipped, the
        numbers rounded to float32.
    """
    results: Results = []
    for image, rows in enumerate(as_numpy(dets)):
        mapped = _on_image(rows, slice(0, 4), c[image], s[image], (w, h))
        results.append(by_class(mapped[:, :5], rows[:, -1], num_classes))
    return results


def multi_pose_post_process(dets: Any, c: Any, s: Any, h: float, w: float) -> Results:
    """Poses on the image, as `ctdet_post_process`.

    Args:
        dets: (B, K, 6 + 2 * J) of `multi_pose_decode`.

    Returns:
        For each image {1: rows [x1, y1, x2, y2, score, x0, y0, x1, y1, ...]}.
    """
    results: Results = []
    for image, rows in enumerate(as_numpy(dets)):
        mapped = _on_image(rows, slice(0, 4), c[image], s[image], (w, h))
        mapped = _on_image(mapped, slice(5, -1), c[image], s[image], (w, h))
        results.append({1: mapped[:, :-1].tolist()})
    return results


def by_class(
    rows: NDArray[np.float32], class_ids: NDArray[Any], num_classes: int
) -> dict[int, list[list[float]]]:
    """{1..num_classes: rows}, in their order."""
    return {j + 1: rows[class_ids == j].tolist() for j in range(num_classes)}


def _on_image(
    rows: NDArray[Any], columns: slice, center: Any, scale: Any, size: tuple[float, float]
) -> NDArray[np.float32]:
    mapped = rows.astype(np.float32)
    points = mapped[:, columns].reshape(-1, 2)
    mapped[:, columns] = transform_preds(points, center, scale, size).reshape(len(rows), -1)
    return mapped
