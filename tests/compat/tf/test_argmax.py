"""compat.tf_object_detection: keypoints by argmax, and of a single object, against the oracle."""

import numpy as np
import pytest
from centerdecode.compat import tf_object_detection as tf
from oracles.tf import argmax as oracle_tf_argmax
from oracles.tf import boxes as oracle_tf
from oracles.tf import keypoints as oracle_tf_keypoints
from support.tf_maps import GRIDS, MAPS, assert_all_near, assert_same_result, head, model, score_map

JOINTS = 3
ARGMAX = {"argmax_postprocessing": True, "candidate_ranking_mode": "gaussian_weighted_const"}
each_map = pytest.mark.parametrize("name", MAPS)
each_grid = pytest.mark.parametrize("grid", GRIDS, ids=str)


@each_map
@each_grid
@pytest.mark.parametrize("shared", [True, False])
def test_single_instance(name, grid, shared):
    shape = (1, *grid, 1)
    heads = (
        score_map(name, shape),
        score_map(name, (1, *grid, JOINTS), 1),
        head(shape, 2 if shared else 2 * JOINTS),
        head(shape, 2 * JOINTS, 1),
    )
    for shift in (1e-6, 1.0, 40.0):
        options = {
            "candidate_ranking_mode": "score_distance_ratio",
            "score_distance_offset": shift,
        }
        found = tf.prediction_to_single_instance_keypoints(*heads, options)
        truth = oracle_tf_argmax.prediction_to_single_instance_keypoints(*heads, options)
        assert_all_near(found, truth)


@each_map
@each_grid
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("with_scores", [True, False])
def test_multi_instance(name, grid, shared, with_scores):
    maps = score_map(name, (*grid, 4, JOINTS))
    offsets = head((1, *grid, 1), 2 if shared else 2 * JOINTS)[0]
    scores = score_map("noise", (1, *grid, JOINTS))[0] if with_scores else None
    found = tf.prediction_tensors_to_multi_instance_kpts(maps, offsets, scores)
    truth = oracle_tf_argmax.prediction_tensors_to_multi_instance_kpts(maps, offsets, scores)
    assert_all_near(found, truth)


@pytest.mark.parametrize("grid", [*GRIDS, (12, 17)], ids=str)
@pytest.mark.parametrize("classes", [1, 2])
@pytest.mark.parametrize("tasks", [("t",), ("a", "b")])
@pytest.mark.parametrize("without", [(), ("box/scale", "box/offset")])
def test_argmax_keypoints(grid, classes, tasks, without):
    columns = {"t": None, "a": [0, 1, 2], "b": [3, 4, 5]}
    params = {
        name: {**ARGMAX, "class_id": i, "keypoint_indices": columns[name]}
        for i, name in enumerate(tasks)
    }
    heads = model("noise", grid, classes, tasks, batch=1, without=without)
    options = {"max_box_predictions": 9, "keypoint_params_dict": params}
    found = assert_same_result(heads, None, **options)
    assert np.isfinite(found["detection_keypoints"]).all()
    for name in tasks:
        params[name]["gaussian_denom_ratio"] = 1e-5
    assert_same_result(heads, None, **options)
    for name in tasks:
        params[name]["gaussian_denom_ratio"] = 5.0
    if not without:  # all borders of boxes are on cells
        heads["box/scale"][-1][:], heads["box/offset"][-1][:] = 4, 0
    assert_same_result(heads, None, **options)
    with pytest.raises(ValueError, match="one image, got a batch of 2"):
        tf.postprocess(model("noise", grid, classes, tasks), None, **options)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("shapes", [None, [[13, 30, 3]]])
def test_single_instance_of_a_model(grid, shapes):
    heads = model("noise", grid, 1, batch=1)
    options = {"candidate_ranking_mode": "score_distance_ratio", "score_distance_offset": 2.0}
    found = tf.postprocess_single_instance_keypoints(
        heads, shapes, stride=2, keypoint_params_dict={"t": options}
    )
    last = {name: stages[-1] for name, stages in heads.items()}
    points, scores, _ = oracle_tf_argmax.prediction_to_single_instance_keypoints(
        oracle_tf.sigmoid(last["object_center"]),
        oracle_tf.sigmoid(last["t/keypoint/heatmap"]),
        last["t/keypoint/offset"],
        last["t/keypoint/regression"],
        options,
    )
    shapes = shapes or [[2 * grid[0], 2 * grid[1], 3]]
    truth = oracle_tf_keypoints.convert_strided_predictions_to_normalized_keypoints(
        points, scores, 2, shapes
    )
    assert_all_near(found.values(), truth)
    assert list(found) == ["detection_keypoints", "detection_keypoint_scores"]
