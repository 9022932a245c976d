"""decode_levels agrees with the first stage of CenterNet2 in plain loops."""

import math
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from centerdecode.models import Output, match, recognise
from oracles import centernet2 as oracle_centernet2
from support.heads import ELEMENT_TYPES, assert_same, channels_last, fill, meaning, store, tensor_of

STRIDES = (8, 16, 32, 64, 128)
GRIDS = [(11, 17), (6, 9), (3, 5), (2, 3), (1, 1)]
KINDS = ("heatmaps", "ltrbs", "agnostic")
LOG3 = math.log(3)  # the logit of 0.75


def make_heads(seed=0, grids=GRIDS, classes=3, filling="noise"):
    """Return the heads of one image: some scores below the threshold, some boxes inverted."""
    shapes = {"heatmaps": (classes, filling, -2), "ltrbs": (4, "noise", 1), "agnostic": (1, "noise", 1)}  # fmt: skip
    return {
        kind: [fill(name, (n, *grid), seed + n + i) + shift for i, grid in enumerate(grids)]
        for kind, (n, name, shift) in shapes.items()
    }


def truth_of(heads, strides=STRIDES, **options):
    """Return what the oracle says of heads, at the level of its program's options."""
    agnostic = heads["agnostic"]
    if heads["heatmaps"] is None:
        # The agnostic map alone: as a class map, the root of its score taken afterwards.
        boxes, scores, labels = oracle_centernet2.centernet2_first_stage(
            agnostic, heads["ltrbs"], strides, **options
        )
        return boxes, np.sqrt(scores.astype(float)).astype(np.float32), labels
    return oracle_centernet2.centernet2_first_stage(
        heads["heatmaps"], heads["ltrbs"], strides, agnostic, **options
    )


def assert_right(found, truth):
    """Assert that detections are what the oracle says; classes and their order exactly."""
    boxes, scores, labels = truth
    assert len(found) == len(scores)
    np.testing.assert_array_equal(found.class_ids, labels)
    np.testing.assert_allclose(found.scores, scores, rtol=1e-6)
    np.testing.assert_allclose(found.xyxy, boxes, rtol=1e-5, atol=1e-4)
    assert [found.xyxy.dtype, found.scores.dtype, found.class_ids.dtype] == ["f4", "f4", "i4"]


@pytest.mark.parametrize("left_out", [None, "agnostic", "heatmaps"])
@pytest.mark.parametrize("center_nms", [False, True])
def test_the_defaults_are_the_first_stage(center_nms, left_out, isa):
    window = {"window": 3, "plateaus": "keep"} if center_nms else {}
    for seed in range(3):
        heads = make_heads(seed) | ({} if left_out is None else {left_out: None})
        found = cd.decode_levels(**heads, **window)
        assert_right(found, truth_of(heads, center_nms=center_nms))
        assert len(found) > 20


@pytest.mark.parametrize(("option", "upstream", "value"), [
    ("score_threshold", "score_thresh", 0.4),
    ("max_per_level", "pre_nms_topk", 7),
    ("max_per_level", "pre_nms_topk", 0),
    ("top_k", "post_nms_topk", 5),
    ("nms", "nms_thresh", 0.2),
])  # fmt: skip
@pytest.mark.parametrize("agnostic", [False, True])
def test_options(option, upstream, value, agnostic, isa):
    heads = make_heads() if agnostic else make_heads() | {"agnostic": None}
    ours = cd.NMS(iou_threshold=value) if option == "nms" else value
    truth = truth_of(heads, **{upstream: value})
    assert_right(cd.decode_levels(**heads, **{option: ours}), truth)
    assert not np.array_equal(truth[1], cd.decode_levels(**heads).scores)


def test_the_threshold_is_asked_before_the_product_and_reached_by_an_equal_score():
    half = [np.zeros((1, 1, 1), np.float32)]
    heads = {"ltrbs": [np.ones((4, 1, 1), np.float32)], "strides": (8,)}
    found = cd.decode_levels(half, agnostic=[half[0] - 9], score_threshold=0.5, **heads)
    assert found.scores.tolist() == [np.float32(math.sqrt(0.5 / (1 + math.exp(9))))]
    assert found.xyxy.tolist() == [[-4, -4, 12, 12]]
    assert (
        len(cd.decode_levels(half, score_threshold=np.nextafter(0.5, 1, dtype="f4"), **heads)) == 0
    )


def test_equal_scores_go_by_level_and_index_and_no_more_than_top_k():
    ones = [np.ones((2, 1, 3), np.float32), np.ones((2, 2, 1), np.float32)]
    ltrbs = [np.full((4, 1, 3), 0.5, np.float32), np.full((4, 2, 1), 0.5, np.float32)]
    for agnostic in (None, [np.zeros((1, 1, 3), np.float32), np.zeros((1, 2, 1), np.float32)]):
        found = cd.decode_levels(ones, ltrbs, agnostic, strides=(8, 32), nms=None, top_k=9)
        middles = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
        first = [[4, 4], [12, 4], [20, 4]]
        assert middles.tolist() == first + first + [[16, 16], [16, 48], [16, 16]]
        assert found.class_ids.tolist() == [0] * 3 + [1] * 3 + [0, 0, 1]


