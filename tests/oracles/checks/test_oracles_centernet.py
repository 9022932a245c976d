"""The oracles of XZ, KC, DU and the NMS against values worked out by hand or published."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import centernet as xz
from oracles import extreme as ex
from oracles import keras as kc
from oracles import nms as oracle_nms
from oracles import triplets as du

A, B = [0, 0, 99, 99], [33, 0, 132, 99]  # with the +1 pixel their IoU is 67 / 133
LOG3 = math.log(3)  # a logit of probability 0.75
DECAYED = 0.85 * math.exp(-2 * (67 / 133) ** 2)


def head(*shape, rest=0, **cells):
    """Return a float32 head of the rest; a cell's name spells its index: _012=5."""
    values = np.full(shape, rest, dtype=np.float32)
    for name, value in cells.items():
        values[tuple(int(digit) for digit in name[1:])] = value
    return values


def const(*numbers, size=8):
    """Return a head (1, n, size, size) with each number all over its channel."""
    return np.tile(np.array(numbers, np.float32).reshape(1, -1, 1, 1), (1, 1, size, size))


def floats(*rows):
    """Return rows as a float32 array."""
    return np.array(rows, dtype=np.float32)


def near(found, expected):
    """Assert equality but for float32 rounding."""
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        ([oracle_nms.soft_nms, oracle_nms.soft_nms_39], [0.5, 0.3, 0.001, 0]),
        ([oracle_nms.soft_nms_merge], [0.5, 0.3, 0.001, 0, 6]),
        ([xz.ctdet_decode], [None, False, 100]),
        ([xz.multi_pose_decode], [None, None, None, 100]),
        ([xz.ddd_decode], [None, None, 40]),
        ([xz.get_affine_transform], [(0, 0), 0]),
        ([ex.exct_decode, ex.agnex_ct_decode], [None] * 4 + [40, 0.1, 0.1, 0.0, 1000]),
        ([kc.ctdet_decode, kc.hpdet_decode], [100, 4]),
        ([du.decode], [100, 1, 1, 1000]),
        ([oracle_nms.keep_best], [100]),
        ([xz.merge_outputs], [80, 100, False, 5]),
    ],
)
def test_defaults(functions, expected):
    for function in functions:
        assert list(function.__defaults__) == expected


def test_sigmoid_saturates_as_float32_does():
    found = oracle_nms.sigmoid(floats([0, LOG3, 16.65, 16.6, -2000]))
    assert (found.dtype, found[0, [0, 2, 4]].tolist()) == (np.float32, [0.5, 1.0, 0.0])
    assert found[0, 1] == pytest.approx(0.75)
    assert found[0, 3] < 1


def test_filter():
    assert oracle_nms.suppress([[[-1, -3, -2]]]) == [[[-1, 0, -2]]]
    assert oracle_nms.top_k([[[-1, 0, -2]]], 2) == [(0, 0, 0, 1), (-1, 0, 0, 0)]
    assert oracle_nms.suppress([[[5, 5, 4]], [[1, 0, 2]]]) == [[[5, 5, 0]], [[1, 0, 2]]]
    assert oracle_nms.suppress([[[5, 4, 3]]], 1) == [[[5, 4, 3]]]
    assert oracle_nms.suppress([[[5, 4, 3]]], 5) == [[[5, 0, 0]]]
    assert oracle_nms.suppress([[[5, 0], [0, 4]]]) == [[[5, 0], [0, 0]]]
    assert oracle_nms.suppress([[[5], [1], [4]]]) == [[[5], [0], [4]]]


def test_published_top_k():
    first = head(3, 3, 2, _201=1.0, _211=0.9, _010=0.7, _220=0.5, _221=-0.3)
    second = head(3, 3, 2, _211=0.7, _100=0.4, _120=0.1)
    for heat, scores, cells in (
        (first, [1, 0.7, 0.5], [(1, 2, 0), (0, 0, 1), (0, 2, 2)]),
        (second, [0.7, 0.4, 0.1], [(1, 2, 1), (0, 1, 0), (0, 1, 2)]),
    ):
        found = oracle_nms.top_k(oracle_nms.suppress(np.moveaxis(heat, 2, 0).tolist()), 3, "NHWC")
        assert [row[1:] for row in found] == cells
        near([row[0] for row in found], scores)


