"""CenterPoint's bird's-eye-view head in plain loops (semantics.md 8).

Layout and arithmetic are those of families.py.
"""

import math

import numpy as np
from oracles.families import at
from oracles.specification import round32
from oracles.tf.boxes import f32, sigmoid


def centerpoint_decode(
    hm,
    reg,
    height,
    dim,
    rot,
    vel=None,
    *,
    out_size_factor,
    voxel_size,
    pc_range,
    post_center_limit_range,
    score_threshold=0.1,
):
    """Return (boxes (n, 7 or 9), scores (n,), int64 labels (n,)) of one BEV map, before any NMS.

    Heads (*, H, W), hm logits; box x, y, z, three exp(dim), velocity, atan2(rot[0], rot[1]).
    Every cell above the threshold whose centre is in the range (6 values, ends included).
    """
    heat, rows = sigmoid(hm), []
    for y, x in np.ndindex(*heat.shape[1:]):
        scores = heat[:, y, x].tolist()
        dx, dy = at(reg, y, x)
        center = [
            (x + dx) * out_size_factor * voxel_size[0] + pc_range[0],
            (y + dy) * out_size_factor * voxel_size[1] + pc_range[1],
            at(height, y, x)[0],
        ]
        low, high = post_center_limit_range[:3], post_center_limit_range[3:]
        inside = all(low[i] <= center[i] <= high[i] for i in range(3))
        if max(scores) > f32(score_threshold) and inside:
            sizes = [math.exp(size) for size in at(dim, y, x)]
            motion = [] if vel is None else at(vel, y, x)
            box = [*center, *sizes, *motion, math.atan2(*at(rot, y, x))]
            rows.append((max(scores), scores.index(max(scores)), box))
    rows = sorted(rows, key=lambda row: -row[0])
    boxes = round32([row[2] for row in rows], (len(rows), 7 if vel is None else 9))
    labels = np.array([row[1] for row in rows], np.int64)
    return boxes, round32([row[0] for row in rows], -1), labels
