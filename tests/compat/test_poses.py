"""The pose and face decoders of compat give upstream's rows: the oracles' own."""

import doctest

import centerdecode.compat.centerface
import numpy as np
import pytest
from centerdecode.compat._centernet import hpdet_decode, multi_pose_decode
from centerdecode.compat.centerface import decode
from oracles import centernet as oracle_centernet
from oracles import faces as oracle_faces
from oracles import keras as oracle_keras
from support.heads import channels_last, fill
from support.poses import GRIDS, JOINTS, MAPS, pose_heads


def assert_rows(found, truth):
    """Assert that rows are the oracle's: scores and classes exactly, coordinates closely."""
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, truth, rtol=1e-5, atol=1e-5, strict=True)
    np.testing.assert_array_equal(found[..., [4, -1]], truth[..., [4, -1]])


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("k", [1, 7, 50])
def test_multi_pose_decode(name, grid, k):
    heads = pose_heads(name, grid)
    k = min(k, grid[0] * grid[1])
    assert_rows(multi_pose_decode(*heads, K=k), oracle_centernet.multi_pose_decode(*heads, K=k))


@pytest.mark.parametrize(
    "missing", [("reg",), ("hp_offset",), ("hm_hp", "hp_offset"), ("reg", "hm_hp")]
)
def test_multi_pose_decode_without(missing):
    names = ("heat", "wh", "kps", "reg", "hm_hp", "hp_offset")
    heads = dict(zip(names, pose_heads("noise", (9, 14)), strict=True))
    for name in missing:
        heads[name] = None
    found = multi_pose_decode(**heads, K=20)
    assert_rows(found, oracle_centernet.multi_pose_decode(**heads, K=20))


def test_multi_pose_decode_of_whole_size_and_isa(isa):
    heads = pose_heads("few", (64, 70), batch=1)
    assert_rows(multi_pose_decode(*heads), oracle_centernet.multi_pose_decode(*heads))


def test_multi_pose_decode_reads_half_precision_and_strides():
    heads = [head.astype(np.float16) for head in pose_heads("noise", (9, 14))]
    wide = [head.astype(np.float32) for head in heads]
    assert_rows(multi_pose_decode(*heads, K=9), oracle_centernet.multi_pose_decode(*wide, K=9))
    moved = [channels_last(head).transpose(0, 3, 1, 2) for head in wide]
    assert_rows(multi_pose_decode(*moved, K=9), oracle_centernet.multi_pose_decode(*wide, K=9))


def test_multi_pose_decode_takes_and_gives_tensors():
    torch = pytest.importorskip("torch")
    heads = pose_heads("noise", (9, 14))
    found = multi_pose_decode(*map(torch.from_numpy, heads), K=9)
    assert isinstance(found, torch.Tensor)
    assert_rows(found.numpy(), oracle_centernet.multi_pose_decode(*heads, K=9))


def test_more_rows_than_cells_are_refused_as_upstream_does():
    heads = pose_heads("noise", (3, 4))
    with pytest.raises(ValueError, match="K must be at most the 12 cells"):
        multi_pose_decode(*heads, K=13)
    with pytest.raises(TypeError, match="float64"):
        multi_pose_decode(*(head.astype(float) for head in heads), K=3)


def test_an_empty_batch_gives_no_rows():
    heads = [head[:0] for head in pose_heads("noise", (9, 14))]
    assert multi_pose_decode(*heads, K=9).shape == (0, 9, 6 + 2 * JOINTS)


@pytest.mark.parametrize("fill_name", ["noise", "plateaus", "zeros"])
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("k", [1, 12, 50])
def test_hpdet_decode(fill_name, grid, k):
    heat, wh, kps, reg, hm_hp, hp_offset = map(channels_last, pose_heads("noise", grid))
    heat, hm_hp = fill(fill_name, heat.shape), fill(fill_name, hm_hp.shape, 1)
    k = min(k, grid[0] * grid[1])
    heads = heat, wh, kps, reg, hm_hp, hp_offset
    assert_rows(hpdet_decode(*heads, k=k), oracle_keras.hpdet_decode(*heads, k=k))
    found = hpdet_decode(*heads, k=k, output_stride=3)
    assert_rows(found, oracle_keras.hpdet_decode(*heads, k=k, output_stride=3))


def face_heads(name, grid):
    """Return heatmap, scale, offset, landmark."""
    rng = np.random.default_rng([1, *grid])
    shapes = [(1, 2, *grid), (1, 2, *grid), (1, 10, *grid)]
    heads = [MAPS[name](rng, (1, 1, *grid)), *(rng.normal(0.5, 0.5, shape) for shape in shapes)]
    return [np.asarray(head, np.float32) for head in heads]


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("threshold", [0.1, 0.35, 0.5, 1.0])
def test_centerface_decode(name, grid, threshold):
    heads, size = face_heads(name, grid), (4 * grid[0], 4 * grid[1])
    dets, landmarks = decode(*heads, size, threshold)
    true_dets, true_landmarks = oracle_faces.decode(*heads, size, threshold)
    np.testing.assert_allclose(dets, true_dets, rtol=1e-5, atol=1e-5, strict=True)
    np.testing.assert_allclose(landmarks, true_landmarks, rtol=1e-5, atol=1e-4, strict=True)
    alone = decode(*heads[:3], None, size, threshold)
    np.testing.assert_array_equal(alone, dets, strict=True)


def test_the_example_in_the_docstring_runs():
    tried = doctest.testmod(centerdecode.compat.centerface)
    assert (tried.failed, tried.attempted > 5) == (0, True)
