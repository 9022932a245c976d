"""The extreme point decoders of xingyizhou/CenterNet (exdet), which are ExtremeNet's."""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...families import SIDES, ExtremeRule
from .._shared import TopK, aggregate_edges, as_numpy, like, rank_quadruples, top_k


def exct_decode(
    t_heat: Any,
    l_heat: Any,
    b_heat: Any,
    r_heat: Any,
    ct_heat: Any,
    t_regr: Any = None,
    l_regr: Any = None,
    b_regr: Any = None,
    r_regr: Any = None,
    K: int = 40,
    scores_thresh: float = 0.1,
    center_thresh: float = 0.1,
    aggr_weight: float = 0.0,
    num_dets: int = 1000,
) -> Any:
    """Group extreme points of one class, as upstream.

    Args:
        t_heat, l_heat, b_heat, r_heat, ct_heat: (B, C, H, W) scores (after the sigmoid)
            of the topmost, leftmost, bottommost and rightmost points and of centers.
        t_regr, l_regr, b_regr, r_regr: (B, 2, H, W), the shifts of the points in cells;
            half a cell everywhere unless all four are given.
        K: how many points of each map are combined.
        scores_thresh, center_thresh: what points and centers must score.
        aggr_weight: weight of edge aggregation; 0: none.
        num_dets: how many of the K**4 combinations are returned.

    Returns:
        (B, num_dets, 14) float32 rows [x1, y1, x2, y2, score, tx, ty, lx, ly, bx, by,
        rx, ry, class] in cells, score descending, then by the ranks of the points. A
        combination loses 1 for each rule that it breaks; such rows fill up.

    Raises:
        ValueError: K exceeds the cells of a map, or num_dets K**4.
    """
    return _decode(
        (t_heat, l_heat, b_heat, r_heat),
        ct_heat,
        (t_regr, l_regr, b_regr, r_regr),
        K,
        ExtremeRule(
            top_k=K,
            point_threshold=float(np.float32(scores_thresh)),
            center_threshold=float(np.float32(center_thresh)),
            edge_aggregation=aggr_weight,
            max_detections=num_dets,
        ),
    )


def agnex_ct_decode(
    t_heat: Any,
    l_heat: Any,
    b_heat: Any,
    r_heat: Any,
    ct_heat: Any,
    t_regr: Any = None,
    l_regr: Any = None,
    b_regr: Any = None,
    r_regr: Any = None,
    K: int = 40,
    scores_thresh: float = 0.1,
    center_thresh: float = 0.1,
    aggr_weight: float = 0.0,
    num_dets: int = 1000,
) -> Any:
    """Group extreme points that have no class; the center has it.

    As `exct_decode`, but the points may be of one channel, and the class of a row is
    that of the best center score at its cell.
    """
    return _decode(
        (t_heat, l_heat, b_heat, r_heat),
        ct_heat,
        (t_regr, l_regr, b_regr, r_regr),
        K,
        ExtremeRule(
            top_k=K,
            point_threshold=float(np.float32(scores_thresh)),
            center_threshold=float(np.float32(center_thresh)),
            edge_aggregation=aggr_weight,
            class_agnostic=True,
            max_detections=num_dets,
        ),
    )


def _decode(heats: Any, ct_heat: Any, regrs: Any, k: int, rule: ExtremeRule) -> Any:
    if rule.max_detections > k**4:
        raise ValueError(f"num_dets must be at most K**4 = {k**4}, got {rule.max_detections}")
    sides = [
        _points(as_numpy(heat), k, rule.edge_aggregation, side)
        for side, heat in zip(SIDES, heats, strict=True)
    ]
    centers = as_numpy(ct_heat)
    offsets = None if any(regr is None for regr in regrs) else [as_numpy(r) for r in regrs]
    rows = np.empty((len(centers), rule.max_detections, 14), np.float32)
    for i, center in enumerate(centers):
        points = [TopK(*(column[i] for column in side)) for side in sides]
        scores, class_ids, cells = _rank(points, center, rule)
        shifts = np.full((len(cells), 4, 2), 0.5, np.float32)
        if offsets is not None:
            for side, offset in enumerate(offsets):
                ys, xs = cells[:, side].T
                shifts[:, side] = offset[i, :, ys, xs]
        (tx, ty), (lx, ly), (bx, by), (rx, ry) = (cells[..., ::-1] + shifts).transpose(1, 2, 0)
        columns = (lx, ty, rx, by, scores, tx, ty, lx, ly, bx, by, rx, ry, class_ids)
        rows[i] = np.stack(columns, axis=1)
    return like(ct_heat, rows)


def _rank(
    points: list[TopK], center: NDArray[Any], rule: ExtremeRule
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
    """The best combinations. Those that break no rule are enough where there are so
    many, and none that breaks one can score as much as the last of them."""
    scores, class_ids, cells, _ = rank_quadruples(points, center, rule, all_of_them=False)
    best = sum(float(point.scores.max(initial=0)) for point in points) + 2 * float(center.max())
    enough = len(scores) == rule.max_detections and scores[-1] > best / 6 - 1 + 1e-6
    if rule.max_detections > 0 and not enough:
        scores, class_ids, cells, _ = rank_quadruples(points, center, rule, all_of_them=True)
    return scores, class_ids, cells


def _points(heat: NDArray[Any], k: int, weight: float, side: str) -> TopK:
    """The K best cells after aggregation and the 3x3 filter; scores above 1 become 1."""
    if k > heat.shape[2] * heat.shape[3]:
        raise ValueError(f"K must be at most the cells of a plane of {heat.shape}, got {k}")
    if weight > 0:
        heat = aggregate_edges(heat, weight, along_rows=side in ("top", "bottom"))
    found = top_k(heat, k)
    if (found.scores > 1).any():
        # Those that become equal rank by index, and more may than are among the K.
        more = bool((found.scores[:, -1] >= 1).any())
        found = top_k(heat, int(np.prod(heat.shape[1:]))) if more else found
        found = _capped(found, k, heat.shape[1:])
    return found


def _capped(found: TopK, k: int, shape: tuple[int, ...]) -> TopK:
    scores = np.minimum(found.scores, np.float32(1))
    index = np.ravel_multi_index((found.class_ids, found.ys, found.xs), shape)
    order = np.lexsort((index, -scores), axis=-1)[:, :k]
    return TopK(*(np.take_along_axis(c, order, -1) for c in (scores, *found[1:])))
