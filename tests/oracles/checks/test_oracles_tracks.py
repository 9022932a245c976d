"""The oracles of CenterTrack, CenterNet2 and CenterPoint against values worked out by hand."""

import math

import numpy as np
import pytest
from oracles import centernet2 as cn2
from oracles import centerpoint as cp
from oracles import centertrack as ct

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


def test_track_boxes():
    output = {"hm": marked(2, {(1, 2): (0, 0.75)}), "wh": marked(2, {(1, 2): (4, -2)})}
    found = ct.generic_decode(output, K=1)
    near(found["bboxes"], [[[0.5, 1.5, 4.5, 1.5]]])
    assert [found[name].tolist() for name in ("clses", "xs", "ys")] == [[[1]], [[2]], [[1]]]
    near(found["cts"], [[[2, 1]]])
    output["reg"] = marked(2, {(1, 2): (0.25, 0.5)})
    near(ct.generic_decode(output, K=1)["bboxes"], [[[0.25, 1.5, 4.25, 1.5]]])
    output["ltrb"] = marked(4, {(1, 2): (-1, -2, 3, 4)})
    output["tracking"] = marked(2, {(1, 2): (-3, 5)})
    found = ct.generic_decode(output, K=2)
    near(found["bboxes"][0, 0], [1, -1, 5, 5])
    near(found["tracking"], [[[-3, 5], [0, 0]]])
    assert found["scores"].tolist() == [[0.75, 0]]
    output["ltrb_amodal"] = marked(4, {(1, 2): (-5, -6, 7, 8)})
    found = ct.generic_decode(output, K=1)
    near(found["bboxes_amodal"], [[[-3, -5, 9, 9]]])
    near(found["bboxes"], [[[-3, -5, 9, 9]]])


def joints(candidate=0.5, cell=(2, 3), **heads):
    """Return hps and kps_score of a peak of 0.75 at x 2, y 1; its joints: (2, 1), (-1, 2)."""
    output = {
        "hm": marked(1, {(1, 2): 0.75}),
        "hps": marked(4, {(1, 2): (0, 0, -3, 1)}),
        "hm_hp": marked(2, {cell: (candidate, 0)}),
        **heads,
    }
    found = ct.generic_decode(output, K=1)
    return found["hps"][0, 0].tolist(), pytest.approx(found["kps_score"][0, 0])


def test_joints():
    stays, moved = ([2, 1, -1, 2], 0.75 * 0.75), 0.75 * (0.5 + 0.75) / 2
    wide, offset = {"wh": marked(2, {}, rest=9)}, {"hp_offset": marked(2, {}, rest=0.25)}
    assert joints(**wide) == ([3.5, 2.5, -1, 2], moved)
    assert joints(**wide, reg=marked(2, {})) == ([3, 2, -1, 2], moved)
    assert joints(**wide, **offset, reg=marked(2, {})) == ([3.25, 2.25, -1, 2], moved)
    assert joints(0.2, **wide) == stays
    assert joints(**offset, wh=marked(2, {}, rest=2)) == ([3.25, 2.25, -1, 2], moved)
    assert joints(**offset, wh=marked(2, {}, rest=1)) == stays
    amodal = {"ltrb_amodal": marked(4, {}, rest=0)}
    assert joints(**wide, **offset, **amodal) == ([3.25, 2.25, -1, 2], moved)


def test_joints_on_the_border_of_the_box():
    def box(*sides):
        return {"hp_offset": marked(2, {}, rest=0), "ltrb": marked(4, {(1, 2): sides})}

    moved = [3, 2, -1, 2]
    assert joints(**box(-4, 0, 1, 1))[0] == moved
    assert joints(**box(1, 1, 9, 9))[0] == moved
    for sides in [(-4, 0, 0.75, 1), (-4, 0, 1, 0.75), (1.25, 1, 9, 9), (1, 1.25, 9, 9)]:
        assert joints(**box(*sides))[0] == [2, 1, -1, 2]


def test_the_nearest_candidate():
    output = {
        "hm": marked(1, {(1, 2): 0.75}),
        "wh": marked(2, {}, rest=99),
        "hps": marked(2, {(1, 2): (-1, 0)}),
        "hm_hp": marked(1, {(0, 3): 0.9, (2, 0): 0.5, (0, 0): 0.4}),
        "hp_offset": marked(2, {}, rest=0),
    }
    found = ct.generic_decode(output, K=4)
    near(found["hps"][0, 0], [0, 2])
    near(found["kps_score"][0, 0], 0.75 * 0.5)
    assert found["hps"].shape == (1, 4, 2)
    output["hps"] = marked(2, {(1, 2): (-1.25, -0.25)})
    found = ct.generic_decode(output, K=4)
    near(found["hps"][0, 0], [0, 0])
    near(found["kps_score"][0, 0], 0.75 * 0.4)
    with pytest.raises(ValueError, match="k not in range"):
        ct.generic_decode(output)


