"""Soft NMS of CenterNet's and CornerNet's `external/nms.pyx` (Bodla et al., 2017), in place.

Float32 arithmetic and whole pixels (widths are x2 - x1 + 1), as upstream. What upstream does
to rows that it discards is a bug: it overwrites them by the last one, which stays behind the
kept rows with its old score, so callers who ignore the keep list see boxes twice. Here they
go behind the kept rows as they are, with score 0; `upstream_bugs=True` leaves upstream's.
"""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Indices = NDArray[np.intp]


def soft_nms(
    boxes: Rows,
    sigma: float = 0.5,
    Nt: float = 0.3,
    threshold: float = 0.001,
    method: int = 0,
    *,
    upstream_bugs: bool = False,
) -> list[int]:
    """Sort rows by score and lower the scores of those that overlap better ones, in place.

    Args:
        boxes: (N, 5) float32, x1 y1 x2 y2 score.
        sigma: of the gaussian, exp(-IoU^2 / sigma).
        Nt: the IoU beyond which linear and hard act.
        threshold: a lowered score below it discards the row.
        method: 1 linear, 2 gaussian, else hard.
        upstream_bugs: leave the stale rows of upstream behind the kept ones.

    Returns:
        The kept rows, which are 0..n-1; those behind have score 0.

    Raises:
        TypeError, ValueError: not a writable float32 array of two axes.
    """
    return _select(boxes, _Decay(sigma, Nt, threshold, method), 5, None, upstream_bugs)


def soft_nms_39(
    boxes: Rows,
    sigma: float = 0.5,
    Nt: float = 0.3,
    threshold: float = 0.001,
    method: int = 0,
    *,
    upstream_bugs: bool = False,
) -> list[int]:
    """`soft_nms` of poses: (N, 39), 34 numbers after the score travel with their row."""
    return _select(boxes, _Decay(sigma, Nt, threshold, method), 39, None, upstream_bugs)


def soft_nms_merge(
    boxes: Rows,
    sigma: float = 0.5,
    Nt: float = 0.3,
    threshold: float = 0.001,
    method: int = 0,
    weight_exp: float = 6,
    *,
    upstream_bugs: bool = False,
) -> list[int]:
    """`soft_nms` that also averages the corners of a kept row with those it lowers.

    Args:
        boxes: (N, 7), the last two the scores of the top-left and bottom-right corner.
        weight_exp: a row that is lowered by the factor f weighs (1 - f) ** weight_exp.
        upstream_bugs: also leave the corner scores where they are when rows move.
    """
    travel = 5 if upstream_bugs else 7
    return _select(boxes, _Decay(sigma, Nt, threshold, method), travel, weight_exp, upstream_bugs)


class _Decay(NamedTuple):
    sigma: float
    nt: float
    threshold: float
    method: int

    def factors(self, overlaps: Rows) -> Rows:
        if self.method == 2:
            powers = -(overlaps * overlaps) / np.float32(self.sigma)
            return np.exp(powers.astype(np.float64)).astype(np.float32)
        beyond = np.float32(1) - overlaps if self.method == 1 else np.float32(0)
        return np.where(overlaps > np.float32(self.nt), beyond, np.float32(1))


def _select(
    boxes: Rows, decay: _Decay, travel: int, weight_exp: float | None, upstream_bugs: bool
) -> list[int]:
    """`travel`: the first so many columns of a row move with it."""
    _check(boxes, travel)
    live = len(boxes)
    i = 0
    while i < live:
        best = i + int(np.argmax(boxes[i:live, 4]))
        boxes[[i, best], :travel] = boxes[[best, i], :travel]
        later = boxes[i + 1 : live]
        overlaps, touched = _overlaps(boxes[i], later)
        factors = np.where(touched, decay.factors(overlaps), np.float32(1))
        scores = factors * later[:, 4]
        dead = touched & (scores < np.float32(decay.threshold))
        walk = _walk(dead)
        if weight_exp is not None:
            corners = later[walk.positions if upstream_bugs else walk.rows, 5:7]
            shares = ((1 - factors).astype(np.float64) ** weight_exp).astype(np.float32)
            seen = touched[walk.rows]
            _merge(boxes[i], later[walk.rows][seen], corners[seen], shares[walk.rows][seen])
        stale = later[:, 4].copy()
        later[:, 4] = scores
        if dead.any():
            _discard(later, walk, stale, travel, upstream_bugs)
        live = i + 1 + walk.kept
        i += 1
    return list(range(live))


