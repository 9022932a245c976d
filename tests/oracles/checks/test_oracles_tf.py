"""The oracles of TF's CenterNet boxes and masks against values worked out by hand."""

import numpy as np
import pytest
from oracles.tf import boxes as tf
from oracles.tf import masks

F32 = np.float32


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def marked(shape, values):
    """Return a map of zeros with {index: value} set."""
    result = np.zeros(shape, F32)
    for index, value in values.items():
        result[index] = value
    return result


def published_map():
    first = {(0, 2, 0, 1): 1.0, (0, 2, 1, 1): 0.9, (0, 0, 1, 0): 0.7, (0, 2, 2, 0): 0.5}
    second = {(1, 2, 1, 1): 0.7, (1, 1, 0, 0): 0.4, (1, 1, 2, 0): 0.1}
    return marked((2, 3, 3, 2), {**first, (0, 2, 2, 1): -0.3, **second})


def test_published_peaks():
    found = tf.top_k_feature_map_locations(published_map(), 3, 3)
    near(found[0], [[1, 0.7, 0.5], [0.7, 0.4, 0.1]])
    assert [column.tolist() for column in found[1:]] == [
        [[2, 0, 2], [2, 1, 1]],
        [[0, 1, 2], [1, 0, 2]],
        [[1, 0, 0], [1, 0, 0]],
    ]
    assert [column.dtype for column in found] == [F32, np.int32, np.int32, np.int32]


@pytest.mark.parametrize("kernel", [1, None])
def test_no_filter(kernel):
    scores, y, x, c = tf.top_k_feature_map_locations(published_map()[:1], kernel, 3)
    near(scores, [[1, 0.9, 0.7]])
    assert [y.tolist(), x.tolist(), c.tolist()] == [[[2, 2, 0]], [[0, 1, 1]], [[1, 1, 0]]]


def test_windows():
    line = [[0.5, 0.25, 0.375, 0.25, 0.5]]
    assert tf.suppress(line, 3) == [[0.5, 0, 0.375, 0, 0.5]]
    assert tf.suppress(line, 5) == [[0.5, 0, 0, 0, 0.5]]
    upright = [[value] for value in line[0]]
    assert tf.suppress(upright, 3) == [[0.5], [0], [0.375], [0], [0.5]]
    assert tf.suppress(upright, 5) == [[0.5], [0], [0], [0], [0.5]]
    corner = [[0.25, 0.5, 0.25], [0.5, 0.75, 0.5], [0.5, 0.5, 0.875]]
    assert tf.suppress(corner, 3) == [[0, 0, 0], [0, 0, 0], [0, 0, 0.875]]


def test_almost_equal_neighbours_survive():
    pair = np.array([0.5, 0.4999994], F32).reshape(1, 1, 2, 1)
    assert tf.top_k_feature_map_locations(pair, 3, 2)[0].tolist() == [pair.ravel().tolist()]
    pair = np.array([0.5, 0.499998], F32).reshape(1, 1, 2, 1)
    assert tf.top_k_feature_map_locations(pair, 3, 2)[0].tolist() == [[0.5, 0.0]]


def test_suppressed_cells_are_zero():
    scores, _, x, _ = tf.top_k_feature_map_locations(np.array([[[[-0.25], [-0.5]]]], F32), 3, 2)
    assert (scores.tolist(), x.tolist()) == ([[0.0, -0.25]], [[1, 0]])


def test_ties_go_by_row_column_channel():
    _, y, x, c = tf.top_k_feature_map_locations(np.ones((1, 2, 2, 2), F32), 3, 5)
    assert y.tolist() == [[0, 0, 0, 0, 1]]
    assert x.tolist() == [[0, 0, 1, 1, 0]]
    assert c.tolist() == [[0, 1, 0, 1, 0]]


def test_too_large_k():
    heatmap = marked((1, 1, 2, 2), {(0, 0, 1, 0): 0.5, (0, 0, 0, 1): 0.25})
    assert tf.top_k_feature_map_locations(heatmap, 1, 100)[0].tolist() == [[0.5, 0.25, 0, 0]]
    found = tf.top_k_feature_map_locations(heatmap, 1, 3, per_channel=True)
    rows = [[0.5, 0, 0, 0.25, 0, 0], [0] * 6, [1, 0, 0, 0, 1, 0], [0, 0, 0, 1, 1, 1]]
    assert [column[0].tolist() for column in found] == rows


@pytest.mark.parametrize(
    ("per_channel", "expected"),
    [(False, [[1.0], [2], [0], [1]]), (True, [[0.7, 1.0], [0, 2], [1, 0], [0, 1]])],
)
def test_best_cell_only(per_channel, expected):
    found = tf.top_k_feature_map_locations(published_map()[:1], 3, 1, per_channel)
    near([column[0].tolist() for column in found], expected)


def test_flat_indices():
    found = tf.row_col_channel_indices_from_flattened_indices([[11, 0], [4, 9]], 3, 2)
    rows = [[[1, 0], [0, 1]], [[2, 0], [2, 1]], [[1, 0], [0, 1]]]
    assert [part.tolist() for part in found] == rows
    assert tf.flattened_indices_from_row_col_indices([[1, 0]], [[2, 1]], 3).tolist() == [[5, 1]]


