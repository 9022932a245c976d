"""CenterNetMetaArch.postprocess of the TF Object Detection API in plain loops (4.3).

Layout, order of axes and arithmetic are those of tf/boxes.py.
"""

import numpy as np
from oracles.tf import boxes as tf
from oracles.tf.keypoints import convert_strided_predictions_to_normalized_keypoints
from oracles.tf.masks import convert_strided_predictions_to_instance_masks
from oracles.tf.tasks import TASK, bounding_boxes, keypoints_of, rescore_instances

MASK = {"mask_height": 256, "mask_width": 256, "score_threshold": 0.5}
NMS = {
    "score_threshold": 0.0,
    "iou_threshold": 0.6,
    "max_detections_per_class": 100,
    "max_total_detections": 100,
}


def iou(a, b):
    """Return the overlap of two boxes by plain areas; 0 where either has no area."""
    area_a, area_b = (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])
    if area_a <= 0 or area_b <= 0:
        return 0.0
    height = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    width = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return tf.f32(height * width / (area_a + area_b - height * width))


def kept_by_nms(boxes, class_scores, nms):
    """Return rows (-score, class, order, row) kept of boxes (n, 4), scores (n, C), best first."""
    kept = []
    for c in range(len(class_scores[0]) if class_scores else 0):
        own = []
        for score, n in sorted((-scores[c], n) for n, scores in enumerate(class_scores)):
            beaten = any(iou(boxes[n], boxes[m]) > tf.f32(nms["iou_threshold"]) for m in own)
            full = len(own) == nms["max_detections_per_class"]
            if -score > tf.f32(nms["score_threshold"]) and not beaten and not full:
                own.append(n)
        for order, n in enumerate(own):
            if (boxes[n][2] - boxes[n][0]) * (boxes[n][3] - boxes[n][1]) > 0:
                kept.append((-class_scores[n][c], c, order, n))
    return sorted(kept)[: nms["max_total_detections"]]


def non_max_suppression(result, options):
    """Return a result with every output taken again at the kept rows, then rows of zeros."""
    nms = {**NMS, **options}
    batch, total = len(result["detection_scores"]), nms["max_total_detections"]
    output = {"num_detections": np.zeros(batch, np.int32)}
    for name, values in result.items():
        if name != "num_detections":
            dtype = np.float32 if name == "detection_classes" else values.dtype
            output[name] = np.zeros((batch, total, *values.shape[2:]), dtype)
    for b in range(batch):
        count = int(result["num_detections"][b])
        boxes = result["detection_boxes"][b, :count].tolist()
        scores = result["detection_multiclass_scores"][b, :count].tolist()
        kept = kept_by_nms(boxes, scores, nms)
        for row, (score, c, _, n) in enumerate(kept):
            for name, values in output.items():
                if name != "num_detections":
                    values[b, row] = result[name][b, n]
            output["detection_scores"][b, row] = -score
            output["detection_classes"][b, row] = c
        output["num_detections"][b] = len(kept)
    return output


def object_probabilities(logits, true_image_shapes):
    """Return sigmoid(logits (B, H, W, C)), 0 in cells y >= true height or x >= true width."""
    result = tf.sigmoid(logits)
    for b, y, x in np.ndindex(*result.shape[:3]):
        if true_image_shapes is not None:
            height, width = int(true_image_shapes[b][0]), int(true_image_shapes[b][1])
            if y >= height or x >= width:
                result[b, y, x] = 0.0
    return result


def keypoints_part(heads, tasks, result, cells, shapes, stride):
    """Return the normalised keypoints of all tasks, and boxes if the model has no such head."""
    coords, scores, depths = keypoints_of(
        heads,
        tasks,
        *cells,
        result.get("detection_boxes_strided"),
        result["detection_classes"],
        result["num_detections"],
    )
    clip = all(task["clip_out_of_frame_keypoints"] for task in tasks.values())
    coords, scores = convert_strided_predictions_to_normalized_keypoints(
        coords, scores, stride, shapes, clip
    )
    part = {"detection_keypoints": coords, "detection_keypoint_scores": scores}
    if depths is not None:
        part["detection_keypoint_depths"] = depths
    if "detection_boxes" not in result:
        part["detection_boxes"] = bounding_boxes(coords)
    return part


