"""The oracles of TF's CenterNet keypoints against values worked out by hand."""

import math

import numpy as np
import pytest
from oracles.tf import argmax
from oracles.tf import keypoints as kp

F32 = np.float32
BOX = np.array([[[0, 0, 10, 10]]], F32)


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def marked(shape, values):
    """Return a map of zeros with {index: value} set."""
    result = np.zeros(shape, F32)
    for index, value in values.items():
        result[index] = value
    return result


def test_normalised_keypoints():
    coords = np.array([[[[0, 10], [20, 25], [-5, 30]]]], F32)
    scores, shapes = np.array([[[0.5, 0.6, 0.7]]], F32), [[40, 50, 3]]
    found = kp.convert_strided_predictions_to_normalized_keypoints(coords, scores, 2, shapes)
    near(found[0], [[[[0, 0.4], [1, 1], [-0.25, 1.2]]]])
    assert found[1].tolist() == scores.tolist()
    coords[0, 0, 0, 1] = 25.125
    found = kp.convert_strided_predictions_to_normalized_keypoints(coords, scores, 2, shapes, True)
    near(found[0], [[[[0, 1], [1, 1], [0, 1]]]])
    near(found[1], [[[0, 0.6, 0]]])
    coords[0, 0, 0] = (20.125, 10)
    found = kp.convert_strided_predictions_to_normalized_keypoints(coords, scores, 2, shapes, True)
    near(found[0], [[[[1, 0.4], [1, 1], [0, 1]]]])
    coords[0, 0, 0] = (0, -1)
    found = kp.convert_strided_predictions_to_normalized_keypoints(coords, scores, 2, shapes, True)
    near(found[0], [[[[0, 0], [1, 1], [0, 1]]]])
    coords[0, 0, 0] = (0, 10)
    found = kp.convert_strided_predictions_to_normalized_keypoints(coords, scores, 2, shapes, True)
    near(found[0], [[[[0, 0.4], [1, 1], [0, 1]]]])
    near(found[1], [[[0.5, 0.6, 0]]])


def test_regressed_keypoints():
    head = marked((1, 3, 4, 4), {(0, 2, 1): (0.5, -2, 3, 1.5)})
    found = kp.regressed_keypoints_at_object_centers(head, [[2, 0]], [[1, 3]])
    assert found.tolist() == [[[2.5, -1, 5, 2.5], [0, 3, 0, 3]]]


@pytest.mark.parametrize("shared", [True, False])
def test_candidates(shared):
    heat = marked((1, 2, 2, 2), {(0, 1, 0, 0): 0.5, (0, 1, 1, 0): 0.25, (0, 0, 1, 1): 0.75})
    offset = marked((1, 2, 2, 4), {(0, 1, 0): (0.25, 0.5, 9, 9), (0, 0, 1): (1, 2, 3, 4)})
    offset[0, 0, 0] = (5, 6, 7, 8)
    offset = offset[..., :2] if shared else offset
    depth = np.arange(8, dtype=F32).reshape(1, 2, 2, 2)
    found = kp.prediction_tensors_to_keypoint_candidates(heat, offset, 0.5, 3, 2, depth)
    if shared:
        assert found[0].tolist() == [[[[1.25, 0.5], [1, 3]], [[5, 6], [5, 6]]]]
    else:
        assert found[0].tolist() == [[[[1.25, 0.5], [3, 5]], [[5, 6], [7, 8]]]]
    assert found[1].tolist() == [[[0.5, 0.75], [0, 0]]]
    assert (found[2].tolist(), found[2].dtype) == ([[1, 1]], np.int32)
    assert found[3].tolist() == [[[4, 3], [0, 1]]]
    one = kp.prediction_tensors_to_keypoint_candidates(heat, offset, 0, 1, 6, depth[..., :1])
    assert one[0].shape == (1, 6, 2, 2)
    assert one[1][0, :, 0].tolist() == [0.5, 0.25, 0, 0, 0, 0]
    assert one[2].tolist() == [[6, 6]]
    assert one[3][0, 0].tolist() == [4, 2]


def refined(points, scores, boxes=BOX, count=2, joint=(2, 2), **options):
    """Return (point, score) of one joint of one instance."""
    points = np.array(points, F32).reshape(1, -1, 1, 2)
    scores = np.array(scores, F32).reshape(1, -1, 1)
    joint = np.array(joint, F32).reshape(1, 1, 1, 2)
    found = kp.refine_keypoints(joint, points, scores, [[count]], boxes, **options)
    assert [part.shape for part in found[:2]] == [(1, 1, 1, 2), (1, 1, 1)]
    return found[0].ravel().tolist(), pytest.approx(float(found[1][0, 0, 0]), rel=1e-5)