def test_two_stage_top_k_is_the_flat_one():
    planes = np.random.default_rng(0).integers(0, 3, size=(3, 4, 5)).tolist()
    best = [[(s, c, y, x) for s, _, y, x in oracle_nms.top_k([p], 7)] for c, p in enumerate(planes)]
    merged = sorted((row for rows in best for row in rows), key=lambda row: -row[0])
    assert merged[:7] == oracle_nms.top_k(planes, 7)
    with pytest.raises(ValueError, match="range"):
        xz.ctdet_decode(np.zeros((1, 3, 2, 3)), np.zeros((1, 2, 2, 3)), K=7)


def test_ctdet():
    heat = head(1, 2, 2, 3, _0102=0.5, _0010=0.25)
    wh = np.tile(floats([2, 4, 6, 8]).reshape(1, 4, 1, 1), (1, 1, 2, 3))
    rows = [[1.5, -1.5, 3.5, 2.5, 0.5, 1], [-0.5, -0.5, 1.5, 3.5, 0.25, 0]]
    fillers = [[-0.5, -1.5, 1.5, 2.5, 0, 0], [0.5, -1.5, 2.5, 2.5, 0, 0]]
    assert xz.ctdet_decode(heat, wh[:, :2], K=4).tolist() == [rows + fillers]
    assert xz.ctdet_decode(heat, wh, K=6).shape == (1, 6, 6)
    assert xz.ctdet_decode(heat, wh, cat_spec_wh=True, K=1).tolist() == [
        [[-0.5, -3.5, 5.5, 4.5, 0.5, 1]]
    ]
    reg = head(1, 2, 2, 3, _0002=-0.25, _0102=1)
    assert xz.ctdet_decode(heat, -wh[:, :2], reg, K=1)[0, 0, :4].tolist() == [2.75, 3, 0.75, -1]


def test_published_boxes():
    truth = [(10, 20, 200, 240, 0), (40, 50, 100, 200, 1), (10, 20, 100, 240, 2)]
    heat, wh, reg = head(1, 4, 64, 64), head(1, 2, 64, 64), head(1, 2, 64, 64)
    for score, (x1, y1, x2, y2, c) in zip((1, 0.9, 0.8), truth, strict=True):
        cx, cy = (x1 + x2) / 8, (y1 + y2) / 8
        y, x = int(cy), int(cx)
        heat[0, c, y, x], reg[0, :, y, x] = score, (cx - x, cy - y)
        wh[0, :, y, x] = (x2 - x1) / 4, (y2 - y1) / 4
    rows = xz.ctdet_decode(heat, wh, reg, K=3)[0]
    assert [(*(4 * row[:4]).tolist(), row[5]) for row in rows] == truth


@pytest.mark.parametrize(
    ("candidate", "joint", "expected"),
    [
        ((0.5, 8, 5), (5, 5), [8, 5]),
        ((0.5, 8.01, 5), (5, 5), [5, 5]),
        ((0.5, 10, 5), (9, 5), [10, 5]),
        ((0.5, 10.01, 5), (9, 5), [9, 5]),
        ((0.5, 5, -0.01), (5, 1), [5, 1]),
        ((0.5, 0, 5), (1, 5), [0, 5]),
        ((0.5, 5, 0), (5, 1), [5, 0]),
        ((0.5, 5, 10), (5, 9), [5, 10]),
        ((xz.KEYPOINT_THRESHOLD, 5, 6), (5, 5), [5, 6]),
        ((0.09, 5, 6), (5, 5), [5, 5]),
    ],
)
def test_snap(candidate, joint, expected):
    far = (0.9, 5, 9) if joint[1] < 5 else (0.9, 0, 0)
    assert xz.snap(joint, (0, 0, 10, 10), [far, candidate]) == expected
    assert xz.snap((5, 5), (4, 0, 6, 10), [(0.5, 5, 8)]) == [5, 8]
    assert xz.snap((25, 45), (20, 44, 30, 46), [(0.5, 28.01, 45)]) == [25, 45]
    assert xz.snap((45, 25), (44, 20, 46, 30), [(0.5, 45, 28.01)]) == [45, 25]


