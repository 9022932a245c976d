"""scales= puts together what is found at several test scales, and flip= what mirrors show."""

import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import KeypointRule, Refinement
from oracles import centernet as oracle_centernet
from oracles import merging
from oracles import nms as oracle_nms
from oracles import specification as oracle
from support.heads import arrays_of, assert_same
from support.inputs.extreme import RAW, truth_of
from support.inputs.extreme import make_heads as extreme_heads
from support.inputs.scales import GRIDS, SCALES, box_heads, lists_of
from support.poses import JOINTS, ordered, pose_heads

MATRIX = np.array([[2, 0, 7], [0, 0.5, -3]])
SCORES = {"activation": "none", "plateaus": "keep", "score_threshold": 0.2}


def rows_of(xyxy, scores, class_ids, *more):
    """Return arrays of detections as rows of box, score, class and what there is more."""
    n = len(scores)
    return np.hstack([xyxy, scores[:, None], class_ids[:, None], *(m.reshape(n, -1) for m in more)])


def assert_rows(found, rows):
    """Assert that detections are rows [box, score, class, keypoints], scores within rounding."""
    assert len(found) == len(rows) > 0
    np.testing.assert_array_equal(found.class_ids, rows[:, 5])
    np.testing.assert_allclose(found.scores, rows[:, 4], rtol=1e-5)
    np.testing.assert_allclose(found.xyxy, rows[:, :4], rtol=1e-5, atol=1e-4)
    if rows.shape[1] > 6:
        points = rows[:, 6:].reshape(len(rows), -1, 2)
        np.testing.assert_allclose(found.keypoints, points, rtol=1e-5, atol=1e-4)


def box_truth(scaled, image, max_per_image=100, **options):
    """Return the rows that the oracle finds at all scales."""
    parts = []
    for heads, scale in zip(scaled, SCALES, strict=True):
        found = oracle.decode_boxes(*(head[image] for head in heads), **SCORES, **options)
        parts.append(rows_of(found[0] / np.float32(scale), *found[1:]))
    return merging.merge_rows(parts, 5, max_per_image)


@pytest.mark.parametrize("top_k", [5, 30, 100])
def test_boxes_of_all_scales_are_thinned_together(top_k):
    scaled = box_heads()
    found = cd.decode_boxes(*lists_of(scaled), scales=SCALES, top_k=top_k, **SCORES)
    plain = [cd.decode_boxes(*heads, top_k=top_k, **SCORES) for heads in scaled]
    for i, image in enumerate(found):
        assert_rows(image, box_truth(scaled, i, top_k, top_k=top_k))
        assert len(image) <= top_k < sum(len(one[i]) for one in plain)


def test_flipped_scales():
    scaled = box_heads(images=4)
    found = cd.decode_boxes(*lists_of(scaled), scales=SCALES, flip=True, **SCORES)
    merged = [
        [merging.merge_scores(heatmap), merging.merge_sizes(wh), merging.images_of(offset)]
        for heatmap, wh, offset in scaled
    ]
    assert len(found) == 2
    for i, image in enumerate(found):
        assert_rows(image, box_truth(merged, i))


def test_one_image_is_one_result():
    scaled = [[head[0] for head in heads] for heads in box_heads()]
    found = cd.decode_boxes(*lists_of(scaled), scales=SCALES, **SCORES)
    batch = cd.decode_boxes(*lists_of(box_heads()), scales=SCALES, **SCORES)
    assert_same(arrays_of(found), arrays_of(batch[0]))


def test_a_transform_of_a_scale_is_taken_as_it_is():
    scaled = box_heads()
    plain = cd.decode_boxes(*lists_of(scaled), scales=SCALES, clip=(60, 70), **SCORES)
    halves = [np.diag([1 / scale] * 3)[:2] for scale in SCALES]
    for given in (halves, [halves[0], None, None], np.array(halves)):
        found = cd.decode_boxes(
            *lists_of(scaled), scales=SCALES, transform=given, clip=(60, 70), **SCORES
        )
        for ours, theirs in zip(found, plain, strict=True):
            assert_same(arrays_of(ours), arrays_of(theirs))
    single = cd.decode_boxes(*scaled[1], transform=MATRIX, **SCORES)
    one = cd.decode_boxes(*lists_of(scaled[1:2]), scales=[1.5], transform=[MATRIX], **SCORES)
    for ours, theirs in zip(one, single, strict=True):
        assert_same(arrays_of(ours), arrays_of(theirs))


