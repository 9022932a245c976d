"""compat.tf_object_detection: cells, boxes and indices against the oracle."""

import inspect

import numpy as np
import pytest
from centerdecode.compat import tf_object_detection as tf
from oracles.tf import argmax as oracle_tf_argmax
from oracles.tf import boxes as oracle_tf
from oracles.tf import keypoints as oracle_tf_keypoints
from oracles.tf import masks as oracle_tf_masks
from support.tf_maps import (
    GRIDS,
    MAPS,
    assert_all_near,
    assert_near,
    cells,
    feature_map,
    head,
    score_map,
)

ORACLES = (oracle_tf, oracle_tf_keypoints, oracle_tf_argmax, oracle_tf_masks)
each_map = pytest.mark.parametrize("name", MAPS)
each_grid = pytest.mark.parametrize("grid", GRIDS, ids=str)


@pytest.mark.parametrize(
    "name", [name for name in tf.__all__ if any(hasattr(module, name) for module in ORACLES)]
)
def test_calls_are_upstreams(name):
    (truth,) = {getattr(module, name, None) for module in ORACLES} - {None}
    ours, theirs = (inspect.signature(function).parameters for function in (vars(tf)[name], truth))
    described = [
        [(each.name, each.default, each.kind) for each in parameters.values()]
        for parameters in (ours, theirs)
    ]
    assert described[0] == described[1]


@each_map
@each_grid
@pytest.mark.parametrize("kernel", [None, 1, 3, 5])
@pytest.mark.parametrize("per_channel", [False, True])
def test_best_cells(name, grid, kernel, per_channel):
    shape = (2, *grid, 3)
    for values in (score_map(name, shape), feature_map(name, shape)):
        for k in (0, 1, 6, grid[0] * grid[1], 3 * grid[0] * grid[1] + 2):
            arguments = (values, kernel, k, per_channel)
            found = tf.top_k_feature_map_locations(*arguments)
            truth = oracle_tf.top_k_feature_map_locations(*arguments)
            assert found[0].shape == (2, 3 * k if per_channel else min(k, values[0].size))
            for ours, theirs in zip(found, truth, strict=True):
                np.testing.assert_array_equal(ours, theirs, strict=True)


@pytest.mark.parametrize("per_channel", [False, True])
def test_best_cells_of_a_whole_map(isa, per_channel):
    values = score_map("noise", (1, 40, 70, 2))
    found = tf.top_k_feature_map_locations(values, per_channel=per_channel)
    truth = oracle_tf.top_k_feature_map_locations(values, per_channel=per_channel)
    assert_all_near(found, truth)