def test_multi_pose():
    heat, kps = head(1, 1, 8, 8, _0044=0.5), const(1, 1, -1, 0)
    hm_hp = head(1, 2, 8, 8, _0055=0.75, _0143=0.1)
    reg, hp_offset = const(0.25, 0.5), const(0.5, 0.25)
    box = [2.25, 2.5, 6.25, 6.5, 0.5]
    options = {"reg": reg, "K": 1}
    row = xz.multi_pose_decode(heat, const(4, 4), kps, **options)
    assert row.tolist() == [[[*box, 5, 5, 3, 4, 0]]]
    row = xz.multi_pose_decode(heat, const(4, 4), kps, hm_hp=hm_hp, hp_offset=hp_offset, **options)
    assert row.tolist() == [[[*box, 5.5, 5.25, 3, 4, 0]]]
    row = xz.multi_pose_decode(heat, const(4, 4), kps, hm_hp=hm_hp, **options)
    assert row[0, 0, 5:7].tolist() == [5.5, 5.5]
    ones = xz.find_candidates(hm_hp[0, 1].tolist(), None, 1)
    assert ones == [(-1, -10000, -10000)]
    raw = xz.find_candidates([[0.25, -3, -1], [-5, -4, -2]], None, 2)
    assert raw == [(0.25, 0.5, 0.5), (-1, -10000, -10000)]


def test_affine():
    matrix = xz.get_affine_transform((453, 300), 906, 0, (128, 128))
    near(matrix, [[128 / 906, 0, 0], [0, 128 / 906, 64 - 300 * 128 / 906]])
    near(xz.get_affine_transform((10, 20), 8, 90, (4, 6)), [[0, 0.5, -8], [-0.5, 0, 8]])
    near(xz.get_affine_transform((10, 20), 8, 90, (4, 6), inv=1), [[0, -2, 16], [2, 0, 16]])
    shifted = xz.get_affine_transform((10, 20), (8, 4), 0, (4, 6), shift=(0.5, 0.25))
    near(shifted, [[0.5, 0, -5], [0, 0.5, -7.5]])
    kept = xz.get_affine_transform((320, 213), (672, 448), 0, (672, 448))
    near(kept, [[1, 0, 16], [0, 1, 11]])


def test_transform_of_a_stretched_image():
    cells = [[200 * 128 / 1920, 100 * 128 / 1080, 7], [600 * 128 / 1920, 900 * 128 / 1080, 7]]
    found = xz.transform_preds(np.array(cells), (960, 540), 1920, (128, 128))
    assert [[int(v) for v in row] for row in found.round(6)] == [[200, -242, 0], [600, 1180, 0]]


def test_post_process():
    dets = floats([1, 2, 3, 4, 0.5, 1], [5, 6, 7, 8, 0.25, 0])[None]
    found = xz.ctdet_post_process(dets, [(20, 10)], [40], 10, 20, 2)
    assert found == [{1: [[10, 12, 14, 16, 0.25]], 2: [[2, 4, 6, 8, 0.5]]}]
    pose = floats([1, 2, 3, 4, 0.5, 5, 6, 7, 8, 0])[None]
    found = xz.multi_pose_post_process(pose, [(21, 10)], [(40, 99)], 10, 20)
    assert found == [{1: [[3, 4, 7, 8, 0.5, 11, 12, 15, 16]]}]


def test_ddd():
    first, second = [9, 1, 1, 0, 9, 0, 5, 5], [9, 1, 5, 5, 9, 1, 0, -1]
    near(xz.get_alpha(floats(first, second)), [0, 1.5 * math.pi])
    heads = [const(*first, size=5), const(5, size=5), const(2, 3, 4, size=5)]
    heat = head(1, 2, 5, 5, _0143=0.5)
    dets = xz.ddd_decode(heat, *heads, const(1.5, 2, size=5), const(0, 0.5, size=5), K=1)
    assert dets.tolist() == [[[3, 4.5, 0.5, *first, 5, 2, 3, 4, 1.5, 2, 1]]]
    assert xz.ddd_decode(heat, *heads, K=1).shape == (1, 1, 16)
    calib = [[2, 0, 3, 6], [0, 2, 4, 8], [0, 0, 1, 1]]
    opt = SimpleNamespace(output_w=20, output_h=10, num_classes=2)
    both = np.concatenate([dets, dets])
    both[1, 0, 3:11] = second
    found = xz.ddd_post_process(both, [(21, 10)] * 2, [(40, 20)] * 2, [calib], opt)
    assert [result[1] for result in found] == [[], []]
    rest = [5, 7, 9, 11, 2, 3, 4, 8.5, 11.5, 4]
    near(found[0][2], [[0, *rest, math.atan2(4, 2), 0.5]])
    near(found[1][2], [[1.5 * math.pi, *rest, math.atan2(4, 2) - math.pi / 2, 0.5]])
    near(xz.ddd_to_3d(-1, 9, 5, (2, 3, 4), -math.pi, calib)[3], math.pi - math.atan2(4, 2))


