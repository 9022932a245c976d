"""DU's CenterNet (keypoint triplets) and CornerNet in plain loops: decode, merge, rescore.

Specification 5; heads are NCHW logits. Scores are computed in float32, since rounding decides
the order of the rows; coordinates in float64, rounded once. Equal scores: by flat index.
"""
# ruff: noqa: N803  (upstream's own argument names)

import numpy as np
from oracles.nms import keep_best, sigmoid, soft_nms, soft_nms_merge, suppress, top_k

F32 = np.float32
LARGE = 22500


def find_points(heat, regr, k, kernel):
    """Return the k best (score float32, c, y, x, x + dx, y + dy) of logits (C, H, W).

    regr is (2, H, W) as (dx, dy); without it nothing is added.
    """
    points = []
    for score, c, y, x in top_k(suppress(sigmoid(heat).tolist(), kernel), k):
        dx, dy = (0.0, 0.0) if regr is None else regr[:, y, x].tolist()
        points.append((F32(score), c, y, x, x + dx, y + dy))
    return points


def pair_row(tl, br, tl_tag, br_tag, ae_threshold):
    """Return [x1, y1, x2, y2, score, s_tl, s_br, class]; score -1 where they do not pair."""
    s_tl, c_tl, y, x, x1, y1 = tl
    s_br, c_br, v, u, x2, y2 = br
    distance = abs(F32(tl_tag[0, y, x]) - F32(br_tag[0, v, u]))
    apart = distance > F32(ae_threshold)
    rejected = c_tl != c_br or apart or x2 < x1 or y2 < y1
    score = F32(-1) if rejected else (s_tl + s_br) / F32(2)
    return [x1, y1, x2, y2, score, s_tl, s_br, c_tl]


def decode(
    tl_heat,
    br_heat,
    tl_tag,
    br_tag,
    tl_regr,
    br_regr,
    ct_heat,
    ct_regr,
    K=100,
    kernel=1,
    ae_threshold=1,
    num_dets=1000,
):
    """Return detections (B, num_dets, 8) and centres (B, K, 4) as [x, y, class, score].

    The heats are (B, C, H, W), the tags (B, 1, H, W), the regrs (B, 2, H, W) or None.
    """
    if num_dets > K * K:
        raise ValueError("num_dets not in range")
    if tl_regr is None or br_regr is None:
        tl_regr = br_regr = ct_regr = [None] * len(tl_heat)
    detections, centers = [], []
    for b in range(len(tl_heat)):
        tls = find_points(tl_heat[b], tl_regr[b], K, kernel)
        brs = find_points(br_heat[b], br_regr[b], K, kernel)
        rows = [pair_row(tl, br, tl_tag[b], br_tag[b], ae_threshold) for tl in tls for br in brs]
        rows.sort(key=lambda row: -row[4])  # the sort is stable
        detections.append(rows[:num_dets])
        for score, c, _, _, x, y in find_points(ct_heat[b], ct_regr[b], K, kernel):
            centers.append([x, y, c, score])
    shapes = (-1, num_dets, 8), (-1, K, 4)
    return tuple(
        np.array(found, dtype=F32).reshape(shape)
        for found, shape in zip((detections, centers), shapes, strict=True)
    )


def pad_size(n):
    """Return (input, output) size of the network for an image side of n pixels."""
    size = n | 127
    return size, (size + 1) // 4


def unmirror(detections, centers, out_w):
    """Return (2N, 8) and (2K, 4) of a batch of two: image rows, then those of the mirror."""
    boxes, points = detections[0].tolist(), centers[0].tolist()
    for x1, y1, x2, *rest in detections[1].tolist():
        boxes.append([out_w - x2, y1, out_w - x1, *rest])
    for x, *rest in centers[1].tolist():
        points.append([out_w - x, *rest])
    return np.array(boxes, dtype=F32), np.array(points, dtype=F32)


def clip(value, limit):
    """Return the value brought into [0, limit]."""
    return min(max(value, 0.0), limit)


def to_image(detections, centers, ratios, border, size, scale=1.0):
    """Return both in pixels of the image; ratios: (y, x) of output to input, size: (h, w).

    border is the (top, left) of the image in the padded input, size that of the image at
    the test scale. A box that reaches 5 pixels outside gets the score -1.
    """
    (ry, rx), (top, left), (h, w) = ratios, border, size
    boxes, points = [], []
    for x1, y1, x2, y2, score, *rest in detections.tolist():
        x1, x2 = x1 / rx - left, x2 / rx - left
        y1, y2 = y1 / ry - top, y2 / ry - top
        if x1 <= -5 or x2 >= w + 5 or y1 <= -5 or y2 >= h + 5:
            score = -1.0
        box = [clip(x1, w), clip(y1, h), clip(x2, w), clip(y2, h)]
        boxes.append([*(v / scale for v in box), score, *rest])
    for x, y, *rest in centers.tolist():
        x, y = clip(x / rx - left, w) / scale, clip(y / ry - top, h) / scale
        points.append([x, y, *rest])
    return np.array(boxes, dtype=F32), np.array(points, dtype=F32)


def is_central(box, point):
    """Tell whether the point is strictly inside the middle third, or fifth of a large box."""
    x1, y1, x2, y2 = box
    n = 3 if (x2 - x1) * (y2 - y1) <= LARGE else 5
    a, b = (n + 1) // 2, (n - 1) // 2
    inside_x = (a * x1 + b * x2) / n < point[0] < (b * x1 + a * x2) / n
    inside_y = (a * y1 + b * y2) / n < point[1] < (b * y1 + a * y2) / n
    return inside_x and inside_y


def rescore_by_center_region(detections, centers):
    """Return the rows (n, 8) of detections (N, 8) that hold a centre of (M, 4), best first.

    The first centre of the class inside the region counts: (2 * score + s_ct) / 3. Equal
    scores: boxes above the area limit before the others, each in the order given.
    """
    large, small = [], []
    for row in detections.tolist():
        box, score = row[:4], F32(row[4])
        inside = [point for point in centers.tolist() if point[2] == row[7]]
        inside = [point for point in inside if is_central(box, point)]
        if score > -1 and inside:
            score = (F32(2) * score + F32(inside[0][3])) / F32(3)
            area = (box[2] - box[0]) * (box[3] - box[1])
            (large if area > LARGE else small).append([*box, score, *row[5:]])
    rows = sorted(large + small, key=lambda row: -row[4])  # the sort is stable
    return np.array(rows, dtype=F32).reshape(-1, 8)


def merge_scales(
    detections, centers, scales, num_classes=80, merge_bbox=False, max_per_image=100, region=True
):
    """Return {1..C: float32 rows [x1, y1, x2, y2, score]} of one image.

    detections, centers: per test scale what to_image gives. Centres count from scale 1 only;
    region False is CornerNet. The soft NMS works in place, its stale rows stay in the result.
    """
    rows = np.concatenate(detections)
    rows = rows[rows[:, 4] > -1]
    if region:
        rows = rescore_by_center_region(rows, centers[list(scales).index(1)])
    results = {}
    for j in range(1, num_classes + 1):
        own = rows[rows[:, 7] == j - 1]
        if merge_bbox:
            own = own[:, :7].copy()
            soft_nms_merge(own, Nt=0.5, method=2, weight_exp=8)
        else:
            own = own[:, :5].copy()
            soft_nms(own, Nt=0.5, method=2)
        results[j] = own[:, :5]
    return keep_best(results, max_per_image)
