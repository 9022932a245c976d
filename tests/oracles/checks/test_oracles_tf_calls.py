"""The calls that semantics.md 4.7 lists: argument order and defaults; the options."""

import inspect

import pytest
from oracles.tf import argmax as oracle_tf_argmax
from oracles.tf import boxes as oracle_tf
from oracles.tf import keypoints as oracle_tf_keypoints
from oracles.tf import masks as oracle_tf_masks
from oracles.tf import postprocess as oracle_tf_postprocess
from oracles.tf import tasks as oracle_tf_tasks

CALLS = """
top_k_feature_map_locations(feature_map, max_pool_kernel_size=3, k=100, per_channel=False)
prediction_tensors_to_temporal_offsets(y_indices, x_indices, offset_predictions)
predicted_embeddings_at_object_centers(embedding_predictions, y_indices, x_indices)
regressed_keypoints_at_object_centers(regressed_keypoint_predictions, y_indices, x_indices)
prediction_tensors_to_keypoint_candidates(keypoint_heatmap_predictions, keypoint_heatmap_offsets,
 keypoint_score_threshold=0.1, max_pool_kernel_size=1, max_candidates=20, keypoint_depths=None)
refine_keypoints(regressed_keypoints, keypoint_candidates, keypoint_scores,
 num_keypoint_candidates, bboxes=None, unmatched_keypoint_score=0.1, box_scale=1.2,
 candidate_search_scale=0.3, candidate_ranking_mode='min_distance', score_distance_offset=1e-06,
 keypoint_depth_candidates=None, keypoint_score_threshold=0.1, score_distance_multiplier=0.1,
 keypoint_std_dev=None)
sdr_scaled_ranking_score(keypoint_scores, distances, bboxes, score_distance_multiplier)
gaussian_weighted_score(keypoint_scores, distances, keypoint_std_dev, bboxes)
prediction_to_single_instance_keypoints(object_heatmap, keypoint_heatmap, keypoint_offset,
 keypoint_regression, kp_params, keypoint_depths=None)
prediction_tensors_to_multi_instance_kpts(keypoint_heatmap_predictions, keypoint_heatmap_offsets,
 keypoint_score_heatmap=None)
convert_strided_predictions_to_normalized_boxes(boxes, stride, true_image_shapes)
convert_strided_predictions_to_normalized_keypoints(keypoint_coords, keypoint_scores, stride,
 true_image_shapes, clip_out_of_frame_keypoints=False)
convert_strided_predictions_to_instance_masks(boxes, classes, masks, true_image_shapes,
 densepose_part_heatmap=None, densepose_surface_coords=None, stride=4, mask_height=256,
 mask_width=256, score_threshold=0.5, densepose_class_index=-1)
crop_and_threshold_masks(elems, input_height, input_width, mask_height=256, mask_width=256,
 score_threshold=0.5, densepose_class_index=-1)
row_col_channel_indices_from_flattened_indices(indices, num_cols, num_channels)
flattened_indices_from_row_col_indices(row_indices, col_indices, num_cols)
"""
MODULES = (oracle_tf, oracle_tf_keypoints, oracle_tf_argmax, oracle_tf_masks)


@pytest.mark.parametrize("call", CALLS.strip().replace("\n ", " ").splitlines())
def test_signature(call):
    name = call.partition("(")[0]
    module = next(module for module in MODULES if name in vars(module))
    assert name + str(inspect.signature(vars(module)[name])) == call


def test_defaults_of_options():
    assert oracle_tf_postprocess.MASK == {
        "mask_height": 256,
        "mask_width": 256,
        "score_threshold": 0.5,
    }
    assert list(oracle_tf_postprocess.NMS.values()) == [0, 0.6, 100, 100]
    task = dict(oracle_tf_tasks.TASK)
    assert [task.pop(name) for name in ("keypoint_indices", "keypoint_std_dev")] == [None, None]
    assert list(task.values()) == [
        *(0, 0.1, 100, 3, 0.1, 1.2, 0.3, "min_distance", 1e-6, 0.1, 1.0),
        *(False, 0, False, False, 0.1),
    ]