def test_flips():
    x = np.arange(12, dtype=np.float32).reshape(1, 6, 1, 2)
    near(xz.flip_tensor(x)[0, :2, 0], [[1, 0], [3, 2]])
    near(xz.flip_lr(x, [(1, 2)])[0, :4, 0], [[1, 0], [5, 4], [3, 2], [7, 6]])
    expected = [[-1, 0], [3, 2], [-9, -8], [11, 10], [-5, -4], [7, 6]]
    near(xz.flip_lr_off(x, [(1, 2)])[0, :, 0], expected)
    near(xz.flip_lr_off(x, [(0, 2)])[0, 4:, 0], [[-1, 0], [3, 2]])
    joints = np.arange(16, dtype=np.float32).reshape(1, 8, 1, 2)
    found = xz.flip_lr_off(joints, [(1, 3)])[0, :, 0, 1]
    assert found.tolist() == [0, 2, -12, 14, -8, 10, -4, 6]
    near(xz.average_flipped(floats([[[1, 2]]], [[[3, 5]]], [[[9, 9]]])), [[[[3, 2.5]]]])


def test_overlaps():
    a, b = floats([1, 10, 6, 13], [3, 11, 12, 18])
    assert oracle_nms.pixel_overlap(a, b) == pytest.approx(12 / (24 + 80 - 12))
    assert oracle_nms.plain_overlap(a, b) == pytest.approx(6 / (15 + 63 - 6))
    right, below = floats([7, 10, 9, 13], [1, 14, 6, 20])
    assert [oracle_nms.pixel_overlap(a, c) for c in (right, below)] == [None, None]
    assert oracle_nms.pixel_overlap(a, right - floats([0.5, 0, 0, 0])[0]) > 0
    assert [oracle_nms.plain_overlap(a, c) for c in (right, below)] == [0, 0]
    line, column = floats([1, 10, 6, 10], [3, 10, 3, 13])
    assert oracle_nms.plain_overlap(a, line) == oracle_nms.plain_overlap(column, a) == 0


def test_soft_nms_order():
    rows = floats([*A, 0.9], [*B, 0.85], [66, 0, 165, 99, 0.8], [500, 0, 599, 99, 0.8])
    assert oracle_nms.soft_nms(rows, method=2) == [0, 1, 2, 3]
    assert rows[:, 0].tolist() == [0, 500, 66, 33]
    third = 0.8 * math.exp(-2 * (34 / 166) ** 2)
    near(rows[:, 4], [0.9, 0.8, third, DECAYED * math.exp(-2 * (67 / 133) ** 2)])
    rows = floats([*A, 0.5], [500, 0, 599, 99, 0.5])
    assert oracle_nms.soft_nms(rows) == [0, 1]
    assert rows[:, 0].tolist() == [0, 500]


def test_soft_nms():
    rows = floats([*A, 0.9], [*A, 0.005], [*B, 0.85])
    assert len(oracle_nms.soft_nms_clean(rows, method=2)) == 2
    assert oracle_nms.soft_nms(rows, method=2) == [0, 1]
    near(rows, [[*A, 0.9], [*B, DECAYED], [*B, 0.85]])
    assert rows[1, 4] == pytest.approx(0.512, abs=5e-4)
    rows = floats([*B, 0.85], [*A, 0.9], [200, 0, 299, 99, 0.0001], [133, 0, 140, 99, 0.1])
    assert oracle_nms.soft_nms(rows, method=1) == [0, 1, 2, 3]
    near(rows[:, 4], [0.9, 0.85 * 66 / 133, 0.1, 0.0001])
    rows = floats([*A, 0.9], [*B, 0.001])
    assert oracle_nms.soft_nms(rows, Nt=np.float32(67) / np.float32(133)) == [0, 1]
    assert oracle_nms.soft_nms(rows) == [0]
    near(rows[:, 4], [0.9, 0])
    rows = floats([*A, 0.9], [*B, 0.85])
    assert oracle_nms.soft_nms(rows, Nt=np.float32(67) / np.float32(133), method=1) == [0, 1]
    near(rows[:, 4], [0.9, 0.85])


