"""compat's masks of TF's CenterNet agree with the oracle to the last pixel.

Both compute in float64 and by one formula, so that no pixel is near enough to the threshold
to differ; the surface coordinates are rounded to float32 once.
"""

import inspect

import numpy as np
import pytest
from centerdecode.compat._tf import _instance_masks as ours
from oracles.tf import masks as oracle

# ymin xmin ymax xmax as parts of the true image: whole, inner, outside on every side, one
# line, one point, inverted, far away, and without an end.
BOXES = [[0, 0, 1, 1], [0.25, 0.125, 0.75, 0.5], [-0.5, -0.25, 1.5, 1.25], [0.1, 0.3, 0.9, 0.3],
         [0.5, 0.5, 0.5, 0.5], [0.9, 0.8, 0.2, 0.1], [3, 3, 4, 4], [-1e9, 0, 1e9, 1],
         [0, 0.4, np.inf, 0.6], [np.nan, 0, 1, 1]]  # fmt: skip
GRIDS = [(6, 9), (1, 1), (1, 5), (7, 1), (40, 33)]


def make_elems(grid, parts=3, classes=4, true=(1.0, 1.0), seed=0):
    """Return the elems of one image with BOXES and as many random ones; stride is 4."""
    rng = np.random.default_rng([seed, *grid])
    corners = np.sort(rng.uniform(-0.2, 1.2, (len(BOXES), 2, 2)), axis=1).reshape(-1, 4)
    boxes = np.concatenate([np.array(BOXES), corners]).astype(np.float32)
    maps = [rng.random((*grid, n), np.float32) for n in (classes, parts, 2 * parts)]
    sizes = [round(4 * extent * part) for extent, part in zip(grid, true, strict=True)]
    return [boxes, rng.integers(0, classes, len(boxes)), *maps, *sizes]


def assert_right(found, expected):
    """Assert that masks are equal to the last pixel, and surface coordinates as float32."""
    for array, truth in zip(found, expected, strict=True):
        assert (array is None) == (truth is None)
        if truth is not None:
            assert array.dtype == truth.dtype
            np.testing.assert_array_equal(array, truth)


@pytest.mark.parametrize("name", [
    "crop_and_threshold_masks", "convert_strided_predictions_to_instance_masks",
])  # fmt: skip
def test_the_calls_are_upstreams(name):
    theirs, mine = (inspect.signature(getattr(module, name)) for module in (oracle, ours))
    assert [(p.name, p.default) for p in mine.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 1), (2, 2), (13, 17), (64, 48)], ids=str)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_every_box_on_every_grid(grid, size):
    elems = make_elems(grid, true=(0.75, 0.5))
    extents = (4 * grid[0], 4 * grid[1], *size)
    for densepose_class in (-1, 2):
        expected = oracle.crop_and_threshold_masks(elems, *extents, 0.5, densepose_class)
        assert_right(ours.crop_and_threshold_masks(elems, *extents, 0.5, densepose_class), expected)
        if 1 not in grid:
            assert (expected[1].any(), expected[0].max() > 1) == (densepose_class == 2,) * 2
    elems[4] = None
    assert_right(
        ours.crop_and_threshold_masks(elems, *extents, densepose_class_index=2),
        oracle.crop_and_threshold_masks(elems, *extents, densepose_class_index=2),
    )


@pytest.mark.parametrize("threshold", [-1, 0, 0.3, 0.9, 2])
def test_what_lies_outside_is_zero_before_the_threshold(threshold):
    elems = make_elems((6, 9))
    found, surface = ours.crop_and_threshold_masks(elems, 24, 36, 8, 8, threshold, 1)
    assert_right(
        (found, surface), oracle.crop_and_threshold_masks(elems, 24, 36, 8, 8, threshold, 1)
    )
    assert (found > 0).any() == (threshold < 1)
    assert (found > 0).all() == (threshold <= 0)
    assert (surface[6] == 0).all()


def test_the_whole_size_by_default():
    elems = make_elems((12, 10))
    elems[:2] = elems[0][1:3], [1, 0]
    found, surface = ours.crop_and_threshold_masks(elems, 48, 40)
    assert (found.shape, surface.shape) == ((2, 256, 256), (2, 256, 256, 2))
    assert_right((found, surface), oracle.crop_and_threshold_masks(elems, 48, 40))


def test_a_batch():
    images = [make_elems((6, 9), seed=seed) for seed in range(3)]
    columns = [np.stack(column) for column in zip(*(elems[:5] for elems in images), strict=True)]
    boxes, classes, masks, parts, coords = columns
    shapes = [[24, 36, 3], [12, 36, 3], [17, 5, 3]]
    options = {"stride": 4, "mask_height": 9, "mask_width": 11, "score_threshold": 0.6}
    for more in ({}, {"densepose_part_heatmap": parts, "densepose_surface_coords": coords}):
        given = {**options, **more, "densepose_class_index": 0}
        found = ours.convert_strided_predictions_to_instance_masks(
            boxes, classes, masks, shapes, **given
        )
        expected = oracle.convert_strided_predictions_to_instance_masks(
            boxes, classes, masks, shapes, **given
        )
        assert_right(found, expected)
        assert found[0].shape == (3, len(boxes[0]), 9, 11)
        empty = {name: value[:0] if name in more else value for name, value in given.items()}
        none, _ = ours.convert_strided_predictions_to_instance_masks(
            boxes[:0], classes[:0], masks[:0], shapes[:0], **empty
        )
        assert none.shape == (0, len(boxes[0]), 9, 11)


def test_no_boxes_and_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    elems = make_elems((6, 9))
    none, _ = ours.crop_and_threshold_masks([elems[0][:0], elems[1][:0], *elems[2:]], 24, 36)
    assert none.shape == (0, 256, 256)
    tensors = [torch.from_numpy(array) for array in elems[:5]]
    found = ours.crop_and_threshold_masks([*tensors, *elems[5:]], 24, 36, 8, 8)
    assert [tensor.dtype for tensor in found] == [torch.uint8, torch.float32]
    assert_right(
        [tensor.numpy() for tensor in found],
        oracle.crop_and_threshold_masks(elems, 24, 36, 8, 8),
    )


@pytest.mark.parametrize(("index", "value", "message"), [
    (0, np.zeros((3, 4)), r"xyxy must be of shape \(n, 4\) and class_ids .*got \(3, 4\) and \(20"),
    (1, np.full(20, 4), r"class_ids must be channels of segmentation, got 4 and got float32 \(6"),
    (1, np.full(20, -1), "class_ids must be channels of segmentation, got -1"),
    (3, np.zeros((6, 8, 3), "f4"), "parts must have the batch and grid of segmentation"),
    (3, np.zeros((6, 9, 2), "f4"), r"surface_coords must have 4 channels \(v and u of each part"),
    (3, np.zeros((6, 9, 256), "f4"), "parts must have 1 to 255 channels"),
    (3, np.zeros((6, 9, 0), "f4"), "parts must have 1 to 255 channels"),
])  # fmt: skip
def test_refuses(index, value, message):
    elems = make_elems((6, 9))
    elems[index] = value
    with pytest.raises(ValueError, match="^" + message):
        ours.crop_and_threshold_masks(elems, 24, 36)
