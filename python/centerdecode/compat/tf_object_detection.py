"""Drop-in for the CenterNet functions of the TensorFlow Object Detection API.

    - from object_detection.meta_architectures import center_net_meta_arch as cnma
    + from centerdecode.compat import tf_object_detection as cnma

>>> import numpy as np
>>> from centerdecode.compat import tf_object_detection as cnma
>>> feature_map = np.zeros((1, 16, 16, 3), np.float32)
>>> feature_map[0, 5, 6, 2] = 0.75
>>> scores, y, x, channel = cnma.top_k_feature_map_locations(feature_map, k=10)
>>> float(scores[0, 0]), int(channel[0, 0])
(0.75, 2)
>>> size, offset = np.full((1, 16, 16, 2), 4, "f4"), np.full((1, 16, 16, 2), 0.5, "f4")
>>> cnma.prediction_tensors_to_boxes(y, x, size, offset)[0, 0].tolist()
[3.5, 4.5, 7.5, 8.5]

Methods of the model are functions, whose options are arguments under the proto's names:

>>> heads = {"object_center": [feature_map * 48 - 33], "box/scale": [size], "box/offset": [offset]}
>>> detections = cnma.postprocess(heads, None, stride=4, max_box_predictions=100)
>>> detections["detection_boxes"][0, 0].tolist(), detections["num_detections"].tolist()
([0.21875, 0.28125, 0.46875, 0.53125], [100])

Maps are (B, H, W, C), points (y, x), sizes (height, width), boxes (ymin, xmin, ymax, xmax).
Arrays in give arrays, torch tensors give torch tensors; TensorFlow's go in as `.numpy()`.
"""

from __future__ import annotations

from ._tf import (
    convert_strided_predictions_to_instance_masks,
    convert_strided_predictions_to_normalized_boxes,
    convert_strided_predictions_to_normalized_keypoints,
    crop_and_threshold_masks,
    flattened_indices_from_row_col_indices,
    gaussian_weighted_score,
    get_instance_indices,
    postprocess,
    postprocess_single_instance_keypoints,
    predicted_embeddings_at_object_centers,
    prediction_tensors_to_boxes,
    prediction_tensors_to_keypoint_candidates,
    prediction_tensors_to_multi_instance_kpts,
    prediction_tensors_to_temporal_offsets,
    prediction_to_single_instance_keypoints,
    refine_keypoints,
    regressed_keypoints_at_object_centers,
    rescore_instances,
    row_col_channel_indices_from_flattened_indices,
    sdr_scaled_ranking_score,
    top_k_feature_map_locations,
)

__all__ = [
    "convert_strided_predictions_to_instance_masks",
    "convert_strided_predictions_to_normalized_boxes",
    "convert_strided_predictions_to_normalized_keypoints",
    "crop_and_threshold_masks",
    "flattened_indices_from_row_col_indices",
    "gaussian_weighted_score",
    "get_instance_indices",
    "postprocess",
    "postprocess_single_instance_keypoints",
    "predicted_embeddings_at_object_centers",
    "prediction_tensors_to_boxes",
    "prediction_tensors_to_keypoint_candidates",
    "prediction_tensors_to_multi_instance_kpts",
    "prediction_tensors_to_temporal_offsets",
    "prediction_to_single_instance_keypoints",
    "refine_keypoints",
    "regressed_keypoints_at_object_centers",
    "rescore_instances",
    "row_col_channel_indices_from_flattened_indices",
    "sdr_scaled_ranking_score",
    "top_k_feature_map_locations",
]
