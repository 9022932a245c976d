"""The argmax keypoint paths of the TF Object Detection API's CenterNet (semantics.md 4.4).

Layout, order of axes and arithmetic are those of tf/boxes.py. Heatmaps are probabilities.
"""

import math

import numpy as np
from oracles.tf.keypoints import divide, first_max, offset_of


def best_cell(plane, center, shift):
    """Return the first cell (y, x) of the greatest plane[y][x] / (distance to center + shift)."""
    cells, ranks = [], []
    for y, line in enumerate(plane):
        for x, value in enumerate(line):
            distance = math.sqrt((y - center[0]) ** 2 + (x - center[1]) ** 2)
            cells.append((y, x))
            ranks.append(divide(value, distance + shift))
    return cells[first_max(np.array(ranks, np.float32).tolist())]


def prediction_to_single_instance_keypoints(
    object_heatmap,
    keypoint_heatmap,
    keypoint_offset,
    keypoint_regression,
    kp_params,
    keypoint_depths=None,
):
    """Return (keypoints (1, 1, J, 2), scores (1, 1, J), None) of one image with one object.

    Centre: best cell of (1, H, W, 1) near the middle (H/2, W/2); keypoint j: best cell of its
    map near centre + regression, plus its offset pair. kp_params: candidate_ranking_mode, which
    must be "score_distance_ratio", and score_distance_offset (1e-6).
    """
    if kp_params["candidate_ranking_mode"] != "score_distance_ratio":
        raise ValueError(kp_params["candidate_ranking_mode"])
    if len(object_heatmap) != 1:
        raise ValueError("one image only")
    shift = kp_params.get("score_distance_offset", 1e-6)
    height, width, joints = np.shape(keypoint_heatmap)[1:]
    cy, cx = best_cell(object_heatmap[0, :, :, 0].tolist(), (height / 2, width / 2), shift)
    keypoints = np.empty((1, 1, joints, 2), np.float32)
    scores = np.empty((1, 1, joints), np.float32)
    for j in range(joints):
        regression = keypoint_regression[0, cy, cx].tolist()
        target = (cy + regression[2 * j], cx + regression[2 * j + 1])
        y, x = best_cell(keypoint_heatmap[0, :, :, j].tolist(), target, shift)
        dy, dx = offset_of(keypoint_offset[0], y, x, j)
        keypoints[0, 0, j] = (y + dy, x + dx)
        scores[0, 0, j] = keypoint_heatmap[0, y, x, j]
    return keypoints, scores, None


def prediction_tensors_to_multi_instance_kpts(
    keypoint_heatmap_predictions, keypoint_heatmap_offsets, keypoint_score_heatmap=None
):
    """Return (keypoints (1, N, J, 2), scores (1, N, J)) of maps (H, W, N, J).

    The first greatest cell of each map plus the keypoint's own pair of (H, W, 2J). The score
    is the score map's (H, W, J) there, or the greatest of the N instances' maps there.
    """
    maps = np.asarray(keypoint_heatmap_predictions)
    width, count, joints = maps.shape[1:]
    keypoints = np.empty((1, count, joints, 2), np.float32)
    scores = np.empty((1, count, joints), np.float32)
    for n, j in np.ndindex(count, joints):
        y, x = divmod(first_max(maps[:, :, n, j].ravel().tolist()), width)
        dy, dx = offset_of(keypoint_heatmap_offsets, y, x, j)
        keypoints[0, n, j] = (y + dy, x + dx)
        if keypoint_score_heatmap is None:
            scores[0, n, j] = max(maps[y, x, :, j].tolist())
        else:
            scores[0, n, j] = keypoint_score_heatmap[y][x][j]
    return keypoints, scores


def gaussian_keypoint_maps(keypoint_heatmap, regressed_keypoints, boxes, gaussian_denom_ratio):
    """Return (H, W, N, J): heatmap (H, W, J) * exp(-d^2 / (min(H, W) * ratio)) in the box, else 0.

    d is the distance of the integer cell to the regressed joint (N, J, 2); boxes (N, 4) are in
    cells and half-open: ymin <= y < ymax. Without boxes every cell counts.
    """
    height, width, joints = np.shape(keypoint_heatmap)
    maps = np.zeros((height, width, len(regressed_keypoints), joints), np.float32)
    for y, x, n, j in np.ndindex(*maps.shape):
        if boxes is not None:
            ymin, xmin, ymax, xmax = (float(side) for side in boxes[n])
            if not (ymin <= y < ymax and xmin <= x < xmax):
                continue
        dy = y - float(regressed_keypoints[n][j][0])
        dx = x - float(regressed_keypoints[n][j][1])
        weight = math.exp(-(dy * dy + dx * dx) / (min(height, width) * gaussian_denom_ratio))
        maps[y, x, n, j] = float(keypoint_heatmap[y][x][j]) * weight
    return maps