def test_one_scale_is_not_thinned_and_nms_is_a_choice():
    scaled = box_heads()
    alone = cd.decode_boxes(*lists_of(scaled[:1]), scales=[0.5], **SCORES)
    plain = cd.decode_boxes(*scaled[0], **SCORES)
    assert [len(image) for image in alone] == [len(image) for image in plain]
    assert_same((alone[0].xyxy,), (plain[0].xyxy * np.float32(2),))
    lists = lists_of(scaled)
    hard = cd.decode_boxes(*lists, scales=SCALES, nms="hard", top_k=1000, **SCORES)
    for i, image in enumerate(hard):
        parts = []
        for heads, scale in zip(scaled, SCALES, strict=True):
            boxes, scores, ids = oracle.decode_boxes(
                *(head[i] for head in heads), top_k=1000, **SCORES
            )
            parts.append(rows_of(boxes / np.float32(scale), scores, ids))
        rows = np.concatenate(parts)
        assert_rows(image, rows[oracle_nms.nms_per_class(rows[:, :4], rows[:, 4], rows[:, 5], 0.5)])


def test_max_per_class_holds_for_all_scales():
    scaled = box_heads()
    found = cd.decode_boxes(*lists_of(scaled), scales=SCALES, max_per_class=3, **SCORES)
    for image in found:
        assert sorted(image.class_ids) == [0, 0, 0, 1, 1, 1]


def test_extras_and_tasks_of_all_scales_come_with_their_boxes():
    scaled = [pose_heads("noise", grid, seed=i) for i, grid in enumerate(GRIDS)]
    names = np.arange(len(GRIDS), dtype=np.float32)
    ids = [np.full((2, 1, *grid), name) for grid, name in zip(GRIDS, names, strict=True)]
    heat, wh, kps, reg, hm_hp, hp_offset = lists_of(scaled)
    wh = [2 + abs(head) for head in wh]
    task = cd.KeypointTask(rule=KeypointRule(refinement=Refinement(candidates=9)))
    options = {"scales": SCALES, "extras": {"scale": ids}, **SCORES}
    own = (kps, hm_hp, hp_offset)
    plain = cd.decode_poses(heat, wh, reg, *own, keypoint_rule=task.rule, **options)
    found = cd.decode_poses(heat, wh, reg, None, tasks=[(task, *own)], **options)
    for ours, theirs in zip(found, plain, strict=True):
        assert_same(arrays_of(ours), arrays_of(theirs))
        assert_same((ours.keypoints,), (theirs.keypoints,))
        assert set(ours.extras["scale"]) == {0, 1, 2}
        for i in range(len(GRIDS)):
            of_scale = ours[ours.extras["scale"] == i]
            heads = [head[i] for head in (heat, wh, reg)]
            truth = [cd.decode_boxes(*heads, top_k=999, **SCORES)]
            boxes = np.concatenate([image.xyxy for image in truth[0]]) / np.float32(SCALES[i])
            far = np.abs(of_scale.xyxy[:, None] - boxes).max(axis=2).min(axis=1)
            assert far.max() < 1e-3


def test_poses_of_all_scales_carry_their_keypoints():
    scaled = [pose_heads("noise", grid, seed=i) for i, grid in enumerate(GRIDS)]
    for heads in scaled:
        heads[1][:] = 2 + abs(heads[1])
    lists = lists_of([ordered(*heads) for heads in scaled])
    options = SCORES | {"score_threshold": 0}
    options["keypoint_rule"] = KeypointRule(refinement=Refinement(candidates=40))
    found = cd.decode_poses(*lists, scales=SCALES, top_k=40, **options)
    for i, image in enumerate(found):
        parts = []
        for heads, scale in zip(scaled, SCALES, strict=True):
            rows = oracle_centernet.multi_pose_decode(*heads, K=40)[i]
            rows = rows[rows[:, 4] > 0]
            points = rows[:, 5:-1] * 4 / scale
            parts.append(np.hstack([rows[:, :4] * 4 / scale, rows[:, 4:5], rows[:, -1:], points]))
        assert_rows(image, merging.merge_rows(parts, 5, 40))
        assert image.keypoint_scores.shape == (len(image), JOINTS)


