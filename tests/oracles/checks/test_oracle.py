"""The oracle against values worked out by hand."""

import warnings

import numpy as np
import pytest
from oracles import specification as oracle

NAN, INF = float("nan"), float("inf")


def plane(*rows):
    """Return a heatmap (1, H, W) float32 from its rows."""
    return np.array([rows], dtype=np.float32)


def cells(heatmap, **options):
    """Return the peaks as a list of (class_id, y, x), raw values taken as scores."""
    options = {"activation": "none", **options}
    _, class_ids, ys, xs = oracle.find_peaks(heatmap, **options)
    return [(int(class_ids[i]), int(ys[i]), int(xs[i])) for i in range(len(xs))]


def columns(heatmap, **options):
    """Return the x of each peak."""
    return [x for _, _, x in cells(heatmap, **options)]


def scores(heatmap, **options):
    """Return the scores as a list."""
    return oracle.find_peaks(heatmap, **options)[0].tolist()


def marked(*points, size=4):
    """Return a square map of -1 with 5 at the points (y, x)."""
    heatmap = np.full((1, size, size), -1, dtype=np.float32)
    for y, x in points:
        heatmap[0, y, x] = 5
    return heatmap


def at_cell(*numbers, rest=99):
    """Return a head (n, 2, 3) holding the numbers at y=1, x=2 and the rest elsewhere."""
    head = np.full((len(numbers), 2, 3), rest, dtype=np.float32)
    head[:, 1, 2] = numbers
    return head


def boxes(wh, offset=(0.25, 0.5), heat=(5,), **options):
    """Return the boxes of peaks at y=1, x=2: with the usual offset, the centre is (9, 6)."""
    offset = None if offset is None else at_cell(*offset)
    heatmap = at_cell(*heat, rest=-9)
    return oracle.decode_boxes(heatmap, at_cell(*wh), offset, **options)[0].tolist()


def same(actual, expected):
    """Assert equality, NaN equal to NaN."""
    np.testing.assert_array_equal(actual, expected)


def near(actual, expected):
    """Assert equality of float64 matrices but for rounding."""
    assert actual.shape == (2, 3)
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-11)


def test_lone_peak():
    heatmap = plane([-5, -5, -5, -5], [-5, -5, 2, -5], [-5, -5, -5, -5])
    found = oracle.find_peaks(heatmap, score_threshold=0.5)
    assert [column.tolist() for column in found[1:]] == [[0], [1], [2]]
    assert found[0].tolist() == [pytest.approx(0.8807970779778823, abs=1e-7)]
    assert [column.dtype for column in found] == [np.float32, np.int32, np.int32, np.int32]


def test_flat_background():
    heatmap = np.zeros((1, 5, 5), dtype=np.float32)
    heatmap[0, 2, 2] = 1
    assert cells(heatmap) == [(0, 2, 2), (0, 0, 0)]
    kept = cells(heatmap, plateaus="keep")
    assert len(kept) == 17
    assert kept[:7] == [(0, 2, 2), *((0, 0, x) for x in range(5)), (0, 1, 0)]
    assert kept[-1] == (0, 4, 4)


def test_two_classes_at_one_cell():
    heatmap = np.array([[[1]], [[3]]], dtype=np.float32)
    assert cells(heatmap) == [(1, 0, 0), (0, 0, 0)]
    assert scores(heatmap) == pytest.approx([0.9525741268224334, 0.7310585786300049], abs=1e-7)


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 1), (1, 2)), ((1, 1), (2, 1)), ((1, 1), (2, 2)), ((1, 2), (2, 1))],
    ids=["horizontal", "vertical", "diagonal", "antidiagonal"],
)
def test_equal_pair(first, second):
    heatmap = marked(first, second)
    assert cells(heatmap) == [(0, *first)]
    assert cells(heatmap, plateaus="keep") == [(0, *first), (0, *second)]