def test_published_boxes():
    size, offset = np.zeros((2, 100, 100, 2), F32), np.zeros((2, 100, 100, 2), F32)
    size[0, 10, 20], offset[0, 10, 20] = (40, 60), (1, 2)
    size[1, 75, 85], offset[1, 75, 85] = (21, 25), (5, 2)
    cells = np.array([[10], [75]]), np.array([[20], [85]])
    boxes = tf.prediction_tensors_to_boxes(*cells, size, offset, clip=False)
    assert boxes.tolist() == [[[-9, -8, 31, 52]], [[69.5, 74.5, 90.5, 99.5]]]
    boxes = tf.prediction_tensors_to_boxes(*cells, size, offset)
    assert boxes.tolist() == [[[0, 0, 31, 52]], [[69.5, 74.5, 90.5, 99.5]]]
    near(tf.prediction_tensors_to_temporal_offsets(*cells, offset), [[[1, 2]], [[5, 2]]])
    size[0, 10, 20] = (-4, 200)
    boxes = tf.prediction_tensors_to_boxes(*cells, size, offset)
    assert boxes[0].tolist() == [[11, 0, 11, 100]]


def test_embeddings():
    head = np.arange(12, dtype=F32).reshape(1, 2, 2, 3)
    found = tf.predicted_embeddings_at_object_centers(head, [[1, 0]], [[0, 1]])
    assert found.tolist() == [[[6, 7, 8], [3, 4, 5]]]
    near(tf.l2_normalize([[[3, 4], [0, 0]]]), [[[0.6, 0.8], [0, 0]]])


def test_published_normalised_boxes():
    found = tf.convert_strided_predictions_to_normalized_boxes(
        [[[10, 20, 30, 40], [-1, 0, 60, 45]]], 2, [[100, 90, 3]]
    )
    near(found, [[[0.2, 40 / 90, 0.6, 80 / 90], [0, 0, 1, 1]]])


def test_crop():
    plane = [[1, 0], [0, 0]]
    near(masks.crop_plane(plane, (0, 0, 1, 1), (3, 3)), [[1, 0.5, 0], [0.5, 0.25, 0], [0] * 3])
    near(masks.crop_plane(plane, (-1, 0, 0, 0.5), (3, 2)), [[0, 0], [0, 0], [1, 0.5]])
    near(masks.crop_plane(plane, (0, 0, 1, 0.5), (1, 1)), [[0.375]])
    near(masks.crop_plane([[0, 0], [1, 0.5]], (1, 0, 1, 1), (1, 3)), [[1, 0.75, 0.5]])
    near(masks.crop_plane(plane, (0, 0, 1.5, 1.25), (2, 2)), [[1, 0], [0, 0]])
    near(masks.crop_plane([[0.5] * 7] * 5, (0, 0.3, 1, 1), (9, 11)), [[0.5] * 11] * 9)


def test_a_slope_is_cropped_exactly():
    plane = [[10 * y + x for x in range(9)] for y in range(5)]
    crop = masks.crop_plane(plane, (0.25, 0.5, 0.5, 0.875), (3, 4))
    near(crop, [[10 * y + x for x in (4, 5, 6, 7)] for y in (1, 1.5, 2)])
    crop = masks.crop_plane(plane, (0.25, 0.5, 0.375, 0.875), (2, 3))
    near(crop, [[10 * y + x for x in (4, 5.5, 7)] for y in (1, 1.5)])
    near(masks.crop_plane(plane, (0.25, 0.5, 0.625, 1), (1, 1)), [[10 * 1.75 + 6]])
    near(masks.crop_plane(plane, (0, -0.125, 1, 1.125), (2, 11))[1], [0, *range(40, 49), 0])
    near(masks.crop_plane(plane, (-0.25, 0, 1.25, 1), (7, 2))[:2], [[0, 0], [0, 8]])


def test_masks():
    heat = np.array([[[[1, 0], [0, 1]], [[0, 1], [0, 1]]]], F32)
    boxes = np.array([[[0, 0, 1, 1], [0, 0, 1, 1]]], F32)
    options = {"mask_height": 3, "mask_width": 2}
    found, surface = masks.convert_strided_predictions_to_instance_masks(
        boxes, [[0, 1]], heat, [[8, 8, 3]], **options
    )
    assert found.tolist() == [[[[1, 0], [1, 0], [0, 0]], [[0, 1], [1, 1], [1, 1]]]]
    assert (found.dtype, surface) == (np.uint8, None)
    found, _ = masks.convert_strided_predictions_to_instance_masks(
        boxes, [[0, 0]], heat, [[4, 8, 3]], **options
    )
    assert found[0, 0].tolist() == [[1, 0], [1, 0], [1, 0]]
    found, _ = masks.convert_strided_predictions_to_instance_masks(
        boxes, [[0, 0]], heat, [[8, 4, 3]], **options
    )
    assert found[0, 0].tolist() == [[1, 1], [1, 0], [0, 0]]


def test_surface_coordinates():
    heat = np.array([[[1, 1], [0, 1]], [[1, 1], [0, 1]]], F32)
    parts = np.array([[[1, 2], [2, 1]], [[1, 2], [2, 1]]], F32)
    coords = np.arange(16, dtype=F32).reshape(2, 2, 4)
    elems = (np.array([[0, 0, 1, 1]] * 2), [0, 1], heat, parts, coords, 8, 8)
    found, surface = masks.crop_and_threshold_masks(elems, 8, 8, 2, 3, densepose_class_index=1)
    assert found[0].tolist() == [[1, 1, 0], [1, 1, 0]]
    assert surface[0].tolist() == np.zeros((2, 3, 2)).tolist()
    assert found[1].tolist() == [[2, 1, 1], [2, 1, 1]]
    assert surface[1].tolist() == [[[2, 3], [2, 3], [4, 5]], [[10, 11], [10, 11], [12, 13]]]
