"""The keypoints of the TF Object Detection API's CenterNet in plain loops (semantics.md 4.4).

Layout, order of axes and arithmetic are those of tf/boxes.py. Heatmaps are probabilities.
Letters of shapes: N instances, M candidates per keypoint, J keypoints.
"""

import math

import numpy as np
from oracles.specification import clamp
from oracles.tf.boxes import f32, gather, top_k_feature_map_locations


def first_max(values):
    """Return the index of the first greatest value; NaN is never the greatest."""
    best = 0
    for i, value in enumerate(values):
        if value > values[best] or math.isnan(values[best]):
            best = i
    return best


def divide(a, b):
    """Return a / b of non-negative numbers; 0 / 0 is NaN."""
    if b == 0:
        return math.inf if a > 0 else math.nan
    return a / b


def offset_of(offsets, y, x, j):
    """Return (dy, dx) of keypoint j at a cell of a map (H, W, 2), shared, or (H, W, 2J)."""
    first = 2 * j if np.shape(offsets)[2] > 2 else 0
    return float(offsets[y][x][first]), float(offsets[y][x][first + 1])


def regressed_keypoints_at_object_centers(regressed_keypoint_predictions, y_indices, x_indices):
    """Return (B, N, 2J): the integer cell (B, N) plus its regression (B, H, W, 2J) y0, x0, ..."""
    found = gather(regressed_keypoint_predictions, y_indices, x_indices)
    batch, count = np.shape(y_indices)
    result = np.empty((batch, count, np.shape(regressed_keypoint_predictions)[3]), np.float32)
    for b, n, i in np.ndindex(*result.shape):
        cell = (y_indices if i % 2 == 0 else x_indices)[b][n]
        result[b, n, i] = int(cell) + found[b][n][i]
    return result


def prediction_tensors_to_keypoint_candidates(
    keypoint_heatmap_predictions,
    keypoint_heatmap_offsets,
    keypoint_score_threshold=0.1,
    max_pool_kernel_size=1,
    max_candidates=20,
    keypoint_depths=None,
):
    """Return candidates (B, M, J, 2), scores (B, M, J), counts (B, J), depths (B, M, J) or None.

    The best max_candidates cells of each map of (B, H, W, J), each plus its offset (2 or 2J
    channels); counts tells how many reach the threshold. Depths have 1 or J channels.
    """
    scores, ys, xs, _ = top_k_feature_map_locations(
        keypoint_heatmap_predictions, max_pool_kernel_size, max_candidates, per_channel=True
    )
    batch, joints = len(scores), np.shape(keypoint_heatmap_predictions)[3]
    candidates = np.empty((batch, max_candidates, joints, 2), np.float32)
    candidate_scores = np.empty(candidates.shape[:3], np.float32)
    depths = None if keypoint_depths is None else np.empty(candidates.shape[:3], np.float32)
    counts = np.zeros((batch, joints), np.int32)
    for b, m, j in np.ndindex(batch, max_candidates, joints):
        row = j * max_candidates + m
        y, x = int(ys[b, row]), int(xs[b, row])
        dy, dx = offset_of(keypoint_heatmap_offsets[b], y, x, j)
        candidates[b, m, j] = (y + dy, x + dx)
        candidate_scores[b, m, j] = scores[b, row]
        counts[b, j] += float(scores[b, row]) >= f32(keypoint_score_threshold)
        if depths is not None:
            depths[b, m, j] = keypoint_depths[b][y][x][
                j if len(keypoint_depths[b][y][x]) > 1 else 0
            ]
    return candidates, candidate_scores, counts, depths


def box_size(box):
    """Return (height, width) of a box."""
    return float(box[2]) - float(box[0]), float(box[3]) - float(box[1])


def sdr_scaled_ranking_score(keypoint_scores, distances, bboxes, score_distance_multiplier):
    """Return (B, N, M, J): s / (d + longer side of the box (B, N, 4) * multiplier)."""
    result = np.empty(np.shape(distances), np.float32)
    for b, n, m, j in np.ndindex(*result.shape):
        shift = max(box_size(bboxes[b][n])) * score_distance_multiplier
        result[b, n, m, j] = divide(
            float(keypoint_scores[b][m][j]), float(distances[b][n][m][j]) + shift
        )
    return result


def gaussian_radius(height, width):
    """Return the least of three roots, each divided by 2 and not by 2a (kept on purpose)."""
    total, area = height + width, height * width
    roots = []
    for a, b, c in (
        (1.0, -total, area * 0.3 / 1.7),
        (4.0, -2.0 * total, 0.3 * area),
        (2.8, 1.4 * total, -0.3 * area),
    ):
        roots.append((-b + math.sqrt(b * b - 4.0 * a * c)) / 2.0)
    return min(roots)


def gaussian_weighted_score(keypoint_scores, distances, keypoint_std_dev, bboxes):
    """Return (B, N, M, J): s * exp(-d^2 / (2 sigma^2)), sigma = std_j * (2 * radius + 1) / 6."""
    result = np.empty(np.shape(distances), np.float32)
    for b, n, m, j in np.ndindex(*result.shape):
        radius = max(math.floor(gaussian_radius(*box_size(bboxes[b][n]))), 0)
        sigma = float(keypoint_std_dev[j]) * (2 * radius + 1) / 6.0
        d = float(distances[b][n][m][j])
        result[b, n, m, j] = float(keypoint_scores[b][m][j]) * math.exp(-d * d / (2 * sigma**2))
    return result


