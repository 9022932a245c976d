"""NMS of boxes that are turned, and of circles, agrees with geometry in plain loops."""

import math
import pickle

import centerdecode as cd
import numpy as np
import pytest
from oracles import footprints as oracle

SQUARE = [(1, 1), (-1, 1), (-1, -1), (1, -1)]


def detections_of(corners, scores=None, class_ids=None):
    """Return detections with footprints (n, 4, 2), and their middles as locations."""
    corners = np.asarray(corners, np.float32).reshape(-1, 4, 2)
    n = len(corners)
    scores = np.arange(n, 0, -1) / max(n, 1) if scores is None else scores
    middles = np.concatenate([corners.mean(axis=1), np.zeros((n, 1))], axis=1)
    return cd.Detections(
        np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1),
        np.asarray(scores, np.float32),
        np.zeros(n, np.int32) if class_ids is None else np.asarray(class_ids, np.int32),
        extras={"corners": corners, "location": middles.astype(np.float32)},
    )


def iou_of(first, second):
    """Return the IoU that NMS sees, as what it takes from the score of the second."""
    soft = cd.NMS("linear", iou_threshold=0, score_threshold=-1, shape="footprint")
    return 1 - float(soft(detections_of([first, second], [1, 1])).scores[-1])


def turned(degrees, x=0.0, y=0.0, along=2.0, across=2.0, clockwise=True):
    return oracle.corners_of(x, y, along, across, math.radians(degrees), clockwise)


OCTAGON = 8 * (math.sqrt(2) - 1)  # what two squares of side 2 share, one turned by 45 degrees
KNOWN = {
    "the same": (SQUARE, SQUARE, 1),
    "the same, the other way around": (SQUARE, SQUARE[::-1], 1),
    "the same, turned by 90 degrees": (SQUARE, turned(90), 1),
    "half a side beside": (SQUARE, turned(0, 1), 1 / 3),
    "a quarter": (SQUARE, turned(0, 1, 1), 1 / 7),
    "inside": (SQUARE, turned(45, along=1, across=1), 1 / 4),
    "around": (SQUARE, turned(0, along=8, across=4), 1 / 8),
    "touching": (SQUARE, turned(0, 2), 0),
    "at a corner": (SQUARE, turned(0, 2, 2), 0),
    "apart, but not their frames": (turned(45, along=9, across=0.5), turned(45, 2, 2), 0),
    "octagon": (SQUARE, turned(45), OCTAGON / (8 - OCTAGON)),
    "octagon, far away": (turned(0, 500, -700), turned(45, 500, -700), OCTAGON / (8 - OCTAGON)),
    "a cross": (turned(30, along=8, across=1), turned(120, along=8, across=1), 1 / 15),
    "without area": (SQUARE, turned(0, across=0), 0),
    "a point on itself": (turned(0, along=0, across=0),) * 2 + (0,),
    "NaN": (SQUARE, [(math.nan, 1), *SQUARE[1:]], 0),
    "infinite": (SQUARE, turned(0, along=math.inf), 0),
}


@pytest.mark.parametrize(("first", "second", "iou"), KNOWN.values(), ids=KNOWN)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_known_overlaps(first, second, iou):
    assert iou_of(first, second) == pytest.approx(iou, abs=1e-5)
    assert iou_of(second, first) == pytest.approx(iou, abs=1e-5)
    if np.isfinite([*first, *second]).all():
        assert oracle.iou(first, second) == pytest.approx(iou, abs=1e-9)


def crowd(seed, n=60, size=5):
    """Return n boxes turned any way, some of equal scores."""
    rng = np.random.default_rng(seed)
    corners = [
        oracle.corners_of(*rng.uniform(-size, size, 2), *rng.uniform(0.5, 6, 2), angle, bool(n % 2))
        for angle in rng.uniform(-4, 4, n)
    ]
    return detections_of(corners, rng.integers(1, 30, n) / 30, rng.integers(0, 3, n))


@pytest.mark.parametrize("seed", range(8))
def test_overlaps_agree_with_the_oracle(seed):
    boxes = crowd(seed, 12, size=3).extras["corners"]
    for first in boxes:
        for second in boxes:
            expected = oracle.iou(first.astype(float).tolist(), second.astype(float).tolist())
            assert iou_of(first, second) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("class_agnostic", [True, False])
@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("seed", range(3))
def test_nms_of_footprints(seed, threshold, class_agnostic):
    given = crowd(seed)
    columns = given.extras["corners"], given.scores, given.class_ids
    rows = oracle.footprint_nms(*columns, threshold, class_agnostic)
    rule = cd.NMS(shape="footprint", iou_threshold=threshold, class_agnostic=class_agnostic)
    found = rule(given)
    np.testing.assert_array_equal(found.xyxy, given.xyxy[rows])
    np.testing.assert_array_equal(found.extras["corners"], given.extras["corners"][rows])
    assert 3 < len(rows) < len(given)


@pytest.mark.parametrize("class_agnostic", [True, False])
@pytest.mark.parametrize("radius", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("seed", range(3))
def test_nms_of_circles(seed, radius, class_agnostic):
    given = crowd(seed)
    columns = given.extras["location"][:, :2], given.scores, given.class_ids
    rows = oracle.circle_nms(*columns, radius, class_agnostic)
    found = cd.NMS(shape="circle", radius=radius, class_agnostic=class_agnostic)(given)
    np.testing.assert_array_equal(found.scores, given.scores[rows])
    np.testing.assert_array_equal(found.extras["location"], given.extras["location"][rows])
    assert (len(rows) < len(given)) == (radius > 0)


def test_a_circle_reaches_as_far_as_its_radius():
    given = detections_of([turned(0), turned(0, 3, 4), turned(0, 0, -5.125)])
    for radius, rows in ((5, [0, 2]), (4.875, [0, 1, 2]), (5.125, [0])):
        found = cd.NMS(shape="circle", radius=radius)(given)
        np.testing.assert_array_equal(found.scores, given.scores[rows])
    soft = cd.NMS("gaussian", shape="circle", radius=5, sigma=0.5)(given[:2])
    np.testing.assert_allclose(soft.scores, [1, given.scores[1] * math.exp(-2)], rtol=1e-6)


def test_none_and_what_lacks_columns():
    for shape in ("footprint", "circle"):
        rule = cd.NMS(shape=shape)
        assert len(rule(detections_of(np.empty((0, 4, 2))))) == 0
        assert pickle.loads(pickle.dumps(rule)) == rule
        with pytest.raises(
            ValueError, match=f'the extra .* for nms of shape "{shape}", got \\[\\]'
        ):
            rule(cd.Detections.empty())
    with pytest.raises(ValueError, match="shape must be one of"):
        cd.NMS(shape="ellipse")
    with pytest.raises(ValueError, match="radius must not be NaN"):
        cd.NMS(radius=math.nan)
