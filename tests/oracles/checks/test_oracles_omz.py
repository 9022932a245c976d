"""The oracles of Open Model Zoo's wrappers against values worked out by hand."""

import numpy as np
import pytest
from oracles import omz

F32 = np.float32


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def outputs_of(cells, classes=2, size=(12, 12)):
    """Return OMZ's outputs with {(class, y, x): (logit, dx, dy, w, h)} set."""
    heat = np.full((1, classes, *size), -9.0, F32)
    reg, wh = np.zeros((1, 2, *size), F32), np.zeros((1, 2, *size), F32)
    for (c, y, x), (logit, *numbers) in cells.items():
        heat[0, c, y, x], reg[0, :, y, x], wh[0, :, y, x] = logit, numbers[:2], numbers[2:]
    return {"width_height": wh, "center_heatmap": heat, "regression": reg}


def test_published_bug():
    """The wrapper inverts an affine where the image 1920 x 1080 was stretched."""
    width, height = 128 / 1920, 128 / 1080
    box = [200 * width, 100 * height, 600 * width, 900 * height]
    found = omz.affine_back(box, (1080, 1920, 3), (128, 128))
    assert [int(side) for side in np.round(found, 6)] == [200, -242, 600, 1180]
    near(omz.stretch_back(box, (1080, 1920, 3), (128, 128)), [200, 100, 600, 900])


def test_published_clip():
    assert omz.clip_detection([319.9, 307.2, 450.0, 330.0], (300, 400)) == [319, 307, 400, 300]
    assert omz.clip_detection([-0.9, -5.5, -3.7, 99.9], (300, 400)) == [0, 0, -3, 99]


def test_postprocess():
    cells = {(1, 3, 6): (1, 0.5, 0.25, 4, 2.5), (0, 9, 2): (0, 0, 0, 2, 2), (0, 0, 0): (-1,) * 5}
    outputs, meta = outputs_of(cells), {"original_shape": (24, 48, 3)}
    right = omz.postprocess(outputs, meta)
    assert [row[:4] for row in right] == [(18, 4, 34, 9), (4, 16, 12, 20)]
    assert [row[5] for row in right] == [1, 0]
    near([row[4] for row in right], [1 / (1 + np.exp(-1)), 0.5])
    wrong = omz.postprocess(outputs, meta, bugs=True)
    assert [row[:4] for row in wrong] == [(18, 0, 34, 6), (4, 20, 12, 24)]
    assert len(omz.postprocess(outputs, meta, confidence_threshold=0.6)) == 1
    with pytest.raises(ValueError, match="k not in range"):
        omz.postprocess(outputs_of({}, size=(9, 9)), meta)


def test_the_channels_take_part_in_the_scale():
    assert omz.affine_back([1, 2, 2, 2], (1, 2, 3), (4, 2)) == [1, 0.5, 2.5, 0.5]


def test_plateaus_stay_and_best_is_first():
    cells = {(0, 5, 5): (1, 0, 0, 2, 2), (0, 5, 6): (1, 0, 0, 2, 2), (1, 1, 1): (2, 0, 0, 2, 2)}
    found = omz.postprocess(outputs_of(cells), {"original_shape": (12, 12, 3)})
    assert [row[:4] for row in found] == [(0, 0, 2, 2), (4, 4, 6, 6), (5, 4, 7, 6)]


ROWS = [
    [0, 1, 0.9, 0.1, 0.2, 0.3, 0.4],
    [1, 2, 0.8, 0, 0, 1, 1],
    [0, 0, 0.5, 0, 0, 1, 1],
    [-1, 0, 0, 0, 0, 0, 0],
    [0, 7, 0.7, 0, 0, 0.5, 0.5],
]


def test_single_output():
    tensor = np.array([[ROWS]])
    assert omz.parse_single(tensor) == [
        (0.1, 0.2, 0.3, 0.4, 0.9, 1),
        (0.0, 0.0, 1.0, 1.0, 0.5, 0),
    ]
    assert [row[5] for row in omz.parse_single(tensor, bugs=True)] == [1, 2, 0, 0, 7]
    meta = {"original_shape": (100, 50, 3)}
    found = omz.ssd_postprocess({"detection_out": tensor}, meta, (512, 512))
    assert found == [(5, 20, 15, 40, 0.9, 1)]
    found = omz.ssd_postprocess({"detection_out": tensor}, meta, (512, 512), bugs=True)
    assert [row[:4] for row in found] == [(5, 20, 15, 40), (0, 0, 50, 100), (0, 0, 25, 50)]


def test_multiple_outputs():
    outputs = {
        "my_scores": np.array([[0.5, 0.75]]),
        "my_labels": np.array([[3, 4]]),
        "my_bboxes": np.array([[[0, 0, 1, 1], [0.25, 0.5, 2, 1]]]),
    }
    expected = [(0.0, 0.0, 1.0, 1.0, 0.5, 3), (0.25, 0.5, 2.0, 1.0, 0.75, 4)]
    assert omz.parse(outputs, (8, 8)) == expected
    found = omz.ssd_postprocess(outputs, {"original_shape": (10, 30)}, (8, 8))
    assert found == [(7, 5, 30, 10, 0.75, 4)]


def test_boxes_and_labels():
    boxes = np.array([[16, 8, 32, 24, 0.75]])
    before = boxes.copy()
    assert omz.parse({"boxes": boxes}, (32, 64)) == [(0.25, 0.25, 0.5, 0.75, 0.75, 0)]
    outputs = {"boxes": boxes, "labels": np.array([5])}
    assert omz.parse(outputs, (32, 64)) == [(0.25, 0.25, 0.5, 0.75, 0.75, 5)]
    assert boxes.tolist() == before.tolist()
    with pytest.raises(ValueError, match="no parser"):
        omz.parse({"a": np.zeros((1, 4)), "b": np.zeros((1, 4))}, (32, 64))
