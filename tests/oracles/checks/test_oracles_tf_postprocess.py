"""The oracle of TF's CenterNet postprocess against values worked out by hand."""

import math

import numpy as np
import pytest
from oracles.tf import postprocess as post

F32 = np.float32
LOG3 = math.log(3)  # the logit of 0.75
LOW = -60.0


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def head(shape, values, rest=0.0):
    """Return the stages of a head: a wrong one, then the rest with {index: value} set."""
    result = np.full(shape, rest, F32)
    for index, value in values.items():
        result[index] = value
    return [result + 1, result]


def one_object(channels=1, **heads):
    """Return heads 4 x 4 with an object of score 0.75 at (1, 2): box (0, 1, 2, 4) in cells."""
    return {
        "object_center": head((1, 4, 4, channels), {(0, 1, 2, channels - 1): LOG3}, LOW),
        "box/scale": head((1, 4, 4, 2), {(0, 1, 2): (2, 3)}),
        "box/offset": head((1, 4, 4, 2), {(0, 1, 2): (0, 0.5)}),
        **{name.replace("__", "/"): stages for name, stages in heads.items()},
    }


def joints(task="t"):
    """Return a task's heads 4 x 4 of two joints: (1.25, 2.5) of score 0.5 and none."""
    return {
        f"{task}__keypoint__heatmap": head((1, 4, 4, 2), {(0, 1, 2, 0): 0}, LOW),
        f"{task}__keypoint__offset": head((1, 4, 4, 4), {(0, 1, 2): (0.25, 0.5, 9, 9)}),
        f"{task}__keypoint__regression": head((1, 4, 4, 4), {(0, 1, 2): (0, 0, 2, 1)}),
    }


def test_published_sample():
    heads = {
        "object_center": head((1, 32, 32, 5), {(0, 16, 16, 1): LOG3}),
        "box/scale": head((1, 32, 32, 2), {(0, 16, 16): (5, 10)}),
        "box/offset": head((1, 32, 32, 2), {(0, 16, 16): (0.25, 0.5)}),
    }
    found = post.postprocess(heads, [[128, 128, 3]], max_box_predictions=5)
    near(found["detection_boxes"][0, 0], np.array([55, 46, 75, 86]) / 128)
    near(found["detection_boxes_strided"][0, 0], [13.75, 11.5, 18.75, 21.5])
    near(found["detection_scores"], [[0.75, 0.5, 0.5, 0.5, 0.5]])
    assert found["detection_classes"].tolist() == [[1, 0, 1, 2, 3]]
    near(found["detection_multiclass_scores"][0, 0], [0.5, 0.75, 0.5, 0.5, 0.5])
    assert found["num_detections"].tolist() == [5]
    assert len(found) == 6


def test_true_shapes():
    heads = one_object()
    found = post.postprocess(heads, None, max_box_predictions=2)
    near(found["detection_boxes"][0, 0], [0, 0.25, 0.5, 1])
    found = post.postprocess(heads, [[12, 12, 3]], max_box_predictions=1)
    near(found["detection_boxes"][0, 0], [0, 1 / 3, 2 / 3, 1])
    found = post.postprocess(heads, [[4, 2, 3]], max_box_predictions=100)
    assert found["detection_scores"].shape == (1, 16)
    assert found["detection_scores"].max() < 1e-20


def test_cells_outside_of_the_true_shape_are_zero():
    heads = {"object_center": head((2, 4, 4, 1), {}, 0.0)}
    found = post.postprocess(heads, [[2, 3, 3], [9, 9, 3]], max_box_predictions=16)
    assert found["detection_scores"].sum(axis=1).tolist() == [3, 8]
    assert found["num_detections"].tolist() == [6, 16]
    assert found["detection_multiclass_scores"][0, 6:].max() == 0


def test_tracks():
    heads = one_object(
        track__reid=head((1, 4, 4, 2), {(0, 1, 2): (3, 4)}),
        track__offset=head((1, 4, 4, 2), {(0, 1, 2): (-2, 5)}),
    )
    found = post.postprocess(heads, None, max_box_predictions=2)
    near(found["detection_embeddings"], [[[0.6, 0.8], [0, 0]]])
    near(found["detection_temporal_offsets"], [[[-2, 5], [0, 0]]])