def _check(boxes: Rows, columns: int) -> None:
    if not isinstance(boxes, np.ndarray) or boxes.dtype != np.float32:
        raise TypeError(
            f"boxes must be a float32 array, got {getattr(boxes, 'dtype', type(boxes))}"
        )
    if boxes.ndim != 2 or boxes.shape[1] < columns:
        raise ValueError(f"boxes must be of shape (N, {columns}), got {boxes.shape}")
    if not boxes.flags.writeable:
        raise ValueError("boxes must be writable: they are changed in place")


def _overlaps(best: Rows, rows: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """IoU, and where both axes overlap at all; other rows are left alone."""
    one = np.float32(1)
    extents = np.minimum(rows[:, 2:4], best[2:4]) - np.maximum(rows[:, :2], best[:2]) + one
    touched: NDArray[np.bool_] = np.all(extents > 0, axis=1)
    shared = extents[:, 0] * extents[:, 1]
    areas = (rows[:, 2] - rows[:, 0] + one) * (rows[:, 3] - rows[:, 1] + one)
    area = (best[2] - best[0] + one) * (best[3] - best[1] + one)
    with np.errstate(divide="ignore", invalid="ignore"):
        return shared / (areas + area - shared), touched


class _Walk(NamedTuple):
    """How upstream visits rows: a dead one is replaced by the last, which is visited next."""

    positions: Indices  # of each visit
    rows: Indices  # the row that was there
    order: Indices  # which row lies where in the end, the dead ones last
    last: Indices  # which row lay at the end when the dead one now there was replaced
    kept: int


def _walk(dead: NDArray[np.bool_]) -> _Walk:
    order = np.arange(len(dead))
    if not dead.any():
        return _Walk(order, order, order, order, len(dead))
    last = order.copy()
    positions, rows = [], []
    position, end = 0, len(dead)
    while position < end:
        row = order[position]
        positions.append(position)
        rows.append(row)
        if dead[row]:
            end -= 1
            last[end] = order[end]
            order[position], order[end] = order[end], row
        else:
            position += 1
    return _Walk(np.array(positions), np.array(rows), order, last, end)


def _discard(later: Rows, walk: _Walk, stale: Rows, travel: int, upstream_bugs: bool) -> None:
    """Move the dead rows behind the others; `stale`: the scores before this step."""
    before = later.copy()
    later[:, :travel] = before[walk.order, :travel]
    later[walk.kept :, 4] = 0
    if upstream_bugs:
        # The last row was copied over a dead one before it was visited, so what stays in
        # its old place is the box with its score of then; a dead last row copied itself.
        last, dead = walk.last[walk.kept :], walk.order[walk.kept :]
        later[walk.kept :, :4] = before[last, :4]
        later[walk.kept :, 4] = np.where(last == dead, before[last, 4], stale[last])


def _merge(best: Rows, rows: Rows, corners: Rows, shares: Rows) -> None:
    """The corners of `best` become the mean of all, weighted by share and corner score."""
    rows = np.vstack([best[:4], rows[:, :4]])
    scores = np.vstack([best[5:7], corners])
    shares = np.concatenate([np.ones(1, np.float32), shares])[:, None]
    weights = np.repeat(scores, 2, axis=1)
    # A running sum, because the order of float32 additions is upstream's, too.
    sums = np.cumsum(rows * weights * shares, axis=0, dtype=np.float32)[-1]
    totals = np.cumsum(weights * shares, axis=0, dtype=np.float32)[-1]
    best[:4] = sums / totals
