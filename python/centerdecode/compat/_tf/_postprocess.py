"""TensorFlow's `CenterNetMetaArch.postprocess` as a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import like
from ._argmax_keypoints import single_pose
from ._box_nms import non_max_suppression
from ._keypoint_tensors import convert_strided_predictions_to_normalized_keypoints
from ._map_cells import numbers_of
from ._named_heads import Heads
from ._object_tensors import true_sizes
from ._proto_options import DensePose, Masks, Suppression, Task, options_of
from ._result_parts import boxes_of, keypoints_part, masks_of, objects_of, tracks_of
from ._tf_tasks import rescore_instances


def postprocess(
    prediction_dict: Mapping[str, Sequence[Any]],
    true_image_shapes: Any,
    *,
    stride: int = 4,
    max_box_predictions: int = 100,
    peak_max_pool_kernel_size: int | None = 3,
    keypoint_params_dict: Mapping[str, Any] | None = None,
    mask_params: Any = None,
    densepose_params: Any = None,
    batch_non_max_suppression: Any = None,
) -> dict[str, Any]:
    """Decode all heads, as the method of the model does.

    Options are mappings with the names and defaults of the proto, or upstream's named
    tuples; score_distance_offset is 1e-6, as in these.

    Args:
        prediction_dict: lists of the maps (B, H, W, *) of each stage, of which the last
            counts: object_center (logits), box/scale, box/offset, T/keypoint/heatmap
            (logits), T/keypoint/offset, T/keypoint/regression and T/keypoint/depth of a
            task T, segmentation/heatmap (logits), densepose/heatmap,
            densepose/regression, track/reid, track/offset.
        true_image_shapes: (B, 3), the height, width and channels of each image in the
            input, without what pads it; None: nothing does.
        stride: input pixels per cell.
        max_box_predictions: how many rows, where the map has as many cells.
        peak_max_pool_kernel_size: the window of object_center; odd. 1 or None: no filter.
        keypoint_params_dict: options of each task, by its T.
        mask_params: mask_height, mask_width, score_threshold; None: no masks.
        densepose_params: class_id; None: no surface coordinates.
        batch_non_max_suppression: score_threshold, iou_threshold,
            max_detections_per_class, max_total_detections; None: no NMS.

    Returns:
        N rows of each image, the best first, of score 0 where peaks run out:
        detection_boxes (B, N, 4) ymin xmin ymax xmax, parts of the image, of the
        keypoints where a model has no boxes; detection_boxes_strided, in cells;
        detection_scores (B, N); detection_classes (B, N) from 0 on, int32, float32 after
        NMS; detection_multiclass_scores (B, N, C); num_detections (B,) int32;
        detection_keypoints (B, N, J, 2), y before x, detection_keypoint_scores and
        detection_keypoint_depths (B, N, J); detection_masks (B, N, h, w) uint8;
        detection_surface_coords (B, N, h, w, 2); detection_embeddings (B, N, E), of
        length 1; detection_temporal_offsets (B, N, 2), in cells. float32, but for those
        named; what the model has no head, or the call no options for, is not there.

    Raises:
        KeyError: options, but no head for them.
        TypeError: heads that would have to be converted, options that are not known.
        ValueError: heads or options that do not fit.
    """
    tasks = _tasks_of(keypoint_params_dict)
    heads = Heads(prediction_dict)
    shapes = _shapes(heads, true_image_shapes, stride)
    sizes = true_sizes(shapes, heads.shape[0])
    cells, probabilities = objects_of(heads, sizes, max_box_predictions, peak_max_pool_kernel_size)
    result: dict[str, NDArray[Any]] = {
        "detection_scores": cells.scores,
        "detection_classes": cells.class_ids,
        "detection_multiclass_scores": probabilities,
        "num_detections": np.count_nonzero(cells.scores > 0, axis=1).astype(np.int32),
    }
    result |= boxes_of(heads, cells, stride, sizes)
    result |= keypoints_part(heads, tasks, result, cells, stride, sizes)
    _require_sense(result, mask_params, densepose_params, batch_non_max_suppression)
    if mask_params is not None:
        densepose = None if densepose_params is None else options_of(DensePose, densepose_params)
        masks = options_of(Masks, mask_params)
        result |= masks_of(heads, result, shapes, stride, masks, densepose)
    result |= tracks_of(heads, cells)
    if batch_non_max_suppression is not None:
        result = non_max_suppression(result, options_of(Suppression, batch_non_max_suppression))
    if tasks:
        result["detection_scores"] = rescore_instances(
            result["detection_classes"],
            result["detection_scores"],
            result["detection_keypoint_scores"],
            tasks,
        )
    reference = prediction_dict["object_center"][-1]
    return {name: like(reference, values) for name, values in result.items()}


def postprocess_single_instance_keypoints(
    prediction_dict: Mapping[str, Sequence[Any]],
    true_image_shapes: Any,
    *,
    stride: int = 4,
    keypoint_params_dict: Mapping[str, Any],
) -> dict[str, Any]:
    """The keypoints of the one object of one image, as the method of the model does.

    Args:
        prediction_dict, true_image_shapes, stride: as in `postprocess`; of the heads only
            object_center, of one class, and those of the task.
        keypoint_params_dict: options of the one task, by its T; its
            candidate_ranking_mode must be "score_distance_ratio".

    Returns:
        detection_keypoints (1, 1, J, 2), y before x, parts of the image, and
        detection_keypoint_scores (1, 1, J), float32.

    Raises:
        KeyError, TypeError, ValueError: as `postprocess`; not one task, not one image.
    """
    tasks = _tasks_of(keypoint_params_dict)
    if len(tasks) != 1:
        raise ValueError(f"keypoint_params_dict must have one task, got {sorted(tasks)}")
    ((name, task),) = tasks.items()
    heads = Heads(prediction_dict)
    parts = (heads[f"{name}/keypoint/{part}"] for part in ("heatmap", "offset", "regression"))
    points, scores = single_pose(heads["object_center"], *parts, task=task, activation="sigmoid")
    points, scores = convert_strided_predictions_to_normalized_keypoints(
        points, scores, stride, _shapes(heads, true_image_shapes, stride)
    )
    result = {"detection_keypoints": points, "detection_keypoint_scores": scores}
    reference = prediction_dict["object_center"][-1]
    return {key: like(reference, values) for key, values in result.items()}


def _tasks_of(keypoint_params_dict: Mapping[str, Any] | None) -> dict[str, Task]:
    given = keypoint_params_dict or {}
    return {name: options_of(Task, options) for name, options in given.items()}


def _shapes(heads: Heads, true_image_shapes: Any, stride: int) -> NDArray[Any]:
    if true_image_shapes is not None:
        return numbers_of(true_image_shapes)
    batch, height, width, _ = heads.shape
    return np.tile([height * stride, width * stride, 3], (batch, 1))


def _require_sense(result: Mapping[str, Any], masks: Any, densepose: Any, suppression: Any) -> None:
    if densepose is not None and masks is None:
        raise ValueError("mask_params must be given with densepose_params")
    if "detection_boxes" not in result and (masks is not None or suppression is not None):
        raise ValueError(
            "mask_params and batch_non_max_suppression need boxes: the head box/scale, or "
            "keypoint_params_dict"
        )