def test_keypoints_of_a_single_class():
    heads = one_object(**joints(), t__keypoint__depth=head((1, 4, 4, 1), {(0, 1, 2): 7.0}))
    found = post.postprocess(
        heads, [[16, 16, 3]], max_box_predictions=2, keypoint_params_dict={"t": {}}
    )
    points = found["detection_keypoints"]
    near(points, [[[[1.25 / 4, 2.5 / 4], [3 / 4, 3 / 4]], [[0, 0], [0, 0]]]])
    near(found["detection_keypoint_scores"], [[[0.5, 0.1], [0.1, 0.1]]])
    near(found["detection_keypoint_depths"], [[[7, 0], [0, 0]]])
    options = {"clip_out_of_frame_keypoints": True, "unmatched_keypoint_score": 0.25}
    found = post.postprocess(
        heads, [[16, 8, 3]], max_box_predictions=1, keypoint_params_dict={"t": options}
    )
    near(found["detection_keypoints"], [[[[1.25 / 4, 1], [3 / 4, 1]]]])
    near(found["detection_keypoint_scores"], [[[0, 0]]])


def test_candidate_threshold_serves_twice():
    options = {"keypoint_candidate_score_threshold": 0.5}
    found = post.postprocess(
        one_object(**joints()), None, max_box_predictions=1, keypoint_params_dict={"t": options}
    )
    near(found["detection_keypoint_scores"], [[[0.5, 0.1]]])
    options = {"keypoint_candidate_score_threshold": 0.625}
    found = post.postprocess(
        one_object(**joints()), None, max_box_predictions=1, keypoint_params_dict={"t": options}
    )
    near(found["detection_keypoint_scores"], [[[0.1, 0.1]]])


def test_keypoints_of_several_tasks():
    heads = one_object(2, **joints("a"), **joints("b"))
    params = {
        "a": {"class_id": 0, "keypoint_indices": [0, 1]},
        "b": {"class_id": 1, "keypoint_indices": [3, 2], "rescore_instances": True},
    }
    found = post.postprocess(heads, None, max_box_predictions=2, keypoint_params_dict=params)
    row = [[0, 0], [0, 0], [3 / 4, 3 / 4], [1.25 / 4, 2.5 / 4]]
    near(found["detection_keypoints"][0, 0], row)
    near(found["detection_keypoint_scores"][0, 0], [0, 0, 0.1, 0.5])
    near(found["detection_scores"][0, 0], 0.75 * 0.3)
    assert "detection_keypoint_depths" not in found


def test_one_task_of_several_classes_and_two_of_one():
    params = {"t": {"class_id": 1}}
    found = post.postprocess(
        one_object(2, **joints(), t__keypoint__depth=head((1, 4, 4, 2), {(0, 1, 2): (7, 8)})),
        None,
        max_box_predictions=2,
        keypoint_params_dict=params,
    )
    near(found["detection_keypoint_scores"], [[[0.5, 0.1], [0, 0]]])
    near(found["detection_keypoint_depths"], [[[7, 0], [0, 0]]])
    heads = one_object(2, **joints())
    heads["object_center"][-1][0, 3, 3, 0] = 0.0
    found = post.postprocess(heads, None, max_box_predictions=3, keypoint_params_dict=params)
    near(found["detection_keypoint_scores"][0, :2], [[0.5, 0.1], [0, 0]])
    assert found["detection_classes"][0, :2].tolist() == [1, 0]
    params = {"a": {"keypoint_indices": [0, 1]}, "b": {"keypoint_indices": [2, 3]}}
    heads = one_object(**joints("a"), **joints("b"))
    heads["object_center"][-1][0, 0, 0, 0] = -200.0
    found = post.postprocess(heads, None, max_box_predictions=16, keypoint_params_dict=params)
    near(found["detection_keypoint_scores"][0, 0], [0.5, 0.1, 0.5, 0.1])
    assert found["num_detections"].tolist() == [7]
    assert found["detection_keypoint_scores"][0, 7:].max() == 0


