"""compat.tf_object_detection: keypoints, refined and by argmax, against the oracle."""

import math

import numpy as np
import pytest
from centerdecode.compat import tf_object_detection as tf
from oracles.tf import keypoints as oracle
from support.tf_maps import GRIDS, MAPS, assert_all_near, assert_near, head, score_map

JOINTS = 3
MODES = [
    "min_distance",
    "score_distance_ratio",
    "score_scaled_distance_ratio",
    "gaussian_weighted",
]
each_map = pytest.mark.parametrize("name", MAPS)
each_grid = pytest.mark.parametrize("grid", GRIDS, ids=str)


@each_map
@each_grid
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("batch", [0, 2])
def test_candidates(name, grid, shared, batch):
    shape = (batch, *grid, JOINTS)
    heat = score_map(name, shape)
    offsets = head(shape, 2 if shared else 2 * JOINTS)
    for depths in (None, head(shape, 1), head(shape, JOINTS)):
        for arguments in ((0.5, 3, 4), (0.1, None, 1), (0.0, 1, grid[0] * grid[1] + 2)):
            found = tf.prediction_tensors_to_keypoint_candidates(heat, offsets, *arguments, depths)
            if batch:
                truth = oracle.prediction_tensors_to_keypoint_candidates(
                    heat, offsets, *arguments, depths
                )
                assert_all_near(found, truth)
                np.testing.assert_array_equal(found[1], truth[1])
            sizes = [part.shape for part in found if part is not None]
            m = arguments[2]
            assert sizes[:2] == [(batch, m, JOINTS, 2), (batch, m, JOINTS)]
            assert sizes[2:] == [(batch, JOINTS), (batch, m, JOINTS)][: len(sizes) - 2]


def candidates(seed, batch=2, count=5):
    """Return joints, candidates, scores, counts, boxes, depths; some boxes are points."""
    rng = np.random.default_rng(seed)
    joints = rng.normal(5, 3, (batch, 7, JOINTS, 2))
    points = rng.normal(5, 3, (batch, count, JOINTS, 2))
    scores = -np.sort(-rng.random((batch, count, JOINTS)), axis=1)
    counts = rng.integers(0, count + 1, (batch, JOINTS))
    corners = rng.normal(3, 2, (batch, 7, 2))
    boxes = np.concatenate([corners, corners + rng.random((batch, 7, 2)) * 9], axis=2)
    boxes[:, 0, 2:] = boxes[:, 0, :2]
    depths = rng.normal(0, 1, scores.shape)
    floats = [part.astype(np.float32) for part in (joints, points, scores, boxes, depths)]
    return *floats[:3], counts.astype(np.int32), *floats[3:]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(6))
def test_refinement(mode, seed):
    joints, points, scores, counts, boxes, depths = candidates(seed)
    moved = []
    for box_scale, reach, threshold in ((1.2, 0.3, 0.1), (2, 1, 0.5), (0.5, 0.05, 0), (9, 9, 0.3)):
        arguments = {
            "bboxes": boxes,
            "unmatched_keypoint_score": 0.25,
            "box_scale": box_scale,
            "candidate_search_scale": reach,
            "candidate_ranking_mode": mode,
            "score_distance_offset": 0.5,
            "keypoint_score_threshold": threshold,
            "score_distance_multiplier": 0.2,
            "keypoint_std_dev": [4.0, 2.0, 9.0],
            "keypoint_depth_candidates": depths if seed % 2 else None,
        }
        found = tf.refine_keypoints(joints, points, scores, counts, **arguments)
        truth = oracle.refine_keypoints(joints, points, scores, counts, **arguments)
        assert_all_near(found, truth)
        moved.append(found[1] != np.float32(0.25))
        np.testing.assert_array_equal(moved[-1], truth[1] != np.float32(0.25))
    assert 0 < np.mean(moved) < 1