def test_best_cells_are_read_in_half_precision_and_any_strides():
    stored = score_map("noise", (2, 4, 7, 3)).astype(np.float16)
    truth = oracle_tf.top_k_feature_map_locations(stored.astype(np.float32), k=9)
    turned = np.ascontiguousarray(stored.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    for given in (stored, turned):
        assert_all_near(tf.top_k_feature_map_locations(given, k=9), truth)
    stored.flags.writeable = False
    assert_all_near(tf.top_k_feature_map_locations(stored, k=9), truth)


def test_published_samples():
    values = np.zeros((2, 3, 3, 2), np.float32)
    values[0, 2, 0, 1], values[0, 2, 1, 1], values[0, 0, 1, 0] = 1.0, 0.9, 0.7
    values[0, 2, 2, 0], values[0, 2, 2, 1] = 0.5, -0.3
    values[1, 2, 1, 1], values[1, 1, 0, 0], values[1, 1, 2, 0] = 0.7, 0.4, 0.1
    scores, y, x, channel = tf.top_k_feature_map_locations(values, max_pool_kernel_size=3, k=3)
    assert scores.tolist() == np.float32([[1, 0.7, 0.5], [0.7, 0.4, 0.1]]).tolist()
    assert y.tolist() == [[2, 0, 2], [2, 1, 1]]
    assert x.tolist() == [[0, 1, 2], [1, 0, 2]]
    assert channel.tolist() == [[1, 0, 0], [1, 0, 0]]
    size, offset = np.zeros((2, 2, 100, 100, 2), np.float32)
    size[0, 10, 20], offset[0, 10, 20] = (40, 60), (1, 2)
    size[1, 75, 85], offset[1, 75, 85] = (21, 25), (5, 2)
    at = np.array([[10], [75]]), np.array([[20], [85]])
    boxes = tf.prediction_tensors_to_boxes(*at, size, offset)
    assert boxes.tolist() == [[[0, 0, 31, 52]], [[69.5, 74.5, 90.5, 99.5]]]
    boxes = tf.prediction_tensors_to_boxes(*at, size, offset, clip=False)
    assert boxes.tolist() == [[[-9, -8, 31, 52]], [[69.5, 74.5, 90.5, 99.5]]]
    boxes = np.float32([[[10, 20, 30, 40]]])
    parts = tf.convert_strided_predictions_to_normalized_boxes(boxes, 2, [[100, 90, 3]])
    assert_near(parts, np.float32([[[0.2, 40 / 90, 0.6, 80 / 90]]]))


@each_grid
@pytest.mark.parametrize("count", [0, 1, 9])
@pytest.mark.parametrize("batch", [0, 1, 2])
def test_what_is_read_at_cells(grid, count, batch):
    shape = (batch, *grid, 1)
    at = cells(shape, count)
    for clip in (True, False):
        heads = head(shape, 2), head(shape, 2, 1)
        found = tf.prediction_tensors_to_boxes(*at, *heads, clip=clip)
        assert_near(found, oracle_tf.prediction_tensors_to_boxes(*at, *heads, clip=clip))
    found = tf.prediction_tensors_to_temporal_offsets(*at, heads[0])
    assert_near(found, oracle_tf.prediction_tensors_to_temporal_offsets(*at, heads[0]))
    embeddings = head(shape, 5)
    found = tf.predicted_embeddings_at_object_centers(embeddings, *at)
    assert_near(found, oracle_tf.predicted_embeddings_at_object_centers(embeddings, *at))
    found = tf.regressed_keypoints_at_object_centers(head(shape, 6), *at)
    truth = oracle_tf_keypoints.regressed_keypoints_at_object_centers(head(shape, 6), *at)
    assert_near(found, truth)


@pytest.mark.parametrize("stride", [1, 4, 2.5])
def test_normalised_boxes(stride):
    boxes = head((2, 5, 3, 1), 4, spread=9).reshape(2, 15, 4)
    shapes = [[20, 31, 3], [17, 9, 3]]
    found = tf.convert_strided_predictions_to_normalized_boxes(boxes, stride, shapes)
    truth = oracle_tf.convert_strided_predictions_to_normalized_boxes(boxes, stride, shapes)
    assert_near(found, truth)
    assert found.min() == 0
    assert found.max() == 1


def test_flat_indices():
    indices = np.random.default_rng(0).integers(0, 4 * 7 * 3, (2, 9))
    found = tf.row_col_channel_indices_from_flattened_indices(indices, 7, 3)
    truth = oracle_tf.row_col_channel_indices_from_flattened_indices(indices, 7, 3)
    assert_all_near(found, truth)
    rows, cols, _ = found
    flat = tf.flattened_indices_from_row_col_indices(rows, cols, 7)
    assert_near(flat, oracle_tf.flattened_indices_from_row_col_indices(rows, cols, 7))
    np.testing.assert_array_equal(flat, indices // 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda maps, at: tf.top_k_feature_map_locations(maps[0]), ValueError, "4 axes"),
        (lambda maps, at: tf.top_k_feature_map_locations(maps, k=-1), ValueError, "k must be"),
        (lambda maps, at: tf.top_k_feature_map_locations(maps, 2), ValueError, "must be odd"),
        (lambda maps, at: tf.top_k_feature_map_locations(maps.astype(float)), TypeError, "float64"),
        (lambda maps, at: tf.top_k_feature_map_locations([[1.0]]), TypeError, "got list"),
        (
            lambda maps, at: tf.predicted_embeddings_at_object_centers(maps, at[0] + 4, at[1]),
            ValueError,
            "ys must be cells",
        ),
        (
            lambda maps, at: tf.predicted_embeddings_at_object_centers(maps, at[0], at[1] - 9),
            ValueError,
            "xs must be cells",
        ),
        (
            lambda maps, at: tf.predicted_embeddings_at_object_centers(maps, at[0][:, :1], at[1]),
            ValueError,
            "y_indices and x_indices must be of one shape",
        ),
        (
            lambda maps, at: tf.predicted_embeddings_at_object_centers(maps, at[0] / 2, at[1]),
            TypeError,
            "y_indices must be integers, got float64",
        ),
        (
            lambda maps, at: tf.prediction_tensors_to_boxes(*at, maps, maps[..., :2]),
            ValueError,
            "height_width_predictions must have 2 channels, got 3",
        ),
        (
            lambda maps, at: tf.prediction_tensors_to_temporal_offsets(*at, maps[0]),
            ValueError,
            "offset_predictions must have 4 axes",
        ),
        (
            lambda maps, at: tf.regressed_keypoints_at_object_centers(maps, *at),
            ValueError,
            "must have an even number of channels, got 3",
        ),
        (
            lambda maps, at: tf.convert_strided_predictions_to_normalized_boxes(
                np.zeros((2, 1, 4)), 4, [[9, 9, 3]]
            ),
            ValueError,
            r"true_image_shapes must be of shape \(2, 3\), got \(1, 3\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    shape = (1, 4, 7, 3)
    with pytest.raises(error, match=message):
        call(score_map("noise", shape), cells(shape, 5))


def test_torch_tensors_give_torch_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    shape = (2, 4, 7, 2)
    values, sizes = torch.from_numpy(score_map("noise", shape)), torch.from_numpy(head(shape, 2))
    found = tf.top_k_feature_map_locations(values, k=5)
    boxes = tf.prediction_tensors_to_boxes(*found[1:3], sizes, sizes)
    parts = tf.convert_strided_predictions_to_normalized_boxes(
        boxes, 4, torch.tensor([[9, 9, 3]] * 2)
    )
    assert all(isinstance(part, torch.Tensor) for part in (*found, boxes, parts))
    at = [part.numpy() for part in found[1:3]]
    truth = oracle_tf.prediction_tensors_to_boxes(*at, sizes.numpy(), sizes.numpy())
    assert_near(boxes.numpy(), truth)
