"""The same decode in NumPy, strongest first. All judge raw numbers, and keep plateaus.

Written from the idea of each, not copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from ._workload import Decode, DecodedBoxes, Floats, Workload, above, boxes_at, strongest

Index = NDArray[np.intp]
Reaching = Callable[[np.float32], Index]  # flat indices of the cells that reach a number
_AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]


def unbeaten(heatmap: Floats, index: Index) -> Index:
    """Those of the flat indices that no neighbour beats."""
    _, height, width = heatmap.shape
    flat = heatmap.ravel()
    value = flat[index]
    plane, cell = np.divmod(index, height * width)
    y, x = np.divmod(cell, width)
    beaten = np.zeros(len(index), bool)
    for dy, dx in _AROUND:
        near = np.clip(y + dy, 0, height - 1) * width + np.clip(x + dx, 0, width - 1)
        beaten |= flat[plane * height * width + near] > value
    kept: Index = index[~beaten]
    return kept


def class_maximum_first(work: Workload) -> Decode:
    """One read makes the greatest number of each cell over its classes; only cells
    where that reaches the threshold are looked into."""
    classes, height, width = work.heatmap.shape
    columns = work.heatmap.reshape(classes, height * width)

    def decode() -> DecodedBoxes:
        most = columns.max(axis=0)

        def reaching(least: np.float32) -> Index:
            cells = np.flatnonzero(most >= least)
            plane, column = np.nonzero(columns[:, cells] >= least)
            index: Index = plane * height * width + cells[column]
            return index

        return by_falling_threshold(work, most, reaching)

    return decode


def by_falling_threshold(work: Workload, most: Floats, reaching: Reaching) -> DecodedBoxes:
    """A decode by threshold where there is none: the strongest of `most`, the maxima of
    parts of the heatmap, say where to begin, and it falls until top_k peaks reach it."""
    if work.score_threshold > 0:
        return strongest(work, unbeaten(work.heatmap, reaching(work.least)))
    wanted = 4 * work.top_k
    while True:
        wanted = min(4 * wanted, len(most))
        least = np.partition(most, len(most) - wanted)[len(most) - wanted]
        index = unbeaten(work.heatmap, reaching(least if wanted < len(most) else work.least))
        if len(index) >= work.top_k or wanted == len(most):
            return strongest(work, index)


def threshold_first(work: Workload) -> Decode:
    """Only cells that reach the threshold are compared with their neighbours."""

    def decode() -> DecodedBoxes:
        index = np.flatnonzero(work.heatmap.ravel() >= work.least)
        return strongest(work, unbeaten(work.heatmap, index))

    return decode


def separable(work: Workload) -> Decode:
    """The maximum of each row of three, then of each column of three of those."""
    return by_maximum(work, separable_maximum)


def separable_maximum(heatmap: Floats) -> Floats:
    rows = heatmap.copy()
    np.maximum(rows[..., 1:], heatmap[..., :-1], out=rows[..., 1:])
    np.maximum(rows[..., :-1], heatmap[..., 1:], out=rows[..., :-1])
    most = rows.copy()
    np.maximum(most[:, 1:], rows[:, :-1], out=most[:, 1:])
    np.maximum(most[:, :-1], rows[:, 1:], out=most[:, :-1])
    return most


def sliding_window(work: Workload) -> Decode:
    """What people write: a view of all windows, and the maximum of each."""

    def maximum(heatmap: Floats) -> Floats:
        padded = np.pad(heatmap, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
        most: Floats = sliding_window_view(padded, (3, 3), axis=(1, 2)).max(axis=(3, 4))
        return most

    return by_maximum(work, maximum)


def by_maximum(work: Workload, maximum: Callable[[Floats], Any]) -> Decode:
    """A decoder that compares the heatmap with its own 3x3 maximum."""
    return lambda: strongest(work, peaks_by(work, maximum))


def peaks_by(work: Workload, maximum: Callable[[Floats], Any]) -> Index:
    heatmap = work.heatmap
    return np.flatnonzero((heatmap == maximum(heatmap)) & (heatmap >= work.least))


def open_model_zoo(work: Workload) -> Decode:
    """Open Model Zoo's way: sigmoid of everything, all windows by strides, zeros where
    a cell is no peak, and argpartition for each class, then over all."""
    _, height, width = work.heatmap.shape

    def decode() -> DecodedBoxes:
        scores = work.heatmap
        if work.activation == "sigmoid":
            scores = np.exp(scores) / (1 + np.exp(scores))
        padded = np.pad(scores, ((0, 0), (1, 1), (1, 1)))
        windows = as_strided(
            padded, (*scores.shape, 3, 3), padded.strides + padded.strides[1:], writeable=False
        )
        peaks = (scores * (windows.max(axis=(3, 4)) == scores)).reshape(len(scores), -1)
        count = min(work.top_k, peaks.shape[1])
        best = np.argpartition(peaks, -count, axis=1)[:, -count:]
        index = (best + np.arange(len(peaks))[:, None] * height * width).ravel()
        value = peaks.ravel()[index]
        index = index[np.argpartition(value, -count)[-count:]]
        index = index[np.argsort(-peaks.ravel()[index], kind="stable")]
        xyxy, class_ids = boxes_at(work, index)
        return above(work, (xyxy, peaks.ravel()[index], class_ids))

    return decode
