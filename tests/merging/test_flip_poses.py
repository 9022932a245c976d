"""flip= of poses and faces: the means of the heads, with left and right changing places."""

import itertools
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import KeypointRule, Refinement
from oracles import centernet as oracle_centernet
from oracles import faces as oracle_faces
from oracles import merging
from support.heads import arrays_of, assert_same, channels_last
from support.poses import JOINTS, MAPS, ordered, pose_heads

PAIRS = ((0, 3), (1, 2))
SCORES = {"activation": "none", "plateaus": "keep", "score_threshold": 1e-9}


def pose_pairs(name, grid, images=2):
    """Return heads of upstream's order, each image before its mirror image, and the merged."""
    heads = pose_heads(name, grid, batch=2 * images)
    heat, wh, kps, reg, hm_hp, hp_offset = heads
    one = [
        merging.merge_scores(heat),
        merging.merge_sizes(wh),
        merging.merge_keypoints(kps, PAIRS),
        merging.images_of(reg),
        merging.merge_scores(hm_hp, pairs=PAIRS),
        merging.images_of(hp_offset),
    ]
    return heads, one


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("grid", [(9, 14), (1, 1), (16, 5)], ids=str)
@pytest.mark.parametrize("snapped", [False, True])
def test_poses_are_those_of_the_reference(name, grid, snapped):
    heads, one = pose_pairs(name, grid)
    if not snapped:
        heads, one = heads[:4], one[:4]
    k = min(50, grid[0] * grid[1])
    rule = KeypointRule(pairs=PAIRS, refinement=Refinement(candidates=k))
    found = cd.decode_poses(*ordered(*heads), top_k=k, keypoint_rule=rule, flip=True, **SCORES)
    for image, rows in zip(found, oracle_centernet.multi_pose_decode(*one, K=k), strict=True):
        rows = rows[rows[:, 4] > 0]
        assert_same((image.scores,), (rows[:, 4],))
        np.testing.assert_allclose(image.xyxy, rows[:, :4] * 4, rtol=1e-5, atol=1e-4)
        joints = rows[:, 5:-1].reshape(len(rows), JOINTS, 2) * 4
        np.testing.assert_allclose(image.keypoints, joints, rtol=1e-5, atol=1e-4, strict=True)


