"""The same decode in NumPy, three ways. All judge the raw numbers, as we do.

Each finds the flat indices of the peaks that reach `least`, and keeps plateaus.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def threshold_first(heatmap, least):
    """Only cells that reach the threshold are compared with their neighbours."""
    _, height, width = heatmap.shape
    flat = heatmap.ravel()
    index = np.flatnonzero(flat >= least)
    value, plane, cell = flat[index], *np.divmod(index, height * width)
    y, x = np.divmod(cell, width)
    beaten = np.zeros(len(index), bool)
    for dy, dx in [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]:
        near = np.clip(y + dy, 0, height - 1) * width + np.clip(x + dx, 0, width - 1)
        beaten |= flat[plane * height * width + near] > value
    return index[~beaten]


def separable(heatmap, least):
    """The maximum of each row of three, then of each column of three of those."""
    rows = heatmap.copy()
    np.maximum(rows[..., 1:], heatmap[..., :-1], out=rows[..., 1:])
    np.maximum(rows[..., :-1], heatmap[..., 1:], out=rows[..., :-1])
    most = rows.copy()
    np.maximum(most[:, 1:], rows[:, :-1], out=most[:, 1:])
    np.maximum(most[:, :-1], rows[:, 1:], out=most[:, :-1])
    return np.flatnonzero((heatmap == most) & (heatmap >= least))


def sliding_window(heatmap, least):
    """What people write: a view of all windows, and the maximum of each."""
    padded = np.pad(heatmap, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    most = sliding_window_view(padded, (3, 3), axis=(1, 2)).max(axis=(3, 4))
    return np.flatnonzero((heatmap == most) & (heatmap >= least))


def decode(find, heatmap, wh, offset, *, stride, top_k, score_threshold, activation):
    """Return xyxy, scores, class_ids, with the peaks found in one of the ways above."""
    with np.errstate(divide="ignore"):
        logit = np.log(score_threshold) - np.log1p(-score_threshold)
    index = find(heatmap, logit if activation == "sigmoid" else score_threshold)
    value = heatmap.ravel()[index]
    if len(index) > top_k:
        kept = np.argpartition(-value, top_k - 1)[:top_k]
        index, value = index[kept], value[kept]
    order = np.lexsort((index, -value))
    class_ids, y, x = np.unravel_index(index[order], heatmap.shape)
    centers = np.stack([x, y], 1) + offset[:, y, x].T.astype(np.float64)
    half = wh[:, y, x].T.astype(np.float64) / 2
    xyxy = stride * np.concatenate([centers - half, centers + half], 1)
    scores = 1 / (1 + np.exp(-value[order].astype(np.float64)))
    return xyxy, scores if activation == "sigmoid" else value[order], class_ids
