"""decode_boxes agrees with the oracle, which does the same arithmetic: equal, not close."""

import itertools
import re

import centerdecode as cd
import numpy as np
import pytest
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, arrays_of, assert_same, fill, meaning, store
from support.inputs.boxes import make_heads


def check(heatmap, wh, offset=None, class_specific=False, **options):
    """Assert that the detections are the oracle's, and return them."""
    found = cd.decode_boxes(heatmap, wh, offset, **options)
    truth = oracle.decode_boxes(heatmap, wh, offset, class_specific=class_specific, **options)
    assert_same(arrays_of(found), truth)
    assert len(found) > 3
    return found


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("encoding", ["wh", "ltrb"])
@pytest.mark.parametrize("units", ["cells", "pixels"])
@pytest.mark.parametrize("activation", ["none", "exp", "relu"])
@pytest.mark.parametrize("axes", ["xy", "yx"])
@pytest.mark.parametrize("specific", [False, True])
def test_every_box_format(layout, encoding, units, activation, axes, specific):
    numbers = (2 if encoding == "wh" else 4) * (3 if specific else 1)
    options = {"box_encoding": encoding, "box_units": units, "box_activation": activation}
    heads = make_heads(3, numbers, layout)
    check(*heads, class_specific=specific, layout=layout, axes=axes, **options)


@pytest.mark.parametrize("numbers", [2, 10])
def test_a_size_head_for_each_class_is_known_by_its_channels(numbers):
    heads = make_heads(classes=5, numbers=numbers)
    check(*heads, class_specific=numbers == 10)
    check(*heads, class_specific=numbers == 10, classes=[4, 1])


@pytest.mark.parametrize("center_shift", [None, 0, 0.5, -1.25])
@pytest.mark.parametrize("with_offset", [False, True])
@pytest.mark.parametrize("stride", [1, 4, 2.5, 1 / 3])
def test_center(stride, with_offset, center_shift):
    heatmap, wh, offset = make_heads()
    options = {"stride": stride, "center_shift": center_shift}
    check(heatmap, wh, offset if with_offset else None, **options)


@pytest.mark.parametrize("options", [
    {},
    {"top_k": 4},
    {"score_threshold": 0.5},
    {"score_threshold": -1, "activation": "none"},
    {"window": 5, "plateaus": "keep"},
    {"classes": [2]},
], ids=str)  # fmt: skip
def test_peaks_are_those_of_find_peaks(options, isa):
    heatmap, wh, offset = make_heads(grid=(9, 70))
    found = check(heatmap, wh, offset, **options)
    peaks = cd.find_peaks(heatmap, **{"score_threshold": 0.3, **options})
    assert_same((found.scores, found.class_ids), (peaks.scores, peaks.class_ids))


MATRICES = {
    "unmoved": None,
    "letterbox": oracle.invert(oracle.letterbox_matrix((600, 906), (512, 512))),
    "stretched": oracle.stretch_matrix((600, 906), (512, 512)),
    "turned": [[0.1, -2, 3], [1.5, 0.2, -7]],
    "mirrored": np.array([[-1, 0, 76], [0, 1, 0]], np.float32),
    "collapsed": np.zeros((2, 3), int),
}


@pytest.mark.parametrize("clip", [None, (13, 41), (20.5, 30.25), (0, 0), np.array([9, 999])])
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_transform_and_clip(matrix, clip):
    check(*make_heads(), transform=matrix, clip=clip)


def test_an_infinite_side_does_not_reach_the_other_axis():
    one, wh = np.ones((1, 1, 1), np.float32), np.full((2, 1, 1), [[[np.inf]], [[2]]], np.float32)
    options = {"transform": [[2, 0, 0], [0, 2, 0]], "clip": (10, 100), "center_shift": 0.5}
    assert cd.decode_boxes(one, wh, **options).xyxy.tolist() == [[0, 0, 100, 10]]
    assert cd.decode_boxes(one, wh, **{**options, "clip": None}).xyxy.tolist() == [
        [-np.inf, -4, np.inf, 12]
    ]


def test_half_precision_sizes_are_computed_wide():
    heatmap, wh = np.ones((1, 1, 1), np.float16), np.full((2, 1, 1), 60000, np.float16)
    found = cd.decode_boxes(heatmap, wh, element_type="f16", center_shift=0)
    assert found.xyxy.tolist() == [[-120000, -120000, 120000, 120000]]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("types", [*itertools.product(["f32", "f16"], repeat=3)], ids="-".join)
def test_heads_of_different_types(types, layout):
    stored = [store(h, t) for h, t in zip(make_heads(layout=layout), types, strict=True)]
    wide = [meaning(h, t) for h, t in zip(stored, types, strict=True)]
    found = cd.decode_boxes(*stored, layout=layout, element_type="f16")
    assert_same(arrays_of(found), oracle.decode_boxes(*wide, layout=layout))


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("view", [
    lambda head: head[:, ::-1, ::-1],
    lambda head: head.transpose(0, 2, 1),
    lambda head: head[:, 1:, 2:-3],
    lambda head: np.broadcast_to(head[:, :1, :1], head.shape),
    np.asfortranarray,
], ids=["reversed", "transposed", "cut", "broadcast", "Fortran"])  # fmt: skip
def test_sizes_and_offsets_of_any_strides(view, element_type):
    _, wh, offset = (view(store(head, element_type)) for head in make_heads())
    heatmap = fill("plateaus", (3, *wh.shape[1:]))
    found = cd.decode_boxes(heatmap, wh, offset, element_type=element_type)
    wide = meaning(wh, element_type), meaning(offset, element_type)
    assert_same(arrays_of(found), oracle.decode_boxes(heatmap, *wide))


