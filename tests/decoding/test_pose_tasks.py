"""Several keypoint tasks in one call, and depths of keypoints, as TensorFlow has them."""

import dataclasses
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import Extra, KeypointRule, KeypointTask, Refinement, families
from oracles.tf import boxes as tf
from oracles.tf.tasks import TASK, keypoints_of
from support import models
from support.heads import ELEMENT_TYPES, meaning, store

GRID = (9, 14)
REFINEMENT = families.TF_POSE.keypoints.refinement
# Tasks as (class, columns, keypoints, the options of each side).
TASKS = {
    "person": (2, (0, 3, 1), {}, {}),
    "face": (0, (2, 5), {"box_scale": 2.0, "candidate_search_scale": 0.9},
             {"box_scale": 2.0, "search_scale": 0.9}),
    "cat": (1, None,
            {"candidate_ranking_mode": "score_distance_ratio", "num_candidates_per_keypoint": 5},
            {"ranking": "score_distance_ratio", "candidates": 5}),
}  # fmt: skip


def heads_of(tasks=TASKS, *, depth=None, fill="noise", seed=1):
    """Return a model's NHWC heads by upstream's names; depth: the channels, "shared" or "own"."""
    rng = np.random.default_rng([seed, len(tasks)])
    channels = {"object_center": 3, "box/scale": 2, "box/offset": 2}
    for name, (_, columns, *_) in tasks.items():
        count = 4 if columns is None else len(columns)
        channels |= {f"{name}/keypoint/heatmap": count, f"{name}/keypoint/regression": 2 * count}
        channels[f"{name}/keypoint/offset"] = 2 * count if name == "face" else 2
        if depth is not None:
            channels[f"{name}/keypoint/depth"] = 1 if depth == "shared" else count
    heads = {name: rng.normal(0, 2, (2, *GRID, n)) for name, n in channels.items()}
    heads["box/scale"] *= 4
    if fill == "plateaus":
        for name in ("object_center", *(f"{task}/keypoint/heatmap" for task in tasks)):
            heads[name] = np.round(heads[name])
    if fill == "one class":
        heads["object_center"][..., :2] = -99
    return {name: head.astype(np.float32) for name, head in heads.items()}


def rule_of(options):
    return KeypointRule(refinement=dataclasses.replace(REFINEMENT, **options))


def task_of(name):
    class_id, columns, _, options = TASKS[name]
    return KeypointTask(class_id=class_id, indices=columns, rule=rule_of(options))


def truth_of(heads, tasks=TASKS):
    """Return what upstream finds: classes, keypoints as pixels with x first, scores, depths.

    Boxes are as they were before upstream clipped them to the grid.
    """
    params = {
        name: {**TASK, "class_id": class_id, "keypoint_indices": columns,
               "score_distance_offset": 1.0, **options}
        for name, (class_id, columns, options, _) in tasks.items()
    }  # fmt: skip
    scores, ys, xs, classes = tf.top_k_feature_map_locations(tf.sigmoid(heads["object_center"]))
    boxes = tf.prediction_tensors_to_boxes(
        ys, xs, heads["box/scale"], heads["box/offset"], clip=False
    )
    counts = (scores > 0).sum(axis=1)
    keypoints, *others = keypoints_of(heads, params, ys, xs, boxes, classes, counts)
    return counts, classes, keypoints[..., ::-1] * 4, *others


def assert_right(images, truth):
    """Assert that detections have upstream's classes, keypoints, scores and depths."""
    counts, classes, keypoints, scores, depths = truth
    for b, image in enumerate(images):
        n = len(image)
        assert n == counts[b] > 9
        np.testing.assert_array_equal(image.class_ids, classes[b, :n])
        np.testing.assert_allclose(image.keypoints, keypoints[b, :n], 1e-5, 1e-4, strict=True)
        np.testing.assert_allclose(image.keypoint_scores, scores[b, :n], 1e-5, strict=True)
        assert ("keypoint_depths" in image.extras) == (depths is not None)
        if depths is not None:
            found = image.extras["keypoint_depths"]
            np.testing.assert_array_equal(found, depths[b, :n], strict=True)


FAMILY = families.TF_CENTERNET.replace(
    name="SEVERAL",
    decoder="pose_tasks",
    heads={
        **{head: families.TF_CENTERNET.heads[head][:1] for head in ("heatmap", "wh", "offset")},
        **{
            f"{task}/{head}": (f"{task}/keypoint/{upstream}",)
            for task in TASKS
            for head, upstream in {
                "keypoints": "regression",
                "keypoint_heatmap": "heatmap",
                "keypoint_offset": "offset",
                "keypoint_depth": "depth",
            }.items()
        },
    },
    optional=tuple(f"{task}/keypoint_depth" for task in TASKS),
    keypoint_tasks={task: task_of(task) for task in TASKS},
    extras={"centers": Extra(frame="cell")},
)
ALL = {"score_threshold": 0.0, "plateaus": "keep"}


