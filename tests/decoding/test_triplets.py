"""decode_triplets agrees with the oracle's decode, merge of mirror and scales, and regions."""

import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import _core, families
from oracles import triplets as oracle_triplets
from support.heads import ELEMENT_TYPES, channels_last, meaning, store
from support.inputs.triplets import GRID, NAMES, heads_of, ours

LIKE_UPSTREAM = {
    "plateaus": "keep",
    "score_threshold": -1,
    "top_k": 40,
    "margin": None,
    "max_detections": 1600,
}


def oracle_rows(heads, num_dets=1600):
    """Return for each image the oracle's rows and centers, in cells."""
    found = oracle_triplets.decode(**heads, K=40, kernel=3, ae_threshold=0.5, num_dets=num_dets)
    return list(zip(*found, strict=True))


def scaled(rows, centers, factor=4):
    """Return both in pixels, pairs that were rejected left out."""
    rows, centers = rows.copy(), centers.copy()
    rows[:, :4] *= factor
    centers[:, :2] *= factor
    return rows[rows[:, 4] > -1], centers


def check(found, rows):
    """Assert that detections are rows [box, score, tl, br, class] of the oracle, in order."""
    assert len(found) == len(rows) > 3
    np.testing.assert_allclose(found.scores, rows[:, 4], rtol=1e-5)
    np.testing.assert_array_equal(found.class_ids, rows[:, 7].astype(np.int32))
    np.testing.assert_allclose(found.xyxy, rows[:, :4], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.extras["corner_scores"], rows[:, 5:7], rtol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_triplets_agree_with_the_oracle(seed, isa):
    heads = heads_of(seed)
    found = cd.decode_triplets(**ours(heads), **LIKE_UPSTREAM)
    for detections, image in zip(found, oracle_rows(heads), strict=True):
        check(detections, oracle_triplets.rescore_by_center_region(*scaled(*image)))


@pytest.mark.parametrize("limit", [5, 1600])
def test_pairs_agree_with_the_oracle(limit, isa):
    heads = heads_of(7)
    bare = ours(heads, center=None, center_offset=None)
    found = cd.decode_triplets(**bare, **LIKE_UPSTREAM | {"max_detections": limit})
    for detections, image in zip(found, oracle_rows(heads), strict=True):
        check(detections, scaled(*image)[0][:limit])


def test_without_offsets_nothing_is_added():
    heads = heads_of(1) | dict.fromkeys(("tl_regr", "br_regr", "ct_regr"))
    found = cd.decode_triplets(**ours(heads), **LIKE_UPSTREAM)
    for detections, image in zip(found, oracle_rows(heads), strict=True):
        check(detections, oracle_triplets.rescore_by_center_region(*scaled(*image)))


def to_image(image, *, scale=1.0, mirror=None, margin=True):
    """Return rows and centers in image pixels by the oracle: a 50 x 60 image, 3 and 5 off."""
    rows, centers = image
    if mirror is not None:
        stacked = (np.stack(part) for part in zip(image, mirror, strict=True))
        rows, centers = oracle_triplets.unmirror(*stacked, GRID[1])
    size = (50 * scale, 60 * scale)
    placed, centers = oracle_triplets.to_image(rows, centers, (0.25, 0.25), (3, 5), size, scale)
    if not margin:  # the oracle always drops what lies beyond
        placed[:, 4] = rows[:, 4]
    return placed, centers


MATRIX = np.array([[1, 0, -5], [0, 1, -3]], float)
PLACED = {"clip": (50, 60), "margin": 5}


def test_boxes_far_beyond_the_image_are_dropped():
    heads = heads_of(2)
    found = cd.decode_triplets(**ours(heads), **LIKE_UPSTREAM | PLACED, transform=MATRIX)
    kept = cd.decode_triplets(
        **ours(heads), **LIKE_UPSTREAM | PLACED | {"margin": None}, transform=MATRIX
    )
    for detections, more, image in zip(found, kept, oracle_rows(heads), strict=True):
        check(detections, oracle_triplets.rescore_by_center_region(*to_image(image)))
        assert len(more) > len(detections)


def test_mirror_images_count_too():
    heads = heads_of(3, batch=4)
    found = cd.decode_triplets(
        **ours(heads), **LIKE_UPSTREAM | PLACED, transform=[MATRIX, MATRIX], flip=True
    )
    images = oracle_rows(heads)
    assert len(found) == 2
    for i, detections in enumerate(found):
        merged = to_image(images[2 * i], mirror=images[2 * i + 1])
        check(detections, oracle_triplets.rescore_by_center_region(*merged))
    with pytest.raises(ValueError, match=r"^top_left must hold an even batch where flip, each"):
        cd.decode_triplets(**ours(heads_of(3, batch=3)), flip=True)


@pytest.mark.parametrize("region", [True, False])
def test_scales_are_merged(region):
    scales = (0.6, 1.0, 1.5)
    all_heads = [heads_of(10 + i) for i in range(3)]
    left_out = {} if region else dict.fromkeys(("center", "center_offset"))
    lists = {name: [heads[theirs] for heads in all_heads] for name, theirs in NAMES.items()}
    found = cd.decode_triplets(
        **lists | left_out,
        **LIKE_UPSTREAM | PLACED,
        scales=scales,
        flip=True,
        transform=[MATRIX / scale for scale in scales],
    )
    images = [oracle_rows(heads) for heads in all_heads]
    parts = [
        to_image(image, scale=scale, mirror=mirror, margin=region)
        for (image, mirror), scale in zip(images, scales, strict=True)
    ]
    rows = np.concatenate([rows for rows, _ in parts])
    rows = rows[rows[:, 4] > -1]
    if region:
        rows = oracle_triplets.rescore_by_center_region(rows, parts[1][1])
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    (detections,) = found
    check(detections, rows[:1600])
    merged = oracle_triplets.merge_scales(
        *zip(*parts, strict=True), scales, num_classes=2, region=region, max_per_image=10**6
    )
    assert sum(len(own) for own in merged.values()) == len(rows)


def test_a_scale_without_a_transform_divides():
    some = [heads_of(seed) for seed in (10, 11)]
    lists = {name: [heads[theirs] for heads in some] for name, theirs in NAMES.items()}
    halves = [None, np.array([[0.5, 0, 0], [0, 0.5, 0]])]
    options = {"scales": (1, 2), "score_threshold": 0.5}
    found = cd.decode_triplets(**lists, **options)
    for one, other in zip(
        found, cd.decode_triplets(**lists, **options, transform=halves), strict=True
    ):
        assert len(one) > 3
        np.testing.assert_array_equal(one.xyxy, other.xyxy)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_type_layout_and_stride(element_type, layout):
    stored = {name: store(head, element_type) for name, head in ours(heads_of(4)).items()}
    wide = {name: meaning(head, element_type) for name, head in stored.items()}
    options = {"score_threshold": 0.5}
    truth = cd.decode_triplets(**wide, **options)
    for turn in (lambda head: head, np.asfortranarray, lambda head: head[:, ::-1][:, ::-1]):
        tensors = {name: turn(head) for name, head in stored.items()}
        if layout == "NHWC":
            tensors = {name: channels_last(head) for name, head in tensors.items()}
        found = cd.decode_triplets(**tensors, layout=layout, element_type=element_type, **options)
        for one, other in zip(found, truth, strict=True):
            assert len(one) == len(other) > 3
            np.testing.assert_array_equal(np.sort(one.scores), np.sort(other.scores))
            order = [np.lexsort((*part.xyxy.T, part.scores)) for part in (one, other)]
            np.testing.assert_array_equal(one.xyxy[order[0]], other.xyxy[order[1]])


def test_options_of_every_decoder():
    heads = ours(heads_of(5))
    everything = cd.decode_triplets(**heads, score_threshold=0.5)
    alone = cd.decode_triplets(**{n: head[1] for n, head in heads.items()}, score_threshold=0.5)
    np.testing.assert_array_equal(alone.xyxy, everything[1].xyxy)
    one = cd.decode_triplets(**heads, score_threshold=0.5, classes=[1])[0]
    assert set(one.class_ids) == {1}
    few = cd.decode_triplets(**heads, score_threshold=0.5, nms="hard")[0]
    assert 0 < len(few) < len(everything[0])
    assert cd.decode_triplets(**{n: head[:0] for n, head in heads.items()}) == []
    nothing = cd.decode_triplets(**heads, score_threshold=1.5)[0]
    assert nothing.extras["corner_scores"].shape == (0, 2)
    assert len(cd.decode_triplets(**heads, top_k=0)[0]) == 0


def test_nan_pairs_with_nothing():
    heads = ours(heads_of(6))
    heads["top_left_tag"] = np.full_like(heads["top_left_tag"], np.nan)
    assert len(cd.decode_triplets(**heads)[0]) == 0


@pytest.mark.parametrize("family", [families.TRIPLETS, families.CORNERNET], ids=lambda f: f.name)
def test_the_families_read_their_heads(family):
    heads = {head: tensor for head, tensor in ours(heads_of(8)).items() if head in family.heads}
    outputs = {family.heads[head][0]: tensor for head, tensor in heads.items()}
    rule = family.triplets
    options = {"top_k": rule.top_k, "clip": (50, 60)}
    found = cd.Decoder(family, score_threshold=0.5)(outputs, clip=(50, 60))
    truth = cd.decode_triplets(**heads, **options, score_threshold=0.5, nms=family.nms)
    for one, other in zip(found, truth, strict=True):
        assert len(one) > 3
        np.testing.assert_array_equal(one.xyxy, other.xyxy[:100])
        np.testing.assert_array_equal(one.scores, other.scores[:100])
    limited = cd.Decoder(family, max_per_class=1)(outputs)[0]
    assert sorted(limited.class_ids) == [0, 1]
    assert cd.Family.from_json(family.to_json()) == family


@pytest.mark.parametrize(("changes", "error", "message"), [
    ({"top_left_tag": None}, TypeError, "top_left_tag must be a NumPy array"),
    ({"top_left_offset": None}, ValueError, "top_left_offset and bottom_right_offset must be"),
    ({"center": np.zeros((2, 1, *GRID), "f4")}, ValueError,
     "center must have 2 channels (the classes of top_left), got float32"),
    ({"bottom_right_tag": np.zeros((2, 2, *GRID), "f4")}, ValueError,
     "bottom_right_tag must have 1 channels (all classes share it)"),
    ({"top_left_offset": np.zeros((2, 2, 3, 3), "f4")}, ValueError,
     "top_left_offset must have the batch and grid of top_left"),
    ({"top_k": -1}, ValueError, "top_k must be at least 0"),
    ({"tag_threshold": "a"}, TypeError, "tag_threshold must be a number"),
    ({"scales": [0.5]}, ValueError, "scales must be positive, 1 among them, got [0.5]"),
    ({"scales": [1]}, ValueError, "top_left must be a list of 1, one for each scale, got 2"),
])  # fmt: skip
def test_refuses(changes, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        cd.decode_triplets(**ours(heads_of(), **changes))


@pytest.mark.parametrize("short", range(3))
def test_the_core_refuses_columns_that_do_not_belong_together(short):
    columns = [np.zeros((2, 4), "f4"), np.ones(2, "f4"), np.zeros(2, "i4"), np.zeros((2, 2), "f4")]
    centers = [np.zeros((2, 2), "f4"), np.ones(2, "f4"), np.zeros(2, "i4")]
    broken = [one[:1] if i == short else one for i, one in enumerate(columns)]
    with pytest.raises(ValueError, match="as many numbers as scores"):
        _core.join_pairs([tuple(broken)], None, 1.0, 0.0, 10)
    broken = [one[:1] if i == short else one for i, one in enumerate(centers)]
    with pytest.raises(ValueError, match="as many numbers as scores"):
        _core.join_pairs([tuple(columns)], [tuple(broken)], 1.0, 0.0, 10)
