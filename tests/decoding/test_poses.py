"""decode_poses agrees with the oracles of the programs whose rules it knows."""

import dataclasses

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import KeypointRule, Refinement, families
from oracles import centernet as oracle_centernet
from oracles import centertrack as oracle_centertrack
from oracles.tf import keypoints as tf
from oracles.tf.argmax import prediction_to_single_instance_keypoints
from support.heads import assert_same, channels_last
from support.poses import GRIDS, JOINTS, MAPS, ordered, pose_heads

SCORES = {"activation": "none", "plateaus": "keep", "score_threshold": 1e-9}
CENTERTRACK = families.CENTERTRACK_POSE.keypoints.refinement
MODES = {
    "min_distance": {},
    "score_distance_ratio": {"distance_offset": 0.25},
    "score_scaled_distance_ratio": {"distance_multiplier": 0.3},
    "gaussian_weighted": {"std_devs": (0.3, 0.5, 1.0, 2.0, 4.0)},
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize("snapped", [False, True])
def test_the_defaults_are_the_reference_rule(name, grid, stride, snapped, isa):
    heads = pose_heads(name, grid)
    heads = heads if snapped else heads[:4]
    k = min(50, grid[0] * grid[1])
    rule = KeypointRule(refinement=Refinement(candidates=k))
    found = cd.decode_poses(*ordered(*heads), stride=stride, top_k=k, keypoint_rule=rule, **SCORES)
    for image, rows in zip(found, oracle_centernet.multi_pose_decode(*heads, K=k), strict=True):
        rows = rows[rows[:, 4] > 0]
        assert_same((image.scores,), (rows[:, 4],))
        np.testing.assert_allclose(image.xyxy, rows[:, :4] * stride, rtol=1e-5, atol=1e-5)
        joints = rows[:, 5:-1].reshape(len(rows), JOINTS, 2) * stride
        np.testing.assert_allclose(image.keypoints, joints, rtol=1e-5, atol=1e-5, strict=True)
        if not snapped:
            assert (image.keypoint_scores == image.scores[:, None]).all()


def refined_by_oracle(heads, boxes, ys, xs, rule):
    """Return keypoints (N, J, 2) of y, x and scores (N, J) of one image's NHWC heads."""
    regression, heatmap, offset = (head[None] for head in heads)
    regressed = tf.regressed_keypoints_at_object_centers(regression, [ys], [xs])
    candidates, scores, counts, _ = tf.prediction_tensors_to_keypoint_candidates(
        heatmap, offset, rule.candidate_threshold, 3, rule.candidates
    )
    keypoints, keypoint_scores, _ = tf.refine_keypoints(
        regressed.reshape(1, len(ys), JOINTS, 2),
        candidates,
        scores,
        counts,
        boxes,
        rule.unmatched_score,
        rule.box_scale,
        rule.search_scale,
        rule.ranking,
        rule.distance_offset,
        None,
        rule.candidate_threshold if rule.score_threshold is None else rule.score_threshold,
        rule.distance_multiplier,
        rule.std_devs,
    )
    return keypoints[0], keypoint_scores[0]


def tf_heads(grid, per_keypoint=True):
    """Return the NHWC heads of one image: scores, sizes, offsets, and three of keypoints."""
    rng = np.random.default_rng([7, *grid])
    channels = (2, 2, 2, 2 * JOINTS, JOINTS, 2 * JOINTS if per_keypoint else 2)
    heads = [rng.random((*grid, count)).astype(np.float32) for count in channels]
    heads[1] *= 15
    heads[3] = heads[3] * 8 - 4
    return heads


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("boxes", [True, False])
@pytest.mark.parametrize("changes", [
    {},
    {"box_scale": 0.7, "search_scale": 1.0},
    {"candidate_threshold": 0.7, "unmatched_score": 0.25},
    {"score_threshold": 0.4, "candidates": 4, "search_scale": 0.05},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("per_keypoint", [True, False])
def test_every_ranking_of_tensorflow(mode, boxes, changes, per_keypoint):
    if not boxes and mode in ("score_scaled_distance_ratio", "gaussian_weighted"):
        pytest.skip("TensorFlow has these only with boxes")
    heads = tf_heads((13, 17), per_keypoint)
    rule = Refinement(**{
        "inclusive": True, "box_scale": 1.2, "unmatched_score": 0.1, "candidates": 20,
        "ranking": mode, **MODES[mode], **changes,
    })  # fmt: skip
    options = {"layout": "NHWC", "axes": "yx", "stride": 1, "top_k": 30, **SCORES}
    given = heads if boxes else [heads[0], None, *heads[2:]]
    found = cd.decode_poses(*given, keypoint_rule=KeypointRule(refinement=rule), **options)
    peaks = cd.find_peaks(heads[0], top_k=30, layout="NHWC", **SCORES)
    corners = found.xyxy[:, [1, 0, 3, 2]][None] if boxes else None
    keypoints, scores = refined_by_oracle(heads[3:], corners, peaks.ys, peaks.xs, rule)
    np.testing.assert_allclose(found.keypoint_scores, scores, rtol=1e-5, strict=True)
    np.testing.assert_allclose(found.keypoints, keypoints[..., ::-1], rtol=1e-5, atol=1e-5)
    assert len(found) == 30
    if not boxes:
        extent = np.hstack([found.keypoints.min(axis=1), found.keypoints.max(axis=1)])
        np.testing.assert_array_equal(found.xyxy, extent)


@pytest.mark.parametrize("name", ["noise", "few", "plateaus", "zeros"])
@pytest.mark.parametrize("boxes", [True, False])
@pytest.mark.parametrize("own_offset", [True, False])
def test_centertrack_refines_without_a_radius(name, boxes, own_offset):
    heat, wh, kps, reg, hm_hp, hp_offset = pose_heads(name, (9, 14))
    heads = {"hm": heat, "hps": kps, "reg": reg, "hm_hp": hm_hp}
    heads |= {"wh": wh} if boxes else {}
    heads |= {"hp_offset": hp_offset} if own_offset else {}
    truth = oracle_centertrack.generic_decode(heads, K=40)
    found = cd.decode_poses(
        heat, wh if boxes else None, reg, kps, hm_hp, hp_offset if own_offset else reg,
        stride=1, top_k=40, box_activation="relu", **SCORES,
        keypoint_rule=KeypointRule(refinement=dataclasses.replace(CENTERTRACK, candidates=40)),
    )  # fmt: skip
    for b, image in enumerate(found):
        n = len(image)
        assert n == (truth["scores"][b] > 0).sum()
        joints = truth["hps"][b, :n].reshape(n, JOINTS, 2)
        np.testing.assert_allclose(image.keypoints, joints, rtol=1e-5, atol=1e-5)
        scores = image.scores * image.keypoint_scores.mean(axis=1)
        np.testing.assert_allclose(scores, truth["kps_score"][b, :n], rtol=1e-5)


@pytest.mark.parametrize("name", ["noise", "plateaus", "few"])
@pytest.mark.parametrize("grid", [(9, 14), (1, 1), (16, 5)], ids=str)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("shift", [1.8, 1.0, 1e-6])
def test_a_single_pose_is_drawn_to_the_middle(name, grid, layout, shift):
    rng = np.random.default_rng(3)
    heat, _, kps, _, hm_hp, _ = pose_heads(name, grid, batch=1)
    offset = rng.random((1, 2 * JOINTS, *grid)).astype(np.float32)
    heads = heat, kps, hm_hp, offset
    wide = [channels_last(head) for head in heads]
    keypoints, scores, _ = prediction_to_single_instance_keypoints(
        wide[0], wide[2], wide[3], wide[1],
        {"candidate_ranking_mode": "score_distance_ratio", "score_distance_offset": shift},
    )  # fmt: skip
    heat, kps, hm_hp, offset = heads if layout == "NCHW" else wide
    rule = KeypointRule(single=True, refinement=Refinement(distance_offset=shift))
    (found,) = cd.decode_poses(
        heat, None, None, kps, hm_hp, offset,
        keypoint_rule=rule, axes="yx", layout=layout, stride=2, **{**SCORES, "score_threshold": 0},
    )  # fmt: skip
    np.testing.assert_allclose(found.keypoints, keypoints[0, ..., ::-1] * 2, rtol=1e-6)
    assert_same((found.keypoint_scores,), (scores[0],))