@pytest.mark.parametrize(
    ("mode", "options", "expected"),
    [
        ("min_distance", {}, ([2, 3], 0.2)),
        ("score_distance_ratio", {}, ([2, 5], 0.9)),
        ("score_scaled_distance_ratio", {}, ([2, 5], 0.9)),
        ("gaussian_weighted", {"keypoint_std_dev": [2]}, ([2, 5], 0.9 * math.exp(-1.62))),
        ("gaussian_weighted", {"keypoint_std_dev": [1]}, ([2, 2], 0.1)),
        ("gaussian_weighted", {"keypoint_std_dev": [1], "keypoint_score_threshold": 0}, None),
    ],
)
def test_ranking_modes(mode, options, expected):
    expected = expected or ([2, 3], 0.2 * math.exp(-0.72))
    points = [(2, 3), (2, 5)]
    assert refined(points, [0.2, 0.9], candidate_ranking_mode=mode, **options) == expected


def test_score_offsets_decide():
    ratio = {"candidate_ranking_mode": "score_distance_ratio"}
    points, scores = [(2, 3), (2, 5)], [0.4, 0.9]
    assert refined(points, scores, **ratio) == ([2, 3], 0.4)
    assert refined(points, scores, score_distance_offset=1, **ratio) == ([2, 5], 0.9)
    scaled = {"candidate_ranking_mode": "score_scaled_distance_ratio"}
    assert refined(points, scores, score_distance_multiplier=0.01, **scaled) == ([2, 3], 0.4)
    assert refined(points, scores, score_distance_multiplier=0.2, **scaled) == ([2, 5], 0.9)


def test_refusals():
    assert refined([(11.5, 2)], [0.9], count=1, joint=(11, 2)) == ([11, 2], 0.1)
    assert refined([(11, 2)], [0.9], count=1, joint=(9, 2)) == ([11, 2], 0.9)
    assert refined([(2, 3)], [0.25], count=1, keypoint_score_threshold=0.5) == ([2, 2], 0.1)
    assert refined([(2, 3)], [0.5], count=1, keypoint_score_threshold=0.5) == ([2, 3], 0.5)
    assert refined([(2, 5)], [0.9], count=1, box_scale=1) == ([2, 5], 0.9)
    assert refined([(2, 5.5)], [0.9], count=1, box_scale=1) == ([2, 2], 0.1)
    assert refined([(2, 3)], [0.9], count=0, unmatched_keypoint_score=0.7) == ([2, 2], 0.7)
    assert refined([(9, 3), (2, 3)], [0.9, 0.8], count=1) == ([2, 2], 0.1)


def test_the_radius_is_tested_with_the_nearest():
    ratio = {"candidate_ranking_mode": "score_distance_ratio", "score_distance_offset": 10}
    assert refined([(2, 3), (2, 10)], [0.2, 0.99], **ratio) == ([2, 10], 0.99)
    assert refined([(2, 6), (2, 10)], [0.2, 0.99], **ratio) == ([2, 2], 0.1)


def test_refine_without_boxes_and_with_depths():
    assert refined([(90, 90)], [0.9], None, 1) == ([90, 90], 0.9)
    assert refined([(90, 90)], [0.05], None, 1) == ([2, 2], 0.1)
    assert refined([(2, 1), (2, 3)], [0.5, 0.9]) == ([2, 1], 0.5)
    joints = np.array([[[[2, 2], [2, 2]]]], F32)
    points, scores = joints + F32(1), np.array([[[0.5, 0.05]]], F32)
    depth = np.array([[[7, 8]]], F32)
    found = kp.refine_keypoints(joints, points, scores, [[1, 0]], keypoint_depth_candidates=depth)
    near(found[1], [[[0.5, 0.1]]])
    assert found[2].tolist() == [[[7, 0]]]


def test_boxes_are_enlarged_about_their_centre():
    assert kp.box_size((2, 4, 6, 12)) == (4, 8)
    assert kp.enlarge((2, 4, 6, 12), 1.5) == [1, 2, 7, 14]
    box = (2, 4, 6, 12)
    assert all(kp.is_inside(point, box) for point in [(2, 4), (6, 12), (2, 12), (6, 4)])
    outside = [(1.5, 5), (6.5, 5), (3, 3.5), (3, 12.5)]
    assert not any(kp.is_inside(point, box) for point in outside)
    moved = {"boxes": BOX + np.array([100, 0, 100, 0], F32), "joint": (102, 2), "count": 1}
    assert refined([(105, 2)], [0.5], **moved) == ([105, 2], 0.5)
    assert refined([(106, 2)], [0.5], **moved) == ([102, 2], 0.1)


