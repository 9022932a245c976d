"""XZ (xingyizhou/CenterNet) in plain loops: decoders, affine, post-processing, flips, merging.

Specification 0.2, 0.4, 0.5, 2.1-2.3 and 2.5; heads are NCHW and already activated. Arithmetic
is float64, rounded to float32 once. Everywhere: score descending, then flat index ascending.
"""
# ruff: noqa: N803  (upstream's own argument names)

import math

import numpy as np
from oracles.nms import keep_best, soft_nms, soft_nms_39, suppress, top_k

KEYPOINT_THRESHOLD = float(np.float32(0.1))


def find_centers(heat, reg, k):
    """Return per image of heat (B, C, H, W) the rows (score, c, y, x, cx, cy) of k peaks."""
    if k > heat.shape[2] * heat.shape[3]:
        raise ValueError("k not in range")
    images = []
    for b in range(len(heat)):
        images.append([])
        for score, c, y, x in top_k(suppress(heat[b].tolist()), k):
            dx, dy = (0.5, 0.5) if reg is None else reg[b, :, y, x].tolist()
            images[b].append((score, c, y, x, x + dx, y + dy))
    return images


def corners(cx, cy, w, h):
    """Return [x1, y1, x2, y2] of a box; sizes may be negative."""
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]


def ctdet_decode(heat, wh, reg=None, cat_spec_wh=False, K=100):
    """Return (B, K, 6) rows [x1, y1, x2, y2, score, class]; wh is (B, 2 or 2C, H, W)."""
    rows = []
    for b, centers in enumerate(find_centers(heat, reg, K)):
        for score, c, y, x, cx, cy in centers:
            first = 2 * c if cat_spec_wh else 0
            w, h = wh[b, first : first + 2, y, x].tolist()
            rows.append([*corners(cx, cy, w, h), score, c])
    return np.array(rows, dtype=np.float32).reshape(-1, K, 6)


def find_candidates(plane, offsets, k):
    """Return the k best (score, x, y) of one joint's plane[y][x]; offsets (2, H, W) or None.

    Up to 0.1 a candidate is invalid: score -1 at (-10000, -10000).
    """
    candidates = []
    for score, _, y, x in top_k(suppress([plane]), k):
        dx, dy = (0.5, 0.5) if offsets is None else offsets[:, y, x].tolist()
        valid = score > KEYPOINT_THRESHOLD
        candidates.append((score, x + dx, y + dy) if valid else (-1.0, -10000.0, -10000.0))
    return candidates


def snap(joint, box, candidates):
    """Return [x, y] of the nearest candidate, or the joint where that one is not accepted."""
    distances = [math.hypot(x - joint[0], y - joint[1]) for _, x, y in candidates]
    nearest = distances.index(min(distances))
    score, x, y = candidates[nearest]
    x1, y1, x2, y2 = box
    outside = x < x1 or x > x2 or y < y1 or y > y2
    far = distances[nearest] > 0.3 * max(y2 - y1, x2 - x1)
    return list(joint) if outside or far or score < KEYPOINT_THRESHOLD else [x, y]