def test_gaussian_keypoints():
    heads = one_object(**joints())
    heads["t/keypoint/regression"][-1][0, 1, 2] = (0.25, 1.5, 2, 1)
    heads["box/scale"][-1][0, 1, 2] = (20, 20)
    heads["box/offset"][-1][:] = 0
    options = {
        "candidate_ranking_mode": "gaussian_weighted",
        "keypoint_std_dev": [1.5, 1],
        "keypoint_candidate_score_threshold": 0.05,
    }
    scores = []
    for more in ({}, {"std_dev_multiplier": 2.0}, {"keypoint_std_dev": None}):
        found = post.postprocess(
            heads, None, max_box_predictions=1, keypoint_params_dict={"t": {**options, **more}}
        )
        scores.append(float(found["detection_keypoint_scores"][0, 0, 0]))
    near(scores, [0.5 * math.exp(-0.5 / (std / 2) ** 2) for std in (1.5, 3, 1)])


def test_argmax_keypoints():
    options = {
        "argmax_postprocessing": True,
        "candidate_ranking_mode": "gaussian_weighted_const",
        "gaussian_denom_ratio": 0.25,
    }
    found = post.postprocess(
        one_object(2, **joints()), None, max_box_predictions=1, keypoint_params_dict={"t": options}
    )
    near(found["detection_keypoints"][0, 0, 0], [1.25 / 4, 2.5 / 4])
    near(found["detection_keypoint_scores"][0, 0], [0.5, 0])
    with pytest.raises(ValueError, match="min_distance"):
        post.postprocess(
            one_object(**joints()), None, keypoint_params_dict={"t": {"argmax_postprocessing": 1}}
        )


def test_boxes_of_keypoints():
    heads = one_object(**joints())
    del heads["box/scale"], heads["box/offset"]
    found = post.postprocess(heads, None, max_box_predictions=1, keypoint_params_dict={"t": {}})
    near(found["detection_boxes"], [[[1.25 / 4, 2.5 / 4, 3 / 4, 3 / 4]]])
    assert "detection_boxes_strided" not in found


def test_masks():
    heads = one_object(
        2,
        segmentation__heatmap=head((1, 4, 4, 2), {(0, 1): (-1, 0)}, -1.0),
        densepose__heatmap=head((1, 4, 4, 3), {0: (0, 1, 0)}),
        densepose__regression=head((1, 4, 4, 6), {(0, 1): (0, 0, 0.25, 0.5, 0, 0)}),
    )
    size = {"mask_height": 3, "mask_width": 2}
    found = post.postprocess(heads, None, max_box_predictions=2, mask_params=size)
    assert found["detection_masks"][0, 0].tolist() == [[0, 0], [0, 0], [0, 0]]
    assert "detection_surface_coords" not in found
    size = {"mask_height": 1, "mask_width": 2, "score_threshold": 0.375}
    heads["segmentation/heatmap"][-1][0, 0:2, :, 1] = 0.0
    found = post.postprocess(
        heads, None, max_box_predictions=1, mask_params=size, densepose_params={"class_id": 1}
    )
    assert found["detection_masks"].tolist() == [[[[2, 2]]]]
    near(found["detection_surface_coords"], 0.75 * np.array([[[[[0.25, 0.5], [0.25, 0.5]]]]]))


def test_suppression_within_postprocess():
    heads = one_object(2, **joints())
    params = {"t": {"class_id": 1, "rescore_instances": True}}
    found = post.postprocess(
        heads,
        None,
        max_box_predictions=3,
        keypoint_params_dict=params,
        batch_non_max_suppression={"max_total_detections": 2, "score_threshold": 0.5},
    )
    near(found["detection_scores"], [[0.75 * 0.3, 0]])
    near(found["detection_keypoint_scores"], [[[0.5, 0.1], [0, 0]]])
    assert found["detection_classes"].tolist() == [[1, 0]]