def candidate_distances(regressed, candidates, counts):
    """Return float64 (B, N, M, J): regressed joint to candidate; 1e5 from the count on."""
    batch, instances, joints = np.shape(regressed)[:3]
    result = np.full((batch, instances, np.shape(candidates)[1], joints), 1e5)
    for b, n, m, j in np.ndindex(*result.shape):
        if m < int(counts[b][j]):
            dy = float(candidates[b][m][j][0]) - float(regressed[b][n][j][0])
            dx = float(candidates[b][m][j][1]) - float(regressed[b][n][j][1])
            result[b, n, m, j] = math.sqrt(dy * dy + dx * dx)
    return result


def is_inside(point, box):
    """Tell whether a point (y, x) is in a box, its border included."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def enlarge(box, scale):
    """Return a box scaled about its centre."""
    h, w = box_size(box)
    cy, cx = float(box[0]) + h / 2, float(box[1]) + w / 2
    return [cy - h * scale / 2, cx - w * scale / 2, cy + h * scale / 2, cx + w * scale / 2]


def refine_keypoints(
    regressed_keypoints,
    keypoint_candidates,
    keypoint_scores,
    num_keypoint_candidates,
    bboxes=None,
    unmatched_keypoint_score=0.1,
    box_scale=1.2,
    candidate_search_scale=0.3,
    candidate_ranking_mode="min_distance",
    score_distance_offset=1e-6,
    keypoint_depth_candidates=None,
    keypoint_score_threshold=0.1,
    score_distance_multiplier=0.1,
    keypoint_std_dev=None,
):
    """Return keypoints (B, N, J, 2), scores (B, N, J), depths (B, N, J) or None.

    A regressed joint (B, N, J, 2) moves to its best candidate (B, M, J, 2) by the mode, unless
    that one is outside the enlarged box or below the threshold, or the nearest candidate is
    beyond the search radius. Without boxes (B, N, 4) only the score is tested.
    """
    d = candidate_distances(regressed_keypoints, keypoint_candidates, num_keypoint_candidates)
    mode, weighted = candidate_ranking_mode, candidate_ranking_mode == "gaussian_weighted"
    ranks = np.empty(d.shape, np.float32)
    if weighted:
        ranks = gaussian_weighted_score(keypoint_scores, d, keypoint_std_dev, bboxes)
    elif mode == "score_scaled_distance_ratio":
        ranks = sdr_scaled_ranking_score(keypoint_scores, d, bboxes, score_distance_multiplier)
    elif mode == "score_distance_ratio":
        for b, n, m, j in np.ndindex(*d.shape):
            near = float(d[b, n, m, j]) + score_distance_offset
            ranks[b, n, m, j] = divide(float(keypoint_scores[b][m][j]), near)
    elif mode == "min_distance":
        ranks[:] = -d
    else:
        raise ValueError(mode)
    keypoints = np.array(regressed_keypoints, np.float32)
    scores = np.full(keypoints.shape[:3], unmatched_keypoint_score, np.float32)
    depths = None if keypoint_depth_candidates is None else np.zeros(scores.shape, np.float32)
    for b, n, j in np.ndindex(*scores.shape):
        best = first_max(ranks[b, n, :, j].tolist())
        score = float(ranks[b, n, best, j] if weighted else keypoint_scores[b][best][j])
        keep = score >= f32(keypoint_score_threshold)
        if bboxes is not None:
            box = enlarge(bboxes[b][n], box_scale)
            radius = candidate_search_scale * max(box_size(box))
            keep = keep and is_inside(keypoint_candidates[b][best][j], box)
            keep = keep and min(d[b, n, :, j].tolist()) <= radius
        if keep:
            keypoints[b, n, j] = keypoint_candidates[b][best][j]
            scores[b, n, j] = score
            if depths is not None:
                depths[b, n, j] = keypoint_depth_candidates[b][best][j]
    return keypoints, scores, depths


def convert_strided_predictions_to_normalized_keypoints(
    keypoint_coords, keypoint_scores, stride, true_image_shapes, clip_out_of_frame_keypoints=False
):
    """Return (coords (B, N, J, 2) as parts of the true image (B, 3), scores (B, N, J)).

    With clipping a point outside of [0, 1], ends included, is moved there and scores 0.
    """
    coords = np.empty(np.shape(keypoint_coords), np.float32)
    scores = np.array(keypoint_scores, np.float32)
    for b, n, j in np.ndindex(*scores.shape):
        y = float(keypoint_coords[b][n][j][0]) * stride / int(true_image_shapes[b][0])
        x = float(keypoint_coords[b][n][j][1]) * stride / int(true_image_shapes[b][1])
        if clip_out_of_frame_keypoints and not is_inside((y, x), (0, 0, 1, 1)):
            y, x = clamp(y, 1), clamp(x, 1)
            scores[b, n, j] = 0.0
        coords[b, n, j] = (y, x)
    return coords, scores
