"""decode_extreme_points finds what a look at all quadruples finds, without that look."""

import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from centerdecode.compat._shared import rank_quadruples
from centerdecode.families import ExtremeRule
from support.heads import ELEMENT_TYPES, channels_last, meaning, store
from support.inputs.extreme import FILLS, RAW, make_heads, noise, sparse, truth_of


def assert_rows(found, rows):
    """Assert that detections are rows [box, score, tx, ty, lx, ly, bx, by, rx, ry, class]."""
    np.testing.assert_array_equal(found.scores, rows[:, 4])
    np.testing.assert_array_equal(found.class_ids, rows[:, 13].astype(np.int32))
    np.testing.assert_allclose(found.xyxy, rows[:, :4], rtol=1e-5, atol=1e-6)
    points = rows[:, 5:13].reshape(-1, 4, 2)
    np.testing.assert_allclose(found.keypoints, points, rtol=1e-5, atol=1e-6)
    whole = (found.keypoint_scores.sum(1) + 2 * found.extras["center_score"]) / 6
    np.testing.assert_allclose(found.scores, whole, rtol=1e-5)


@pytest.mark.parametrize("class_agnostic", [False, True])
@pytest.mark.parametrize("weight", [0.0, 0.25])
@pytest.mark.parametrize("fill", FILLS)
def test_agrees_with_a_look_at_all(fill, weight, class_agnostic, isa):
    heads, offsets = make_heads(fill, seed=3)
    truth = truth_of(heads, offsets, class_agnostic=class_agnostic, aggr_weight=weight)
    for limit in (1, 7, 6**4):
        found = cd.decode_extreme_points(
            *heads, *offsets, **RAW, top_k=6, max_detections=limit,
            edge_aggregation=weight, class_agnostic=class_agnostic,
        )  # fmt: skip
        for ours, rows in zip(found, truth, strict=True):
            assert_rows(ours, rows[:limit])


@pytest.mark.parametrize("seed", range(3))
def test_looks_at_few_of_the_quadruples(seed):
    rng = np.random.default_rng(seed)
    side = [np.sort(rng.random(40).astype(np.float32))[::-1] for _ in range(4)]
    none = np.zeros(40, np.int32)
    # The hardest: every quadruple keeps the rules, and every cell is a center.
    edges = [(none, rng.permutation(40) + 40), (rng.permutation(40) + 40, none),
             (none + 119, rng.permutation(40) + 40), (rng.permutation(40) + 40, none + 119)]  # fmt: skip
    points = [
        (scores, none, ys.astype(np.int32), xs.astype(np.int32))
        for scores, (ys, xs) in zip(side, edges, strict=True)
    ]
    center = rng.random((1, 120, 120)).astype(np.float32)
    rule = ExtremeRule(point_threshold=0, center_threshold=0)
    *found, scored = rank_quadruples(points, center, rule, all_of_them=False)
    *truth, _ = rank_quadruples(points, center, rule, all_of_them=True)
    for ours, theirs in zip(found, truth, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert len(found[0]) == 1000
    assert scored < 40**4 / 10


def test_looks_at_none_where_geometry_forbids_all():
    scores, zeros = np.ones(40, np.float32), np.zeros(40, np.int32)
    below = (scores, zeros, zeros + 9, zeros)
    points = [below, *[(scores, zeros, zeros, zeros)] * 3]
    center = np.ones((1, 10, 10), np.float32)
    assert rank_quadruples(points, center, ExtremeRule(), all_of_them=False)[3] == 0


def test_logits_are_scores_before_the_sigmoid():
    heads, offsets = make_heads()
    logits = [np.log(head / (1 - head)) for head in heads]
    for weight in (0.0, 0.25):
        found = cd.decode_extreme_points(*logits, *offsets, edge_aggregation=weight)
        truth = cd.decode_extreme_points(
            *heads, *offsets, edge_aggregation=weight, activation="none"
        )
        for ours, theirs in zip(found, truth, strict=True):
            assert len(ours) == len(theirs) > 0
            np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-5)


@pytest.mark.parametrize("weight", [0.0, 0.25])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_type_and_layout(element_type, layout, weight):
    heads, offsets = make_heads(sparse, classes=1)
    stored = [store(head, element_type) for head in [*heads, *offsets]]
    wide = [meaning(head, element_type) for head in stored]
    if layout == "NHWC":
        stored = [channels_last(head) for head in stored]
    options = {**RAW, "edge_aggregation": weight}
    found = cd.decode_extreme_points(*stored, layout=layout, element_type=element_type, **options)
    truth = cd.decode_extreme_points(*wide, **options)
    for ours, theirs in zip(found, truth, strict=True):
        assert len(theirs) > 0
        np.testing.assert_array_equal(ours.xyxy, theirs.xyxy)
        np.testing.assert_array_equal(ours.scores, theirs.scores)


