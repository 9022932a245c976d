"""Ways to store keypoints and to hand heads in, and what decode_poses refuses."""

import itertools

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import KeypointRule, Refinement
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, assert_same, channels_last, fill, meaning, store
from support.poses import JOINTS, ordered, pose_heads

SCORES = {"activation": "none", "plateaus": "keep", "score_threshold": 1e-9}
SINGLE = KeypointRule(single=True, refinement=Refinement(distance_offset=1.8))


def columns_of(found):
    """Return the arrays of a Detections with keypoints."""
    return found.xyxy, found.scores, found.class_ids, found.keypoints, found.keypoint_scores


@pytest.mark.parametrize("order", ["interleaved", "planar"])
@pytest.mark.parametrize("axes", ["xy", "yx"])
@pytest.mark.parametrize("frame", ["cell", "box"])
@pytest.mark.parametrize("activation", ["none", "signed_exp"])
def test_every_way_to_store_keypoints(order, axes, frame, activation):
    heat, wh, kps, reg, *_ = (head[0] for head in pose_heads("noise", (9, 14)))
    rule = KeypointRule(order=order, axes=axes, frame=frame, activation=activation)
    found = cd.decode_poses(heat, wh, reg, kps, keypoint_rule=rule, **SCORES)
    peaks = cd.find_peaks(heat, **SCORES)
    boxes = oracle.decode_boxes(heat, wh, reg, **SCORES)[0].astype(float)
    for n, (y, x) in enumerate(zip(peaks.ys, peaks.xs, strict=True)):
        v = kps[:, y, x].astype(float)
        if activation == "signed_exp":
            v = 4 * v
            v = np.where(abs(v) < 1, v * np.e, np.sign(v) * np.exp(abs(v)))
        pairs = v.reshape(JOINTS, 2) if order == "interleaved" else v.reshape(2, JOINTS).T
        pairs = pairs[:, ::-1] if axes == "yx" else pairs
        x1, y1, x2, y2 = boxes[n]
        truth = (
            4 * (pairs + np.array([x, y]))
            if frame == "cell"
            else [x1, y1] + pairs * [x2 - x1, y2 - y1]
        )
        np.testing.assert_allclose(found.keypoints[n], truth, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("single", [False, True])
def test_element_types_layouts_and_strides_give_the_same(layout, element_type, single, isa):
    heads = ordered(*pose_heads("noise", (9, 70)))
    heads[0], heads[4] = fill("noise", heads[0].shape), fill("noise", heads[4].shape)  # logits
    stored = [store(head, element_type) for head in heads]
    rule = KeypointRule(single=single)
    truth = cd.decode_poses(*(meaning(head, element_type) for head in stored), keypoint_rule=rule)
    if layout == "NHWC":
        stored = [channels_last(head) for head in stored]
    strided = [np.repeat(head, 2, axis=-1)[..., ::2] for head in stored]
    for given in (stored, strided):
        options = {"layout": layout, "element_type": element_type, "keypoint_rule": rule}
        found = cd.decode_poses(*given, **options)
        for ours, theirs in itertools.zip_longest(found, truth):
            assert_same(columns_of(ours), columns_of(theirs))
            assert len(ours) > 0
        one = cd.decode_poses(*(head[1] for head in given), **options)
        assert_same(columns_of(one), columns_of(truth[1]))


def test_keypoints_are_placed_as_boxes_but_not_clipped():
    heads = ordered(*pose_heads("noise", (9, 14)))
    matrix = np.array([[0.5, 0, -7], [0, 2, 3]])
    plain = cd.decode_poses(*heads, **SCORES)
    moved = cd.decode_poses(*heads, transform=matrix, clip=(20, 10), **SCORES)
    for before, after in zip(plain, moved, strict=True):
        points = before.keypoints.astype(float) * [0.5, 2] + [-7, 3]
        np.testing.assert_allclose(after.keypoints, points, rtol=1e-5, atol=1e-4)
        assert after.xyxy[:, [0, 2]].max() <= 10
        assert after.keypoints[..., 0].max() > 10
    bare = cd.decode_poses(heads[0], None, None, heads[3], clip=(20, 10), **SCORES)
    for image in bare:
        extent = np.hstack([image.keypoints.min(axis=1), image.keypoints.max(axis=1)])
        np.testing.assert_array_equal(image.xyxy, np.clip(extent, 0, np.float32([10, 20, 10, 20])))


def test_nms_and_classes_are_options_here_too():
    heads = ordered(*pose_heads("noise", (9, 14)))
    heads[1][:] = 5
    all_of_them = cd.decode_poses(*heads, **SCORES)[0]
    kept = cd.decode_poses(*heads, nms="hard", **SCORES)[0]
    assert 0 < len(kept) < len(all_of_them)
    assert kept.keypoints.shape == (len(kept), JOINTS, 2)
    assert len(cd.decode_poses(*heads, classes=[], **SCORES)[0]) == 0


@pytest.mark.parametrize(("changes", "message"), [
    ({"keypoints": np.zeros((3, 4, 5), np.float32)}, "keypoints must have an even number"),
    ({"keypoints": np.zeros((4, 4, 6), np.float32)}, "keypoints must have the batch and grid of"),
    ({"keypoint_heatmap": np.zeros((3, 4, 5), np.float32)}, "keypoint_heatmap must have 2 channels"),
    ({"keypoint_offset": np.zeros((3, 4, 5), np.float32)}, "keypoint_offset must have 4 channels"),
    ({"keypoint_heatmap": None}, "keypoint_heatmap must be given with a keypoint_offset"),
    ({"wh": None, "keypoint_rule": KeypointRule(frame="box")}, "wh must be given where keypoints"),
    ({"keypoint_rule": KeypointRule(refinement=Refinement(
        ranking="gaussian_weighted", std_devs=(1,)))}, "std_devs must be one for each keypoint"),
    ({"heatmap": np.zeros((3, 4, 5), np.float32), "keypoint_rule": SINGLE},
     "heatmap must have 1 channels for a single pose"),
], ids=str)  # fmt: skip
def test_heads_that_do_not_fit_are_refused(changes, message):
    channels = {"heatmap": 1, "wh": 2, "offset": 2, "keypoints": 4, "keypoint_heatmap": 2,
                "keypoint_offset": 4}  # fmt: skip
    heads = {name: np.zeros((count, 4, 5), np.float32) for name, count in channels.items()}
    cd.decode_poses(**heads)
    with pytest.raises(ValueError, match=message):
        cd.decode_poses(**(heads | changes))


@pytest.mark.parametrize(("rule", "changes", "message"), [
    (KeypointRule, {"order": "xyxy"}, 'order must be one of "interleaved", "planar"'),
    (KeypointRule, {"frame": "image"}, "frame must be one of"),
    (KeypointRule, {"activation": "exp"}, "activation must be one of"),
    (KeypointRule, {"axes": "zx"}, "axes must be one of"),
    (KeypointRule, {"heatmap_activation": "exp"}, "activation must be one of"),
    (Refinement, {"ranking": "best"}, "ranking must be one of"),
    (Refinement, {"ranking": "gaussian_weighted"}, "std_devs must be given"),
    (Refinement, {"window": 2}, "window must be odd"),
    (Refinement, {"candidates": -1}, "candidates must be at least 0"),
    (Refinement, {"box_scale": float("nan")}, "box_scale must not be NaN"),
], ids=str)  # fmt: skip
def test_a_rule_without_meaning_is_refused(rule, changes, message):
    with pytest.raises(ValueError, match=message):
        rule(**changes)


def test_nobody_is_no_pose():
    heat, _, kps, _, hm_hp, _ = pose_heads("few", (9, 14), batch=1)
    options = {"keypoint_rule": SINGLE, "activation": "none"}
    (found,) = cd.decode_poses(heat * 0, None, None, kps, hm_hp, **options)
    assert [array.shape for array in columns_of(found)] == [
        (0, 4), (0,), (0,), (0, JOINTS, 2), (0, JOINTS)
    ]  # fmt: skip
    assert cd.decode_poses(heat[:0], None, None, kps[:0], hm_hp[:0], **options) == []
