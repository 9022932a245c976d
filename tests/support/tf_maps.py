"""Maps of TensorFlow's CenterNet to decode, and how near its oracles results must be."""

import numpy as np
from centerdecode.compat import tf_object_detection
from oracles.tf import postprocess as oracle_tf_postprocess
from support.heads import channels_last, fill

# What cells hold: with almost equal neighbours, and with nothing but suppressed ones.
MAPS = ["noise", "plateaus", "sparse", "flat", "zeros", "near"]
GRIDS = [(1, 1), (4, 7), (9, 3)]


def near_ties(shape, seed=0):
    """Return a float32 array of steps of 3e-7, which are equal to some and not to others."""
    steps = np.random.default_rng([seed, *shape]).integers(0, 9, size=shape)
    return (0.5 + 3e-7 * steps).astype(np.float32)


def feature_map(name, shape, seed=0):
    """Return an NHWC map of the shape (B, H, W, C), negative numbers and all."""
    batch, height, width, channels = shape
    if name == "near":
        return near_ties(shape, seed)
    return channels_last(fill(name, (batch, channels, height, width), seed))


def score_map(name, shape, seed=0):
    """Return a map of scores in [0, 1]."""
    return np.abs(feature_map(name, shape, seed)).clip(max=1)


def head(shape, channels, seed=0, spread=3):
    """Return a head of so many channels on the grid of a map of the shape."""
    rng = np.random.default_rng([7, seed, channels, *shape])
    return rng.normal(0, spread, (*shape[:3], channels)).astype(np.float32)


def cells(shape, count, seed=0):
    """Return (y, x), (B, count) int32 each, cells of a map of the shape."""
    rng = np.random.default_rng([8, seed, count, *shape])
    sizes = shape[1:3]
    return tuple(rng.integers(0, size, (shape[0], count)).astype(np.int32) for size in sizes)


def assert_near(found, truth, note=""):
    """Assert equality of types and shapes, of integers, and of floats within 1e-5."""
    found, truth = np.asarray(found), np.asarray(truth)
    assert found.dtype == truth.dtype, note
    if truth.dtype.kind == "f":
        np.testing.assert_allclose(found, truth, 1e-5, 1e-6, strict=True, err_msg=note)
    else:
        np.testing.assert_array_equal(found, truth, strict=True, err_msg=note)


def assert_all_near(found, truth):
    """Assert that of two tuples, which may hold None."""
    for ours, theirs in zip(found, truth, strict=True):
        if theirs is None:
            assert ours is None
        else:
            assert_near(ours, theirs)


def model(name, grid, classes=2, tasks=("t",), batch=2, joints=3, without=()):
    """Return heads by their names, two stages of each, of which the first is wrong."""
    shape = (batch, *grid, classes)
    heads = {
        "object_center": feature_map(name, shape) * 3,
        "box/scale": head(shape, 2) + 3,
        "box/offset": head(shape, 2, 1, 0.3),
        "track/reid": head(shape, 4),
        "track/offset": head(shape, 2, 2),
    }
    for i, task in enumerate(tasks):
        part = f"{task}/keypoint/"
        heads[part + "heatmap"] = feature_map("noise", (batch, *grid, joints), i)
        heads[part + "offset"] = head(shape, 2 * joints, 3 + i, 0.3)
        heads[part + "regression"] = head(shape, 2 * joints, 5 + i, 2)
        heads[part + "depth"] = head(shape, joints, 7 + i)
    return {name: [part + 1, part] for name, part in heads.items() if name not in without}


def assert_same_result(heads, shapes, **options):
    """Assert that postprocess gives the oracle's result; return it."""
    found = tf_object_detection.postprocess(heads, shapes, **options)
    truth = oracle_tf_postprocess.postprocess(heads, shapes, **options)
    assert set(found) == set(truth)
    for name, values in truth.items():
        assert_near(found[name], values, name)
    np.testing.assert_array_equal(found["detection_classes"], truth["detection_classes"])
    return found
