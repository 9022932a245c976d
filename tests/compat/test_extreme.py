"""exct_decode and agnex_ct_decode give upstream's rows: the oracle's, all K^4 ranked."""

import numpy as np
import pytest
from centerdecode.compat._centernet import agnex_ct_decode, exct_decode
from oracles import extreme as oracle_extreme
from support.inputs.extreme import FILLS, make_heads, plateaus

BOTH = pytest.mark.parametrize("name", ["exct_decode", "agnex_ct_decode"])
DECODERS = {"exct_decode": exct_decode, "agnex_ct_decode": agnex_ct_decode}


def check(name, heads, offsets=(), **options):
    """Assert that the rows are the oracle's, and return them."""
    found = DECODERS[name](*heads, *offsets, **options)
    truth = getattr(oracle_extreme, name)(*heads, *offsets, **options)
    assert found.dtype == np.float32
    assert found.shape == truth.shape
    np.testing.assert_array_equal(found[..., [4, 13]], truth[..., [4, 13]])  # scores, classes
    np.testing.assert_allclose(found, truth, rtol=1e-5, atol=1e-6)
    return found


@BOTH
@pytest.mark.parametrize("weight", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("fill", FILLS)
def test_every_row_is_upstreams(name, fill, weight, isa):
    heads, offsets = make_heads(fill)
    for num_dets in (1, 40, 6**4):
        check(name, heads, offsets, K=6, num_dets=num_dets, aggr_weight=weight)


@BOTH
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [1, 3])
def test_rows_that_break_no_rule_are_enough_where_there_are_so_many(name, classes, seed):
    heads, offsets = make_heads(classes=classes, grid=(9, 8), seed=seed)
    found = check(name, heads, offsets, K=7, num_dets=5, scores_thresh=0.05, center_thresh=0.05)
    assert classes > 1 or (found[..., 4] > 0).any()


@BOTH
@pytest.mark.parametrize("thresholds", [(0, 0), (-1, -1), (0.5, 0.1), (0.1, 0.5), (2, 0.1)])
def test_thresholds(name, thresholds):
    heads, offsets = make_heads(plateaus)
    check(name, heads, offsets, K=5, num_dets=200,
          scores_thresh=thresholds[0], center_thresh=thresholds[1])  # fmt: skip


@BOTH
def test_half_a_cell_unless_all_four_offsets_are_given(name):
    heads, offsets = make_heads()
    plain = check(name, heads, K=5, num_dets=60)
    some = check(name, heads, [offsets[0], None, *offsets[2:]], K=5, num_dets=60)
    np.testing.assert_array_equal(plain, some)


@BOTH
@pytest.mark.parametrize("grid", [(1, 1), (1, 6), (6, 1), (2, 9)])
def test_small_and_flat_maps(name, grid):
    k = min(4, grid[0] * grid[1])
    for fill in FILLS:
        heads, offsets = make_heads(fill, grid=grid)
        check(name, heads, offsets, K=k, num_dets=k**4, aggr_weight=0.25)
    zeros = [np.zeros_like(head) for head in heads]
    check(name, zeros, offsets, K=k, num_dets=k**4)


def test_centers_above_one_do_not_hide_rows_that_break_rules():
    heads, offsets = make_heads(classes=1)
    heads[4] *= 4
    check("exct_decode", heads, offsets, K=6, num_dets=50)


def test_points_without_classes_and_a_center_with_many():
    heads, offsets = make_heads()
    one = [head[:, :1] for head in heads[:4]]
    check("agnex_ct_decode", [*one, heads[4]], offsets, K=6, num_dets=100)


def test_real_heatmaps(test_data):
    """A real detector's scores as all five maps: an object is four times its own center."""
    with np.load(test_data / "heads" / "hourglass_ctdet_heads.npz") as file:
        logits, reg = (np.moveaxis(file[name], 3, 1)[:, :8] for name in ("hm", "reg"))
    heads = [1 / (1 + np.exp(-np.clip(logits, -80, 80)))] * 5
    for name in DECODERS:
        found = check(name, heads, [reg[:, :2]] * 4, K=6, num_dets=300)
        np.testing.assert_allclose(found[0, :2, 4], [0.81, 0.78], atol=0.01)


def test_an_empty_batch():
    heads, offsets = make_heads(batch=1)
    empty = [head[:0] for head in heads], [offset[:0] for offset in offsets]
    assert exct_decode(*empty[0], *empty[1], K=4, num_dets=9).shape == (0, 9, 14)


def test_strides_and_half_precision():
    heads, offsets = make_heads()
    truth = exct_decode(*heads, *offsets, K=5, num_dets=50)
    turned = [np.asfortranarray(head) for head in heads]
    np.testing.assert_array_equal(exct_decode(*turned, *offsets, K=5, num_dets=50), truth)
    halves = [head.astype(np.float16) for head in heads]
    wide = [half.astype(np.float32) for half in halves]
    for options in ({}, {"aggr_weight": 0.5}):
        np.testing.assert_array_equal(
            exct_decode(*halves, *offsets, K=5, num_dets=50, **options),
            exct_decode(*wide, *offsets, K=5, num_dets=50, **options),
        )


def test_torch_in_torch_out():
    torch = pytest.importorskip("torch")
    heads, offsets = make_heads()
    tensors = [torch.from_numpy(head) for head in [*heads, *offsets]]
    found = exct_decode(*tensors, K=5, num_dets=50)
    assert isinstance(found, torch.Tensor)
    np.testing.assert_array_equal(found.numpy(), exct_decode(*heads, *offsets, K=5, num_dets=50))


def test_the_defaults_are_upstreams():
    heads, offsets = make_heads(classes=1, grid=(16, 16), batch=1)
    found = exct_decode(*heads, *offsets)
    assert found.shape == (1, 1000, 14)
    same = exct_decode(*heads, *offsets, 40, 0.1, 0.1, 0.0, 1000)
    np.testing.assert_array_equal(found, same)


@pytest.mark.parametrize(("options", "message"), [
    ({"K": 64}, "K must be at most the cells of a plane of"),
    ({"K": 3, "num_dets": 82}, r"num_dets must be at most K\*\*4 = 81, got 82"),
])  # fmt: skip
def test_refuses(options, message):
    heads, _ = make_heads()
    with pytest.raises(ValueError, match=message):
        exct_decode(*heads, **options)
