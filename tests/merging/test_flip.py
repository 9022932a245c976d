"""flip= decodes the means of an image's heads and its mirror image's: equal to the oracle's."""

import centerdecode as cd
import numpy as np
import pytest
from oracles import merging
from oracles import specification as oracle
from support.heads import (
    ELEMENT_TYPES,
    FILLS,
    arrays_of,
    assert_same,
    channels_last,
    meaning,
    store,
)
from support.inputs.boxes import make_heads


def batch_of(images=2, **options):
    """Return heatmap, wh and offset of as many images, each before its mirror image."""
    several = [make_heads(seed=seed, **options) for seed in range(2 * images)]
    return [np.stack(heads) for heads in zip(*several, strict=True)]


def merged(heatmap, wh, offset, activation="sigmoid", encoding="wh", axes="xy"):
    """Return the heads of the images alone, by the oracle."""
    return (
        merging.merge_scores(heatmap, activation),
        merging.merge_sizes(wh, encoding, axes),
        merging.images_of(offset),
    )


def check(found, heads, **options):
    """Assert that the detections are what the oracle finds in merged heads."""
    assert len(found) == len(heads[0])
    for b, detections in enumerate(found):
        image = [None if head is None else head[b] for head in heads]
        truth = oracle.decode_boxes(*image, **options | {"activation": "none"})
        assert_same(arrays_of(detections), truth)
    assert any(len(detections) > 3 for detections in found)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("activation", ["sigmoid", "none"])
@pytest.mark.parametrize("threshold", [-np.inf, 0, 0.3, 0.6, 1])
@pytest.mark.parametrize("grid", [(5, 19), (1, 1), (4, 2)], ids=str)
def test_boxes_of_any_map(fill, activation, threshold, grid, isa):
    rng = np.random.default_rng([7, *grid])
    heatmap = np.asarray(FILLS[fill](rng, (4, 2, *grid)), np.float32)
    _, wh, offset = batch_of(grid=grid)
    options = {"score_threshold": threshold, "plateaus": "keep", "top_k": 50}
    with np.errstate(invalid="ignore"):
        heads = merged(heatmap, wh, offset, activation)
    found = cd.decode_boxes(heatmap, wh, offset, activation=activation, flip=True, **options)
    for b, detections in enumerate(found):
        truth = oracle.decode_boxes(*(head[b] for head in heads), activation="none", **options)
        assert_same(arrays_of(detections), truth)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("encoding", ["wh", "ltrb"])
@pytest.mark.parametrize("axes", ["xy", "yx"])
@pytest.mark.parametrize("specific", [False, True])
@pytest.mark.parametrize("activation", ["none", "exp", "relu"])
def test_every_box_format(layout, encoding, axes, specific, activation):
    numbers = (2 if encoding == "wh" else 4) * (3 if specific else 1)
    given = batch_of(numbers=numbers)
    heads = merged(*given, encoding=encoding, axes=axes)
    options = {"box_encoding": encoding, "axes": axes, "box_activation": activation}
    tensors = given if layout == "NCHW" else [channels_last(head) for head in given]
    found = cd.decode_boxes(*tensors, layout=layout, plateaus="keep", flip=True, **options)
    if layout == "NHWC":
        options["layout"] = layout
        heads = [channels_last(head) for head in heads]
    check(found, heads, class_specific=specific, plateaus="keep", **options)


@pytest.mark.parametrize("units", ["cells", "pixels"])
@pytest.mark.parametrize("shift", [None, 0, 0.25])
@pytest.mark.parametrize("with_offset", [False, True])
@pytest.mark.parametrize("encoding", ["ltrb", "corners"])
def test_what_counts_from_a_cell_counts_from_another_point(units, shift, with_offset, encoding):
    heatmap, wh, offset = batch_of(numbers=4)
    offset = offset if with_offset else None
    wh = np.nan_to_num(wh, posinf=9, neginf=-9).clip(-99, 99)
    gap = 0 if with_offset else 1 - 2 * (0.5 if shift is None else shift)
    gap *= 4 if units == "pixels" else 1
    heads = merging.merge_scores(heatmap, "sigmoid"), merging.merge_sizes(wh, encoding, "xy", gap)
    if encoding == "corners":  # which are distances, but for the sign of the first two
        heads[1][:, :2] *= -1
    options = {"box_units": units, "center_shift": shift}
    found = cd.decode_boxes(heatmap, wh, offset, flip=True, box_encoding=encoding, **options)
    options |= {"box_encoding": "ltrb", "activation": "none"}
    for b, detections in enumerate(found):
        image = [head[b] for head in heads]
        xyxy, scores, _ = oracle.decode_boxes(
            *image, None if offset is None else offset[2 * b], **options
        )
        assert_same((detections.scores,), (scores,))
        np.testing.assert_allclose(detections.xyxy, xyxy, rtol=1e-5, atol=1e-4)
        assert len(detections) > 3


