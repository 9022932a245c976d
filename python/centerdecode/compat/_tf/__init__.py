"""The TF Object Detection API's CenterNet, which `compat.tf_object_detection` exports."""

from ._argmax_keypoints import (
    prediction_tensors_to_multi_instance_kpts,
    prediction_to_single_instance_keypoints,
)
from ._instance_masks import convert_strided_predictions_to_instance_masks, crop_and_threshold_masks
from ._keypoint_tensors import (
    convert_strided_predictions_to_normalized_keypoints,
    prediction_tensors_to_keypoint_candidates,
    regressed_keypoints_at_object_centers,
)
from ._map_cells import (
    flattened_indices_from_row_col_indices,
    row_col_channel_indices_from_flattened_indices,
    top_k_feature_map_locations,
)
from ._object_tensors import (
    convert_strided_predictions_to_normalized_boxes,
    predicted_embeddings_at_object_centers,
    prediction_tensors_to_boxes,
    prediction_tensors_to_temporal_offsets,
)
from ._postprocess import postprocess, postprocess_single_instance_keypoints
from ._refine_keypoints import gaussian_weighted_score, refine_keypoints, sdr_scaled_ranking_score
from ._tf_tasks import get_instance_indices, rescore_instances

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