def test_nothing_over_nothing_is_never_best():
    ratio = {"candidate_ranking_mode": "score_distance_ratio", "score_distance_offset": 0}
    assert refined([(2, 2), (2, 3)], [0, 0.5], **ratio) == ([2, 3], 0.5)
    assert refined([(2, 3), (2, 2)], [0.9, 0.2], **ratio) == ([2, 2], 0.2)
    assert kp.first_max([math.nan, 1, 2, 2]) == 2


def test_ranking_scores():
    scores, d = np.array([[[0.2], [0.9]]], F32), np.array([[[[1.0], [3.0]]]], F32)
    near(kp.sdr_scaled_ranking_score(scores, d, BOX, 0.1), [[[[0.1], [0.225]]]])
    assert kp.gaussian_radius(10, 10) == pytest.approx((math.sqrt(1120) - 28) / 2)
    weights = [[0.2 * math.exp(-0.18)], [0.9 * math.exp(-1.62)]]
    near(kp.gaussian_weighted_score(scores, d, [2], BOX), [[weights]])
    point = np.array([[[3, 3, 3, 3]]], F32)
    near(kp.gaussian_weighted_score(scores, d, [6], point)[0, 0, 0], [0.2 * math.exp(-0.5)])


def test_single_instance():
    center = marked((1, 4, 4, 1), {(0, 0, 0, 0): 0.9, (0, 2, 2, 0): 0.5})
    heat = marked((1, 4, 4, 1), {(0, 3, 1, 0): 0.6, (0, 0, 3, 0): 0.9})
    offset = marked((1, 4, 4, 2), {(0, 3, 1): (0.25, 0.5)})
    regression = marked((1, 4, 4, 2), {(0, 2, 2): (1, -1)})
    options = {"candidate_ranking_mode": "score_distance_ratio", "score_distance_offset": 1.0}
    found = argmax.prediction_to_single_instance_keypoints(
        center, heat, offset, regression, options
    )
    near(found[0], [[[[3.25, 1.5]]]])
    near(found[1], [[[0.6]]])
    assert found[2] is None
    twice = [np.concatenate([head, head], axis=3) for head in (heat, offset, regression)]
    twice[0][0, 2, 1, 1], twice[1][0, 2, 1, 2:], twice[2][0, 2, 2, 2:] = 0.9, (1, 2), (0, -2)
    found = argmax.prediction_to_single_instance_keypoints(center, *twice, options)
    near(found[0], [[[[3.25, 1.5], [3, 3]]]])
    near(found[1], [[[0.6, 0.9]]])
    twice[0][0, 2, 3, 1], twice[2][0, 2, 2, 2:] = 0.9, (0, 2)
    found = argmax.prediction_to_single_instance_keypoints(center, *twice, options)
    near(found[0][0, 0, 1], [2, 3])
    with pytest.raises(ValueError, match="min_distance"):
        argmax.prediction_to_single_instance_keypoints(
            center, heat, offset, regression, {"candidate_ranking_mode": "min_distance"}
        )


def test_multi_instance():
    maps = marked((2, 3, 2, 2), {(1, 2, 0, 0): 0.5, (1, 2, 1, 0): 0.7, (0, 1, 1, 0): 0.8})
    offset = marked((2, 3, 4), {(1, 2): (0.5, 0.25, 9, 9), (0, 1): (-0.5, 0, 9, 9)})
    offset[0, 0] = (9, 9, 0.75, 0.25)
    points, scores = argmax.prediction_tensors_to_multi_instance_kpts(maps, offset)
    near(points, [[[[1.5, 2.25], [0.75, 0.25]], [[-0.5, 1], [0.75, 0.25]]]])
    near(scores, [[[0.7, 0], [0.8, 0]]])
    score_map = np.arange(12, dtype=F32).reshape(2, 3, 2)
    scores = argmax.prediction_tensors_to_multi_instance_kpts(maps, offset, score_map)[1]
    assert scores.tolist() == [[[10, 1], [2, 1]]]


def test_gaussian_maps():
    heat = np.full((4, 4, 1), 0.5, F32)
    joint, e = [[[1, 1]]], 0.5 * math.exp(-1)
    maps = argmax.gaussian_keypoint_maps(heat, joint, [[0, 0, 2, 2]], 0.25)[:, :, 0, 0]
    corner = 0.5 * math.exp(-2)
    near(maps, [[corner, e, 0, 0], [e, 0.5, 0, 0], [0] * 4, [0] * 4])
    assert argmax.gaussian_keypoint_maps(heat, joint, None, 0.5)[1, 3, 0, 0] == F32(corner)
