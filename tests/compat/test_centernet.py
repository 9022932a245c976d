"""compat.centernet: boxes, the affine, post-processing and flips against the oracle."""

import inspect

import numpy as np
import pytest
from centerdecode.compat import centernet
from oracles import centernet as oracle
from support.heads import FILLS, fill

SHAPES = [(1, 1, 1, 1), (2, 3, 4, 7), (1, 2, 9, 3)]
finite = [name for name in FILLS if name not in ("nan", "inf", "mixed")]


def heads(shape, classes=1, seed=0):
    """Return wh (sizes may be negative) and reg for a heatmap of the shape."""
    rng = np.random.default_rng([seed, *shape])
    batch, _, height, width = shape
    wh = rng.normal(3, 4, (batch, 2 * classes, height, width)).astype(np.float32)
    return wh, rng.normal(size=(batch, 2, height, width)).astype(np.float32)


def assert_rows(ours, theirs, note=""):
    """Assert that rows agree: scores and classes exactly, coordinates to 1e-5."""
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(ours[..., 4:], theirs[..., 4:], err_msg=note)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5, err_msg=note)


@pytest.mark.parametrize("name", finite)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("isa")
def test_boxes_are_those_of_the_oracle(name, shape):
    heat = np.abs(fill(name, shape))
    wh, reg = heads(shape)
    for k in sorted({1, shape[2] * shape[3]}):
        assert_rows(
            centernet.ctdet_decode(heat, wh, reg, K=k), oracle.ctdet_decode(heat, wh, reg, K=k)
        )
        assert_rows(centernet.ctdet_decode(heat, wh, K=k), oracle.ctdet_decode(heat, wh, K=k))


def test_each_class_may_have_its_own_size():
    shape = (2, 3, 5, 6)
    heat, (wh, reg) = np.abs(fill("noise", shape)), heads(shape, classes=3)
    ours = centernet.ctdet_decode(heat, wh, reg, cat_spec_wh=True, K=20)
    assert_rows(ours, oracle.ctdet_decode(heat, wh, reg, cat_spec_wh=True, K=20))
    with pytest.raises(ValueError, match="wh must have 2 channels, got 6"):
        centernet.ctdet_decode(heat, wh, reg, K=20)
    with pytest.raises(ValueError, match="wh must have 6 channels, got 2"):
        centernet.ctdet_decode(heat, wh[:, :2], reg, cat_spec_wh=True, K=20)


def test_heads_of_any_kind_of_memory():
    shape = (2, 3, 8, 9)
    heat, (wh, reg) = np.abs(fill("plateaus", shape)), heads(shape)
    half = [array.astype(np.float16) for array in (heat, wh, reg)]
    expected = centernet.ctdet_decode(*(array.astype(np.float32) for array in half), K=9)
    assert_rows(centernet.ctdet_decode(*half, K=9), expected)
    strided = [
        array.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2) for array in (heat, wh, reg)
    ]
    assert_rows(centernet.ctdet_decode(*strided, K=9), centernet.ctdet_decode(heat, wh, reg, K=9))


def test_a_map_with_fewer_cells_than_rows_is_refused():
    heat, (wh, reg) = np.ones((1, 9, 2, 3), np.float32), heads((1, 9, 2, 3))
    with pytest.raises(ValueError, match="K must be at most the 6 cells of a map, got 7"):
        centernet.ctdet_decode(heat, wh, reg, K=7)


def test_an_empty_batch_gives_no_rows():
    empty = [np.zeros((0, c, 4, 4), np.float32) for c in (3, 2, 2)]
    assert centernet.ctdet_decode(*empty, K=5).shape == (0, 5, 6)


def test_heads_that_do_not_fit_are_refused():
    heat, (wh, reg) = np.ones((2, 1, 4, 4), np.float32), heads((2, 1, 4, 4))
    with pytest.raises(ValueError, match="a head must be on the grid of the heatmap"):
        centernet.ctdet_decode(heat, wh[:1], reg, K=3)
    with pytest.raises(ValueError, match=r"a head must be on the grid .*, got \(2, 2, 4, 3\)"):
        centernet.ctdet_decode(heat, wh, reg[..., :3], K=3)
    with pytest.raises(ValueError, match="the offset must have 2 channels, got 1"):
        centernet.ctdet_decode(heat, wh, reg[:, :1], K=3)
    with pytest.raises(ValueError, match="4 axes"):
        centernet.ctdet_decode(heat[0], wh, reg, K=3)
    with pytest.raises(TypeError, match="expected an array or a tensor, got list"):
        centernet.ctdet_decode(heat.tolist(), wh, reg, K=3)


