"""The oracles of FairMOT, TTFNet and mmdetection against values worked out by hand."""

import inspect
import math
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import families

F32 = np.float32
LOG3 = math.log(3)  # the logit of 0.75


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def marked(channels, values, rest=0.0, size=(3, 4)):
    """Return a head (1, C, H, W) of the rest with {(y, x): channels} set."""
    result = np.full((1, channels, *size), rest, F32)
    for (y, x), numbers in values.items():
        result[0, :, y, x] = numbers
    return result


def test_mot_decode():
    heat = marked(1, {(1, 2): 0.75, (1, 1): 0.75, (0, 0): 0.5})
    wh = marked(4, {(1, 2): (1, 2, 3, 4)}, rest=1)
    reg = marked(2, {(1, 2): (0.25, 0.5)})
    rows, cells = families.mot_decode(heat, wh, reg, ltrb=True, K=3)
    expected = [[0, 0, 2, 2, 0.75, 0], [1.25, -0.5, 5.25, 5.5, 0.75, 0], [-1, -1, 1, 1, 0, 0]]
    near(rows, [expected])
    assert (cells.tolist(), cells.dtype) == ([[5, 6, 0]], np.int64)
    rows, _ = families.mot_decode(heat, marked(2, {(1, 1): (2, -4)}), K=1)
    near(rows, [[[0.5, 3.5, 2.5, -0.5, 0.75, 0]]])
    near(families.embeddings(marked(2, {(1, 1): (3, 4)}), cells[:, :1]), [[[0.6, 0.8]]])
    with pytest.raises(ValueError, match="k not in range"):
        families.mot_decode(heat, wh, K=13)


def test_windows():
    line = [[0.5, 0.25, 0.375, 0.375, 0.5, 0.5]]
    assert families.suppress(line) == [[0.5, 0, 0.375, 0, 0.5, 0.5]]
    assert families.suppress(line, 5) == [[0.5, 0, 0, 0, 0.5, 0.5]]
    assert families.suppress(line, 1) == line
    upright = [[value] for value in line[0]]
    assert families.suppress(upright) == [[0.5], [0], [0.375], [0], [0.5], [0.5]]
    assert len(families.top_k([line], 6)) == 6
    with pytest.raises(ValueError, match="k not in range"):
        families.top_k([line], 7)


def test_defaults():
    found = [
        list(inspect.signature(function).parameters.items())
        for function in (families.mot_decode, families.ttfnet_get_bboxes, families.mmdet_get_bboxes)
    ]
    defaults = [[p.default for _, p in row if p.default is not p.empty] for row in found]
    assert defaults == [[None, False, 100], [False, 4, True], [True, False, 100, 3, 0.5, 100]]


def test_equal_scores_go_by_class_row_column():
    found = families.top_k(np.ones((2, 2, 2), F32), 6)
    cells = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1)]
    assert found == [(1.0, *cell) for cell in cells]


def ttfnet(wh, cfg=(2, 0.01), **options):
    heat = np.full((1, 2, 3, 4), -9.0, F32)
    heat[0, 1, 1, 2], heat[0, 0, 0, 0] = LOG3, -5.0
    meta = {"pad_shape": (12, 16, 3), "scale_factor": np.array([2, 4, 2, 4], F32)}
    cfg = SimpleNamespace(max_per_img=cfg[0], score_thr=cfg[1])
    (result,) = families.ttfnet_get_bboxes(heat, wh, [meta], cfg, **options)
    return result