def test_l_shaped_plateaus():
    upright = marked((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))
    assert cells(upright) == [(0, 0, 0)]
    assert len(cells(upright, plateaus="keep")) == 5
    mirrored = marked((0, 2), (1, 2), (2, 2), (2, 1), (2, 0))
    assert cells(mirrored) == [(0, 0, 2), (0, 2, 0)]
    assert cells(marked((0, 0), (0, 2), (1, 1))) == [(0, 0, 0), (0, 0, 2)]


def test_equal_neighbour_that_is_no_peak():
    assert columns(plane([9, 5, 5])) == [0]
    assert columns(plane([9, 5, 5]), plateaus="keep") == [0, 2]
    assert columns(plane([5, 5, 9])) == [2, 0]


def test_negative_zero_equals_zero():
    assert columns(plane([-0.0, 0.0])) == [0]
    assert columns(plane([0.0, -0.0])) == [0]
    assert columns(plane([-0.0, 0.0]), plateaus="keep") == [0, 1]


def test_nan():
    assert columns(plane([NAN, 1, 0])) == [1]
    assert columns(plane([2, NAN, 1])) == [0, 2]
    assert columns(plane([NAN, NAN]), score_threshold=-INF) == []
    assert scores(plane([NAN, 0])) == [0.5]


def test_infinities():
    heatmap = plane([INF, 0, -INF, -INF])
    assert columns(heatmap) == [0]
    assert columns(heatmap, plateaus="keep") == [0]
    assert columns(heatmap, plateaus="keep", score_threshold=-INF) == [0, 3]
    assert columns(heatmap, plateaus="keep", activation="sigmoid") == [0, 3]
    assert scores(heatmap, plateaus="keep") == [1.0, 0.0]
    assert scores(heatmap, activation="none") == [INF]


def test_windows():
    line = plane([5, 1, 4, 1, 3])
    assert columns(line, window=1) == [0, 2, 4, 1, 3]
    assert columns(line) == [0, 2, 4]
    assert columns(line, window=5) == [0]
    upright = np.swapaxes(line, 1, 2)
    assert cells(upright) == [(0, 0, 0), (0, 2, 0), (0, 4, 0)]
    assert cells(upright, window=5) == [(0, 0, 0)]
    assert columns(plane([5, 5, 5]), window=1) == [0, 1, 2]
    assert cells(marked((0, 3), (2, 1)), window=5) == [(0, 0, 3)]


def test_tie_order_follows_the_layout():
    ones = np.ones((2, 1, 2), dtype=np.float32)
    assert cells(ones, window=1) == [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1)]
    ones = np.ones((1, 2, 2), dtype=np.float32)
    nhwc = cells(ones, window=1, layout="NHWC")
    assert nhwc == [(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 1)]


def test_saturated_scores():
    assert scores(plane([100, -1000]), window=1) == [1.0, 0.0]
    assert scores(plane([-100])) == [27 * 2.0**-149]
    assert columns(plane([100, 200]), window=1, activation="sigmoid") == [1, 0]
    assert scores(plane([100, 200]), window=1) == [1.0, 1.0]
    assert columns(plane([100, 200]), activation="sigmoid") == [1]


def test_threshold_is_inclusive_and_a_float32():
    assert scores(plane([0]), score_threshold=0.5) == [0.5]
    assert scores(plane([0]), score_threshold=0.5000001) == []
    assert scores(plane([20]), score_threshold=1.0) == [1.0]
    assert columns(plane([0.3]), score_threshold=0.3) == [0]
    assert columns(plane([0.7]), score_threshold=0.7) == [0]
    assert columns(plane([0.7]), score_threshold=0.7000001) == []


def test_top_k():
    line = plane([5, 1, 4, 1, 3])
    assert columns(line, top_k=2) == [0, 2]
    assert columns(line, top_k=0) == []
    assert columns(line, top_k=1000) == [0, 2, 4]
    assert columns(plane([1] * 101), window=1) == list(range(100))