@pytest.mark.parametrize("mode", MODES[:2])
def test_refinement_without_boxes(mode):
    joints, points, scores, counts, _, depths = candidates(9)
    arguments = {"candidate_ranking_mode": mode, "keypoint_depth_candidates": depths}
    found = tf.refine_keypoints(joints, points, scores, counts, **arguments)
    assert_all_near(found, oracle.refine_keypoints(joints, points, scores, counts, **arguments))


@pytest.mark.parametrize("mode", MODES)
def test_equally_good_candidates_give_the_first(mode):
    joints = np.full((1, 1, 1, 2), 2, np.float32)
    points = np.float32([[2, 4], [2, 3], [3, 2], [1, 2], [2, 3]]).reshape(1, 5, 1, 2)
    scores = np.full((1, 5, 1), 0.5, np.float32)
    options = {
        "bboxes": np.float32([[[0, 0, 10, 10]]]),
        "candidate_ranking_mode": mode,
        "keypoint_std_dev": [9.0],
    }
    found = tf.refine_keypoints(joints, points, scores, [[5]], **options)
    assert found[0].ravel().tolist() == [2, 3]
    assert_all_near(found, oracle.refine_keypoints(joints, points, scores, [[5]], **options))


def test_refinement_of_nothing():
    joints, points, scores, counts, boxes, _ = candidates(3)
    found = tf.refine_keypoints(joints, points[:, :0], scores[:, :0], counts * 0, boxes)
    np.testing.assert_array_equal(found[0], joints)
    assert (found[1] == np.float32(0.1)).all()
    found = tf.refine_keypoints(joints[:0], points[:0], scores[:0], counts[:0], boxes[:0])
    assert found[0].shape == (0, 7, JOINTS, 2)
    found = tf.refine_keypoints(joints[:, :0], points, scores, counts, boxes[:, :0])
    assert found[1].shape == (2, 0, JOINTS)


def test_the_radius_holds_the_nearest_not_the_chosen():
    joints = np.float32([[[[2, 2]]]])
    points = np.float32([[[[2, 3]], [[2, 10]]]])
    scores, boxes = np.float32([[[0.2], [0.99]]]), np.float32([[[0, 0, 10, 10]]])
    options = {"candidate_ranking_mode": "score_distance_ratio", "score_distance_offset": 10}
    keypoints, found, depths = tf.refine_keypoints(joints, points, scores, [[2]], boxes, **options)
    assert keypoints.ravel().tolist() == [2, 10]
    assert (found.ravel().tolist(), depths) == ([np.float32(0.99)], None)


@pytest.mark.parametrize("seed", range(3))
def test_ranking_scores(seed):
    joints, points, scores, _, boxes, _ = candidates(seed)
    away = np.linalg.norm(joints[:, :, None] - points[:, None], axis=-1)
    found = tf.sdr_scaled_ranking_score(scores, away, boxes, 0.2)
    assert_near(found, oracle.sdr_scaled_ranking_score(scores, away, boxes, 0.2))
    found = tf.gaussian_weighted_score(scores, away, [1.0, 0.5, 3.0], boxes)
    assert_near(found, oracle.gaussian_weighted_score(scores, away, [1.0, 0.5, 3.0], boxes))
    boxes[:] = [3, 3, 2, 7]  # upside down
    found = tf.gaussian_weighted_score(scores, away, [1.0, 0.5, 3.0], boxes)
    assert_near(found, oracle.gaussian_weighted_score(scores, away, [1.0, 0.5, 3.0], boxes))
    away[:] = 0
    scores[:, -1] = 0
    found = tf.sdr_scaled_ranking_score(scores, away, boxes, 0.0)
    assert_near(found, oracle.sdr_scaled_ranking_score(scores, away, boxes, 0.0))
    assert np.isinf(found[:, :, 0]).all()
    assert np.isnan(found[:, :, -1]).all()


