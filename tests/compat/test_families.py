"""The drop-ins of FairMOT, TTFNet, mmdetection and CenterTrack; and the examples of all."""

import doctest
import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from centerdecode.compat import centertrack, fairmot, mmdet, ttfnet
from oracles import centertrack as oracle_centertrack
from oracles import families as oracle_families
from support.heads import fill

SHAPES = [(1, 1, 1, 1), (2, 3, 5, 8), (1, 2, 9, 4)]
FILLINGS = ["noise", "plateaus", "sparse", "flat", "zeros"]
DROP_INS = ["centernet", "centertrack", "fairmot", "keras_centernet", "mmdet", "ttfnet"]
DROP_INS += ["tf_object_detection"]
each_map = pytest.mark.parametrize("name", FILLINGS)
each_shape = pytest.mark.parametrize("shape", SHAPES)


@pytest.mark.parametrize("name", DROP_INS)
def test_the_example_of_the_docstring_runs_as_changed(name):
    module = importlib.import_module(f"centerdecode.compat.{name}")
    lines = [line.strip() for line in module.__doc__.splitlines()]
    (old,) = (line for line in lines if line.startswith("- "))
    (new,) = (line for line in lines if line.startswith("+ "))
    assert ">>> " + new[2:] in lines
    assert ">>> " + old[2:] not in lines
    failed, run = doctest.testmod(module)
    assert run > 0 == failed


def head(shape, channels, seed=0, spread=4):
    """Return a head of so many channels on the grid of a heatmap of the shape."""
    rng = np.random.default_rng([seed, channels, *shape])
    return rng.normal(1, spread, (shape[0], channels, *shape[2:])).astype(np.float32)


def scores_of(name, shape):
    """Return a heatmap of scores."""
    return np.abs(fill(name, shape)).clip(max=1)


def assert_close(ours, theirs, exact=()):
    """Assert that arrays agree to 1e-5, and exactly in the columns `exact`."""
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    for column in exact:
        np.testing.assert_array_equal(ours[..., column], theirs[..., column])


@each_map
@each_shape
@pytest.mark.parametrize("ltrb", [False, True])
def test_fairmot(name, shape, ltrb):
    heat, wh, reg = scores_of(name, shape), head(shape, 4 if ltrb else 2), head(shape, 2, 1)
    for k in {1, shape[2] * shape[3]}:
        for offset in (reg, None):
            ours = fairmot.mot_decode(heat, wh, offset, ltrb=ltrb, K=k)
            theirs = oracle_families.mot_decode(heat, wh, offset, ltrb, k)
            assert_close(ours[0], theirs[0], exact=[4, 5])
            np.testing.assert_array_equal(ours[1], theirs[1], strict=True)
    with pytest.raises(ValueError, match="K must be at most"):
        fairmot.mot_decode(heat, wh, reg, ltrb, K=shape[2] * shape[3] + 1)


@each_map
@each_shape
@pytest.mark.parametrize("agnostic", [True, False])
def test_ttfnet(name, shape, agnostic):
    heat = fill(name, shape) * 4
    wh = np.abs(head(shape, 4 if agnostic else 4 * shape[1]))
    metas = [{"pad_shape": (20, 30, 3), "scale_factor": factor} for factor in (1.5, [1, 2, 1, 2])]
    metas = metas[: shape[0]]
    for count, threshold in [(1, 0.01), (shape[2] * shape[3], 0.5)]:
        cfg = {"max_per_img": count, "score_thr": threshold}
        for rescale in (False, True):
            ours = ttfnet.get_bboxes(heat, wh, metas, cfg, rescale, wh_agnostic=agnostic)
            theirs = oracle_families.ttfnet_get_bboxes(
                heat, wh, metas, SimpleNamespace(**cfg), rescale, wh_agnostic=agnostic
            )
            for found, expected in zip(ours, theirs, strict=True):
                assert_close(found[0], expected[0])
                np.testing.assert_array_equal(found[1], expected[1], strict=True)


