"""Top-K of decoders that put the sigmoid before the max-pooling.

A float32 sigmoid gives many logits one score (all above 16.6 give 1), so that cells
become plateaus, and ties rank by index, which the logits would tell apart. To find
the same cells without a sigmoid of the whole map: no cell below the K-th best peak
of the logits can be among the K.
"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...decoding import find_peaks
from ...results import Peaks
from ._top_k import TopK, check_k, no_rows, top_k

_MANY = 8  # one in so many cells: then a map of them is faster than a search among them


def top_k_of_logits(
    heatmap: NDArray[np.floating],
    k: int,
    *,
    window: int = 3,
    layout: str = "NCHW",
    tolerance: float = 0.0,
) -> TopK:
    """The K largest cells of sigmoid(heatmap) after its filter, (B, C, H, W) or (B, H, W, C).

    Args:
        tolerance: a neighbour must score more by this much to beat a cell.

    Raises:
        ValueError: a map has fewer than K cells.
    """
    check_k(heatmap, k)
    if len(heatmap) == 0 or k == 0:
        return no_rows(len(heatmap), k)
    rows = [_top_k_of_image(image, k, window, layout, tolerance) for image in heatmap]
    return TopK(*(np.stack(column) for column in zip(*rows, strict=True)))


def _top_k_of_image(
    image: NDArray[np.floating], k: int, window: int, layout: str, tolerance: float
) -> TopK:
    form = "f16" if image.dtype == np.float16 else None
    find = partial(find_peaks, image, layout=layout, element_type=form)
    peaks = find(top_k=k, window=window, plateaus="keep")
    assert isinstance(peaks, Peaks)
    least = float(peaks.scores[-1]) if len(peaks.scores) == k else 0.0
    found = find(top_k=image.size, score_threshold=least, window=1)
    assert isinstance(found, Peaks)
    if len(found.scores) > image.size // _MANY:
        return _top_k_of_many(image, found, k, window, layout, tolerance)
    shape = image.shape if layout == "NCHW" else (image.shape[2], *image.shape[:2])
    index = np.ravel_multi_index((found.class_ids, found.ys, found.xs), shape)
    beaten = _is_beaten(found, index, shape, window, tolerance)
    scores = np.where(beaten, np.float32(0), found.scores)
    # Ties rank by the index in the layout of the map.
    tie = (
        index if layout == "NCHW" else (found.ys * shape[2] + found.xs) * shape[0] + found.class_ids
    )
    order = np.lexsort((tie, -scores))[:k]
    return TopK(scores[order], *(column[order] for column in found[1:]))


def _top_k_of_many(
    image: NDArray[np.floating], found: Peaks, k: int, window: int, layout: str, tolerance: float
) -> TopK:
    """By a map of scores; a cell that was not found neither is among the K nor beats one."""
    scores = np.zeros(image.shape, np.float32)
    c, y, x = found[1:]
    scores[(c, y, x) if layout == "NCHW" else (y, x, c)] = found.scores
    rows = top_k(scores[None], k, window=window, layout=layout, tolerance=tolerance)
    return TopK(*(column[0] for column in rows))


def _is_beaten(
    found: Peaks, index: NDArray[np.intp], shape: tuple[int, ...], window: int, tolerance: float
) -> NDArray[np.bool_]:
    """Whether a neighbour scores more, by the tolerance; one not among `found` does not."""
    by_index = np.argsort(index)
    ordered = index[by_index]
    beaten = np.zeros(len(index), bool)
    reach = range(-(window // 2), window // 2 + 1)
    for dy, dx in itertools.product(reach, reach):
        ys, xs = found.ys + dy, found.xs + dx
        inside = (ys >= 0) & (ys < shape[1]) & (xs >= 0) & (xs < shape[2])
        wanted = index + dy * shape[2] + dx
        place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
        known = inside & (ordered[place] == wanted)
        more = found.scores[by_index[place]].astype(np.float64) - found.scores
        beaten |= known & (more > 0) & (more >= tolerance)
    return beaten
