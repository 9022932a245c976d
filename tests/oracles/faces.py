"""CenterFace in plain loops (semantics.md 7).

Heads are NCHW (1, C, H, W), stride 4; channel 0 is vertical. The heatmap is a probability.
All arithmetic is done in float64 (python floats), results are rounded to float32 once.
Scores, overlaps and their thresholds are compared as float32, as upstream.
"""

import math

import numpy as np
from oracles.specification import round32
from oracles.tf.boxes import f32


def overlap(a, b):
    """Return the IoU of two boxes (x1, y1, x2, y2), a pixel added to every side length."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    shared = max(0.0, width) * max(0.0, height)
    area_a = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    area_b = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return f32(shared / (area_a + area_b - shared))


def nms(boxes, scores, nms_thresh):
    """Return the rows kept, best first (ties: first row); an overlap >= nms_thresh drops."""
    kept = []
    for n in sorted(range(len(boxes)), key=lambda row: (-scores[row], row)):
        if not any(overlap(boxes[m], boxes[n]) >= f32(nms_thresh) for m in kept):
            kept.append(n)
    return kept


def decode_cell(heads, y, x, size):
    """Return (box (x1, y1, x2, y2), landmarks (x0, y0, ...)) of a cell in input pixels.

    x2 is the *clipped* x1 plus the whole width, then clipped; landmarks are not clipped.
    """
    scale, offset, landmark = heads
    in_h, in_w = size
    h, w = (math.exp(float(scale[0, i, y, x])) * 4 for i in (0, 1))
    cy, cx = (y + float(offset[0, 0, y, x]) + 0.5) * 4, (x + float(offset[0, 1, y, x]) + 0.5) * 4
    x1, y1 = min(max(0.0, cx - w / 2), in_w), min(max(0.0, cy - h / 2), in_h)
    points = []
    if landmark is not None:
        for j in range(np.shape(landmark)[1] // 2):
            points.append(float(landmark[0, 2 * j + 1, y, x]) * w + x1)
            points.append(float(landmark[0, 2 * j, y, x]) * h + y1)
    return [x1, y1, min(x1 + w, in_w), min(y1 + h, in_h)], points


def decode(heatmap, scale, offset, landmark, size, threshold=0.1, *, nms_thresh=0.3):
    """Return (dets (N, 5) of x1, y1, x2, y2, score, landmarks (N, 10)) in input pixels.

    Heads (1, 1 | 2 | 2 | 10, H, W); size is the input's (height, width). Candidates are all
    cells above the threshold, in row-major order. Without landmark: the dets alone.
    """
    boxes, scores, points = [], [], []
    for y, line in enumerate(np.asarray(heatmap)[0, 0].tolist()):
        for x, score in enumerate(line):
            if score > f32(threshold):
                box, joints = decode_cell((scale, offset, landmark), y, x, size)
                boxes.append(box)
                scores.append(score)
                points.append(joints)
    kept = nms(boxes, scores, nms_thresh)
    dets = round32([[*boxes[n], scores[n]] for n in kept], (len(kept), 5))
    if landmark is None:
        return dets
    return dets, round32([points[n] for n in kept], (len(kept), np.shape(landmark)[1]))


def to_image(rows, size, image_size, count):
    """Return rows whose first `count` columns x, y, x, ... are moved from the input to the image.

    Sizes are (height, width); the input is the image, stretched.
    """
    result = np.array(rows, np.float32)
    for n, i in np.ndindex(len(result), count):
        axis = 1 - i % 2
        result[n, i] = float(rows[n][i]) / (size[axis] / image_size[axis])
    return result
