"""Heads with masks, and what is right of them."""

import centerdecode as cd
import numpy as np
from oracles.tf import boxes as oracle_tf
from oracles.tf import masks as oracle_tf_masks
from support.heads import channels_last, fill

GRID = (7, 9)
CLASSES, PARTS = 3, 4
NAMES = ("segmentation", "parts", "surface_coords")
RULE = cd.MaskRule(height=11, width=13, part_class=1)


def make_heads(seed=0, grid=GRID):
    """Return the heads of one image, NCHW by name, and detections: xyxy and class_ids.

    Boxes are in the input, partly out of it, inverted, flat, and one cell.
    """
    heads = {name: fill("noise", (n, *grid), seed)
             for name, n in zip(NAMES, (CLASSES, PARTS, 2 * PARTS), strict=True)}  # fmt: skip
    rng = np.random.default_rng(seed)
    xyxy = rng.uniform(-10, 4 * max(grid) + 10, (20, 4)).astype(np.float32)
    xyxy[:3] = [[8, 4, 12, 8], [5, 2, 5, 20], [30, 20, 3, 2]]
    return heads, xyxy, rng.integers(0, CLASSES, len(xyxy)).astype(np.int32)


def truth_of(heads, xyxy, class_ids, rule=RULE, stride=4, activation="sigmoid"):
    """Return masks and surface coordinates; the oracle takes parts of the input, y first."""
    maps = [None if heads.get(name) is None else channels_last(heads[name]) for name in NAMES]
    if activation == "sigmoid":
        maps[0] = oracle_tf.sigmoid(maps[0])
    height, width = (stride * extent for extent in maps[0].shape[:2])
    parts = np.asarray(xyxy, float)[:, [1, 0, 3, 2]] / [height, width, height, width]
    part_class = -1 if rule.part_class is None else rule.part_class
    return oracle_tf_masks.crop_and_threshold_masks(
        (parts, class_ids, *maps, height, width),
        *(height, width, rule.height, rule.width, rule.score_threshold, part_class),
    )


def assert_right(found, truth):
    """Assert that masks are equal to the last pixel, and surface coordinates as float32."""
    masks, surface_coords = found
    np.testing.assert_array_equal(masks, truth[0], strict=True)
    if truth[1] is None:
        assert surface_coords is None
    else:
        np.testing.assert_array_equal(surface_coords, truth[1], strict=True)