def masks_part(heads, result, shapes, stride, mask_params, densepose_params):
    """Return detection_masks and, with densepose_params (class_id), detection_surface_coords."""
    parts = densepose_params is not None
    masks, surface = convert_strided_predictions_to_instance_masks(
        result["detection_boxes"],
        result["detection_classes"],
        tf.sigmoid(heads["segmentation/heatmap"]),
        shapes,
        densepose_part_heatmap=heads["densepose/heatmap"] if parts else None,
        densepose_surface_coords=heads["densepose/regression"] if parts else None,
        stride=stride,
        densepose_class_index=densepose_params["class_id"] if parts else -1,
        **{**MASK, **mask_params},
    )
    part = {"detection_masks": masks}
    if surface is not None:
        part["detection_surface_coords"] = surface
    return part


def track_part(heads, cells):
    """Return the embeddings, of length 1, and the temporal offsets, if the model has them."""
    part = {}
    if "track/reid" in heads:
        part["detection_embeddings"] = tf.l2_normalize(
            tf.predicted_embeddings_at_object_centers(heads["track/reid"], *cells)
        )
    if "track/offset" in heads:
        part["detection_temporal_offsets"] = tf.prediction_tensors_to_temporal_offsets(
            *cells, heads["track/offset"]
        )
    return part


def postprocess(
    prediction_dict,
    true_image_shapes,
    *,
    stride=4,
    max_box_predictions=100,
    peak_max_pool_kernel_size=3,
    keypoint_params_dict=None,
    mask_params=None,
    densepose_params=None,
    batch_non_max_suppression=None,
):
    """Return the detections of heads {name: [tensor of each stage]} under upstream's keys.

    A part is computed if its head and its options are given (embeddings and temporal offsets:
    if the head is). true_image_shapes (B, 3) or None are the unpadded sizes of the input.
    """
    heads = {name: np.asarray(stages[-1]) for name, stages in prediction_dict.items()}
    probabilities = object_probabilities(heads["object_center"], true_image_shapes)
    shapes = true_image_shapes
    if shapes is None:
        batch, height, width, _ = probabilities.shape
        shapes = [(height * stride, width * stride, 3)] * batch
    scores, ys, xs, classes = tf.top_k_feature_map_locations(
        probabilities, peak_max_pool_kernel_size, max_box_predictions
    )
    cells = (ys, xs)
    counts = [sum(score > 0 for score in row) for row in scores.tolist()]
    result = {
        "detection_scores": scores,
        "detection_classes": classes,
        "detection_multiclass_scores": tf.predicted_embeddings_at_object_centers(
            probabilities, *cells
        ),
        "num_detections": np.array(counts, np.int32),
    }
    if "box/scale" in heads:
        boxes = tf.prediction_tensors_to_boxes(*cells, heads["box/scale"], heads["box/offset"])
        result["detection_boxes_strided"] = boxes
        result["detection_boxes"] = tf.convert_strided_predictions_to_normalized_boxes(
            boxes, stride, shapes
        )
    tasks = {name: {**TASK, **task} for name, task in (keypoint_params_dict or {}).items()}
    if tasks:
        result.update(keypoints_part(heads, tasks, result, cells, shapes, stride))
    if mask_params is not None:
        result.update(masks_part(heads, result, shapes, stride, mask_params, densepose_params))
    result.update(track_part(heads, cells))
    if batch_non_max_suppression is not None:
        result = non_max_suppression(result, batch_non_max_suppression)
    if any(task["rescore_instances"] for task in tasks.values()):
        result["detection_scores"] = rescore_instances(
            result["detection_classes"],
            result["detection_scores"],
            result["detection_keypoint_scores"],
            tasks,
        )
    return result