def test_soft_nms_carries_poses_along():
    rows = np.zeros((3, 39), dtype=np.float32)
    rows[:, :5] = [*A, 0.005], [*A, 0.9], [*B, 0.85]
    rows[:, 5:] = [[1], [2], [3]]
    kept = oracle_nms.soft_nms_39_clean(rows, method=2)
    assert kept[:, 38].tolist() == [2, 3]
    assert oracle_nms.soft_nms_39(rows, method=2) == [0, 1]
    assert rows[:, 5].tolist() == [2, 3, 1]
    assert rows[2, :5].tolist() == floats([*B, 0.85])[0].tolist()


def test_soft_nms_merges_corners():
    rows = floats([*B, 0.85, 0.5, 0.25], [*A, 0.9, 0.75, 0.25])
    rows[:, [1, 3]] += 10
    kept = oracle_nms.soft_nms_merge_clean(rows, method=1, weight_exp=1)
    x1 = 33 * 0.75 * 67 / (0.5 * 133 + 0.75 * 67)
    near(kept[0], [x1, 10, 110.055, 109, 0.9, 0.5, 0.25])
    near(kept[1], [33, 10, 132, 109, 0.85 * 66 / 133, 0.75, 0.25])
    assert rows[0, 4] == np.float32(0.85)


def test_hard_nms():
    dets = floats([*B, 0.5], [*A, 0.9], [*A, 0.5], [133, 0, 140, 99, 0.5])
    assert oracle_nms.nms(dets, 0.6) == [1, 0, 3]
    assert oracle_nms.nms(dets, 67 / 133) == [1, 3]
    boxes = [[0, 0, 3, 1], [1, 0, 4, 1], [0, 0, 3, 1], [2, 2, 2, 5], [2, 2, 2, 5]]
    scores = [0.5, 0.75, 0.5, 0.25, 0.25]
    assert oracle_nms.nms_per_class(boxes, scores, [0, 0, 1, 0, 0], 0.5) == [1, 0, 2, 3, 4]
    assert oracle_nms.nms_per_class(boxes, scores, [0, 0, 1, 0, 0], 0.49) == [1, 2, 3, 4]


def test_merge_outputs():
    assert xz.unscale([[2, 4, 6, 8, 0.5, 10]], 2) == [[1, 2, 3, 4, 0.5, 5]]
    results = [{1: [[*A, 0.9], [*A, 0.005]], 2: []}, {1: [[*B, 0.85]], 2: [[*A, 0.512]]}]
    assert (
        xz.merge_outputs(results[:1], num_classes=2)[1].tolist() == floats(*results[0][1]).tolist()
    )
    merged = xz.merge_outputs(results, num_classes=2)
    near(merged[1][:, 4], [0.9, DECAYED, 0.85])
    assert merged[2].shape == (1, 5)
    best = xz.merge_outputs([{1: [[*A, 0.5], [*A, 0.25]], 2: [[*A, 0.5]]}], 2, max_per_image=1)
    assert [len(best[1]), len(best[2])] == [1, 1]
    best = xz.merge_outputs([{1: [[*A, 0.5], [*B, 0.5]]}], 1, nms=True)
    near(best[1][1, 4], 0.5 / 0.85 * DECAYED)


def test_edge_aggregation():
    near(ex.aggregate_line(floats([1, 2, 1, 3])[0], 0.5), [1, 3, 1, 3.5])
    near(ex.aggregate_line(floats([1, 1, 2])[0], 0.5), [1.5, 1.5, 3])
    square = floats([1, 2], [4, 4])[None]
    near(ex.aggregate(square, 1, vertical=False), [[[1, 3], [8, 8]]])
    near(ex.aggregate(square, 1, vertical=True), [[[1, 2], [5, 6]]])
    assert ex.aggregate(np.ones((2, 3, 4)), 0, vertical=False).tolist() == [[[1] * 4] * 3] * 2
    points = ex.extreme_points(floats([0.25, 0.5, 0])[None], None, 3, 0.5, vertical=False)
    assert [point[0] for point in points] == [0.625, 0, 0]
    with pytest.raises(ValueError, match="range"):
        ex.extreme_points(np.zeros((2, 2, 3)), None, 7, 0, vertical=False)