@pytest.mark.parametrize("shape", [(0, 3, 3), (2, 0, 3), (2, 3, 0), (1, 1, 1)])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_no_peaks(shape, layout):
    heatmap = np.full(shape, NAN, dtype=np.float32)
    found = oracle.find_peaks(heatmap, layout=layout)
    assert [column.shape for column in found] == [(0,)] * 4
    assert [column.dtype for column in found] == [np.float32, np.int32, np.int32, np.int32]
    xyxy, confidences, class_ids = oracle.decode_boxes(
        heatmap, heatmap, heatmap, layout=layout, box_encoding="ltrb"
    )
    assert (xyxy.shape, xyxy.dtype) == ((0, 4), np.float32)
    assert (confidences.shape, class_ids.shape) == ((0,), (0,))


def test_classes():
    heatmap = np.array([[[1]], [[4]], [[3]]], dtype=np.float32)
    assert cells(heatmap) == [(1, 0, 0), (2, 0, 0), (0, 0, 0)]
    assert cells(heatmap, classes=[0, 2, 0]) == [(2, 0, 0), (0, 0, 0)]
    assert cells(heatmap, classes=iter((2, 0))) == [(2, 0, 0), (0, 0, 0)]
    assert cells(heatmap, classes=[0, 2], top_k=1) == [(2, 0, 0)]
    assert cells(heatmap, classes=[]) == []


def test_published_peaks():
    heatmap = np.zeros((3, 3, 2), dtype=np.float32)
    heatmap[2, 0, 1], heatmap[2, 1, 1], heatmap[0, 1, 0] = 1.0, 0.9, 0.7
    heatmap[2, 2, 0], heatmap[2, 2, 1] = 0.5, -0.3
    options = {"layout": "NHWC", "window": 1, "activation": "none", "top_k": 3}
    assert scores(heatmap, **options) == pytest.approx([1.0, 0.9, 0.7])
    assert cells(heatmap, **options) == [(1, 2, 0), (1, 2, 1), (0, 0, 1)]


def test_published_box():
    heatmap, wh, offset = np.zeros((16, 32, 1)), np.zeros((16, 32, 2)), np.zeros((16, 32, 2))
    heatmap[10, 20], wh[10, 20], offset[10, 20] = 1, (40, 60), (1, 2)
    xyxy, confidences, class_ids = oracle.decode_boxes(
        heatmap, wh, offset, stride=1, axes="yx", layout="NHWC", activation="none"
    )
    assert (xyxy.dtype, confidences.dtype, class_ids.dtype) == (np.float32, np.float32, np.int32)
    assert xyxy.tolist() == [[-8, -9, 52, 31]]
    assert (confidences.tolist(), class_ids.tolist()) == ([1.0], [0])


@pytest.mark.parametrize(
    ("encoding", "axes", "units", "expected"),
    [
        ("wh", "xy", "cells", [5, 0, 13, 12]),
        ("wh", "xy", "pixels", [8, 4.5, 10, 7.5]),
        ("wh", "yx", "cells", [4, 1, 16, 9]),
        ("wh", "yx", "pixels", [8.5, 4, 11.5, 6]),
        ("ltrb", "xy", "cells", [5, -2, 21, 8]),
        ("ltrb", "xy", "pixels", [8, 4, 12, 6.5]),
        ("ltrb", "yx", "cells", [2, 1, 12, 17]),
        ("ltrb", "yx", "pixels", [8, 4, 10.5, 8]),
    ],
)
def test_box_encodings(encoding, axes, units, expected):
    wh = (2, 3) if encoding == "wh" else (1, 2, 3, 0.5)
    assert boxes(wh, box_encoding=encoding, axes=axes, box_units=units) == [expected]


def test_boxes_in_nhwc():
    heads = (at_cell(5, rest=-9), at_cell(2, 3), at_cell(0.25, 0.5))
    heads = [np.moveaxis(head, 0, 2) for head in heads]
    assert oracle.decode_boxes(*heads, layout="NHWC")[0].tolist() == [[5, 0, 13, 12]]


def test_center_shift():
    assert boxes((2, 3), offset=None) == [[6, 0, 14, 12]]
    assert boxes((2, 3), offset=None, center_shift=0) == [[4, -2, 12, 10]]
    assert boxes((2, 3), center_shift=0.5) == [[7, 2, 15, 14]]