def test_the_heads_of_an_hourglass_hold_two_persons(test_data):
    with np.load(test_data / "heads" / "hourglass_ctdet_heads.npz") as stored:
        hm, wh, reg = (stored[name].transpose(0, 3, 1, 2) for name in ("hm", "wh", "reg"))
    heat = (1 / (1 + np.exp(np.minimum(-hm.astype(np.float64), 700)))).astype(np.float32)
    rows = centernet.ctdet_decode(heat, wh, reg)
    assert rows[0, :2, 4].round(2).tolist() == np.float32([0.81, 0.78]).tolist()
    assert rows[0, :2, 5].tolist() == [0, 0]
    crop = [head[:, :, 10:34, 10:30] for head in (heat, wh, reg)]
    assert_rows(centernet.ctdet_decode(*crop, K=50), oracle.ctdet_decode(*crop, K=50))


def test_torch_tensors_give_torch_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    shape = (2, 3, 6, 8)
    heat, (wh, reg) = np.abs(fill("noise", shape)), heads(shape)
    tensors = [torch.from_numpy(array) for array in (heat, wh, reg)]
    tensors[1].requires_grad_()
    ours = centernet.ctdet_decode(*tensors, K=10)
    assert isinstance(ours, torch.Tensor)
    assert_rows(ours.numpy(), centernet.ctdet_decode(heat, wh, reg, K=10))
    assert torch.equal(centernet.flip_tensor(tensors[0]), torch.flip(tensors[0], [3]))


@pytest.mark.parametrize("rot", [0, 30, -90])
@pytest.mark.parametrize("inv", [0, 1])
@pytest.mark.parametrize("scale", [480.0, [300.0, 200.0]])
def test_the_affine_is_that_of_the_oracle(rot, inv, scale):
    arguments = ((120.5, 80.0), scale, rot, (128, 96), (0.1, -0.2), inv)
    ours = centernet.get_affine_transform(*arguments)
    np.testing.assert_allclose(ours, oracle.get_affine_transform(*arguments), rtol=1e-9, atol=1e-9)
    points = np.random.default_rng(3).normal(size=(5, 3)) * 50
    arguments = (points, np.array([120.5, 80.0], np.float32), scale, (128, 96))
    ours = centernet.transform_preds(*arguments)
    np.testing.assert_allclose(ours, oracle.transform_preds(*arguments), rtol=1e-9, atol=1e-9)
    assert ours.dtype == np.float64


@pytest.mark.parametrize("columns", [6, 40])
def test_results_on_the_image_are_those_of_the_oracle(columns):
    rng = np.random.default_rng(4)
    dets = rng.normal(40, 30, (2, 9, columns)).astype(np.float32)
    dets[..., -1] = rng.integers(0, 3, (2, 9))
    before = dets.copy()
    places = (
        [np.float32([300, 200]), np.float32([100, 90])],
        [600.0, np.float32([180, 200])],
        96,
        128,
    )
    name, more = ("ctdet_post_process", (3,)) if columns == 6 else ("multi_pose_post_process", ())
    ours = getattr(centernet, name)(dets, *places, *more)
    theirs = getattr(oracle, name)(dets, *places, *more)
    assert [list(image) for image in ours] == [list(image) for image in theirs]
    for image, expected in zip(ours, theirs, strict=True):
        for label, rows in image.items():
            assert isinstance(rows, list)
            assert len(rows) == len(expected[label])
            np.testing.assert_allclose(
                np.reshape(rows, (-1, 5 if columns == 6 else 39)),
                np.reshape(expected[label], (-1, 5 if columns == 6 else 39)),
                rtol=1e-5,
                atol=1e-4,
            )
    np.testing.assert_array_equal(dets, before)


def test_mirrored_heads_are_those_of_the_oracle():
    rng = np.random.default_rng(5)
    pairs = [[1, 2], [3, 4]]
    head, offsets = rng.random((2, 5, 3, 4)), rng.random((2, 10, 3, 4)).astype(np.float32)
    before = offsets.copy()
    for name, arguments in [
        ("flip_tensor", (head,)),
        ("flip_lr", (head, pairs)),
        ("flip_lr_off", (offsets, pairs)),
    ]:
        ours = getattr(centernet, name)(*arguments)
        np.testing.assert_array_equal(ours, getattr(oracle, name)(*arguments), strict=True)
        assert ours.flags.c_contiguous
    np.testing.assert_array_equal(offsets, before)


def test_all_the_names_of_upstream_are_there():
    names = """ctdet_decode multi_pose_decode ddd_decode exct_decode agnex_ct_decode
        ctdet_post_process multi_pose_post_process ddd_post_process transform_preds
        get_affine_transform get_alpha soft_nms soft_nms_39 soft_nms_merge flip_tensor flip_lr
        flip_lr_off"""
    assert sorted(names.split()) == sorted(centernet.__all__)
    for name in centernet.__all__:
        assert callable(getattr(centernet, name))
    ours = inspect.signature(centernet.ctdet_decode).parameters
    theirs = inspect.signature(oracle.ctdet_decode).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]
