"""The keypoint tasks of TensorFlow's CenterNet: each has its class of objects.

Letters of shapes: N rows, J keypoints of all tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy, like, top_k_of_logits
from ._argmax_keypoints import gaussian_weighted_keypoints
from ._keypoint_tensors import candidates_of, regressed_keypoints_at_object_centers
from ._map_cells import best_cells, numbers_of
from ._named_heads import Heads, sigmoid
from ._proto_options import Task, options_of
from ._refine_keypoints import refine_keypoints


class Rows(NamedTuple):
    """What is known of the detections before their keypoints."""

    ys: NDArray[np.int32]  # (B, N)
    xs: NDArray[np.int32]
    classes: NDArray[np.int32]
    counts: NDArray[np.int32]  # (B,), how many of the N are detections
    boxes: NDArray[np.float32] | None  # (B, N, 4) in cells


class Keypoints(NamedTuple):
    """(B, N, J, 2) in cells, y before x; (B, N, J); (B, N, J)."""

    at: NDArray[np.float32]
    scores: NDArray[np.float32]
    depths: NDArray[np.float32] | None


def get_instance_indices(
    classes: Any, num_detections: Any, batch_index: int, class_id: int
) -> NDArray[np.int32] | Any:
    """Which of the detections of an image are of a class: (n,) int32.

    Args:
        classes: (B, N), from 0 on.
        num_detections: (B,), how many of the N are detections.
        batch_index: the image.
        class_id: the class.

    Raises:
        TypeError: classes that are no array.
    """
    count = int(numbers_of(num_detections)[batch_index])
    own = as_numpy(classes)[batch_index][:count] == class_id
    return like(classes, np.flatnonzero(own).astype(np.int32))


def rescore_instances(
    classes: Any,
    scores: Any,
    keypoint_scores: Any,
    keypoint_params_dict: Mapping[str, Any],
) -> Any:
    """Scores times the mean of those of their keypoints.

    Only the classes of tasks with `rescore_instances`, and the keypoints of the task; one
    that scores no more than `rescoring_threshold` does not count. Of none the mean is 0.

    Args:
        classes, scores: (B, N).
        keypoint_scores: (B, N, J).
        keypoint_params_dict: options of each task, see `postprocess`.

    Returns:
        (B, N) float32.

    Raises:
        TypeError: scores that are no array, options that are not known.
    """
    labels, marks = numbers_of(classes), numbers_of(keypoint_scores).astype(np.float64)
    result = as_numpy(scores).astype(np.float32)
    for options in keypoint_params_dict.values():
        task = options_of(Task, options)
        if not task.rescore_instances:
            continue
        own = marks[..., task.columns(marks.shape[2])]
        good = own > np.float32(task.rescoring_threshold)
        means = np.where(good, own, 0).sum(axis=2) / good.sum(axis=2).clip(min=1)
        rescored = (result * means).astype(np.float32)
        result = np.where(labels == task.class_id, rescored, result)
    return like(scores, result)


def keypoints_of(heads: Heads, tasks: Mapping[str, Task], rows: Rows) -> Keypoints:
    """The keypoints of all tasks.

    A task that is alone, and has the only class or goes by argmax, fills all rows. Else
    keypoints are those of detections of the task's class, in its columns; the rest is 0.
    """
    if len(tasks) == 1:
        ((name, task),) = tasks.items()
        if task.argmax_postprocessing or heads.shape[3] == 1:
            return _of_task(heads, name, task, rows)
    parts = [(task, _of_task(heads, name, task, rows)) for name, task in tasks.items()]
    columns = [_columns(task, found) for task, found in parts]
    shape = *rows.ys.shape, max(max(own) for own in columns) + 1
    at, scores, depths = np.zeros((*shape, 2)), np.zeros(shape), np.zeros(shape)
    for (task, found), own in zip(parts, columns, strict=True):
        for image in range(len(rows.ys)):
            indices = get_instance_indices(rows.classes, rows.counts, image, task.class_id)
            place = np.ix_(indices, np.asarray(own))
            at[image][place] = found.at[image][indices]
            scores[image][place] = found.scores[image][indices]
            depths[image][place] = 0 if found.depths is None else found.depths[image][indices]
    with_depths = any(found.depths is not None for _, found in parts)
    return Keypoints(
        at.astype(np.float32),
        scores.astype(np.float32),
        depths.astype(np.float32) if with_depths else None,
    )


def _columns(task: Task, found: Keypoints) -> list[int]:
    joints = found.scores.shape[2]
    columns = task.columns(joints)
    if len(columns) != joints:
        raise ValueError(f"keypoint_indices must be {joints} columns, got {columns}")
    return columns


def _of_task(heads: Heads, name: str, task: Task, rows: Rows) -> Keypoints:
    """Of all rows, in the task's own order."""
    heatmap, offsets = heads[f"{name}/keypoint/heatmap"], heads[f"{name}/keypoint/offset"]
    joints = heatmap.shape[3]
    regressed = regressed_keypoints_at_object_centers(
        heads[f"{name}/keypoint/regression"], rows.ys, rows.xs
    ).reshape(*rows.ys.shape, joints, 2)
    if task.argmax_postprocessing:
        if task.candidate_ranking_mode != "gaussian_weighted_const":
            raise ValueError(
                "candidate_ranking_mode must be 'gaussian_weighted_const' for "
                f"argmax_postprocessing, got {task.candidate_ranking_mode!r}"
            )
        return Keypoints(
            *gaussian_weighted_keypoints(
                sigmoid(heatmap), offsets, regressed, rows.boxes, task.gaussian_denom_ratio
            ),
            None,
        )
    threshold, depth = task.keypoint_candidate_score_threshold, f"{name}/keypoint/depth"
    cells = best_cells(
        heatmap,
        task.peak_max_pool_kernel_size,
        task.num_candidates_per_keypoint,
        per_channel=True,
        find=top_k_of_logits,
    )
    found = candidates_of(cells, joints, offsets, heads.get(depth), threshold)
    return Keypoints(
        *refine_keypoints(
            regressed,
            found.at,
            found.scores,
            found.counts,
            bboxes=rows.boxes,
            unmatched_keypoint_score=task.unmatched_keypoint_score,
            box_scale=task.box_scale,
            candidate_search_scale=task.candidate_search_scale,
            candidate_ranking_mode=task.candidate_ranking_mode,
            score_distance_offset=task.score_distance_offset,
            keypoint_depth_candidates=found.depths,
            keypoint_score_threshold=threshold,
            score_distance_multiplier=task.score_distance_multiplier,
            keypoint_std_dev=task.std_devs(joints),
        )
    )
