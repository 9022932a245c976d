"""The greatest numbers of a graph, and of equal ones those that come first.

Most runtimes take any of equal numbers, and OpenVINO takes a hundred times as long on CPU to
take the first. So the k greatest are found by their numbers alone. Those above the least of
them are then all there; of those that equal it the first are looked for again, by their
places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._ops import Ops, Value

# What is never found, and the least number that is: -inf is raised to it.
NOTHING = float(np.finfo(np.float32).min)
LEAST = float(np.nextafter(np.float32(NOTHING), np.float32(0)))
_NOWHERE = -float(2**25)  # beyond all places, which are exact in float32


class Ranked(NamedTuple):
    """(B, K) each; rows and columns count only where something is found."""

    values: Value
    rows: Value
    columns: Value

    @property
    def found(self) -> Value:
        return ~(self.values < LEAST)


class _Sizes(NamedTuple):
    kept: int  # of each row
    lacking: int  # how many all that is kept is less than k
    k: int


def strongest(ops: Ops, rows: Value, shape: tuple[int, int], k: int) -> Ranked:
    """The k greatest of (B, R, L), which are no NaNs: value down, then row and column up.

    shape: R and L, -1 where they are not known.
    """
    count, length = shape
    if length == -1:
        rows = filled(ops, rows, k, rank=3)
    kept = k if length == -1 else min(k, length)
    sizes = _Sizes(kept, 0 if count == -1 else max(k - count * kept, 0), k)
    best = _by_rows(ops, rows, sizes)
    least = ops.slice(best.values, 1, k - 1, k)
    above = best._replace(values=ops.where(least < best.values, best.values, NOTHING))
    equals = _first(ops, rows.equals(ops.reshape(least, (0, 1, 1))), rows, sizes)
    equals = equals._replace(values=ops.where(equals.values < _NOWHERE / 2, NOTHING, least))
    both = Ranked(*(ops.concat(pair, 1) for pair in zip(above, equals, strict=True)))
    position = both.rows * ops.extent(rows, 2) + both.columns
    return _picked(ops, both, _order(ops, both.values, position, k))


def merged(ops: Ops, ranked: Ranked, position: Value, sizes: tuple[int, int]) -> Ranked:
    """The k greatest of n (sizes), and of equal ones those of the least position."""
    n, k = sizes
    _, places = ops.top_k(position * -1, n)
    in_order = _picked(ops, ranked, places)
    best = strongest(ops, ops.reshape(in_order.values, (0, 1, -1)), (1, n), k)
    columns = ops.where(best.found, best.columns, 0, "int")
    return _picked(ops, in_order, columns)._replace(values=best.values)


def _order(ops: Ops, values: Value, position: Value, k: int) -> Value:
    """Where the k greatest of (B, N) are, and of equal ones those of the least position."""

    def each(x: Value) -> tuple[Value, Value]:
        return ops.reshape(x, (0, 1, -1)), ops.reshape(x, (0, -1, 1))

    (theirs, ours), (before, here) = each(values), each(position)
    beaten = (ours < theirs) | (ours.equals(theirs) & (before < here))
    rank = ops.reshape(ops.reduce("sum", ops.cast(beaten, "f32"), 2), (0, -1))
    return ops.top_k(rank * -1.0, k)[1]


def _picked(ops: Ops, ranked: Ranked, places: Value) -> Ranked:
    return Ranked(*(ops.gather_elements(part, places, 1) for part in ranked))


def filled(ops: Ops, x: Value, more: int, rank: int = 2) -> Value:
    """The last axis made longer by so many, of NOTHING or 0."""
    if more == 0:
        return x
    leading = [ops.extent(x, axis) for axis in range(rank - 1)]
    fill = ops.value(NOTHING if x.kind == "f32" else 0, x.kind)
    shape = [*leading, ops.constant(np.array([more]), "int")]
    return ops.concat([x, ops.expand(fill, shape)], rank - 1)


def _by_rows(ops: Ops, rows: Value, sizes: _Sizes) -> Ranked:
    """The greatest of the greatest of each row."""
    values, columns = ops.top_k(rows, sizes.kept)
    flat = [filled(ops, ops.reshape(part, (0, -1)), sizes.lacking) for part in (values, columns)]
    best, places = ops.top_k(flat[0], sizes.k)
    row, _ = ops.quotient(places, sizes.kept)
    return Ranked(best, row, ops.gather_elements(flat[1], places, 1))


def _first(ops: Ops, wanted: Value, rows: Value, sizes: _Sizes) -> Ranked:
    """Where the first of what is wanted is; values are above _NOWHERE / 2 there."""

    def before(x: Value, axis: int) -> Value:
        return ops.cast(ops.count_to(ops.extent(x, axis)), "f32") * -1.0

    values, columns = ops.top_k(ops.where(wanted, before(rows, 2), _NOWHERE), sizes.kept)
    flat = [filled(ops, ops.reshape(part, (0, -1)), sizes.lacking) for part in (values, columns)]
    ranks = ops.where(flat[0] < _NOWHERE / 2, _NOWHERE, before(flat[0], 1))
    best, places = ops.top_k(ranks, sizes.k)
    row, _ = ops.quotient(places, sizes.kept)
    return Ranked(best, row, ops.gather_elements(flat[1], places, 1))
