"""How long does a decode of poses take?

    pytest bench/bench_poses.py

17 keypoint heatmaps are read besides that of the people.
"""

import numpy as np
import pytest
from inputs import heads, pose_heads
from oracles import centernet as oracle_centernet


def verify(found, heatmap, wh, offset, keypoints, joints, shift, threshold):
    """The oracle takes scores, and upstream's order of heads."""
    scores = [1 / (1 + np.exp(-head)) for head in (heatmap, joints)]
    batch = [head[None] for head in (scores[0], wh, keypoints, offset, scores[1], shift)]
    (rows,) = oracle_centernet.multi_pose_decode(*batch, K=100)
    rows = rows[rows[:, 4] >= np.float32(max(threshold, 1e-9))]
    np.testing.assert_allclose(found.scores, rows[:, 4], rtol=1e-5)
    np.testing.assert_allclose(found.xyxy, rows[:, :4] * 4, rtol=1e-4, atol=1e-3)
    points = rows[:, 5:-1].reshape(len(rows), -1, 2) * 4
    np.testing.assert_allclose(found.keypoints, points, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("people", [pose_heads.PEOPLE, pose_heads.CROWD])
@pytest.mark.parametrize("threshold", heads.THRESHOLDS)
def test_coco_pose(benchmark, threshold, people):
    tensors = pose_heads.coco_pose(people)
    decoder = pose_heads.pose_decoder(score_threshold=threshold, plateaus="keep")
    verify(decoder(tensors)[0], *tensors, threshold)
    benchmark(decoder, tensors)


def test_movenet(benchmark):
    tensors = list(pose_heads.movenet().values())
    decoder = pose_heads.movenet_decoder()
    assert decoder(tensors)[0].keypoints.shape[1:] == (pose_heads.JOINTS, 2)
    benchmark(decoder, tensors)


def test_the_read(benchmark):
    heatmap, _, _, _, joints, _ = pose_heads.coco_pose()
    benchmark(lambda: (heatmap.max(), joints.max()))
