"""ddd_decode, get_alpha and ddd_post_process give upstream's rows."""

from types import SimpleNamespace

import numpy as np
import pytest
from centerdecode.compat._centernet import ddd_decode, ddd_post_process, get_alpha
from oracles import centernet as oracle_centernet

CAMERA = np.array([[707.0, 0, 604, 45.7], [0, 710.0, 180.5, -0.34], [0, 0, 1, 0.005]])
OPTIONS = SimpleNamespace(output_w=9, output_h=6, num_classes=3)
CHANNELS = {"rot": 8, "depth": 1, "dim": 3, "wh": 2, "reg": 2}


def make_heads(batch=2, grid=(6, 9), seed=0, levels=0):
    """Return heads by upstream's names; levels: the heat has so many scores, and plateaus."""
    rng = np.random.default_rng([seed, batch, *grid])
    heat = rng.random((batch, 3, *grid))
    heat = np.floor(heat * levels) / levels if levels else heat
    heads = {name: rng.normal(size=(batch, n, *grid)) for name, n in CHANNELS.items()}
    heads["depth"] = np.abs(heads["depth"]) * 30
    return {name: head.astype(np.float32) for name, head in {"heat": heat, **heads}.items()}


def check(heads, **options):
    """Assert that the rows are the oracle's, and return them."""
    found = ddd_decode(**heads, **options)
    truth = oracle_centernet.ddd_decode(**heads, **options)
    assert found.dtype == np.float32
    assert found.shape == truth.shape
    np.testing.assert_allclose(found, truth, rtol=1e-5)
    np.testing.assert_array_equal(found[..., [2, -1]], truth[..., [2, -1]])
    return found


@pytest.mark.parametrize("left_out", [(), ("wh",), ("reg",), ("wh", "reg")], ids=str)
@pytest.mark.parametrize("levels", [0, 3])
def test_decode_agrees_with_the_oracle(levels, left_out, isa):
    heads = make_heads(levels=levels) | dict.fromkeys(left_out)
    for k in (1, 7, 40, 54):
        check(heads, K=k)
    assert check(heads).shape[1] == 40


def test_decode_on_degenerate_maps():
    heads = make_heads(grid=(1, 1))
    check(heads, K=1)
    heads = make_heads()
    check({**heads, "heat": np.zeros_like(heads["heat"])})
    empty = {name: head[:0] for name, head in heads.items()}
    assert ddd_decode(**empty, K=5).shape == (0, 5, 18)
    turned = {name: np.asfortranarray(head) for name, head in heads.items()}
    np.testing.assert_array_equal(check(turned), check(heads))
    with pytest.raises(ValueError, match="K must be at most the cells of a plane"):
        ddd_decode(**heads, K=55)


def test_decode_a_real_heatmap(test_data):
    with np.load(test_data / "heads" / "hourglass_ctdet_heads.npz") as file:
        logits, wh, reg = (np.moveaxis(file[name], 3, 1) for name in ("hm", "wh", "reg"))
    heads = make_heads(batch=1, grid=logits.shape[2:]) | {"wh": wh, "reg": reg}
    found = check(heads | {"heat": 1 / (1 + np.exp(-np.clip(logits[:, :8], -80, 80)))})
    np.testing.assert_allclose(found[0, :2, 2], [0.81, 0.78], atol=0.01)


def test_get_alpha():
    rng = np.random.default_rng(0)
    rot = rng.integers(-2, 3, size=(99, 8)).astype(np.float32)
    np.testing.assert_allclose(get_alpha(rot), oracle_centernet.get_alpha(rot), rtol=1e-6)
    assert get_alpha(np.empty((0, 8))).shape == (0,)


