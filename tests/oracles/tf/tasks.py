"""The keypoint tasks of the TF Object Detection API's CenterNet in plain loops (4.3, 4.4).

Layout, order of axes and arithmetic are those of tf/boxes.py. The methods of the model are
functions; the options of a task are a dict with the proto's names.
"""

import numpy as np
from oracles.tf import boxes as tf
from oracles.tf import keypoints as kp
from oracles.tf.argmax import gaussian_keypoint_maps, prediction_tensors_to_multi_instance_kpts
from oracles.tf.boxes import f32

TASK = {
    "class_id": 0,
    "keypoint_indices": None,
    "keypoint_std_dev": None,
    "keypoint_candidate_score_threshold": 0.1,
    "num_candidates_per_keypoint": 100,
    "peak_max_pool_kernel_size": 3,
    "unmatched_keypoint_score": 0.1,
    "box_scale": 1.2,
    "candidate_search_scale": 0.3,
    "candidate_ranking_mode": "min_distance",
    "score_distance_offset": 1e-6,
    "score_distance_multiplier": 0.1,
    "std_dev_multiplier": 1.0,
    "rescore_instances": False,
    "rescoring_threshold": 0.0,
    "clip_out_of_frame_keypoints": False,
    "argmax_postprocessing": False,
    "gaussian_denom_ratio": 0.1,
}


def columns_of(task, joints):
    """Return the keypoint columns of a task of so many joints."""
    indices = task["keypoint_indices"]
    return list(range(joints)) if indices is None else [int(index) for index in indices]


def get_instance_indices(classes, num_detections, batch_index, class_id):
    """Return the int32 indices of a class among the first num_detections of an image."""
    row = [int(label) for label in classes[batch_index]][: int(num_detections[batch_index])]
    return np.array([n for n, label in enumerate(row) if label == class_id], dtype=np.int32)


def rescore_instances(classes, scores, keypoint_scores, keypoint_params_dict):
    """Return scores (B, N) times the mean of the keypoint scores (B, N, J) > the threshold.

    Only for tasks with rescore_instances: their class, their keypoint_indices. No such score: 0.
    """
    result = np.array(scores, np.float32)
    for options in keypoint_params_dict.values():
        task = {**TASK, **options}
        columns = columns_of(task, np.shape(keypoint_scores)[2])
        for b, n in np.ndindex(*result.shape):
            if task["rescore_instances"] and int(classes[b][n]) == task["class_id"]:
                own = [float(keypoint_scores[b][n][j]) for j in columns]
                good = [score for score in own if score > f32(task["rescoring_threshold"])]
                result[b, n] = float(result[b, n]) * sum(good) / max(len(good), 1)
    return result


def task_keypoints(heads, name, task, ys, xs, boxes):
    """Return a task's strided keypoints (B, N, J, 2), scores, depths or None for all N rows."""
    heatmap = tf.sigmoid(heads[name + "/keypoint/heatmap"])
    offset = heads[name + "/keypoint/offset"]
    regressed = kp.regressed_keypoints_at_object_centers(
        heads[name + "/keypoint/regression"], ys, xs
    ).reshape((*ys.shape, -1, 2))
    if task["argmax_postprocessing"]:
        if task["candidate_ranking_mode"] != "gaussian_weighted_const" or len(ys) != 1:
            raise ValueError(task["candidate_ranking_mode"])
        sides = None if boxes is None else boxes[0]
        maps = gaussian_keypoint_maps(heatmap[0], regressed[0], sides, task["gaussian_denom_ratio"])
        return *prediction_tensors_to_multi_instance_kpts(maps, offset[0]), None
    threshold = task["keypoint_candidate_score_threshold"]
    candidates, scores, counts, depths = kp.prediction_tensors_to_keypoint_candidates(
        heatmap,
        offset,
        keypoint_score_threshold=threshold,
        max_pool_kernel_size=task["peak_max_pool_kernel_size"],
        max_candidates=task["num_candidates_per_keypoint"],
        keypoint_depths=heads.get(name + "/keypoint/depth"),
    )
    deviations = task["keypoint_std_dev"]
    if deviations is None:
        deviations = [1.0] * heatmap.shape[3]
    return kp.refine_keypoints(
        regressed,
        candidates,
        scores,
        counts,
        bboxes=boxes,
        unmatched_keypoint_score=task["unmatched_keypoint_score"],
        box_scale=task["box_scale"],
        candidate_search_scale=task["candidate_search_scale"],
        candidate_ranking_mode=task["candidate_ranking_mode"],
        score_distance_offset=task["score_distance_offset"],
        keypoint_depth_candidates=depths,
        keypoint_score_threshold=threshold,
        score_distance_multiplier=task["score_distance_multiplier"],
        keypoint_std_dev=[number * task["std_dev_multiplier"] for number in deviations],
    )


def keypoints_of(heads, tasks, ys, xs, boxes, classes, num_detections):
    """Return strided keypoints, scores and depths or None of all tasks.

    One task with one class or with argmax: all rows, the task's own columns. Otherwise only
    the valid rows of each task's class, in its keypoint_indices; the rest is 0.
    """
    single = len(tasks) == 1 and heads["object_center"].shape[3] == 1
    parts = []
    for name, task in tasks.items():
        found = task_keypoints(heads, name, task, ys, xs, boxes)
        if len(tasks) == 1 and (single or task["argmax_postprocessing"]):
            return found
        parts.append((task["class_id"], columns_of(task, found[1].shape[2]), found))
    total = max(max(columns) for _, columns, _ in parts) + 1
    keypoints = np.zeros((*ys.shape, total, 2), np.float32)
    scores = np.zeros((*ys.shape, total), np.float32)
    depths = np.zeros((*ys.shape, total), np.float32)
    for class_id, columns, found in parts:
        for b in range(len(ys)):
            for n in get_instance_indices(classes, num_detections, b, class_id).tolist():
                for j, column in enumerate(columns):
                    keypoints[b, n, column] = found[0][b, n, j]
                    scores[b, n, column] = found[1][b, n, j]
                    depths[b, n, column] = 0.0 if found[2] is None else found[2][b, n, j]
    return keypoints, scores, None if all(part[2][2] is None for part in parts) else depths


def bounding_boxes(keypoints):
    """Return the boxes (B, N, 4) around the keypoints (B, N, J, 2)."""
    result = np.empty((*keypoints.shape[:2], 4), np.float32)
    for b, n in np.ndindex(*result.shape[:2]):
        ys, xs = keypoints[b, n, :, 0].tolist(), keypoints[b, n, :, 1].tolist()
        result[b, n] = [min(ys), min(xs), max(ys), max(xs)]
    return result