@pytest.mark.parametrize(
    ("changes", "violated"),
    [
        ({}, 0),
        ({1: (0.5, 1, 2, 0)}, 1),
        ({0: (0.09, 0, 0, 2), 3: (0.09, 0, 2, 4)}, 1),
        ({0: (0.5, 0, 3, 2)}, 1),
        ({1: (0.5, 0, 2, 3)}, 1),
        ({2: (0.5, 0, 1, 2)}, 1),
        ({3: (0.5, 1, 2, 1)}, 2),
        ({0: (0.5, 0, 1, 0), 1: (0.5, 0, 0, 0)}, 1),
        ({2: (0.5, 0, 3, 4), 3: (0.5, 0, 4, 4)}, 1),
        ({0: (0.1, 0, 0, 2), 1: (0.5, 0, 2, 1), 2: (0.5, 0, 5, 2), 3: (0.5, 0, 2, 6)}, 0),
    ],
)
def test_quadruples(changes, violated):
    points = {0: (0.5, 0, 0, 2), 1: (0.5, 0, 2, 0), 2: (0.5, 0, 4, 2), 3: (0.5, 0, 2, 4), **changes}
    center = head(2, 5, 5, _022=0.75, _012=0.75, _032=0.75, _023=0.75, _002=0.75, _020=0.75)
    quadruple = [(np.float32(points[i][0]), *points[i][1:]) for i in range(4)]
    total = sum(point[0] for point in quadruple)
    score, cls = ex.score_quadruple(quadruple, center, ex.class_center, 0.1, 0.75)
    assert (score, cls) == (pytest.approx((total + 1.5) / 6 - violated, abs=1e-6), 0)


def test_extreme_points():
    cells = {"_0002": 0.5}, {"_0020": 0.5}, {"_0042": 0.5}, {"_0024": 2}
    heats = [head(1, 1, 5, 5, **cell) for cell in cells]
    center = head(1, 2, 5, 5, _0122=0.75)
    row = [0.5, 0.5, 4.5, 4.5, 4 / 6, 2.5, 0.5, 0.5, 2.5, 2.5, 4.5, 4.5, 2.5, 1]
    near(ex.agnex_ct_decode(*heats, center, K=1, num_dets=1), [[row]])
    found = ex.exct_decode(*heats, center[:, ::-1], K=2, num_dets=16)[0]
    near(found[0], [*row[:13], 0])
    assert found.shape == (16, 14)
    assert (np.diff(found[:, 4]) <= 0).all()
    regrs = [const(0.25, 0.75, size=5)] * 4
    near(
        ex.exct_decode(*heats, center, *regrs, K=1, num_dets=1)[0, 0, :4], [0.25, 0.75, 4.25, 4.75]
    )
    assert ex.exct_decode(*heats, center, *regrs[:3], K=1, num_dets=1)[0, 0, 0] == 0.5
    with pytest.raises(ValueError, match="num_dets"):
        ex.exct_decode(*heats, center, K=5)


def nhwc(array):
    """Return an NCHW head as an NHWC one."""
    return np.moveaxis(array, 1, 3)


@pytest.mark.parametrize(
    ("y", "x", "size", "offset", "stride", "box"),
    [
        (10, 20, (40, 60), (1, 2), 1, [-8, -9, 52, 31]),
        (75, 85, (21, 25), (5, 2), 1, [74.5, 69.5, 99.5, 90.5]),
        (16, 16, (5, 10), (0.25, 0.5), 4, [46, 55, 86, 75]),
    ],
)
def test_published_boxes_of_keras(y, x, size, offset, stride, box):
    hm = np.zeros((1, 90, 90, 1), dtype=np.float32)
    hm[0, y, x] = LOG3
    reg, wh = (nhwc(const(*pair[::-1], size=90)) for pair in (offset, size))
    found = kc.ctdet_decode(hm, reg, wh, k=5, output_stride=stride)[0]
    near(found[0, :4], box)
    near(found[:, 4], [0.75, 0.5, 0.5, 0.5, 0.5])