@each_map
@each_shape
@pytest.mark.parametrize("with_nms", [False, True])
def test_mmdet(name, shape, with_nms):
    heads = [[scores_of(name, shape)], [head(shape, 2, 2)], [head(shape, 2, 1, 1)]]
    size = (shape[2] * 4 + 1, shape[3] * 4)
    metas = [{"batch_input_shape": size, "border": (3, 9, 2, 8), "scale_factor": [2, 1.5, 2, 1.5]}]
    for rescale in (False, True):
        options = {"topk": shape[2] * shape[3], "max_per_img": 6}
        ours = mmdet.get_bboxes(*heads, metas * shape[0], rescale, with_nms, **options)
        theirs = oracle_families.mmdet_get_bboxes(
            *heads, metas * shape[0], rescale, with_nms, **options
        )
        for found, expected in zip(ours, theirs, strict=True):
            assert_close(found[0], expected[0], exact=[4])
            np.testing.assert_array_equal(found[1], expected[1], strict=True)
    with pytest.raises(ValueError, match="each head must be a list of one map"):
        mmdet.get_bboxes([], [], [], metas)


def track_heads(name, shape, joints=3):
    """Return all heads of CenterTrack; some candidates of joints are near 0.2."""
    sizes = {"wh": 2, "reg": 2, "ltrb": 4, "ltrb_amodal": 4, "hps": 2 * joints, "hp_offset": 2}
    sizes |= {"tracking": 2, "dep": 1, "rot": 8, "dim": 3, "amodel_offset": 2, "velocity": 3}
    heads = {head_name: head(shape, c, i) for i, (head_name, c) in enumerate(sizes.items())}
    joint_map = fill("noise", (shape[0], joints, *shape[2:]), seed=9)
    return heads | {"hm": scores_of(name, shape), "hm_hp": np.abs(joint_map).clip(max=1) * 0.5}


@each_map
@each_shape
@pytest.mark.parametrize(
    "without",
    [
        (),
        ("ltrb_amodal",),
        ("ltrb", "ltrb_amodal"),
        ("wh", "ltrb"),
        ("hp_offset",),
        ("hp_offset", "reg"),
        ("hps", "hm_hp", "wh", "ltrb", "ltrb_amodal", "tracking"),
    ],
)
def test_centertrack(name, shape, without):
    heads = {key: value for key, value in track_heads(name, shape).items() if key not in without}
    k = shape[2] * shape[3]
    ours, theirs = centertrack.generic_decode(heads, k), oracle_centertrack.generic_decode(heads, k)
    assert set(ours) == set(theirs)
    for key, expected in theirs.items():
        assert_close(ours[key], expected)
        assert ours[key].dtype == np.float32
    for key in ("scores", "clses", "xs", "ys"):
        np.testing.assert_array_equal(ours[key], theirs[key])


def test_centertrack_joints_without_candidates():
    heads = track_heads("noise", (2, 3, 5, 8))
    del heads["hm_hp"]
    as_upstream = centertrack.generic_decode(heads, 9, upstream_bugs=True)
    theirs = oracle_centertrack.generic_decode(heads, 9)
    assert_close(as_upstream["kps_score"], theirs["kps_score"])
    ours = centertrack.generic_decode(heads, 9)
    np.testing.assert_allclose(ours["kps_score"], ours["scores"] ** 2, rtol=1e-6)
    np.testing.assert_array_equal(ours["hps"], as_upstream["hps"])


def test_torch_tensors_give_torch_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    shape = (2, 3, 5, 8)
    heads = {key: torch.from_numpy(value) for key, value in track_heads("noise", shape).items()}
    found = centertrack.generic_decode(heads, 5)
    found = list(found.values())
    found += fairmot.mot_decode(heads["hm"], heads["ltrb"], ltrb=True, K=5)
    metas = [{"pad_shape": (20, 32, 3)}] * 2
    cfg = {"max_per_img": 5, "score_thr": 0.5}
    for pair in ttfnet.get_bboxes(heads["hm"], heads["ltrb"], metas, cfg):
        found += pair
    assert all(isinstance(array, torch.Tensor) for array in found)