def test_a_box_is_the_same_from_both_sides():
    # 15 to 27 of 48 pixels, and in the mirror 21 to 33: cells 5 and 6 of 12.
    heatmap, ltrb = np.zeros((2, 1, 1, 12), "f4"), np.full((2, 4, 1, 12), np.nan, "f4")
    heatmap[0, 0, 0, 5] = heatmap[1, 0, 0, 6] = 1
    ltrb[0, :, 0, 5], ltrb[1, :, 0, 6] = (20 - 15, 2, 27 - 20, 6), (24 - 21, 2, 33 - 24, 6)
    options = {"box_encoding": "ltrb", "box_units": "pixels", "center_shift": 0}
    (found,) = cd.decode_boxes(heatmap, ltrb, activation="none", flip=True, **options)
    assert found.xyxy.tolist() == [[15, -2, 27, 6]]


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_extras_are_those_of_the_image(element_type):
    given = [store(head, element_type) for head in batch_of()]
    embedding = store(np.random.default_rng(3).normal(size=(4, 6, 5, 19)), element_type)
    extras = {"id": embedding, "moved": (embedding[:, :2], cd.Extra(frame="displacement")),
              "at": cd.Extra(frame="cell")}  # fmt: skip
    found = cd.decode_boxes(*given, extras=extras, flip=True, element_type=element_type)
    heads = merged(*(meaning(head, element_type) for head in given))
    for b, detections in enumerate(found):
        peaks = cd.find_peaks(heads[0][b], score_threshold=0.3, activation="none")
        image = meaning(embedding, element_type)[2 * b]
        np.testing.assert_array_equal(detections.extras["id"], image[:, peaks.ys, peaks.xs].T)
        moved = 4 * image[:2, peaks.ys, peaks.xs].T
        np.testing.assert_array_equal(detections.extras["moved"], moved)
        at = 4 * np.stack([peaks.xs, peaks.ys], axis=1)
        np.testing.assert_array_equal(detections.extras["at"], at)
        assert len(detections) > 3


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_element_types_layouts_and_strides(layout, element_type):
    stored = [store(head, element_type) for head in batch_of(3, grid=(3, 70))]
    heads = merged(*(meaning(head, element_type) for head in stored))
    if layout == "NHWC":
        stored, heads = ([channels_last(head) for head in some] for some in (stored, heads))
    strided = [np.repeat(head, 2, axis=-1)[..., ::2] for head in stored]
    turned = [np.ascontiguousarray(head[::-1, :, ::-1])[::-1, :, ::-1] for head in stored]
    for given in (stored, strided, turned):
        before = [head.copy() for head in given]
        found = cd.decode_boxes(*given, layout=layout, element_type=element_type, flip=True)
        check(found, heads, layout=layout)
        assert_same(given, before)


@pytest.mark.parametrize("options", [
    {"top_k": 4}, {"window": 5}, {"window": 1, "top_k": 1000}, {"classes": [2, 0]},
    {"score_threshold": 0.7},
    {"transform": np.array([[0.5, 0, 3], [0, 2, -1]]), "clip": (13, 41)},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("with_offset", [False, True])
def test_other_options_are_those_of_the_means(options, with_offset):
    heatmap, wh, offset = batch_of()
    offset = offset if with_offset else None
    found = cd.decode_boxes(heatmap, wh, offset, flip=True, **options)
    check(found, merged(heatmap, wh, offset), **options)


def test_each_image_has_its_own_transform_and_clip():
    given = batch_of()
    matrices = np.array([[[0.5, 0, 3], [0, 2, -1]], [[2, 0, 0], [0, 1, 5]]])
    sizes = [(13, 41), (9, 99)]
    found = cd.decode_boxes(*given, flip=True, transform=matrices, clip=sizes)
    for b, heads in enumerate(zip(*merged(*given), strict=True)):
        truth = oracle.decode_boxes(*heads, activation="none", transform=matrices[b], clip=sizes[b])
        assert_same(arrays_of(found[b]), truth)


def test_no_images_are_no_results():
    assert cd.decode_boxes(*(head[:0] for head in batch_of()), flip=True) == []