@pytest.mark.parametrize("fill", ["noise", "plateaus", "one class"])
@pytest.mark.parametrize("depth", [None, "shared", "own"])
def test_a_family_of_several_tasks(fill, depth):
    heads = heads_of(fill=fill, depth=depth)
    found = cd.Decoder(FAMILY, **ALL)(heads)
    assert_right(found, truth_of(heads))
    assert found[0].keypoints.shape[1] == 6
    peaks = cd.find_peaks(heads["object_center"], layout="NHWC", **ALL)[1]
    np.testing.assert_array_equal(found[1].extras["centers"], 4 * np.stack([peaks.xs, peaks.ys], 1))


def arrays_for(heads, tasks):
    """Return the option tasks= of decode_poses."""
    suffixes = ("regression", "heatmap", "offset", "depth")
    return [
        (task_of(name), *(heads.get(f"{name}/keypoint/{suffix}") for suffix in suffixes))
        for name in tasks
    ]


TF = {"axes": "yx", "box_activation": "relu", "layout": "NHWC"}


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("names", [["person"], ["face", "person"], list(TASKS)], ids=str)
@pytest.mark.parametrize("depth", [None, "own"])
def test_a_function_of_several_tasks(names, element_type, depth):
    heads = {name: store(head, element_type) for name, head in heads_of(depth=depth).items()}
    tasks = {name: TASKS[name] for name in names}
    truth = truth_of({name: meaning(head, element_type) for name, head in heads.items()}, tasks)
    boxes = [heads[name] for name in ("object_center", "box/scale", "box/offset")]
    options = {**TF, **ALL, "element_type": element_type, "tasks": arrays_for(heads, names)}
    found = cd.decode_poses(*boxes, None, **options)
    assert_right(found, truth)
    one = {name: head[1] for name, head in heads.items()}
    options["tasks"] = arrays_for(one, names)
    alone = cd.decode_poses(*(head[1] for head in boxes), None, **options)
    np.testing.assert_array_equal(alone.keypoints, found[1].keypoints)


