"""What `postprocess` of TensorFlow's CenterNet puts together, for heads that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import TopK, top_k_of_logits
from ._instance_masks import convert_strided_predictions_to_instance_masks
from ._keypoint_tensors import convert_strided_predictions_to_normalized_keypoints
from ._map_cells import best_cells, values_at
from ._named_heads import Heads, sigmoid
from ._object_tensors import (
    convert_strided_predictions_to_normalized_boxes,
    predicted_embeddings_at_object_centers,
    prediction_tensors_to_boxes,
    prediction_tensors_to_temporal_offsets,
)
from ._proto_options import DensePose, Masks, Task
from ._tf_tasks import Rows, keypoints_of

Result = dict[str, NDArray[Any]]


def objects_of(
    heads: Heads, sizes: NDArray[np.float64], k: int, window: int | None
) -> tuple[TopK, NDArray[np.float32]]:
    """The best cells, and the scores (B, N, C) of all classes there, not filtered.

    Cells at y >= height or x >= width of the image score 0. As upstream: cells are held
    against pixels, so that only images smaller than the map lose any.
    """
    logits = heads["object_center"]
    if (sizes >= logits.shape[1:3]).all():
        found = best_cells(logits, window, k, find=top_k_of_logits)
        return found, sigmoid(values_at("object_center", logits, found.ys, found.xs))
    scores = sigmoid(logits)
    for image, (height, width) in enumerate(sizes.astype(int)):
        scores[image, height:] = 0
        scores[image, :, width:] = 0
    found = best_cells(scores, window, k)
    return found, predicted_embeddings_at_object_centers(scores, found.ys, found.xs)


def boxes_of(heads: Heads, cells: TopK, stride: int, sizes: NDArray[np.float64]) -> Result:
    if "box/scale" not in heads:
        return {}
    boxes = prediction_tensors_to_boxes(cells.ys, cells.xs, heads["box/scale"], heads["box/offset"])
    return {
        "detection_boxes_strided": boxes,
        "detection_boxes": convert_strided_predictions_to_normalized_boxes(boxes, stride, sizes),
    }


def keypoints_part(
    heads: Heads,
    tasks: Mapping[str, Task],
    result: Result,
    cells: TopK,
    stride: int,
    sizes: NDArray[np.float64],
) -> Result:
    """The keypoints of all tasks, and boxes around them where there are none."""
    if not tasks:
        return {}
    boxes = result.get("detection_boxes_strided")
    rows = Rows(cells.ys, cells.xs, cells.class_ids, result["num_detections"], boxes)
    found = keypoints_of(heads, tasks, rows)
    clip = all(task.clip_out_of_frame_keypoints for task in tasks.values())
    at, scores = convert_strided_predictions_to_normalized_keypoints(
        found.at, found.scores, stride, sizes, clip
    )
    part = {"detection_keypoints": at, "detection_keypoint_scores": scores}
    if found.depths is not None:
        part["detection_keypoint_depths"] = found.depths
    if boxes is None:
        part["detection_boxes"] = np.concatenate([at.min(axis=2), at.max(axis=2)], axis=2)
    return part


def masks_of(
    heads: Heads,
    result: Result,
    true_image_shapes: Any,
    stride: int,
    masks: Masks,
    densepose: DensePose | None,
) -> Result:
    scores = sigmoid(heads["segmentation/heatmap"])
    part_heatmap, surface_coords = None, None
    if densepose is not None:  # all maps are of one type, and scores are float32
        part_heatmap = heads["densepose/heatmap"].astype(np.float32, copy=False)
        surface_coords = heads["densepose/regression"].astype(np.float32, copy=False)
    found, surface = convert_strided_predictions_to_instance_masks(
        result["detection_boxes"],
        result["detection_classes"],
        scores,
        true_image_shapes,
        densepose_part_heatmap=part_heatmap,
        densepose_surface_coords=surface_coords,
        stride=stride,
        mask_height=masks.mask_height,
        mask_width=masks.mask_width,
        score_threshold=masks.score_threshold,
        densepose_class_index=-1 if densepose is None else densepose.class_id,
    )
    part = {"detection_masks": found}
    if surface is not None:
        part["detection_surface_coords"] = surface
    return part


def tracks_of(heads: Heads, cells: TopK) -> Result:
    """Embeddings, of length 1, and temporal offsets."""
    part = {}
    if "track/reid" in heads:
        embeddings = predicted_embeddings_at_object_centers(
            heads["track/reid"], cells.ys, cells.xs
        ).astype(np.float64)
        lengths = np.linalg.norm(embeddings, axis=2, keepdims=True)
        unit = embeddings / np.where(lengths > 0, lengths, 1)
        part["detection_embeddings"] = unit.astype(np.float32)
    if "track/offset" in heads:
        part["detection_temporal_offsets"] = prediction_tensors_to_temporal_offsets(
            cells.ys, cells.xs, heads["track/offset"]
        )
    return part