def test_keras_order_and_joints():
    hm = head(1, 1, 2, 2, rest=-1)
    found = kc.ctdet_decode(hm, np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 2, 2)), k=4)[0]
    assert found[:, [0, 5]].tolist() == [[0, 0], [0, 1], [4, 0], [4, 1]]
    hm, hm_hp = head(1, 1, 8, 8, rest=-9, _0044=0), head(1, 2, 8, 8, rest=-9, _0055=3)
    heads = (const(4, 4), const(1, 1, -1, 0), const(0.25, 0.5), hm_hp, const(0.5, 0.25))
    found = kc.hpdet_decode(nhwc(hm), *map(nhwc, heads), k=1)
    assert found.tolist() == [[[9, 10, 25, 26, 0.5, 22, 12, 21, 16, 0]]]


def test_letterbox():
    assert kc.letterbox_size((427, 640)) == (512, 768)
    assert kc.letterbox_size((230, 352)) == (256, 384)
    near(kc.letterbox_transform((427, 640)), [[1, 0, 64], [0, 1, 42]])
    near(kc.letterbox_transform((100, 201), (50, 50)), [[50 / 201, 0, 0], [0, 50 / 201, 12]])
    near(kc.letterbox_transform((201, 100), (50, 50)), [[50 / 201, 0, 12], [0, 50 / 201, 0]])
    near(kc.letterbox_inverse((20, 10), (40, 40)), [[0.5, 0, -5], [0, 0.5, 0]])
    near(kc.letterbox_inverse((10, 20), (40, 40)), [[0.5, 0, 0], [0, 0.5, -5]])


def test_triplets():
    tl, br = head(1, 2, 2, 2, rest=-50, _0100=LOG3), head(1, 2, 2, 2, rest=-50, _0111=LOG3)
    tag, regr = np.zeros((1, 1, 2, 2)), const(0.25, 0.5, size=2)
    options = {"K": 2, "num_dets": 4}
    boxes, points = du.decode(tl, br, tag, tag, regr, regr, br, regr, **options)
    near(boxes[0, 0], [0.25, 0.5, 1.25, 1.5, 0.75, 0.75, 0.75, 1])
    near(boxes[0, :, 4], [0.75, 0, -1, -1])
    assert boxes[0, 2:, 7].tolist() == [1, 0]
    near(points, [[[1.25, 1.5, 1, 0.75], [0.25, 0.5, 0, 0]]])
    boxes, points = du.decode(tl, br, tag, tag, regr, None, br, regr, **options)
    near(boxes[0, 0, :4], [0, 0, 1, 1])
    near(points[0, 0], [1, 1, 1, 0.75])
    for apart, score in ((1, 0.75), (1.25, 0)):
        rows, _ = du.decode(tl, br, tag + 2, tag + 2 + apart, None, None, br, None, **options)
        near(rows[0, 0, 4], score if apart == 1 else -1)
    rows, _ = du.decode(br, tl, tag, tag, None, None, br, None, **options)
    assert rows[0, 0, 4] < 0.5
    with pytest.raises(ValueError, match="num_dets"):
        du.decode(tl, br, tag, tag, regr, regr, br, regr, K=3)


def test_triplet_geometry():
    assert [du.pad_size(n) for n in (500, 511, 512)] == [(511, 128), (511, 128), (639, 160)]
    pair = floats([[10, 1, 30, 2, 0.5, 0.25, 0.75, 3]], [[5, 1, 9, 2, 0.5, 0.25, 0.75, 3]])
    boxes, points = du.unmirror(pair, floats([[20, 5, 3, 0.5]], [[8, 5, 3, 0.5]]), 128)
    rest = [0.5, 0.25, 0.75, 3]
    near(boxes, [[10, 1, 30, 2, *rest], [119, 1, 123, 2, *rest]])
    near(points, [[20, 5, 3, 0.5], [120, 5, 3, 0.5]])


