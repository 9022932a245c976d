"""CenterTrack in plain loops (semantics.md 8).

Layout and arithmetic are those of families.py.
"""

import math

import numpy as np
from oracles.families import around, at, require_plane, top_k
from oracles.specification import round32
from oracles.tf.boxes import f32

RAW = ["tracking", "dep", "rot", "dim", "amodel_offset", "nuscenes_att", "velocity"]


def joint_candidates(output, b, count):
    """Return for each joint its `count` candidates (score, x, y); up to 0.2 they are invalid.

    The offset comes from hp_offset, else reg, else it is 0.5; invalid: score -1 at -10000.
    """
    offsets = output.get("hp_offset", output.get("reg"))
    candidates = []
    for plane in output["hm_hp"][b]:
        own = []
        for score, _, y, x in top_k([plane], count):
            dx, dy = (0.5, 0.5) if offsets is None else at(offsets[b], y, x)
            own.append((score, x + dx, y + dy) if score > f32(0.2) else (-1.0, -10000.0, -10000.0))
        candidates.append(own)
    return candidates


def extent(values):
    """Return the ends of the values with a margin; the second uses the already moved first."""
    low, high = min(values), max(values)
    low -= 0.25 * (high - low)
    return low, high + 0.25 * (high - low)


def snap(joints, score, box, candidates):
    """Return (joints, mean score): joints [x0, y0, ...] moved to their nearest candidate.

    A joint stays (with the detection's score) if that one is outside of the box or below 0.2.
    """
    if box is None:
        (left, right), (top, bottom) = extent(joints[0::2]), extent(joints[1::2])
    else:
        left, top, right, bottom = box
    moved, scores = [], []
    for j, own in enumerate(candidates):
        x, y = joints[2 * j], joints[2 * j + 1]
        best = min(own, key=lambda row: math.hypot(row[1] - x, row[2] - y))
        inside = left <= best[1] <= right and top <= best[2] <= bottom
        if inside and best[0] >= f32(0.2):
            moved += [best[1], best[2]]
            scores.append(best[0])
        else:
            moved += [x, y]
            scores.append(score)
    return moved, sum(scores) / len(scores)


def track_boxes(output, b, y, x):
    """Return {name: box} of a peak: bboxes from wh or ltrb, bboxes_amodal from ltrb_amodal."""
    boxes = {}
    if "wh" in output:
        dx, dy = at(output["reg"][b], y, x) if "reg" in output else (0.5, 0.5)
        w, h = (max(size, 0.0) for size in at(output["wh"][b], y, x)[:2])
        boxes["bboxes"] = around(x + dx, y + dy, w, h)
    for head, name in (("ltrb", "bboxes"), ("ltrb_amodal", "bboxes_amodal")):
        if head in output:
            left, top, right, bottom = at(output[head][b], y, x)
            boxes[name] = [x + left, y + top, x + right, y + bottom]
    return boxes


def generic_decode(output, K=100, opt=None):  # noqa: N803
    """Return CenterTrack's dict of (B, K, ...) arrays from heads (B, *, H, W), hm probabilities.

    opt is not used. An amodal box also replaces bboxes, but not for the test of the joints.
    Without hm_hp kps_score repeats the joints, as upstream.
    """
    require_plane(output["hm"], K)
    columns = {}
    for b in range(len(output["hm"])):
        candidates = joint_candidates(output, b, K) if "hm_hp" in output else None
        for score, c, y, x in top_k(output["hm"][b], K):
            row = {"scores": score, "clses": c, "xs": x, "ys": y, "cts": [x, y]}
            row.update({name: at(output[name][b], y, x) for name in RAW if name in output})
            boxes = track_boxes(output, b, y, x)
            if "hps" in output:
                joints = at(output["hps"][b], y, x)
                joints = [value + (x, y)[i % 2] for i, value in enumerate(joints)]
                row["hps"], row["kps_score"] = joints, joints
                if candidates is not None:
                    row["hps"], mean = snap(joints, score, boxes.get("bboxes"), candidates)
                    row["kps_score"] = score * mean
            row.update(boxes)
            row["bboxes"] = boxes.get("bboxes_amodal", boxes.get("bboxes"))
            for name, value in row.items():
                if value is not None:
                    columns.setdefault(name, []).append(value)
    shape = (len(output["hm"]), K)
    result = {}
    for name, values in columns.items():
        result[name] = round32(values, (*shape, *np.shape(values)[1:]))
    result["clses"] = result["clses"].astype(np.int32)
    return result