def test_ranking_scores_by_hand():
    scores, away = np.float32([[[0.2], [0.9]]]), np.float32([[[[1.0], [3.0]]]])
    boxes = np.float32([[[0, 0, 10, 10]]])
    ranks = tf.sdr_scaled_ranking_score(scores, away, boxes, 0.1)
    assert_near(ranks, np.float32([[[[0.1], [0.225]]]]))
    ranks = tf.gaussian_weighted_score(scores, away, [2.0], boxes)
    weights = [[0.2 * math.exp(-0.18)], [0.9 * math.exp(-1.62)]]
    assert_near(ranks, np.float32([[weights]]))


@pytest.mark.parametrize("clip", [False, True])
def test_normalised_keypoints(clip):
    rng = np.random.default_rng(4)
    coords = rng.normal(4, 4, (2, 5, JOINTS, 2)).astype(np.float32)
    coords[0, 0] = [[0, 0], [10, 10], [0, 10]]
    scores = rng.random((2, 5, JOINTS)).astype(np.float32)
    arguments = (coords, scores, 2, [[20, 20, 3], [9, 31, 3]], clip)
    found = tf.convert_strided_predictions_to_normalized_keypoints(*arguments)
    assert_all_near(found, oracle.convert_strided_predictions_to_normalized_keypoints(*arguments))
    assert ((found[1] == 0) == (clip & (found[1] != scores))).all()
    assert (found[1][0, 0] == scores[0, 0]).all()
    assert (found[1] == 0).any() == clip


HEADS = [np.zeros((1, 4, 5, channels), np.float32) for channels in (1, 2, 4, 4)]
RATIO = {"candidate_ranking_mode": "score_distance_ratio"}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: tf.refine_keypoints(*candidates(0)[:4], candidate_ranking_mode="nearest"),
            ValueError,
            "candidate_ranking_mode must be one of min_distance, .* got 'nearest'",
        ),
        (
            lambda: tf.refine_keypoints(
                *candidates(0)[:4], candidate_ranking_mode="score_scaled_distance_ratio"
            ),
            ValueError,
            "bboxes must be given",
        ),
        (
            lambda: tf.refine_keypoints(
                *candidates(0)[:5], candidate_ranking_mode="gaussian_weighted"
            ),
            ValueError,
            "std_devs must be given",
        ),
        (
            lambda: tf.prediction_tensors_to_keypoint_candidates(HEADS[1], HEADS[0]),
            ValueError,
            "keypoint_heatmap_offsets must have 2 or 4 channels",
        ),
        (
            lambda: tf.prediction_tensors_to_multi_instance_kpts(HEADS[1], HEADS[0][0]),
            ValueError,
            "offsets must have 2 or 4 channels",
        ),
        (
            lambda: tf.prediction_to_single_instance_keypoints(*HEADS, {}),
            ValueError,
            "must be 'score_distance_ratio', got 'min_distance'",
        ),
        (
            lambda: tf.prediction_to_single_instance_keypoints(
                *(np.concatenate([part, part]) for part in HEADS), RATIO
            ),
            ValueError,
            "one image, got a batch of 2",
        ),
        (
            lambda: tf.prediction_to_single_instance_keypoints(*HEADS, {**RATIO, "radius": 3}),
            TypeError,
            "options must be among class_id, .* got radius",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_torch_tensors_give_torch_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    joints, points, scores, counts, boxes, depths = map(torch.from_numpy, candidates(0))
    found = tf.refine_keypoints(
        joints, points, scores, counts, boxes, keypoint_depth_candidates=depths
    )
    maps = [torch.from_numpy(part) for part in HEADS]
    found += tf.prediction_to_single_instance_keypoints(*maps, RATIO)[:2]
    found += tf.prediction_tensors_to_keypoint_candidates(maps[1], maps[2], keypoint_depths=maps[0])
    found += (tf.gaussian_weighted_score(scores, torch.zeros(2, 7, 5, 3), torch.ones(3), boxes),)
    assert all(isinstance(part, torch.Tensor) for part in found)
