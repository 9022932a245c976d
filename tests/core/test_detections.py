"""Detections are arrays of rows: they index, iterate and join without losing a column."""

import dataclasses
import pickle

import centerdecode as cd
import numpy as np
import pytest

ROWS = 6


def make(rows=ROWS, keypoints=True, extras=True, seed=0):
    """Return detections in which every number tells its row."""
    row = np.arange(rows) + 100 * seed
    more = {}
    if keypoints:
        points = row[:, None, None] + np.arange(10).reshape(5, 2) / 16
        more = {"keypoints": points.astype("f4"), "keypoint_scores": points[..., 0].astype("f4")}
    if extras:
        more["extras"] = {"depth": row * 2.0, "embedding": np.outer(row, [1, 2, 3])}
    return cd.Detections(
        np.outer(row, [1, 2, 3, 4]).astype(np.float32),
        (0.9 - row / 1000).astype(np.float32),
        (row % 80).astype(np.int32),
        **more,
    )


def columns(detections):
    """Return all arrays of detections by name."""
    names = ["xyxy", "scores", "class_ids", "keypoints", "keypoint_scores"]
    own = {name: getattr(detections, name) for name in names}
    assert not own.keys() & detections.extras.keys()
    own = {name: array for name, array in own.items() if array is not None}
    return own | dict(detections.extras)


def assert_rows(found, whole, rows):
    """Assert that `found` is these rows of `whole`, in every column, and owns them."""
    assert isinstance(found, cd.Detections)
    assert columns(found).keys() == columns(whole).keys()
    for name, array in columns(found).items():
        np.testing.assert_array_equal(array, columns(whole)[name][rows], strict=True)
        assert array.flags.owndata
        assert not np.shares_memory(array, columns(whole)[name])


MASK = np.array([True, False, True, True, False, False])


@pytest.mark.parametrize(("index", "rows"), [
    (0, [0]),
    (-1, [5]),
    (np.int32(2), [2]),
    (slice(None), range(6)),
    (slice(1, 4), [1, 2, 3]),
    (slice(None, None, -2), [5, 3, 1]),
    (slice(9, 12), []),
    (MASK, [0, 2, 3]),
    (MASK.tolist(), [0, 2, 3]),
    (np.zeros(6, bool), []),
    (np.array([4, 1, 1]), [4, 1, 1]),
    (np.array([-1, 0], np.int8), [5, 0]),
    (np.array([], int), []),
    ([], []),
    ([3, -6], [3, 0]),
], ids=repr)  # fmt: skip
@pytest.mark.parametrize("keypoints", [False, True])
@pytest.mark.parametrize("extras", [False, True])
def test_indexing_gives_owned_detections(extras, keypoints, index, rows):
    whole = make(keypoints=keypoints, extras=extras)
    assert_rows(whole[index], whole, np.array([*rows], int))


@pytest.mark.parametrize("index", [6, -7, [0, 6], np.ones(5, bool), "xyxy", 1.0, (0, 1)], ids=repr)
def test_indexing_refuses(index):
    with pytest.raises(IndexError):
        make()[index]


def test_indexing_the_result_of_a_decode():
    heatmap, wh = np.full((2, 3, 9), -9, np.float32), np.ones((2, 3, 9), np.float32)
    heatmap[:, 1, [1, 4, 7]] = [[1, 3, 2], [4, 6, 5]]
    found = cd.decode_boxes(heatmap, wh)
    assert found[found.class_ids == 1].xyxy[:, 0].tolist() == [16, 28, 4]
    assert found[found.scores > 0.97].class_ids.tolist() == [1, 1, 1]
    assert found[:1].xyxy.tolist() == [[16, 4, 20, 8]]


def test_len_and_truth():
    assert len(make()) == ROWS
    assert len(make(0)) == 0
    assert make()
    assert not make(0)


def test_iteration_gives_rows():
    whole = make()
    assert [row.score for row in whole] == whole.scores.tolist()
    assert [row.class_id for row in whole] == whole.class_ids.tolist()
    for i, row in enumerate(whole):
        assert (type(row.score), type(row.class_id)) == (float, int)
        np.testing.assert_array_equal(row.xyxy, whole.xyxy[i])
        np.testing.assert_array_equal(row.keypoints, whole.keypoints[i])
        np.testing.assert_array_equal(row.keypoint_scores, whole.keypoint_scores[i])
        assert row.extras["depth"] == 2 * i
        assert row.extras["embedding"].tolist() == [i, 2 * i, 3 * i]
    row = next(iter(make(keypoints=False, extras=False)))
    assert (row.keypoints, row.keypoint_scores, row.extras) == (None, None, {})


def test_empty():
    empty = cd.Detections.empty()
    shapes = {name: (array.shape, array.dtype) for name, array in columns(empty).items()}
    assert shapes == {
        "xyxy": ((0, 4), np.float32),
        "scores": ((0,), np.float32),
        "class_ids": ((0,), np.int32),
    }
    assert list(empty) == []
    assert len(empty[[]]) == 0


@pytest.mark.parametrize("keypoints", [False, True])
@pytest.mark.parametrize("extras", [False, True])
def test_concat_is_strongest_first_and_stable(extras, keypoints):
    parts = [make(3, keypoints, extras, seed) for seed in (2, 0, 1, 0)]
    parts[3] = dataclasses.replace(parts[3], class_ids=parts[3].class_ids + 40)
    joined = cd.Detections.concat(iter(parts))
    assert len(joined) == 12
    assert (np.diff(joined.scores) <= 0).all()
    order = [3, 9, 4, 10, 5, 11, 6, 7, 8, 0, 1, 2]  # of two equal ones the earlier part's
    for name, array in columns(joined).items():
        stacked = np.concatenate([columns(part)[name] for part in parts])
        np.testing.assert_array_equal(array, stacked[order], strict=True)
        assert not any(np.shares_memory(array, columns(part)[name]) for part in parts)


def test_concat_of_nothing_is_empty():
    for parts in ([], [cd.Detections.empty()], [make(0), make(0)]):
        assert len(cd.Detections.concat(parts)) == 0


def test_concat_of_parts_without_rows_keeps_their_columns():
    joined = cd.Detections.concat([make(0), make(0)])
    assert columns(joined).keys() == columns(make()).keys()
    assert joined.keypoints.shape == (0, 5, 2)


def test_extras_cannot_hide_a_column():
    empty = cd.Detections.empty()
    with pytest.raises(ValueError, match=r"^extras must not have names of .*scores"):
        cd.Detections(empty.xyxy, empty.scores, empty.class_ids, extras={"scores": empty.scores})


def test_concat_leaves_out_what_is_empty():
    whole = make()
    joined = cd.Detections.concat([cd.Detections.empty(), whole, cd.Detections.empty()])
    assert_rows(joined, whole, np.arange(ROWS))


@pytest.mark.parametrize("other", [{"keypoints": False}, {"extras": False}], ids=str)
def test_concat_refuses_parts_with_other_columns(other):
    with pytest.raises(ValueError, match=r"^parts must all have the same columns, got "):
        cd.Detections.concat([make(), make(**other)])


def test_repr_counts_and_names_the_columns():
    assert repr(make(2)) == "Detections(2 found, keypoints, keypoint_scores, depth, embedding)"
    assert repr(cd.Detections.empty()) == "Detections(0 found)"


def test_pickling_keeps_every_column():
    whole = make()
    copy = pickle.loads(pickle.dumps(whole))
    assert_rows(copy, whole, np.arange(ROWS))


def test_fields_cannot_be_set():
    with pytest.raises(AttributeError):
        make().scores = None