def post_process(rows, calibs, upstream_bugs=True, options=OPTIONS):
    """Return the product's answer for images of some size each."""
    centers = [np.array([20.0 + i, 30.0]) for i in range(len(rows))]
    scales = [np.array([40.0 + i, 60.0]) for i in range(len(rows))]
    truth = oracle_centernet.ddd_post_process(rows.copy(), centers, scales, calibs, options)
    found = ddd_post_process(rows, centers, scales, calibs, options, upstream_bugs=upstream_bugs)
    return found, truth


def test_post_process_with_upstreams_bugs():
    rows = ddd_decode(**make_heads(levels=4), K=30)
    before = rows.copy()
    found, truth = post_process(rows, [CAMERA, CAMERA * 2])
    np.testing.assert_array_equal(rows, before)
    assert len(found) == len(truth) == 2
    for ours, theirs in zip(found, truth, strict=True):
        assert list(ours) == list(theirs) == [1, 2, 3]
        for j in ours:
            expected = np.reshape(theirs[j], (-1, 13))
            np.testing.assert_allclose(ours[j], expected, rtol=1e-5, atol=1e-5)


def test_post_process_scales_extents_and_gives_each_image_its_camera():
    rows = ddd_decode(**make_heads(), K=30)
    found, bugs = post_process(rows, [CAMERA, CAMERA * 2], upstream_bugs=False)
    _, alone = post_process(rows, [CAMERA * 2])
    zooms = [40.0 / 9, 41.0 / 9]
    for i, (image, zoom) in enumerate(zip(found, zooms, strict=True)):
        for j, ours in image.items():
            mine = rows[i][rows[i][:, 17] == j - 1]
            sizes = np.stack([ours[:, 3] - ours[:, 1], ours[:, 4] - ours[:, 2]], axis=1)
            np.testing.assert_allclose(sizes, zoom * mine[:, 15:17], rtol=1e-4, atol=1e-4)
            theirs = np.reshape([bugs, alone][i][i][j], (-1, 13))
            rest = [0, *range(5, 13)]
            np.testing.assert_allclose(ours[:, rest], theirs[:, rest], rtol=1e-5, atol=1e-5)
            middle = (ours[:, 1:3] + ours[:, 3:5]) / 2
            np.testing.assert_allclose(middle, (theirs[:, 1:3] + theirs[:, 3:5]) / 2, atol=1e-3)


def test_post_process_takes_a_scalar_scale_and_one_camera_for_all():
    rows = ddd_decode(**make_heads(), K=5)
    found = ddd_post_process(rows, [(20, 30)] * 2, [40, 40], [CAMERA], OPTIONS)
    again = ddd_post_process(rows, [(20, 30)] * 2, [(40, 9)] * 2, [CAMERA, CAMERA], OPTIONS)
    for ours, theirs in zip(found, again, strict=True):
        for j in ours:
            np.testing.assert_array_equal(ours[j], theirs[j])
    few = SimpleNamespace(output_w=9, output_h=6, num_classes=5)
    more = ddd_post_process(rows, [(20, 30)] * 2, [40, 40], [CAMERA], few)
    assert [*more[0]] == [1, 2, 3, 4, 5]
    assert more[0][5].shape == (0, 13)


def test_torch_in_torch_out():
    torch = pytest.importorskip("torch")
    heads = make_heads()
    found = ddd_decode(**{name: torch.from_numpy(head) for name, head in heads.items()})
    assert isinstance(found, torch.Tensor)
    np.testing.assert_array_equal(found.numpy(), ddd_decode(**heads))


@pytest.mark.parametrize(("rows", "calibs", "message"), [
    (np.zeros((1, 4, 16)), [CAMERA], r"dets must be of shape \(B, K, 18\), with wh, got"),
    (np.zeros((3, 4, 18)), [CAMERA] * 2, "calibs must be 1 or 3, got 2"),
])  # fmt: skip
def test_post_process_refuses(rows, calibs, message):
    with pytest.raises(ValueError, match=message):
        ddd_post_process(rows, [(1, 1)] * 3, [1] * 3, calibs, OPTIONS)