def test_class_specific():
    options = {"class_specific": True, "box_units": "pixels", "heat": (4, 5)}
    assert boxes((10, 20, 30, 40), **options) == [[-6, -14, 24, 26], [4, -4, 14, 16]]
    ltrb = boxes((1, 2, 3, 4, 5, 6, 7, 8), box_encoding="ltrb", **options)
    assert ltrb == [[4, 0, 16, 14], [8, 4, 12, 10]]
    assert boxes((10, 20, 30, 40), classes=[0], **options) == [[4, -4, 14, 16]]


def test_class_agnostic():
    expected = [[8, 4.5, 10, 7.5], [8, 4.5, 10, 7.5]]
    assert boxes((2, 3), heat=(4, 5), box_units="pixels") == expected


def test_box_activations():
    assert boxes((-2, 3)) == [[13, 0, 5, 12]]
    assert boxes((-2, 3), box_activation="relu") == [[9, 0, 9, 12]]
    same(boxes((NAN, 3), box_activation="relu"), [[NAN, 0, NAN, 12]])
    assert boxes((0, -INF), box_activation="exp") == [[7, 6, 11, 6]]
    assert boxes((0, 1000), box_activation="exp") == [[7, -INF, 11, INF]]
    expected = [9 - 1.359140914229523, 5.5, 9 + 1.359140914229523, 6.5]
    assert boxes((1, 0), box_activation="exp", box_units="pixels") == [pytest.approx(expected)]


def test_transform():
    assert boxes((2, 3), transform=[[2, 0, 1], [0, -1, 20]]) == [[11, 20, 27, 8]]
    assert boxes((2, 3), transform=np.array([[1, 2, 3], [4, 5, 6]])) == [[8, 26, 40, 118]]


def test_clip():
    ltrb = {"box_encoding": "ltrb", "clip": (7, 20)}
    assert boxes((1, 2, 3, 0.5), **ltrb) == [[5, 0, 20, 7]]
    assert boxes((1, 2, 3, 0.5), transform=[[1, 0, -10], [0, 1, 0]], **ltrb) == [[0, 0, 11, 7]]
    same(boxes((NAN, 3), clip=(7, 20)), [[NAN, 0, NAN, 7]])
    assert boxes((-2, INF), clip=(7, 20)) == [[13, 0, 5, 7]]


def test_boxes_are_rounded_once():
    left = boxes((8, 0, 0, 0), offset=(2.0**-30, 0), box_encoding="ltrb", box_units="pixels")
    assert left[0][0] == 2.0**-28
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert boxes((3e38, 3)) == [[-INF, 0, INF, 12]]


def test_default_thresholds():
    assert len(boxes((2, 3), heat=(-0.845,))) == 1
    assert len(boxes((2, 3), heat=(-0.85,))) == 0
    assert len(scores(plane([-20]))) == 1


def test_box_order_and_top_k():
    heatmap, wh = plane([1, -9, 2, -9, 1]), np.ones((2, 1, 5), dtype=np.float32)
    xyxy, _, _ = oracle.decode_boxes(heatmap, wh, stride=2)
    assert xyxy.tolist() == [[4, 0, 6, 2], [0, 0, 2, 2], [8, 0, 10, 2]]
    assert len(oracle.decode_boxes(heatmap, wh, top_k=2)[0]) == 2


def detections(*rows, **options):
    """Return decode_detection_output of the rows; one image is 100 high and 200 wide."""
    options = {"image_size": (100, 200), **options}
    tensor = np.array(rows, dtype=np.float32).reshape(1, 1, -1, 7)
    return oracle.decode_detection_output(tensor, **options)


BOX = (0.125, 0.25, 0.5, 0.75)