def make_batch(size, layout="NCHW"):
    """Return heads of a batch, each image other than the next."""
    images = [make_heads(seed=7 * i, layout=layout) for i in range(size)]
    return [np.stack(head) for head in zip(*images, strict=True)]


@pytest.mark.parametrize("pick", [np.s_[:], np.s_[::2], np.s_[::-1]], ids=str)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_batch_gives_a_list(layout, pick, isa):
    batch = [head[pick] for head in make_batch(5, layout)]
    size = len(batch[0])
    matrices = np.random.default_rng(0).normal(size=(size, 2, 3))
    sizes = [(10 + i, 30 - i) for i in range(size)]
    for placed in ({}, {"transform": matrices[0], "clip": sizes[0]}):
        found = cd.decode_boxes(*batch, layout=layout, **placed)
        assert isinstance(found, list)
        for i, image in enumerate(zip(*batch, strict=True)):
            truth = oracle.decode_boxes(*image, layout=layout, **placed)
            assert_same(arrays_of(found[i]), truth)
    found = cd.decode_boxes(*batch, layout=layout, transform=matrices, clip=sizes)
    for i, image in enumerate(zip(*batch, strict=True)):
        each = {"transform": matrices[i], "clip": sizes[i]}
        assert_same(arrays_of(found[i]), oracle.decode_boxes(*image, layout=layout, **each))


@pytest.mark.parametrize("placed", [
    {},
    {"transform": np.eye(2, 3), "clip": (5, 5)},
    {"transform": np.empty((0, 2, 3))},
    {"clip": np.empty((0, 2))},
], ids=["bare", "one for all", "no transforms", "no clips"])  # fmt: skip
def test_empty_batch_gives_an_empty_list(placed):
    batch = [head[:0] for head in make_batch(1)]
    assert cd.decode_boxes(*batch, **placed) == []
    assert cd.find_peaks(batch[0]) == []


def test_nothing_found_gives_no_rows():
    heatmap, wh, offset = make_heads()
    for found in (
        cd.decode_boxes(heatmap, wh, offset, score_threshold=1.5),
        cd.decode_boxes(heatmap, wh, offset, top_k=0),
        cd.decode_boxes(heatmap[:, :0], wh[:, :0], offset[:, :0]),
        cd.decode_boxes(heatmap[:0], wh),
    ):
        assert_same(arrays_of(found), arrays_of(cd.Detections.empty()))


@pytest.mark.parametrize("writable", [True, False])
def test_heads_are_not_written_and_results_own_their_memory(writable):
    heads = make_heads()
    before = [head.copy() for head in heads]
    for head in heads:
        head.flags.writeable = writable
    found = cd.decode_boxes(*heads)
    peaks = cd.find_peaks(heads[0])
    assert [head.tobytes() for head in heads] == [head.tobytes() for head in before]
    for head in heads:
        head.flags.writeable = True
        head[:] = 99
    assert_same(arrays_of(found), oracle.decode_boxes(*before))
    assert_same(peaks, oracle.find_peaks(before[0]))
    for array in (*arrays_of(found), *peaks):
        assert array.base is None
        assert array.flags.owndata
        assert array.flags.writeable


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"stride": 0}, ValueError, "stride must be positive, got 0.0"),
    ({"stride": -4}, ValueError, "stride must be positive, got -4.0"),
    ({"stride": np.inf}, ValueError, "stride must be positive, got inf"),
    ({"stride": "4"}, TypeError, "stride must be a number, got '4'"),
    ({"center_shift": np.nan}, ValueError, "center_shift must not be NaN"),
    ({"center_shift": -np.inf}, ValueError, "center_shift must be finite, got -inf"),
    ({"box_encoding": "xywh"}, ValueError,
     'box_encoding must be one of "wh", "ltrb", "corners", got "xywh"'),
    ({"box_units": "px"}, ValueError, 'box_units must be one of "cells", "pixels", got "px"'),
    ({"box_activation": "sigmoid"}, ValueError,
     'box_activation must be one of "none", "exp", "relu", got "sigmoid"'),
    ({"axes": "hw"}, ValueError, 'axes must be one of "xy", "yx", got "hw"'),
    ({"transform": np.eye(3)}, ValueError,
     "transform must be of shape (2, 3), or (B, 2, 3) for a batch, got (3, 3)"),
    ({"transform": np.zeros((2, 2, 3))}, ValueError,
     "transform must be one (2, 3) matrix or one for each image, got 2 for a batch of 1"),
    ({"transform": [[1, 0, 0], [0, np.inf, 0]]}, ValueError,
     "transform must be finite, got [[1.0, 0.0, 0.0], [0.0, inf, 0.0]]"),
    ({"clip": (1, 2, 3)}, ValueError,
     "clip must be (height, width), or one for each image of a batch, got (1, 2, 3)"),
    ({"clip": (4, -1)}, ValueError, "clip must not be negative, got [4.0, -1.0]"),
    ({"clip": [(1, 1)] * 3}, ValueError,
     "clip must be one (height, width) or one for each image, got 3 for a batch of 1"),
], ids=str)  # fmt: skip
def test_refuses_options(options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        cd.decode_boxes(*make_heads(), **options)
