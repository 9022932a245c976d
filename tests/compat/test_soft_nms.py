"""The soft NMS of compat.centernet against the oracle, and without upstream's stale rows."""

import numpy as np
import pytest
from centerdecode.compat import centernet
from oracles import nms as oracle

COLUMNS = {"soft_nms": 5, "soft_nms_39": 39, "soft_nms_merge": 7}
HARD, LINEAR, GAUSSIAN = METHODS = (0, 1, 2)
both = pytest.mark.parametrize("name", COLUMNS)


def rows(rng, count, columns, ties=False):
    """Return crowded float32 rows; some boxes are inverted, some scores tiny or equal."""
    corner = rng.integers(0, 12, (count, 2))
    size = rng.integers(-1, 12, (count, 2))
    scores = rng.choice([0.0005, 0.5, 0.9], (count, 1)) if ties else rng.random((count, 1))
    rest = rng.random((count, columns - 5))
    return np.hstack([corner, corner + size, scores, rest]).astype(np.float32)


def crowds(columns):
    """Yield rows and options: none, one, a few, many."""
    rng = np.random.default_rng(7)
    for count in [0, 1, 2, 3, 5, 8, 13, 13, 13]:
        for threshold in (0.001, 0.3):
            for ties in (False, True):
                for method in METHODS:
                    yield (
                        rows(rng, count, columns, ties),
                        {
                            "method": method,
                            "threshold": threshold,
                            "Nt": 0.3,
                        },
                    )


@both
def test_upstream_bugs_leave_every_bit_as_upstream(name):
    for given, options in crowds(COLUMNS[name]):
        ours, theirs = given.copy(), given.copy()
        kept = getattr(centernet, name)(ours, upstream_bugs=True, **options)
        with np.errstate(all="ignore"):
            assert kept == getattr(oracle, name)(theirs, **options)
        np.testing.assert_array_equal(ours, theirs, err_msg=str(options))


@pytest.mark.parametrize("name", ["soft_nms", "soft_nms_39"])
def test_discarded_rows_lie_behind_with_score_zero(name):
    for given, options in crowds(COLUMNS[name]):
        ours = given.copy()
        kept = getattr(centernet, name)(ours, **options)
        np.testing.assert_array_equal(
            ours[kept], getattr(oracle, name + "_clean")(given, **options)
        )
        assert kept == list(range(len(kept)))
        assert not ours[len(kept) :, 4].any()
        # No row is lost and none is there twice: but for the scores it is a permutation.
        columns = [j for j in range(COLUMNS[name]) if j != 4]
        assert sorted(ours[:, columns].tolist()) == sorted(given[:, columns].tolist())


def test_corner_scores_of_merged_rows_travel_with_them():
    # The second row is the best. Upstream would weigh it by the first row's corner scores.
    boxes = np.array(
        [[0, 0, 9, 9, 0.4, 0.1, 0.2], [0, 0, 9, 9, 0.9, 0.6, 0.8], [50, 50, 60, 60, 0.5, 1, 1]],
        np.float32,
    )
    assert centernet.soft_nms_merge(boxes, method=LINEAR) == [0, 1]
    np.testing.assert_array_equal(boxes[0, 5:], np.float32([0.6, 0.8]))
    np.testing.assert_array_equal(boxes[1], np.float32([50, 50, 60, 60, 0.5, 1, 1]))


def test_merged_corners_are_a_weighted_mean():
    boxes = np.array([[0, 0, 9, 9, 0.9, 0.5, 0.5], [2, 0, 11, 9, 0.8, 0.25, 0.5]], np.float32)
    overlap = 80 / 120
    centernet.soft_nms_merge(boxes, method=LINEAR, weight_exp=2)
    tl, br = 0.25 * overlap**2, 0.5 * overlap**2
    corners = [2 * tl / (0.5 + tl), 0, (4.5 + 11 * br) / (0.5 + br), 9]
    np.testing.assert_allclose(boxes[0, :4], corners, rtol=1e-6)
    assert boxes[1, 4] == pytest.approx(0.8 / 3)


def test_the_example_of_the_specification_shows_a_row_once():
    boxes = np.array([[0, 0, 9, 9, 0.9], [0, 0, 9, 9, 0.001], [5, 0, 14, 9, 0.85]], np.float32)
    stale = boxes.copy()
    assert centernet.soft_nms(boxes, method=GAUSSIAN) == [0, 1]
    assert centernet.soft_nms(stale, method=GAUSSIAN, upstream_bugs=True) == [0, 1]
    assert stale[2, 4] == np.float32(0.85) > stale[1, 4]
    assert boxes[:, 4].tolist() == [stale[0, 4], stale[1, 4], 0]


def test_defaults_are_those_of_upstream():
    given = rows(np.random.default_rng(1), 13, 7)
    for name, columns in COLUMNS.items():
        ours, theirs = (np.ascontiguousarray(np.resize(given, (13, columns))) for _ in range(2))
        kept = getattr(centernet, name)(ours, upstream_bugs=True)
        with np.errstate(all="ignore"):
            assert kept == getattr(oracle, name)(theirs)
        np.testing.assert_array_equal(ours, theirs)


@both
def test_only_writable_float32_rows_are_taken(name):
    function = getattr(centernet, name)
    with pytest.raises(TypeError, match="boxes must be a float32 array, got float64"):
        function(np.zeros((2, COLUMNS[name])))
    with pytest.raises(TypeError, match="boxes must be a float32 array, got <class 'list'>"):
        function([[0, 0, 1, 1, 0.5]])
    with pytest.raises(ValueError, match=r"boxes must be of shape \(N, "):
        function(np.zeros((2, 4), np.float32))
    constant = np.zeros((2, COLUMNS[name]), np.float32)
    constant.flags.writeable = False
    with pytest.raises(ValueError, match="boxes must be writable"):
        function(constant)
