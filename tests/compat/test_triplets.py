"""compat.triplets gives upstream's rows, and its example is the diff of a program."""

import doctest

import numpy as np
import pytest
from centerdecode.compat import triplets
from centerdecode.compat.triplets import decode, rescore_by_center_region
from oracles import triplets as oracle_triplets
from support.inputs.triplets import FILLS, make_heads, noise, plateaus


def assert_rows(found, truth):
    """Assert that rows are those of the oracle, in its order.

    Its sigmoid rounds at every step, ours once, so that scores may differ in the last
    bit, and rows that are so close may change places.
    """
    assert found.dtype == np.float32
    assert found.shape == truth.shape
    score = 4 if found.shape[-1] == 8 else 3
    np.testing.assert_allclose(found[..., score], truth[..., score], rtol=1e-5)
    for ours, theirs in zip(found.reshape(-1, *found.shape[-2:]), truth, strict=True):
        start = 0
        for end in range(1, len(theirs) + 1):
            close = end < len(theirs) and np.isclose(
                theirs[end, score], theirs[end - 1, score], rtol=1e-6, atol=0
            )
            if not close:
                rows = [np.array(sorted(a[start:end].round(4).tolist())) for a in (ours, theirs)]
                if end < len(theirs) or len(rows[0]) == 1:
                    np.testing.assert_allclose(*rows, rtol=1e-4, atol=2e-4)
                start = end


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("fill", FILLS)
def test_decode_agrees_with_the_oracle(fill, kernel, isa):
    for seed, k in enumerate((1, 8, 30, 63)):
        heads = make_heads(fill, seed=seed)
        options = {"K": k, "kernel": kernel, "ae_threshold": 0.5, "num_dets": min(200, k * k)}
        found = decode(**heads, **options)
        truth = oracle_triplets.decode(**heads, **options)
        if fill is not noise:  # few different scores: the order is exactly the oracle's
            for ours, theirs in zip(found, truth, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
        for ours, theirs in zip(found, truth, strict=True):
            assert_rows(ours, theirs)


@pytest.mark.parametrize("left_out", ["tl_regr", "br_regr", "ct_regr"])
def test_offsets_that_are_left_out(left_out):
    heads = make_heads(plateaus) | {left_out: None}
    found = decode(**heads, K=9, kernel=3, num_dets=40)
    reference = heads | (dict.fromkeys(["tl_regr", "br_regr", "ct_regr"])
                         if left_out != "ct_regr" else {"ct_regr": [None] * 2})  # fmt: skip
    truth = oracle_triplets.decode(**reference, K=9, kernel=3, num_dets=40)
    for ours, theirs in zip(found, truth, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_the_defaults_are_upstreams():
    heads = make_heads(classes=3, grid=(9, 11))
    detections, centers = decode(*heads.values())
    assert detections.shape == (2, 1000, 8)
    assert centers.shape == (2, 100, 4)
    again = decode(*heads.values(), 100, 1, 1, 1000)
    np.testing.assert_array_equal(detections, again[0])


def test_one_cell_and_an_empty_batch():
    heads = make_heads(grid=(1, 1))
    for ours, theirs in zip(
        decode(**heads, K=2, num_dets=4),
        oracle_triplets.decode(**heads, K=2, num_dets=4),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    detections, centers = decode(**{n: head[:0] for n, head in heads.items()}, K=2, num_dets=3)
    assert (detections.shape, centers.shape) == ((0, 3, 8), (0, 2, 4))


def make_rows(seed, count=60, side=400):
    """Return detections (n, 8) and centers (m, 4) in which many boxes hold a center."""
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.integers(0, side, size=(count, 2, 2)), axis=1).reshape(count, 4)
    scores = rng.integers(-4, 9, size=(count, 3)) / 8
    scores[:, 0] = np.where(scores[:, 0] < 0, -1, scores[:, 0])
    detections = np.hstack([corners, scores, rng.integers(0, 2, size=(count, 1))])
    points = rng.integers(0, side, size=(3 * count, 2))
    centers = np.hstack([points, rng.integers(0, 2, (3 * count, 1)), rng.random((3 * count, 1))])
    return detections.astype(np.float32), centers.astype(np.float32)


@pytest.mark.parametrize("side", [20, 400, 3000])
@pytest.mark.parametrize("seed", range(5))
def test_center_regions_agree_with_the_oracle(seed, side):
    detections, centers = make_rows(seed, side=side)
    before = detections.copy(), centers.copy()
    found = rescore_by_center_region(detections, centers)
    np.testing.assert_array_equal(found, oracle_triplets.rescore_by_center_region(*before))
    assert 0 < len(found) < len(detections)
    np.testing.assert_array_equal(detections, before[0])
    batched = rescore_by_center_region(detections[None], centers[None])
    np.testing.assert_array_equal(batched, found)
    halves = rescore_by_center_region(detections.reshape(2, -1, 8), centers.reshape(2, -1, 4))
    np.testing.assert_array_equal(halves, found)


@pytest.mark.parametrize(("side", "point", "inside"), [
    (150, (50, 75), False), (150, (50.5, 75), True), (150, (99.5, 75), True),
    (150, (100, 75), False), (150, (75, 50), False), (151, (59, 75), False),
    (151, (61, 75), True), (151, (91, 75), False),
])  # fmt: skip
def test_regions_are_open_and_a_box_of_22500_is_small(side, point, inside):
    detections = np.array([[0, 0, side, side, 0.5, 0.5, 0.5, 1]], np.float32)
    centers = np.array([[*point, 0, 0.25], [*point, 1, 0.75], [*point, 1, 1]], np.float32)
    found = rescore_by_center_region(detections, centers)
    assert len(found) == inside
    np.testing.assert_allclose(found[:, 4], [(2 * 0.5 + 0.75) / 3] * inside, rtol=1e-6)


def test_real_heatmaps(test_data):
    """A real detector's logits as corners and centers, its boxes as offsets of the corners."""
    with np.load(test_data / "heads" / "hourglass_ctdet_heads.npz") as file:
        heat, wh, reg = (np.moveaxis(file[name], 3, 1)[:, :4] for name in ("hm", "wh", "reg"))
    heads = dict.fromkeys(("tl_heat", "br_heat", "ct_heat"), np.ascontiguousarray(heat))
    own_tags = np.arange(heat[0, 0].size, dtype=np.float32).reshape(heat[:, :1].shape)
    heads |= dict.fromkeys(("tl_tag", "br_tag"), own_tags)
    heads |= {"tl_regr": reg - wh / 2, "br_regr": reg + wh / 2, "ct_regr": reg}
    options = {"K": 70, "kernel": 3, "ae_threshold": 0.5}
    found = decode(**heads, **options)
    truth = oracle_triplets.decode(**heads, **options)
    for ours, theirs in zip(found, truth, strict=True):
        assert_rows(ours, theirs)
    rows = rescore_by_center_region(found[0][0], found[1][0])
    persons = rows[(rows[:, 7] == 0) & (rows[:, 4] > 0.6)]
    assert len(persons) == 2
    np.testing.assert_allclose(persons[:, 4], [0.81, 0.78], atol=0.01)


def test_nothing_to_rescore():
    detections, centers = make_rows(0)
    assert rescore_by_center_region(detections[:0], centers).shape == (0, 8)
    assert rescore_by_center_region(detections, centers[:0]).shape == (0, 8)


def test_torch_in_torch_out():
    torch = pytest.importorskip("torch")
    heads = make_heads()
    tensors = {name: torch.from_numpy(head) for name, head in heads.items()}
    found = decode(**tensors, K=9, num_dets=40)
    assert all(isinstance(part, torch.Tensor) for part in found)
    for ours, theirs in zip(found, decode(**heads, K=9, num_dets=40), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs)
    rows = rescore_by_center_region(found[0][0], found[1][0])
    assert isinstance(rows, torch.Tensor)


@pytest.mark.parametrize(("options", "message"), [
    ({"K": 127}, r"K must be at most the 126 cells of \(2, 2, 7, 9\), got 127"),
    ({"K": 5, "num_dets": 26}, r"num_dets must be at most K \* K = 25, got 26"),
])  # fmt: skip
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        decode(**make_heads(), **options)


def test_the_example_of_the_module_runs():
    tested = doctest.testmod(triplets)
    assert tested.attempted > 4
    assert tested.failed == 0