@pytest.mark.parametrize("order", ["interleaved", "planar"])
@pytest.mark.parametrize("axes", ["xy", "yx"])
@pytest.mark.parametrize("frame", ["cell", "box"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("single", [False, True])
def test_every_way_to_store_keypoints(order, axes, frame, layout, single):
    heads, one = pose_pairs("noise", (9, 14))
    one[2] = merging.merge_keypoints(heads[2], PAIRS, order, axes, frame)
    rule = KeypointRule(order=order, axes=axes, frame=frame, pairs=PAIRS, single=single)
    options = SCORES | {"keypoint_rule": rule, "layout": layout}
    if single:  # its center is not always the strongest, and may be too weak
        options["score_threshold"] = 0.8
    given, truth = (
        [channels_last(head) if layout == "NHWC" else head for head in ordered(*some)]
        for some in (heads, one)
    )
    found, expected = (
        cd.decode_poses(*given, flip=True, **options),
        cd.decode_poses(*truth, **options),
    )
    assert len(found) == len(expected) == 2
    assert single or all(len(image) > 5 for image in found)
    for ours, theirs in zip(found, expected, strict=True):
        assert_same(arrays_of(ours), arrays_of(theirs))
        assert_same((ours.keypoint_scores,), (theirs.keypoint_scores,))
        np.testing.assert_allclose(ours.keypoints, theirs.keypoints, rtol=1e-5, atol=1e-5)


def test_a_single_pose_is_looked_for_in_cells_below_the_threshold_too():
    rule = KeypointRule(single=True, pairs=())
    heat = np.zeros((2, 1, 9, 9), np.float32)
    heat[:, 0, 4, 4], heat[0, 0, 0, 0], heat[1, 0, 0, 8] = 0.6, 0.9, 0.9
    zeros = np.zeros((2, 2, 9, 9), np.float32)
    options = {"keypoint_rule": rule, "activation": "none", "flip": True}
    given = heat, None, None, zeros, np.full((2, 1, 9, 9), 0.01, np.float32)
    assert len(cd.decode_poses(*given, score_threshold=0.7, **options)[0]) == 0
    (found,) = cd.decode_poses(*given, score_threshold=0.5, **options)
    np.testing.assert_allclose(found.scores, [0.6])
    np.testing.assert_allclose(found.keypoint_scores, [[0.01]])


def test_keypoint_heatmaps_may_be_logits_of_their_own():
    heads, one = pose_pairs("noise", (9, 14))
    logits = [np.log(head / (1 - head)) for head in (heads[0], heads[4])]
    one[4] = merging.merge_scores(logits[1], "sigmoid", PAIRS)
    rule = KeypointRule(pairs=PAIRS, heatmap_activation="sigmoid")
    given = [*ordered(*heads)[:4], logits[1], heads[5]]
    found = cd.decode_poses(*given, keypoint_rule=rule, flip=True, **SCORES)
    expected = cd.decode_poses(*ordered(*one), **SCORES)
    for ours, theirs in zip(found, expected, strict=True):
        assert_same((ours.keypoints, ours.scores), (theirs.keypoints, theirs.scores))
        assert_same((ours.keypoint_scores,), (theirs.keypoint_scores,))
        assert len(ours) > 5
    family = cd.families.CENTERNET_POSE.replace(activation="none", keypoints=rule)
    decoder = cd.Decoder(family, flip=True, plateaus="keep", score_threshold=1e-9)
    for ours, theirs in zip(decoder(given), expected, strict=True):
        assert_same(
            (ours.keypoints, ours.keypoint_scores), (theirs.keypoints, theirs.keypoint_scores)
        )


def test_centerface_landmarks_and_logarithms_are_averaged():
    rng = np.random.default_rng(5)
    grid = 12, 17
    scores = rng.random((2, 1, *grid))
    scores[..., :3] = scores[..., -3:] = scores[..., :3, :] = scores[..., -3:, :] = 0
    heads = [scores, *(rng.normal(0, 0.4, (2, n, *grid)) for n in (2, 2, 10))]
    heads = [np.asarray(head, np.float32) for head in heads]
    one = [
        merging.merge_scores(heads[0]),
        merging.merge_sizes(heads[1]),
        merging.images_of(heads[2]),
        merging.merge_keypoints(heads[3], ((0, 1), (3, 4)), "interleaved", "yx", "box"),
    ]
    options = {"window": 1, "top_k": 10**6, "plateaus": "keep", "flip": True}
    (found,) = cd.decode_faces(*heads, **options)
    dets, landmarks = oracle_faces.decode(*one, (48, 68), 0.5)
    assert len(dets) > 5
    assert_same((found.scores,), (dets[:, 4],))
    np.testing.assert_allclose(found.xyxy, dets[:, :4], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.keypoints.reshape(-1, 10), landmarks, rtol=1e-5, atol=1e-4)
    (bare,) = cd.decode_faces(*heads[:3], **options)
    assert_same((bare.xyxy,), (found.xyxy,))


def test_tasks_have_left_and_right_of_their_own():
    (heat, wh, kps, reg, hm_hp, hp_offset), one = pose_pairs("noise", (9, 14))
    heat = np.hstack([heat, heat[:, :, ::-1]])
    one[0] = merging.merge_scores(heat)
    rules = KeypointRule(pairs=PAIRS), KeypointRule(pairs=((0, 4),), order="planar")
    other = [
        merging.merge_keypoints(kps, ((0, 4),), "planar"),
        merging.merge_scores(hm_hp, pairs=((0, 4),)),
    ]
    tasks = [cd.KeypointTask(class_id=i, rule=rule) for i, rule in enumerate(rules)]
    depth = np.random.default_rng(2).random((4, 1, 9, 14)).astype(np.float32)
    mine = (kps, hm_hp, hp_offset, depth)
    given = [(task, *mine) for task in tasks]
    truth = [
        (tasks[0], one[2], one[4], one[5], depth[::2]),
        (tasks[1], *other, one[5], depth[::2]),
    ]
    found = cd.decode_poses(heat, wh, reg, None, tasks=given, flip=True, **SCORES)
    expected = cd.decode_poses(one[0], one[1], one[3], None, tasks=truth, **SCORES)
    for ours, theirs in zip(found, expected, strict=True):
        assert set(ours.class_ids) == {0, 1}
        assert_same(arrays_of(ours), arrays_of(theirs))
        assert_same(
            (ours.keypoints, ours.keypoint_scores), (theirs.keypoints, theirs.keypoint_scores)
        )
        depths = [image.extras["keypoint_depths"] for image in (ours, theirs)]
        np.testing.assert_array_equal(*depths)
    family = cd.families.CENTERNET.replace(
        decoder="pose_tasks", activation="none", keypoint_tasks=dict(zip("ab", tasks, strict=True)),
        heads={"heatmap": ("hm",), "wh": ("wh",), "offset": ("reg",)} | {
            f"{name}/{head}": (f"{name}/{head}",)
            for name in "ab"
            for head in ("keypoints", "keypoint_heatmap", "keypoint_offset", "keypoint_depth")
        },
    )  # fmt: skip
    decoder = cd.Decoder(family, flip=True, plateaus="keep", score_threshold=1e-9)
    for ours, theirs in zip(decoder([heat, wh, reg, *mine, *mine]), found, strict=True):
        assert_same(
            (ours.keypoints, ours.keypoint_scores), (theirs.keypoints, theirs.keypoint_scores)
        )


BODY = "eye ear shoulder elbow wrist hip knee ankle"
COCO = ["nose", *(f"{side} {part}" for part in BODY.split() for side in ("left", "right"))]
FACE = ["left eye", "right eye", "nose", "left mouth", "right mouth"]


@pytest.mark.parametrize("names", [COCO, FACE], ids=["coco", "face"])
def test_left_and_right_change_places(names):
    keypoints = np.zeros((2, 2 * len(names), 1, 3), np.float32)
    keypoints[1, ::2, 0, 1] = np.arange(len(names))  # x in the mirror image
    heat, wh = np.float32([[[[0, 9, 0]]]] * 2), np.ones((2, 2, 1, 3), np.float32)
    rule = KeypointRule(pairs=cd.families.CENTERFACE.keypoints.pairs if names is FACE else None)
    (found,) = cd.decode_poses(heat, wh, None, keypoints, flip=True, stride=2, keypoint_rule=rule)
    other = {"left": "right", "right": "left"}
    seen = [" ".join(other.get(word, word) for word in name.split()) for name in names]
    assert found.keypoints[0, :, 0].tolist() == [2 - names.index(name) for name in seen]
    assert cd.families.DBFACE.keypoints.pairs == cd.families.CENTERFACE.keypoints.pairs


HEADS = {"heatmap": 2, "wh": 2, "offset": 2, "keypoints": 10, "keypoint_heatmap": 5}


@pytest.mark.parametrize(("changes", "message"), [
    ({}, "pairs of keypoint_rule must be given where flip, as is known only of 17 keypoints which"),
    ({"heatmap": np.zeros((3, 2, 4, 5), "f4")},
     "heatmap must hold an even batch where flip, each image followed by its mirror image, got"),
    ({"wh": np.zeros((2, 4, 4, 5), "f4"), "offset": None, "box_encoding": "ltrb",
      "box_activation": "exp", "center_shift": 0},
     "center_shift must be 0.5 where flip, without offset, as box_activation is"),
    ({"wh": np.zeros((2, 4, 4, 5), "f4"), "box_encoding": "corners", "box_activation": "relu"},
     'box_activation must be "none" where flip and box_encoding "corners"'),
    ({"wh": np.zeros((2, 4, 5), "f4")}, "wh must hold an even batch where flip"),
    ({"keypoint_rule": KeypointRule(pairs=((0, 5),))},
     "pairs of keypoint_rule must be of the 5 keypoints, got (0, 5)"),
    ({"keypoint_rule": KeypointRule(frame="box", activation="signed_exp", pairs=())},
     'keypoint_rule must have activation "none" where flip and frame "box", got'),
    ({"keypoints": np.zeros((2, 5, 4, 5), "f4"), "keypoint_rule": KeypointRule(pairs=())},
     "keypoints must have an even number of channels, got float32 (2, 5, 4, 5)"),
    ({"offset": np.zeros((4, 2, 4, 5), "f4"), "keypoint_rule": KeypointRule(pairs=())},
     "offset must have the batch and grid of heatmap"),
    ({"offset": np.zeros((3, 2, 4, 5), "f4"), "keypoint_rule": KeypointRule(pairs=())},
     "offset must hold an even batch where flip"),
], ids=str)  # fmt: skip
def test_refuses(changes, message):
    heads = {name: np.zeros((2, count, 4, 5), "f4") for name, count in HEADS.items()}
    cd.decode_poses(**heads, flip=True, keypoint_rule=KeypointRule(pairs=()))
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.decode_poses(**heads | changes, flip=True)


@pytest.mark.parametrize(("pairs", "error", "message"), [
    (((0, 1, 2),), ValueError, "pairs must be of two keypoints each"),
    ((0, 1), ValueError, "pairs must be of two keypoints each"),
    (((0, 1), (1, 2)), ValueError, "pairs must not have a keypoint twice"),
    (((0, 0),), ValueError, "pairs must not have a keypoint twice"),
    (((0, -1),), ValueError, "pairs must be at least 0, got -1"),
    (((0, 0.5),), TypeError, "pairs must be a whole number, got 0.5"),
])  # fmt: skip
def test_pairs_without_meaning_are_refused(pairs, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        KeypointRule(pairs=pairs)


def test_pairs_are_part_of_a_family_and_survive_json():
    family = cd.families.CENTERFACE
    assert family.keypoints.pairs == ((0, 1), (3, 4))
    again = cd.Family.from_json(family.to_json())
    assert again == family
    assert again.keypoints.pairs == ((0, 1), (3, 4))
    lists = KeypointRule(pairs=[[1, 0]])
    assert lists == KeypointRule(pairs=((1, 0),))
    assert len({*itertools.chain(*family.keypoints.pairs)}) == 4
