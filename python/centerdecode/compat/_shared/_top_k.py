"""Top-K as max-pooling decoders have it: always K rows.

Upstream multiplies the map by (maxpool(map) == map) and takes the K largest
cells. Cells that are no peak are then exactly 0, so where peaks run out the
rows are filled with such cells, and a peak below 0 ranks behind them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...families import head_format, peak_options


class TopK(NamedTuple):
    """(B, K) each: scores, channels and cells, largest first, ties by flat index
    in the layout of the map."""

    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    ys: NDArray[np.int32]
    xs: NDArray[np.int32]


def top_k(
    heatmap: NDArray[np.floating],
    k: int,
    *,
    window: int = 3,
    layout: str = "NCHW",
    tolerance: float = 0.0,
) -> TopK:
    """The K largest cells of a batch of filtered maps, (B, C, H, W) or (B, H, W, C).

    Args:
        tolerance: a neighbour must be greater by this much to beat a cell.

    Raises:
        ValueError: a map has fewer than K cells.
    """
    check_k(heatmap, k)
    if len(heatmap) == 0 or k == 0:
        return no_rows(len(heatmap), k)
    form = head_format(layout, "f16" if heatmap.dtype == np.float16 else None)

    def strongest(count: int) -> list[_core._PeakArrays]:
        options = peak_options(count, -np.inf, "none", window, "keep", None, tolerance=tolerance)
        found = _core.find_peaks(heatmap, form, options)
        assert isinstance(found, list)
        return found

    rows = strongest(k)
    if any(len(scores) < k or scores[-1] <= 0 for scores, *_ in rows):
        shape = heatmap.shape[1:]
        rows = [_filled(peaks, k, shape, layout) for peaks in strongest(int(np.prod(shape)))]
    scores, class_ids, ys, xs = (np.stack(column) for column in zip(*rows, strict=True))
    return TopK(scores, class_ids, ys, xs)


def check_k(heatmap: NDArray[np.floating], k: int) -> None:
    """Raise a ValueError where one map of a batch has fewer than K cells."""
    cells = int(np.prod(heatmap.shape[1:]))
    if k > cells:
        raise ValueError(f"K must be at most the {cells} cells of {heatmap.shape}, got {k}")


def no_rows(batch: int, k: int) -> TopK:
    """The result of a shape without elements."""
    cells = (np.empty((batch, k), np.int32) for _ in range(3))
    return TopK(np.empty((batch, k), np.float32), *cells)


def _filled(
    peaks: _core._PeakArrays, k: int, shape: tuple[int, ...], layout: str
) -> _core._PeakArrays:
    """All peaks of one image -> its K rows: those above 0, cells of 0, those below."""
    scores, class_ids, ys, xs = peaks
    axes = (class_ids, ys, xs) if layout == "NCHW" else (ys, xs, class_ids)
    indices = np.ravel_multi_index(axes, shape)
    above, below = scores > 0, scores < 0
    wanted = max(k - int(above.sum()), 0)
    taken = indices[above | below]
    free = np.setdiff1d(np.arange(min(wanted + len(taken), int(np.prod(shape)))), taken)[:wanted]
    order = np.concatenate([indices[above], free, indices[below]])[:k]
    values = np.concatenate([scores[above], np.zeros(len(free)), scores[below]])[:k]
    cells = np.unravel_index(order, shape)
    c, y, x = cells if layout == "NCHW" else (cells[2], cells[0], cells[1])
    return (
        values.astype(np.float32),
        c.astype(np.int32),
        y.astype(np.int32),
        x.astype(np.int32),
    )