@pytest.mark.parametrize("depth", ["shared", "own"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_depths_of_keypoints(depth, layout):
    tasks = {"person": (0, None, {}, {})}
    heads = heads_of(tasks, depth=depth)
    heads["object_center"] = heads["object_center"][..., :1]
    truth = truth_of(heads, tasks)
    if layout == "NCHW":
        heads = {name: np.moveaxis(head, 3, 1) for name, head in heads.items()}
    found = cd.Decoder(families.TF_POSE.replace(layout=layout), **ALL)(heads)
    assert_right(found, truth)
    depths = found[0].extras["keypoint_depths"]
    assert 0 < np.count_nonzero(depths) < depths.size


def test_the_depth_of_a_single_pose_is_that_of_its_cells():
    heat = np.full((1, 6, 8), -9, np.float32)
    heat[0, 3, 4] = 3
    joints = np.full((2, 6, 8), -9, np.float32)
    joints[0, 1, 2] = joints[1, 5, 7] = 3
    depth = np.arange(96, dtype=np.float32).reshape(2, 6, 8)
    kps = np.zeros((4, 6, 8), np.float32)
    found = cd.decode_poses(heat, None, None, kps, joints, keypoint_depth=depth,
                            keypoint_rule=KeypointRule(single=True))  # fmt: skip
    assert found.extras["keypoint_depths"].tolist() == [[depth[0, 1, 2], depth[1, 5, 7]]]


def test_tasks_are_placed_and_what_has_no_keypoint_is_zero():
    heads = heads_of({"face": TASKS["face"]})
    boxes = [heads[name] for name in ("object_center", "box/scale", "box/offset")]
    options = {**TF, "tasks": arrays_for(heads, ["face"])}
    plain = cd.decode_poses(*boxes, None, **options)[0]
    moved = cd.decode_poses(*boxes, None, **options, transform=[[2, 0, 5], [0, 3, -7]])[0]
    faces = plain.class_ids == 0
    assert 0 < faces.sum() < len(plain)
    expected = np.zeros_like(plain.keypoints)
    own = np.ix_(faces, [2, 5])
    expected[own] = plain.keypoints[own] * [2, 3] + [5, -7]
    np.testing.assert_allclose(moved.keypoints, expected, 1e-5, 1e-4)
    assert plain.keypoint_scores[~faces].max() == 0 < plain.keypoint_scores[own].min()
    thin = cd.decode_poses(*boxes, None, **options, nms=cd.NMS(iou_threshold=0.05))[0]
    assert 0 < len(thin) < len(plain)
    assert thin.keypoints.shape == (len(thin), 6, 2)
    none = cd.decode_poses(*boxes, None, **options, score_threshold=2)[0]
    assert none.keypoints.shape == (0, 6, 2)


def test_unmatched_keypoints_take_the_score_of_their_detection():
    heat = np.full((2, 4, 5), -9, np.float32)
    heat[0, 1, 1], heat[1, 2, 3] = 2, 1
    boxes = np.ones((2, 4, 5), np.float32)
    kps = np.full((4, 4, 5), 0.5, np.float32)
    found = cd.decode_poses(heat, boxes, None, None, tasks=[(KeypointTask(class_id=1), kps)])
    assert found.keypoint_scores.tolist() == [[0, 0], [found.scores[1]] * 2]
    assert found.keypoints.tolist() == [[[0, 0]] * 2, [[14, 10]] * 2]


def test_a_detector_of_a_family_with_tasks():
    heads = {f"{name}:0": head[:1] for name, head in heads_of(depth="own").items()}
    detector = cd.Detector(models.constant(heads), family=FAMILY, resize="stretch", **ALL)
    image = np.zeros((*models.NETWORK, 3), np.uint8)
    found = detector(image)
    direct = cd.Decoder(FAMILY, **ALL)(heads)[0]
    np.testing.assert_array_equal(found.class_ids, direct.class_ids)
    np.testing.assert_allclose(found.keypoints, direct.keypoints, 1e-5, 1e-4)


def test_tasks_survive_json():
    again = cd.Family.from_json(FAMILY.to_json())
    assert again == FAMILY
    assert again.keypoint_tasks["person"].indices == (0, 3, 1)
    assert again.keypoint_tasks["cat"].rule.refinement.candidates == 5


BOXES = (np.zeros((3, 4, 5), "f4"), np.zeros((2, 4, 5), "f4"), None)
KPS = np.zeros((4, 4, 5), np.float32)
OWN = KeypointTask()


@pytest.mark.parametrize(("tasks", "error", "message"), [
    ([], ValueError, "tasks must be one at least, got none"),
    ([OWN], TypeError, "tasks must be tuples of a KeypointTask and its heads, got Keyp"),
    ([(OWN,)], TypeError, "tasks must be tuples of a KeypointTask and its heads, got (Keyp"),
    ([(KPS, OWN)], TypeError, "tasks must begin with a KeypointTask, got array"),
    ([(KeypointTask(indices=(1,)), KPS)], ValueError, "indices must be one for each keypoint, got"),
    ([(OWN, KPS[:3])], ValueError, "keypoints must have an even number of channels"),
    ([(OWN, KPS, None, KPS[:2])], ValueError, "keypoint_heatmap must be given with a keypoint_o"),
    ([(OWN, KPS, None, None, KPS[:2])], ValueError, "keypoint_heatmap must be given with a keyp"),
    ([(OWN, KPS, KPS[:2], None, KPS[:3])], ValueError, "keypoint_depth must have 2 channels (one"),
])  # fmt: skip
def test_refuses_tasks(tasks, error, message):
    with pytest.raises(error, match=r"^" + re.escape(message)):
        cd.decode_poses(*BOXES, None, tasks=tasks)


def test_refuses_what_is_no_task():
    with pytest.raises(ValueError, match=r"^keypoints must be None where tasks are given"):
        cd.decode_poses(*BOXES, KPS, tasks=[(OWN, KPS)])
    with pytest.raises(TypeError, match=r"^wh must be"):
        cd.decode_poses(BOXES[0], None, None, None, tasks=[(OWN, KPS)])
    with pytest.raises(ValueError, match=r"^class_id must be at least 0"):
        KeypointTask(class_id=-1)
    with pytest.raises(ValueError, match=r"^indices must differ, got \[1, 1\]"):
        KeypointTask(indices=(1, 1))
    with pytest.raises(TypeError, match=r"^rule must be a KeypointRule, got"):
        KeypointTask(rule=Refinement())
    with pytest.raises(TypeError, match=r"^keypoint_tasks must map names to KeypointTasks, got"):
        families.TF_POSE.replace(keypoint_tasks={"person": KeypointRule()})