def test_boxes_have_an_extent_and_go_where_they_are_sent():
    heatmap, ltrb = np.ones((1, 1, 1), np.float32), np.full((4, 1, 1), -1, np.float32)
    heads = {"heatmaps": [heatmap], "ltrbs": [ltrb], "strides": [8]}
    np.testing.assert_allclose(cd.decode_levels(**heads).xyxy, [[12, 12, 12.01, 12.01]], rtol=1e-6)
    transform = [[100, 0, -1000], [0, 1, 0]]
    found = cd.decode_levels(**heads, transform=transform, clip=(12, 900))
    np.testing.assert_allclose(found.xyxy, [[200, 12, 201, 12]], rtol=1e-6)
    found = cd.decode_levels(**heads, box_units="pixels", box_activation="exp", center_shift=0)
    np.testing.assert_allclose(found.xyxy, [[-1 / math.e] * 2 + [1 / math.e] * 2], rtol=1e-6)


def test_what_is_no_number_is_no_score():
    heads = make_heads(grids=GRIDS[:1])
    heads["agnostic"][0][0, ::2] = np.nan
    heads["heatmaps"][0][1] = np.nan
    found = cd.decode_levels(**heads, strides=(8,))
    assert len(found) > 5
    assert set(found.class_ids) == {0, 2}
    assert set((found.xyxy[:, 1] // 1).astype(int)) - {0}
    assert np.isfinite(found.scores).all()
    every = [np.full((1, 2, 2), np.nan, np.float32)]
    assert len(cd.decode_levels(every, [np.ones((4, 2, 2), np.float32)], every, strides=(8,))) == 0


def test_classes():
    heads = make_heads()
    everything = cd.decode_levels(**heads, nms=None, top_k=10**6)
    found = cd.decode_levels(**heads, nms=None, top_k=10**6, classes=[2])
    assert_same((found.scores,), (everything[everything.class_ids == 2].scores,))
    best = cd.decode_levels(**heads, nms=None, top_k=10**6, best_class=True)
    assert 0 < len(best) < len(everything)
    assert len(np.unique(best.xyxy, axis=0)) == len(best)
    two = cd.decode_levels(**heads, nms=None, top_k=10**6, max_per_class=2)
    assert np.bincount(two.class_ids).tolist() == [2, 2, 2]
    for class_id in range(3):
        first = everything[everything.class_ids == class_id][:2]
        assert_same((two[two.class_ids == class_id].scores,), (first.scores,))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_type_and_layout(element_type, layout):
    stored = {k: [store(head, element_type) for head in kind] for k, kind in make_heads().items()}
    truth = {k: [meaning(head, element_type) for head in kind] for k, kind in stored.items()}
    for turn in (lambda head: head, np.asfortranarray, lambda head: head[:, ::-1][:, ::-1]):
        given = {kind: [turn(head) for head in heads] for kind, heads in stored.items()}
        if layout == "NHWC":
            given = {kind: [channels_last(head) for head in heads] for kind, heads in given.items()}
        found = cd.decode_levels(**given, layout=layout, element_type=element_type)
        assert_right(found, truth_of(truth))
    tensors = {
        kind: [tensor_of(head, element_type) for head in heads] for kind, heads in truth.items()
    }
    assert_right(cd.decode_levels(**tensors), truth_of(truth))


def test_a_batch_is_its_images():
    images = [make_heads(seed) for seed in (0, 20, 40)]
    batch = {k: [np.stack(maps) for maps in zip(*(heads[k] for heads in images), strict=True)]
             for k in KINDS}  # fmt: skip
    found = cd.decode_levels(**batch)
    for ours, heads in zip(found, images, strict=True):
        assert_right(ours, truth_of(heads))
    none = {kind: [head[:0] for head in heads] for kind, heads in batch.items()}
    assert cd.decode_levels(**none) == []


@pytest.mark.parametrize("empty", [(0, 3), (3, 0), (0, 0)])
def test_levels_without_cells(empty):
    heads = make_heads(grids=[empty, (2, 3)])
    found = cd.decode_levels(**heads, strides=(8, 16))
    assert_right(found, truth_of({kind: maps[1:] for kind, maps in heads.items()}, [16]))
    nothing = {kind: maps[:1] for kind, maps in heads.items()}
    assert len(cd.decode_levels(**nothing, strides=(8,))) == 0


OUTPUTS = {"heatmap": "clss", "wh": "bbox_reg", "agnostic": "agn_hms"}


def outputs_of(heads):
    """Return heads as the outputs of a model, a batch of one."""
    names = dict(zip(KINDS, OUTPUTS.values(), strict=True))
    return {
        f"{names[kind]}_{i}": head[None]
        for kind, maps in heads.items()
        for i, head in enumerate(maps)
    }


def test_the_family_reads_its_heads():
    heads = make_heads()
    decoder = cd.Decoder(families.CENTERNET2, score_threshold=0.05)
    assert_right(decoder(outputs_of(heads))[0], truth_of(heads))
    assert_right(decoder(list(outputs_of(heads).values()))[0], truth_of(heads))
    without = heads | {"agnostic": []}
    assert_right(decoder(outputs_of(without))[0], truth_of(heads | {"agnostic": None}))
    limited = cd.Decoder(families.CENTERNET2, score_threshold=0.05, max_per_class=2, nms="linear")
    assert np.bincount(limited(outputs_of(heads))[0].class_ids).tolist() == [2, 2, 2]


def test_a_family_of_proposals_and_of_fewer_levels():
    family = families.CENTERNET2.replace(
        heads={f"{head}_{i}": (f"{OUTPUTS[head]}_{i}",) for head in ("wh", "agnostic") for i in (0, 1)},
        optional=(),
        levels=cd.LevelRule((8, 16), 5),
    )  # fmt: skip
    assert cd.Family.from_json(family.to_json()) == family
    heads = {kind: maps[:2] for kind, maps in make_heads().items()} | {"heatmaps": None}
    found = cd.Decoder(family, score_threshold=0.05)(outputs_of(heads | {"heatmaps": []}))
    assert_right(found[0], truth_of(heads, (8, 16), pre_nms_topk=5))


def test_a_pyramid_with_a_level_missing_is_refused():
    outputs = outputs_of(make_heads())
    del outputs["agn_hms_3"]
    with pytest.raises(
        ValueError, match=r"outputs must have all of \['agnostic_0'.*'agnostic_3'\]$"
    ):
        cd.Decoder(families.CENTERNET2)(outputs)


def outputs_in(layout, ending):
    """Return what a model's outputs look like, with the family's names, a level each."""
    shapes = {name: head.shape for name, head in outputs_of(make_heads()).items()}
    order = [0, 1, 2, 3] if layout == "NCHW" else [0, 2, 3, 1]
    return [
        Output(frozenset([name]), tuple(shape[i] for i in order), ending)
        for name, shape in shapes.items()
    ]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_model_is_recognised_level_by_level(layout):
    family = families.CENTERNET2.replace(layout=layout)
    assert recognise(outputs_in(layout, "linear"), None).family == family
    scores = outputs_in(layout, "sigmoid")
    assert recognise(scores, None).family == family.replace(activation="none")
    with pytest.raises(ValueError, match=r"wants logits, but clss_0 .* a sigmoid"):
        match(family, scores)
    other = 7
    scores[other] = scores[other]._replace(shape=scores[other - 1].shape)
    with pytest.raises(ValueError, match="no known family has these outputs"):
        recognise(scores, None)
    with pytest.raises(ValueError, match=r"family CENTERNET2 .* does not fit the shapes"):
        match(family, scores)


GRID = (2, 3)
ONE = {"heatmaps": [np.zeros((2, *GRID), "f4")] * 2, "ltrbs": [np.zeros((4, *GRID), "f4")] * 2,
       "agnostic": [np.zeros((1, *GRID), "f4")] * 2, "strides": (8, 16)}  # fmt: skip


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"strides": (8,)}, ValueError, "heads must be lists of 1, as strides, got {'heatmaps': 2"),
    ({"ltrbs": ONE["ltrbs"][:1]}, ValueError, "heads must be lists of 2, as strides"),
    ({"strides": ()}, ValueError, "strides must be positive, one for each level, got ()"),
    ({"strides": (8, 0)}, ValueError, "strides must be positive"),
    ({"strides": (8, "16")}, TypeError, "strides must be a number"),
    ({"max_per_level": -1}, ValueError, "max_per_level must be at least 0"),
    ({"top_k": 1.5}, TypeError, "top_k must be a whole number"),
    ({"heatmaps": None, "agnostic": None}, ValueError, "heatmaps or agnostic must be given"),
    ({"agnostic": ONE["heatmaps"]}, ValueError, "agnostic[0] must have 1 channels"),
    ({"ltrbs": ONE["heatmaps"]}, ValueError, "ltrbs[0] must have 4 channels"),
    ({"ltrbs": [ONE["ltrbs"][0], np.zeros((4, 3, 2), "f4")]}, ValueError,
     "ltrbs[1] must have the batch and grid of heatmaps[1]"),
    ({"heatmaps": [ONE["heatmaps"][0], ONE["agnostic"][0]]}, ValueError,
     "heatmaps[1] must have 2 channels (the classes of heatmaps[0])"),
    ({"heatmaps": [ONE["heatmaps"][0], np.zeros((2, *GRID))]}, TypeError, "heatmaps[1] must be"),
    ({"classes": [2]}, ValueError, "classes must be below the channels of heatmaps[0]"),
    ({kind: [ONE[kind][0], ONE[kind][1][None]] for kind in KINDS}, ValueError,
     "heatmaps[1] must have the batch of heatmaps[0]"),
])  # fmt: skip
def test_refuses(change, error, message):
    assert len(cd.decode_levels(**ONE)) > 0
    with pytest.raises(error, match="^" + re.escape(message)):
        cd.decode_levels(**{**ONE, **change})