def test_detection_output():
    xyxy, confidences, class_ids = detections(
        (0, 1, 0.75, *BOX),
        (0, 2, 0.5, *BOX),
        (1, 6, 0.99, *BOX),
        (0, 3, 0.875, -0.5, 0.5, 1.5, 2.0),
        (0, 4, NAN, *BOX),
        (0, 5, 0.75, *BOX),
        (-1, 0, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0),
        (0, 7, 0.99, *BOX),
    )
    assert (xyxy.dtype, confidences.dtype, class_ids.dtype) == (np.float32, np.float32, np.int32)
    assert xyxy.tolist() == [[0, 50, 200, 100], [25, 25, 100, 75], [25, 25, 100, 75]]
    assert confidences.tolist() == [0.875, 0.75, 0.75]
    assert class_ids.tolist() == [3, 1, 5]


def test_detection_terminator_hides_zero_rows():
    rows = [(0, 1, 0.75, *BOX), (-1, 9, 0.9, *BOX), (0,) * 7, (0,) * 7]
    assert detections(*rows, score_threshold=-1)[2].tolist() == [1]
    assert detections(*rows[1:], score_threshold=-1)[0].shape == (0, 4)
    assert detections(score_threshold=-1)[0].shape == (0, 4)


def test_detection_threshold_is_strict():
    row = (0, 1, 0.75, *BOX)
    assert len(detections(row, score_threshold=0.75)[0]) == 0
    assert len(detections(row, score_threshold=0.7499)[0]) == 1


def test_detection_batch():
    results = detections(
        (1, 3, 0.75, *BOX),
        (0, 1, 0.625, *BOX),
        (1, 4, 0.875, *BOX),
        (3, 8, 0.875, *BOX),
        image_size=[(100, 200), (8, 16), (8, 16)],
    )
    assert isinstance(results, list)
    assert [xyxy.tolist() for xyxy, _, _ in results] == [
        [[25, 25, 100, 75]],
        [[2, 2, 8, 6], [2, 2, 8, 6]],
        [],
    ]
    assert [class_ids.tolist() for _, _, class_ids in results] == [[1], [4, 3], []]
    assert results[2][0].shape == (0, 4)
    one = detections((0, 1, 0.625, *BOX), image_size=[(100, 200)])
    assert len(one) == 1
    assert one[0][0].tolist() == [[25, 25, 100, 75]]


PHOTO, SQUARE, WIDE = (600, 906), (512, 512), (384, 1280)


def test_affine_matrix():
    zoom = 0.565121412803532
    near(oracle.affine_matrix(PHOTO, SQUARE), [[zoom, 0, 0], [0, zoom, 86.463576158940]])
    near(oracle.affine_matrix(PHOTO, WIDE), [[0.64, 0, 350.08], [0, 0.64, 0]])


def test_letterbox_matrix():
    near(oracle.letterbox_matrix(PHOTO, SQUARE), [[0.565121412803532, 0, 0], [0, 0.565, 86]])
    near(oracle.letterbox_matrix(PHOTO, WIDE), [[0.640176600441501, 0, 350], [0, 0.64, 0]])


def test_letterbox_rounding():
    near(oracle.letterbox_matrix((10, 5), (5, 5)), [[0.4, 0, 1], [0, 0.5, 0]])
    near(oracle.letterbox_matrix((14, 7), (7, 7)), [[0.571428571428571, 0, 1], [0, 0.5, 0]])
    near(oracle.letterbox_matrix((1000, 1), (10, 10)), [[1, 0, 4], [0, 0.01, 0]])
    near(oracle.letterbox_matrix((1, 1000), (10, 10)), [[0.01, 0, 0], [0, 1, 4]])


def test_stretch_matrix():
    near(
        oracle.stretch_matrix(PHOTO, SQUARE), [[0.565121412803532, 0, 0], [0, 0.853333333333333, 0]]
    )
    near(oracle.stretch_matrix(PHOTO, WIDE), [[1.412803532008830, 0, 0], [0, 0.64, 0]])


def test_invert():
    near(oracle.invert([[2, 0, 1], [0, -1, 20]]), [[0.5, 0, -0.5], [0, -1, 20]])
    third = 0.333333333333333
    expected = [[-5 * third, 2 * third, 1], [4 * third, -third, -2]]
    near(oracle.invert(np.array([[1, 2, 3], [4, 5, 6]])), expected)