def test_ttfnet():
    wh = marked(4, {(1, 2): (1, 5, 20, 4)})
    rows, labels = ttfnet(wh)
    near(rows, [[7, 0, 15, 8, 0.75]])
    assert (labels.tolist(), labels.dtype) == ([1.0], F32)
    near(ttfnet(wh, rescale=True)[0], [[3.5, 0, 7.5, 2, 0.75]])
    near(ttfnet(wh, (2, 0.001))[0][1], [0, 0, 0, 0, 1 / (1 + math.exp(5))])
    near(ttfnet(marked(4, {(1, 2): (1, 1, 1, 50)}))[0], [[7, 3, 9, 11, 0.75]])
    near(ttfnet(wh, down_ratio=2)[0], [[3, 0, 15, 6, 0.75]])
    wh = marked(8, {(1, 2): (9, 9, 9, 9, 1, 2, 3, 4)})
    near(ttfnet(wh, wh_agnostic=False)[0], [[7, 2, 11, 8, 0.75]])
    assert ttfnet(wh[:, :4], (2, 0.8))[0].shape == (0, 5)
    assert ttfnet(wh[:, :4], (2, 0.75))[0].shape == (0, 5)
    rows, _ = ttfnet(marked(4, {(1, 2): (-50, -50, -50, -50)}), rescale=True)
    near(rows, [[7.5, 2.75, 0, 0, 0.75]])
    assert len(ttfnet(wh[:, :4], (12, 0))[0]) == 12
    with pytest.raises(ValueError, match="k not in range"):
        ttfnet(wh[:, :4], (13, 0))


def test_published_mmdet_boxes():
    truth = [((10, 20, 200, 240), 0), ((40, 50, 100, 200), 1), ((10, 20, 100, 240), 2)]
    heat, wh, offset = (np.zeros((1, n, 64, 64), F32) for n in (4, 2, 2))
    for (x1, y1, x2, y2), label in truth:
        cx, cy = (x1 + x2) / 8, (y1 + y2) / 8
        x, y = int(cx), int(cy)
        heat[0, label, y, x] = 1
        wh[0, :, y, x], offset[0, :, y, x] = ((x2 - x1) / 4, (y2 - y1) / 4), (cx - x, cy - y)
    meta = {"batch_input_shape": (256, 256), "border": (0, 0, 0, 0), "scale_factor": (1, 1, 1, 1)}
    heads = [heat], [wh], [offset]
    ((rows, labels),) = families.mmdet_get_bboxes(*heads, [meta])
    assert rows.shape == (100, 5)
    assert [(tuple(row[:4]), label) for row, label in zip(rows[:3], labels[:3], strict=True)] == (
        truth
    )
    assert rows[3:, 4].max() == 0
    meta = {"batch_input_shape": (512, 256), "border": (8, 0, 4, 0), "scale_factor": (2, 4, 2, 4)}
    ((rows, _),) = families.mmdet_get_bboxes(*heads, [meta], topk=1)
    near(rows, [[3, 8, 98, 118, 1]])
    ((rows, _),) = families.mmdet_get_bboxes(*heads, [meta], rescale=False, topk=1)
    near(rows, [[6, 32, 196, 472, 1]])
    meta["scale_factor"] = (1, 2, 4, 8)
    ((rows, _),) = families.mmdet_get_bboxes(*heads, [meta], topk=1)
    near(rows, [[6, 16, 49, 59, 1]])


def test_mmdet_suppression():
    heat = marked(2, {(0, 0): (0.9, 0.7), (0, 2): (0.8, 0), (2, 3): (0.6, 0)})
    wh = marked(2, {}, rest=6)
    meta = {"batch_input_shape": (12, 16), "border": (0, 0, 0, 0), "scale_factor": (1, 1, 1, 1)}
    heads = [heat], [wh], [np.zeros((1, 2, 3, 4), F32)]
    ((rows, labels),) = families.mmdet_get_bboxes(*heads, [meta], with_nms=True, topk=4)
    near(rows[:, 4], [0.9, 0.8, 0.7, 0.6])
    assert labels.tolist() == [0, 0, 1, 0]
    options = {"with_nms": True, "topk": 4, "nms_iou": 0.49}
    ((rows, _),) = families.mmdet_get_bboxes(*heads, [meta], **options)
    near(rows[:, 4], [0.9, 0.7, 0.6])
    ((rows, _),) = families.mmdet_get_bboxes(*heads, [meta], max_per_img=2, **options)
    near(rows[:, 4], [0.9, 0.7])
