"""XZ's ExtremeNet decoders in plain loops: all K^4 quadruples of extreme points.

Specification 2.4; heads are NCHW probabilities. Scores are computed in float32, step by step,
since rounding decides the order of the rows. Equal scores: by quadruple, t slowest, r fastest.
"""
# ruff: noqa: N803  (upstream's own argument names)

import numpy as np
from oracles.nms import suppress, top_k

F32 = np.float32
ONE = F32(1)


def running_sums(line):
    """Return for each cell of a float32 line the sum of the cells before it on its slope.

    The sum starts anew at a cell that is lower than the one before: there it is 0.
    """
    sums = [F32(0)]
    for i in range(1, len(line)):
        rising = line[i] >= line[i - 1]
        sums.append(sums[i - 1] + line[i - 1] if rising else F32(0))
    return sums


def aggregate_line(line, weight):
    """Return weight * (left + right) + line of a float32 line."""
    left, right = running_sums(line), running_sums(line[::-1])[::-1]
    return [F32(weight) * (left[i] + right[i]) + line[i] for i in range(len(line))]


def aggregate(heat, weight, vertical):
    """Return heat (C, H, W) with each row, or each column if vertical, aggregated."""
    heat = np.asarray(heat, dtype=F32)
    result = np.empty_like(heat)
    for c in range(heat.shape[0]):
        if vertical:
            for x in range(heat.shape[2]):
                result[c, :, x] = aggregate_line(list(heat[c, :, x]), weight)
        else:
            for y in range(heat.shape[1]):
                result[c, y] = aggregate_line(list(heat[c, y]), weight)
    return result


def extreme_points(heat, regr, k, weight, vertical):
    """Return the k best (score float32, c, y, x, y + dy, x + dx) of heat (C, H, W).

    Cells above 1 become 1 after the 3x3 filter; regr is (2, H, W) as (dx, dy), None: +0.5.
    """
    if k > heat.shape[1] * heat.shape[2]:
        raise ValueError("k not in range")
    if weight > 0:
        heat = aggregate(heat, weight, vertical)
    planes = [[[min(v, 1.0) for v in line] for line in plane] for plane in suppress(heat.tolist())]
    points = []
    for score, c, y, x in top_k(planes, k):
        dx, dy = (0.5, 0.5) if regr is None else regr[:, y, x].tolist()
        points.append((F32(score), c, y, x, y + dy, x + dx))
    return points


def class_center(t, ct_heat, y, x):
    """Return (centre score, class) for exct_decode: the class of t."""
    return F32(ct_heat[t[1], y, x]), t[1]


def best_center(_, ct_heat, y, x):
    """Return (centre score, class) for agnex_ct_decode: the first best class of the cell."""
    scores = ct_heat[:, y, x].tolist()
    return F32(max(scores)), scores.index(max(scores))


def score_quadruple(points, ct_heat, center, scores_thresh, center_thresh):
    """Return (score float32, class) of the points t, l, b, r; -1 for each violated group."""
    t, l, b, r = points
    cy = int((t[2] + b[2] + 0.5) / 2)
    cx = int((l[3] + r[3] + 0.5) / 2)
    ct, cls = center(t, ct_heat, cy, cx)
    score = (t[0] + l[0] + b[0] + r[0] + F32(2) * ct) / F32(6)
    violations = [
        any(p[0] < F32(scores_thresh) for p in points) or ct < F32(center_thresh),
        center is class_center and any(p[1] != t[1] for p in points),
        any(t[2] > p[2] for p in points),
        any(l[3] > p[3] for p in points),
        any(b[2] < p[2] for p in points),
        any(r[3] < p[3] for p in points),
    ]
    for _ in range(sum(violations)):
        score = score - ONE
    return score, cls


def decode(heats, ct_heat, regrs, center, k, scores_thresh, center_thresh, weight, num_dets):
    """Return (B, num_dets, 14); heats, regrs: the maps of t, l, b, r; center: a rule above."""
    if num_dets > k**4:
        raise ValueError("num_dets not in range")
    if any(regr is None for regr in regrs):
        regrs = [None] * 4
    result = []
    for image in range(len(ct_heat)):
        ts, ls, bs, rs = (
            extreme_points(heat[image], None if regr is None else regr[image], k, weight, vertical)
            for heat, regr, vertical in zip(heats, regrs, (False, True, False, True), strict=True)
        )
        quadruples = [(t, l, b, r) for t in ts for l in ls for b in bs for r in rs]
        rows = []
        for points in quadruples:
            score, cls = score_quadruple(
                points, ct_heat[image], center, scores_thresh, center_thresh
            )
            (ty, tx), (ly, lx), (by, bx), (ry, rx) = (point[4:] for point in points)
            rows.append([lx, ty, rx, by, score, tx, ty, lx, ly, bx, by, rx, ry, cls])
        rows.sort(key=lambda row: -row[4])  # the sort is stable
        result.append(rows[:num_dets])
    return np.array(result, dtype=F32).reshape(-1, num_dets, 14)


def exct_decode(
    t_heat,
    l_heat,
    b_heat,
    r_heat,
    ct_heat,
    t_regr=None,
    l_regr=None,
    b_regr=None,
    r_regr=None,
    K=40,
    scores_thresh=0.1,
    center_thresh=0.1,
    aggr_weight=0.0,
    num_dets=1000,
):
    """Return (B, num_dets, 14) rows [box, score, tx, ty, lx, ly, bx, by, rx, ry, class].

    All heats are (B, C, H, W), the regrs (B, 2, H, W); the four points must share a class.
    """
    heats = (t_heat, l_heat, b_heat, r_heat)
    regrs = (t_regr, l_regr, b_regr, r_regr)
    limits = (scores_thresh, center_thresh, aggr_weight, num_dets)
    return decode(heats, ct_heat, regrs, class_center, K, *limits)


def agnex_ct_decode(
    t_heat,
    l_heat,
    b_heat,
    r_heat,
    ct_heat,
    t_regr=None,
    l_regr=None,
    b_regr=None,
    r_regr=None,
    K=40,
    scores_thresh=0.1,
    center_thresh=0.1,
    aggr_weight=0.0,
    num_dets=1000,
):
    """Return rows like exct_decode of extreme maps of one class; ct_heat is (B, C, H, W)."""
    heats = (t_heat, l_heat, b_heat, r_heat)
    regrs = (t_regr, l_regr, b_regr, r_regr)
    limits = (scores_thresh, center_thresh, aggr_weight, num_dets)
    return decode(heats, ct_heat, regrs, best_center, K, *limits)