def multi_pose_decode(heat, wh, kps, reg=None, hm_hp=None, hp_offset=None, K=100):
    """Return (B, K, 6 + 2J) rows [x1, y1, x2, y2, score, x0, y0, x1, y1, ..., class]."""
    rows = []
    for b, centers in enumerate(find_centers(heat, reg, K)):
        candidates = []
        if hm_hp is not None:
            offsets = None if hp_offset is None else hp_offset[b]
            candidates = [find_candidates(plane, offsets, K) for plane in hm_hp[b].tolist()]
        for score, c, y, x, cx, cy in centers:
            box = corners(cx, cy, *wh[b, :, y, x].tolist())
            joints = []
            for j in range(kps.shape[1] // 2):
                dx, dy = kps[b, 2 * j : 2 * j + 2, y, x].tolist()
                joint = [x + dx, y + dy]
                joints += joint if hm_hp is None else snap(joint, box, candidates[j])
            rows.append([*box, score, *joints, c])
    return np.array(rows, dtype=np.float32).reshape(-1, K, 6 + kps.shape[1])


def ddd_decode(heat, rot, depth, dim, wh=None, reg=None, K=40):
    """Return (B, K, 16 or 18) rows [x, y, score, rot 8, depth, dim 3, (wh 2), class]."""
    heads = [rot, depth, dim] if wh is None else [rot, depth, dim, wh]
    rows = []
    for b, centers in enumerate(find_centers(heat, reg, K)):
        for score, c, y, x, cx, cy in centers:
            numbers = [number for head in heads for number in head[b, :, y, x].tolist()]
            rows.append([cx, cy, score, *numbers, c])
    return np.array(rows, dtype=np.float32).reshape(-1, K, 16 if wh is None else 18)


def third_point(a, b):
    """Return b + perp(a - b), perp(dx, dy) = (-dy, dx)."""
    return (b[0] - (a[1] - b[1]), b[1] + (a[0] - b[0]))


def get_affine_transform(center, scale, rot, output_size, shift=(0, 0), inv=0):
    """Return the 2x3 matrix image -> output; rot in degrees, output_size (width, height)."""
    s0, s1 = np.broadcast_to(np.asarray(scale, dtype=np.float64), 2).tolist()
    angle = math.radians(rot)
    p0 = (center[0] + s0 * shift[0], center[1] + s1 * shift[1])
    p1 = (p0[0] + s0 / 2 * math.sin(angle), p0[1] - s0 / 2 * math.cos(angle))
    q0 = (output_size[0] / 2, output_size[1] / 2)
    q1 = (q0[0], q0[1] - output_size[0] / 2)
    source, target = (p0, p1, third_point(p0, p1)), (q0, q1, third_point(q0, q1))
    if inv:
        source, target = target, source
    (x0, y0), (x1, y1), (x2, y2) = source
    determinant = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    matrix = []
    for t0, t1, t2 in zip(*target, strict=True):
        a = ((t1 - t0) * (y2 - y0) - (t2 - t0) * (y1 - y0)) / determinant
        b = ((t2 - t0) * (x1 - x0) - (t1 - t0) * (x2 - x0)) / determinant
        matrix.append([a, b, t0 - a * x0 - b * y0])
    return np.array(matrix)


def transform_preds(coords, center, scale, output_size):
    """Return coords (N, 2 or more) mapped output -> image, float64; zeros from column 2 on."""
    matrix = get_affine_transform(center, scale, 0, output_size, inv=1).tolist()
    mapped = np.zeros(np.shape(coords))
    for n, row in enumerate(np.asarray(coords).tolist()):
        mapped[n, :2] = [a * row[0] + b * row[1] + c for a, b, c in matrix]
    return mapped


def get_alpha(rot):
    """Return alpha (N,) of rot (N, 8); the first bin where rot[1] > rot[5]; not wrapped."""
    alphas = []
    for _, first, sin1, cos1, _, second, sin2, cos2 in np.asarray(rot).tolist():
        bins = math.atan2(sin1, cos1) - math.pi / 2, math.atan2(sin2, cos2) + math.pi / 2
        alphas.append(bins[0] if first > second else bins[1])
    return np.array(alphas)


def map_rows(rows, columns, center, scale, output_size):
    """Return float rows with the points in the columns (a slice x, y, x, y, ...) on the image."""
    rows = np.array(rows, dtype=np.float64)
    points = transform_preds(rows[:, columns].reshape(-1, 2), center, scale, output_size)
    rows[:, columns] = points.reshape(len(rows), -1)
    return rows.astype(np.float32).tolist()


def ctdet_post_process(dets, c, s, h, w, num_classes):
    """Return per image {1..C: rows [x1, y1, x2, y2, score]} of dets (B, K, 6), not clipped."""
    results = []
    for b in range(len(dets)):
        results.append({j: [] for j in range(1, num_classes + 1)})
        for row in map_rows(dets[b], slice(0, 4), c[b], s[b], (w, h)):
            results[b][int(row[5]) + 1].append(row[:5])
    return results


def multi_pose_post_process(dets, c, s, h, w):
    """Return per image {1: rows [box, score, joints]} of dets (B, K, 6 + 2J)."""
    results = []
    for b in range(len(dets)):
        rows = map_rows(dets[b], slice(0, 4), c[b], s[b], (w, h))
        rows = map_rows(rows, slice(5, -1), c[b], s[b], (w, h))
        results.append({1: [row[:-1] for row in rows]})
    return results


def ddd_to_3d(u, v, depth, dim, alpha, calib):
    """Return [X, Y, Z, rot_y] of an image point; dim (h, w, l), calib a 3x4 projection."""
    (fx, _, px, tx), (_, fy, py, ty), (_, _, _, tz) = np.asarray(calib).tolist()
    z = depth - tz
    rot_y = alpha + math.atan2(u - px, fx)
    if rot_y > math.pi:
        rot_y -= 2 * math.pi
    elif rot_y < -math.pi:
        rot_y += 2 * math.pi
    return [(u * depth - tx - px * z) / fx, (v * depth - ty - py * z) / fy + dim[0] / 2, z, rot_y]


def ddd_post_process(dets, c, s, calibs, opt):
    """Return per image {1..C: rows [alpha, x1, y1, x2, y2, h, w, l, X, Y, Z, rot_y, score]}.

    dets is (B, K, 18); wh is mapped as if it were a point; calibs[0] serves every image.
    """
    size = (opt.output_w, opt.output_h)
    results = []
    for b in range(len(dets)):
        results.append({j: [] for j in range(1, opt.num_classes + 1)})
        points = transform_preds(dets[b][:, 0:2], c[b], s[b], size).tolist()
        sizes = transform_preds(dets[b][:, 15:17], c[b], s[b], size).tolist()
        alphas = get_alpha(dets[b][:, 3:11]).tolist()
        for n, row in enumerate(dets[b].tolist()):
            box, dim = corners(*points[n], *sizes[n]), row[12:15]
            place = ddd_to_3d(*points[n], row[11], dim, alphas[n], calibs[0])
            full = np.array([alphas[n], *box, *dim, *place, row[2]], dtype=np.float32)
            results[b][int(row[17]) + 1].append(full.tolist())
    return results


def flip_tensor(x):
    """Return x (B, C, H, W) mirrored left to right."""
    return x[:, :, :, ::-1].copy()


def flip_lr(x, flip_idx):
    """Return x (B, J, H, W) mirrored, with the channels of each pair swapped."""
    source, mirrored = flip_tensor(x), flip_tensor(x)
    for a, b in flip_idx:
        mirrored[:, a], mirrored[:, b] = source[:, b], source[:, a]
    return mirrored


def flip_lr_off(x, flip_idx):
    """Return x (B, 2J, H, W) mirrored, x channels negated, the joints of each pair swapped."""
    source = flip_tensor(x)
    source[:, 0::2] *= -1
    mirrored = source.copy()
    for a, b in flip_idx:
        mirrored[:, 2 * a : 2 * a + 2] = source[:, 2 * b : 2 * b + 2]
        mirrored[:, 2 * b : 2 * b + 2] = source[:, 2 * a : 2 * a + 2]
    return mirrored


def average_flipped(pair, flip=flip_tensor):
    """Return the head of one image from the pair image, mirror: hm and wh with flip_tensor.

    flip is flip_lr for hm_hp and flip_lr_off for hps; reg and hp_offset are just pair[0:1].
    """
    return (pair[0:1] + flip(pair[1:2])) / 2


def unscale(rows, scale):
    """Return rows [box, score, joints] with all coordinates divided by the test scale."""
    return [[v if i == 4 else v / scale for i, v in enumerate(row)] for row in rows]


def merge_outputs(detections, num_classes=80, max_per_image=100, nms=False, columns=5):
    """Return {1..C: float32 rows} of the results of several scales, one dict each.

    With several scales or nms: the soft NMS in place, its stale rows stay in the result.
    """
    results = {}
    for j in range(1, num_classes + 1):
        rows = [row for result in detections for row in result[j]]
        results[j] = np.array(rows, dtype=np.float32).reshape(-1, columns)
        if len(detections) > 1 or nms:
            (soft_nms if columns == 5 else soft_nms_39)(results[j], Nt=0.5, method=2)
    return keep_best(results, max_per_image)