@pytest.mark.parametrize(
    ("box", "score", "expected"),
    [
        ((3, 4, 107, 31), 0.5, [0, 0, 100, 50]),
        ((2.5, 4, 107, 31), -1, [0, 0, 100, 50]),
        ((3, 3.75, 107, 31), -1, [0, 0, 100, 50]),
        ((3, 4, 107.5, 31), -1, [0, 0, 100, 50]),
        ((3, 4, 107, 31.25), -1, [0, 0, 100, 50]),
        ((10, 10, 50, 25), 0.5, [5, 10, 45, 40]),
    ],
)
def test_triplets_in_the_image(box, score, expected):
    rows, points = floats([*box, 0.5, 0.25, 0.75, 3]), floats([15, 10, 3, 0.5], [1, 40, 3, 0.5])
    frame = ((0.25, 0.5), (20, 10), (100, 200))
    boxes, found = du.to_image(rows, points, *frame, scale=2)
    near(boxes, [[*expected, score, 0.25, 0.75, 3]])
    near(found, [[10, 10, 3, 0.5], [0, 50, 3, 0.5]])
    near(du.to_image(rows, points, *frame)[0][0, :4], 2 * floats(expected)[0])


@pytest.mark.parametrize(
    ("box", "xs", "ys"),
    [
        ((3, 6, 33, 18), (13, 23), (10, 14)),
        ((15, 20, 115, 245), (48.333333, 81.666667), (95, 170)),
        ((15, 20, 116, 245), (55.4, 75.6), (110, 155)),
        ((100, 300, 400, 400), (220, 280), (340, 360)),
    ],
)
def test_central_region(box, xs, ys):
    x, y = sum(xs) / 2, sum(ys) / 2
    for shift, inside in ((0.01, True), (-0.01, False)):
        for point in (
            (xs[0] + shift, y),
            (xs[1] - shift, y),
            (x, ys[0] + shift),
            (x, ys[1] - shift),
        ):
            assert du.is_central(box, point) == inside
    if box[0] == 3:
        borders = [(13, 12), (23, 12), (18, 10), (18, 14)]
        assert not any(du.is_central(box, point) for point in borders)


def test_center_region():
    centers = floats([50, 50, 0, 0.8], [60, 60, 0, 0.9], [70, 100, 1, 0.9], [50, 70, 2, 0.9])
    rows = floats(
        [0, 0, 100, 100, 0.5, 0.1, 0.2, 0],
        [0, 0, 100, 100, -1, 0, 0, 0],
        [0, 0, 100, 100, 0.5, 0, 0, 1],
        [0, 0, 200, 200, 0.9, 0, 0, 1],
        [-50, 0, 250, 200, 0.3, 0, 0, 1],
        [0, 0, 150, 150, 0.9, 0, 0, 2],
        [1, 0, 121, 151, 0.75, 0, 0, 2],
    )
    found = du.rescore_by_center_region(rows, centers)
    near(found[:, 4], [2.4 / 3, 1.8 / 3])
    near(found[1], [0, 0, 100, 100, 0.6, 0.1, 0.2, 0])
    assert found[0, 2] == 121
    equal = floats([0, 0, 100, 100, 0.5, 0, 0, 0], [-50, -50, 150, 150, 0.5, 0, 0, 0])
    assert du.rescore_by_center_region(equal, centers)[:, 0].tolist() == [-50, 0]
    equal = floats([9, 0, 99, 99, 0.5, 0, 0, 0], [-40, -40, 110, 110, 0.5, 0, 0, 0])
    centers = floats([40, 40, 0, 0.5])
    assert du.rescore_by_center_region(equal, centers)[:, 0].tolist() == [9, -40]
    equal[1, 0] = -41
    assert du.rescore_by_center_region(equal, centers)[:, 0].tolist() == [-41, 9]


def test_triplet_merging():
    rows = floats([*A, 0.9, 1, 1, 1], [*A, 0.005, 1, 1, 1], [*A, -1, 1, 1, 0])
    other = floats([*B, 0.85, 1, 1, 1])
    options = {"num_classes": 2, "region": False}
    merged = du.merge_scales([rows, other], None, [0.5, 1], **options)
    near(merged[2], [[*A, 0.9], [*B, DECAYED], [*B, 0.85]])
    assert merged[1].shape == (0, 5)
    merged = du.merge_scales([rows, other], None, [0.5, 1], merge_bbox=True, **options)
    share = (1 - math.exp(-2 * (67 / 133) ** 2)) ** 8
    x1 = 33 * share / (1 + share + (1 - math.exp(-2)) ** 8)
    near(merged[2][0], [x1, 0, 99 + x1, 99, 0.9])
    centers = [floats([0, 0, 0, 1]), floats([50, 50, 1, 0.3])]
    merged = du.merge_scales([rows, other], centers, [0.5, 1], num_classes=2)
    near(merged[2][0], [*A, 0.7])