def test_faces_of_all_scales_are_thinned_by_their_own_nms():
    scaled = [[*heads, np.zeros((2, 10, *grid), "f4")] for heads, grid in zip(
        box_heads(classes=1), GRIDS, strict=True
    )]  # fmt: skip
    options = {"scales": SCALES, "box_activation": "none", "axes": "xy"}
    found = cd.decode_faces(*lists_of(scaled), **options)
    bare = cd.decode_faces(*lists_of([heads[:3] for heads in scaled]), **options)
    everything = [
        cd.decode_faces(*heads, nms=None, box_activation="none", axes="xy") for heads in scaled
    ]
    for i, image in enumerate(found):
        parts = [one[i].xyxy / np.float32(s) for one, s in zip(everything, SCALES, strict=True)]
        scores = np.concatenate([one[i].scores for one in everything])
        kept = cd.families.CENTERFACE.nms(
            cd.Detections(np.concatenate(parts), scores, np.zeros(len(scores), np.int32))
        )
        assert_same((image.scores, bare[i].scores), (kept.scores, kept.scores))
        np.testing.assert_allclose(image.keypoints[:, 0], image.xyxy[:, :2], rtol=1e-6)


def extreme_rows(heads, offsets, scale=1.0, mirrored=()):
    """Return for each image the oracle's rows [box, score, class, points], in input pixels."""
    found = []
    for i, rows in enumerate(truth_of(heads, offsets)):
        if i in mirrored:
            rows = merging.turn_extreme_rows(rows, heads[0].shape[3])
        rows = rows.astype(float) / ([scale] * 4 + [1] + [scale] * 8 + [1])
        found.append(np.hstack([rows[:, :5], rows[:, 13:], rows[:, 5:13]]))
    return found


@pytest.mark.parametrize("offsets_too", [True, False])
def test_extreme_points_of_mirror_images_are_turned_back(offsets_too):
    heads, offsets = extreme_heads(batch=4, seed=5, grid=(8, 11))
    offsets = offsets if offsets_too else []
    found = cd.decode_extreme_points(*heads, *offsets, **RAW, top_k=6, flip=True)
    rows = extreme_rows(heads, offsets, mirrored=(1, 3))
    assert len(found) == 2
    for i, image in enumerate(found):
        assert_rows(image, merging.merge_rows(rows[2 * i : 2 * i + 2], 5, 1000))
        whole = (image.keypoint_scores.sum(1) + 2 * image.extras["center_score"]) / 6
        assert (image.scores <= whole * 1.00001).all()
        assert (image.scores == np.float32(whole)).any() or len(image) == 0


def test_extreme_points_of_all_scales():
    scaled = [extreme_heads(batch=2, seed=i, grid=(8, 11)) for i in range(3)]
    lists = lists_of([[*heads, *offsets] for heads, offsets in scaled])
    (found,) = cd.decode_extreme_points(
        *lists, **RAW, top_k=6, scales=SCALES, flip=True, max_detections=20
    )
    parts = []
    for (heads, offsets), scale in zip(scaled, SCALES, strict=True):
        parts += [rows[:20] for rows in extreme_rows(heads, offsets, scale, mirrored=(1,))]
    assert_rows(found, merging.merge_rows(parts, 5, 20))


@pytest.mark.parametrize(("changes", "message"), [
    ({"scales": []}, "scales must be positive, got []"),
    ({"scales": [1, 0]}, "scales must be positive, got [1.0, 0.0]"),
    ({"scales": [1, np.inf]}, "scales must be positive, got [1.0, inf]"),
    ({"scales": [1, np.nan]}, "scales must not be NaN"),
    ({"scales": [1]}, "heatmap must be a list of 1, one for each scale, got 3"),
    ({"wh": 5}, "wh must be a list of 3, one for each scale, got int"),
    ({"transform": MATRIX}, "transform must be a list of 3, one for each scale, got 2"),
    ({"heatmap": 1}, "heads must hold as many images at every scale, got [2, 1, 2]"),
], ids=str)  # fmt: skip
def test_refuses(changes, message):
    scaled = box_heads()
    if changes.pop("heatmap", None):
        scaled[1] = [head[:1] for head in scaled[1]]
    heads = dict(zip(("heatmap", "wh", "offset"), lists_of(scaled), strict=True))
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.decode_boxes(**{**heads, "scales": SCALES, **SCORES, **changes})