def test_joint_extent():
    assert ct.extent([2, -1]) == (-1.75, 2 + 0.25 * 3.75)
    offset = {"hp_offset": marked(2, {}, rest=0)}
    assert joints(cell=(1, 3), **offset)[0] == [2, 1, -1, 2]
    assert joints(cell=(2, 2), **offset)[0] == [2, 2, -1, 2]
    plain = {"hm": marked(1, {(1, 2): 0.75}), "hps": marked(2, {(1, 2): (1, 1)})}
    assert ct.generic_decode(plain, K=1)["kps_score"].tolist() == [[[3, 2]]]


def first_stage(**options):
    logits = np.full((2, 1, 2), -9.0, F32)
    logits[0, 0], logits[1, 0, 1] = (LOG3, 0), 0
    ltrb = np.full((4, 1, 2), 1.0, F32)
    return cn2.centernet2_first_stage([logits, logits[:, :, :1]], [ltrb, -ltrb], [8, 16], **options)


def test_first_stage_of_centernet2():
    boxes, scores, labels = first_stage()
    near(scores, [0.75, 0.75, 0.5, 0.5])
    near(boxes[:2], [[-4, -4, 12, 12], [24, 24, 24.01, 24.01]])
    near(boxes[2:], [[4, -4, 20, 12]] * 2)
    assert labels.tolist() == [0, 0, 0, 1]
    assert len(first_stage(score_thresh=0.5)[0]) == 2
    assert len(first_stage(nms_thresh=0.3)[0]) == 3
    assert first_stage(center_nms=True)[2].tolist() == [0, 0, 1]
    near(first_stage(pre_nms_topk=1)[1], [0.75, 0.75])
    assert [len(first_stage(post_nms_topk=n)[0]) for n in (1, 2, 3, 4)] == [2, 2, 4, 4]
    maps = [np.full((1, 1, 2), LOG3, F32)] * 2
    near(first_stage(agnostic=maps)[1], [0.75, 0.75, math.sqrt(0.375), math.sqrt(0.375)])
    assert [len(first_stage(post_nms_topk=n, nms_thresh=2)[0]) for n in (3, 5)] == [4, 4]
    near(cn2.grid_box(np.ones((4, 3, 3), F32), 1, 2, 8), [12, 4, 28, 20])
    faint = [np.full((1, 1, 2), -9, F32)] * 2
    assert len(first_stage(agnostic=faint)[0]) == 4


def test_centerpoint():
    hm = marked(2, {(1, 2): (0, LOG3), (1, 3): (0, 0), (0, 0): (-2.5, -9)}, rest=-9)[0]
    heads = {
        "reg": marked(2, {(1, 2): (0.25, 0.5)})[0],
        "height": marked(1, {(1, 2): -1})[0],
        "dim": marked(3, {(1, 2): (0, math.log(2), math.log(3))})[0],
        "rot": marked(2, {(1, 2): (1, 0)}, rest=-1)[0],
    }
    options = {"out_size_factor": 4, "voxel_size": (0.5, 0.25), "pc_range": (-10, -20)}
    area = [-10, -99, -1, -3.5, 99, 1]
    boxes, scores, labels = cp.centerpoint_decode(
        hm, **heads, **options, post_center_limit_range=area
    )
    turn = -0.75 * math.pi
    near(boxes, [[-5.5, -18.5, -1, 1, 2, 3, math.pi / 2], [-4, -19, 0, 1, 1, 1, turn]])
    near(scores, [0.75, 0.5])
    assert labels.tolist() == [1, 0]
    found = cp.centerpoint_decode(
        hm, **heads, **options, post_center_limit_range=area, score_threshold=0.5
    )
    assert found[2].tolist() == [1]
    area[3] = -4
    assert len(cp.centerpoint_decode(hm, **heads, **options, post_center_limit_range=area)[0]) == 2
    area[5] = -0.5
    assert len(cp.centerpoint_decode(hm, **heads, **options, post_center_limit_range=area)[0]) == 1
    area[3] = -5
    heads["vel"] = marked(2, {(1, 2): (6, 7)})[0]
    boxes = cp.centerpoint_decode(hm, **heads, **options, post_center_limit_range=area)[0]
    near(boxes, [[-5.5, -18.5, -1, 1, 2, 3, 6, 7, math.pi / 2]])