def test_strides_and_one_image():
    heads, offsets = make_heads(grid=(9, 7))
    turned = [np.asfortranarray(head)[::-1] for head in [*heads, *offsets]]
    batch = cd.decode_extreme_points(*turned, **RAW)
    alone = cd.decode_extreme_points(*[head[1] for head in [*heads, *offsets]], **RAW)
    np.testing.assert_array_equal(batch[0].xyxy, alone.xyxy)
    assert cd.decode_extreme_points(*[head[:0] for head in heads]) == []


def test_transform_and_clip():
    heads, offsets = make_heads(classes=1, batch=1)
    plain = cd.decode_extreme_points(*heads, *offsets, **RAW | {"stride": 4})[0]
    placed = cd.decode_extreme_points(
        *heads, *offsets, **RAW | {"stride": 4}, transform=[[2, 0, 3], [0, 0.5, -1]], clip=(9, 40)
    )[0]
    assert len(plain) > 3
    expected = plain.xyxy * [2, 0.5, 2, 0.5] + [3, -1, 3, -1]
    np.testing.assert_allclose(placed.xyxy, np.clip(expected, 0, [40, 9, 40, 9]), rtol=1e-5)
    np.testing.assert_allclose(placed.keypoints, plain.keypoints * [2, 0.5] + [3, -1], rtol=1e-5)


@pytest.mark.parametrize("class_agnostic", [False, True])
def test_classes(class_agnostic):
    heads, offsets = make_heads(classes=3, grid=(9, 9))
    options = {**RAW, "class_agnostic": class_agnostic}
    found = cd.decode_extreme_points(*heads, *offsets, **options, classes=[2, 0])
    heads[4][:, 1] = -1
    if not class_agnostic:
        for head in heads[:4]:
            head[:, 1] = -1
    truth = cd.decode_extreme_points(*heads, *offsets, **options)
    for ours, theirs in zip(found, truth, strict=True):
        np.testing.assert_array_equal(ours.scores, theirs.scores)
        assert set(ours.class_ids) <= {0, 2}


def test_nan_is_nothing():
    heads, offsets = make_heads(noise, classes=1, batch=1)
    truth = cd.decode_extreme_points(*heads, *offsets, **RAW)
    for head in heads:
        head[0, 0, 3, 4] = np.nan
    found = cd.decode_extreme_points(*heads, *offsets, **RAW)[0]
    assert 0 < len(found) != len(truth[0])
    assert np.isfinite(found.scores).all()


def test_the_family_reads_its_heads():
    heads, offsets = make_heads(classes=1, grid=(12, 12))
    named = dict(zip(families.EXTREMENET.heads, [*heads, *offsets], strict=True))
    outputs = {families.EXTREMENET.heads[head][0]: tensor for head, tensor in named.items()}
    family = families.EXTREMENET.replace(activation="none", nms=None)
    truth = cd.decode_extreme_points(*heads, *offsets, activation="none", max_detections=100)
    for ours, theirs in zip(cd.Decoder(family)(outputs), truth, strict=True):
        assert len(theirs) > 5
        np.testing.assert_array_equal(ours.keypoints, theirs.keypoints)
    few = cd.Decoder(family, max_per_class=3)(outputs)
    assert [len(one) for one in few] == [3, 3]
    assert cd.Family.from_json(family.to_json()) == family


@pytest.mark.parametrize(("change", "message"), [
    ({"right": slice(0, 1)}, "right must have 2 channels (the classes of center), got"),
    ({"left_offset": None}, "offsets must be given for all sides or none, got none for ['left']"),
    ({"bottom_offset": slice(0, 1)}, "bottom_offset must have 2 channels (one for each axis)"),
    ({"edge_aggregation": -1}, "edge_aggregation must not be negative, got -1.0"),
    ({"top_k": -1}, "top_k must be at least 0, got -1"),
    ({"max_detections": -1}, "max_detections must be at least 0, got -1"),
    ({"classes": [5]}, "classes must be below the channels of center, got class 5"),
])  # fmt: skip
def test_refuses(change, message):
    heads, offsets = make_heads()
    named = dict(zip(families.EXTREMENET.heads, [*heads, *offsets], strict=True))
    for name, value in change.items():
        named[name] = named[name][:, value] if isinstance(value, slice) else value
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.decode_extreme_points(**named)
