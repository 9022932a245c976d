"""The first stage of CenterNet2 in plain loops (semantics.md 8).

Layout and arithmetic are those of families.py.
"""

import math

import numpy as np
from oracles.families import at, class_nms, suppress
from oracles.specification import round32
from oracles.tf.boxes import f32, sigmoid


def grid_box(ltrb, y, x, stride):
    """Return the box of a cell from the distances (4, H, W), at least 0.01 wide and high."""
    left, top, right, bottom = (number * stride for number in at(ltrb, y, x))
    cx, cy = x * stride + stride / 2, y * stride + stride / 2
    x1, y1 = cx - left, cy - top
    return [x1, y1, max(cx + right, x1 + 0.01), max(cy + bottom, y1 + 0.01)]


def centernet2_first_stage(
    logits,
    ltrb,
    strides,
    agnostic=None,
    *,
    center_nms=False,
    score_thresh=0.05,
    pre_nms_topk=1000,
    nms_thresh=0.6,
    post_nms_topk=100,
):
    """Return (boxes (n, 4), scores (n,), int64 classes (n,)) of one image, best first.

    One entry per level: logits (C, H, W), ltrb (4, H, W) in cells, agnostic logits (1, H, W).
    With agnostic maps the score is sqrt(product). All rows that tie with the last are kept.
    """
    rows = []
    for level, stride in enumerate(strides):
        own = []
        for c, plane in enumerate(sigmoid(logits[level]).tolist()):
            filtered = suppress(plane) if center_nms else plane
            for y, x in np.ndindex(len(plane), len(plane[0])):
                score = filtered[y][x]
                if score > f32(score_thresh):
                    if agnostic is not None:
                        raw = np.asarray(agnostic[level])[0, y, x]
                        score = math.sqrt(score * float(sigmoid(raw)))
                    own.append((score, c, grid_box(ltrb[level], y, x, stride)))
        rows += sorted(own, key=lambda row: -row[0])[:pre_nms_topk]
    rows = class_nms(rows, nms_thresh)
    if len(rows) > post_nms_topk:
        last = rows[post_nms_topk - 1][0]
        rows = [row for row in rows if row[0] >= last]
    boxes, scores = round32([row[2] for row in rows], (-1, 4)), [row[0] for row in rows]
    return boxes, round32(scores, -1), np.array([row[1] for row in rows], np.int64)
