"""find_peaks agrees with the oracle: equal, not close, on every instruction set."""

import re
import subprocess
import sys

import centerdecode as cd
import numpy as np
import pytest
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, FILLS, assert_same, channels_last, fill, meaning, store

# Around the lanes of every ISA (1, 4, 8, 16) and around a block of 64 elements.
WIDTHS = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100]
LAYOUTS = ["NCHW", "NHWC"]

# Nearly every cell is tested against its neighbours, and nearly every peak returned.
ALL = {"activation": "none", "score_threshold": -1, "top_k": 500}


def check(stored, element_type="f32", **options):
    """Assert that every ISA finds the oracle's peaks, and return those."""
    truth = oracle.find_peaks(meaning(stored, element_type), **options)
    for isa in cd.supported_isas():
        with cd.use_isa(isa):
            assert_same(cd.find_peaks(stored, element_type=element_type, **options), truth, isa)
    return truth


def head(filling, shape, layout, element_type="f32"):
    """Return a heatmap of the shape (C, H, W) as a tensor of the layout and type holds it."""
    values = fill(filling, shape)
    return store(values if layout == "NCHW" else channels_last(values), element_type)


@pytest.mark.parametrize("filling", FILLS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("height", [0, 1, 2, 5])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_shape_and_filling(width, height, layout, filling):
    check(head(filling, (3, height, width), layout), layout=layout, **ALL)


@pytest.mark.parametrize("filling", ["mixed", "sparse"])
@pytest.mark.parametrize("element_type", ["f16", "bf16"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_element_type(width, layout, element_type, filling):
    heatmap = head(filling, (2, 4, width), layout, element_type)
    check(heatmap, element_type, layout=layout, **ALL)


@pytest.mark.parametrize("element_type", ["f16", "bf16"])
def test_every_value_of_16_bits(element_type):
    bits = np.random.default_rng(0).permutation(2**16).astype(np.uint16).reshape(1, 64, 1024)
    stored = bits.view(np.float16) if element_type == "f16" else bits
    with np.errstate(invalid="ignore"):  # signalling NaNs
        found = check(stored, element_type, **{**ALL, "score_threshold": -np.inf, "top_k": 2**16})
    assert len(found[0]) > 5000


@pytest.mark.parametrize("threshold", [-1, 0, 0.3, 0.5, 1, 1.5])
@pytest.mark.parametrize("plateaus", ["first", "keep"])
@pytest.mark.parametrize("window", [1, 3, 5, 99])
@pytest.mark.parametrize("activation", ["none", "sigmoid"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_option(layout, activation, window, plateaus, threshold):
    options = {"activation": activation, "window": window, "plateaus": plateaus}
    heatmap = head("plateaus", (2, 6, 39), layout)
    check(heatmap, layout=layout, score_threshold=threshold, **options)


def test_the_defaults_are_the_ones_promised():
    heatmap = fill("plateaus", (3, 20, 30))
    options = {"activation": "sigmoid", "window": 3, "plateaus": "first", "layout": "NCHW"}
    truth = oracle.find_peaks(heatmap, top_k=100, score_threshold=0, **options)
    assert_same(cd.find_peaks(heatmap), truth)
    assert len(truth[0]) == 100


@pytest.mark.parametrize("score", [0.1, 0.3, 0.5, 0.7, 1.0, float(np.float32(0.3)), 1e-40])
def test_the_threshold_is_inclusive_to_the_last_bit(score):
    reached, infinity = np.float32(score), np.float32(np.inf)
    line = [np.nextafter(reached, -infinity), reached, np.nextafter(reached, infinity)]
    heatmap = np.array(line, np.float32).reshape(1, 1, 3)
    options = {"activation": "none", "window": 1, "score_threshold": score}
    assert cd.find_peaks(heatmap, **options).xs.tolist() == [2, 1]
    logits = np.linspace(-9, 9, 1001, dtype=np.float32).reshape(1, 7, 143)
    check(logits, score_threshold=score, window=1, top_k=9999)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("filling", ["noise", "plateaus", "inf"])
@pytest.mark.parametrize("step", [1, 2])
def test_top_k_around_the_number_of_peaks(step, filling, layout, isa):
    options = {"activation": "none", "window": 1, "score_threshold": -np.inf, "layout": layout}
    heatmap = head(filling, (2, 40, 40), layout)
    truth = oracle.find_peaks(heatmap, top_k=3200, **options)
    view = np.repeat(heatmap, step, axis=2)[:, :, ::step]  # not contiguous for step 2
    for top_k in [0, 1, 2, 99, 511, 513, 1600, 3199, 3200, 3201, 10**6, 2**63]:
        found = cd.find_peaks(view, top_k=top_k, **options)
        assert_same(found, [column[:top_k] for column in truth], f"top_k={top_k}")


def adversary(name, layout):
    """Return a heatmap that makes the k-th best peak rise, or tie, as often as it can."""
    shape = (2, 48, 50) if layout == "NCHW" else (48, 50, 2)
    ramp = np.arange(4800, dtype=np.float32).reshape(shape)
    y, x = np.indices((48, 50)) if layout == "NCHW" else np.indices((48, 50))[..., None]
    maps = {
        "rising peaks": np.where((y % 2 == 0) & (x % 2 == 0), ramp, -1),
        "falling peaks": np.where((y % 2 == 0) & (x % 2 == 0), -ramp, -9999),
        "ramp": ramp,
        "one plateau": np.ones(shape),
        "one plateau and a bit": np.where(ramp < 4000, 1, np.nextafter(np.float32(1), ramp % 7)),
        "checkerboard": np.broadcast_to((y + x) % 2, shape),
        "all nan": np.full(shape, np.nan),
        "all infinite": np.full(shape, np.inf),
    }
    return maps[name].astype(np.float32)


ADVERSARIES = (
    "rising peaks,falling peaks,ramp,one plateau,one plateau and a bit,checkerboard,"
    "all nan,all infinite"
)


@pytest.mark.parametrize("top_k", [1, 10, 100])
@pytest.mark.parametrize("plateaus", ["first", "keep"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ADVERSARIES.split(","))
def test_adversarial_maps(name, layout, plateaus, top_k):
    options = {"activation": "none", "score_threshold": -np.inf, "plateaus": plateaus}
    check(adversary(name, layout), layout=layout, top_k=top_k, **options)


def test_ties_are_ordered_by_the_tensors_own_layout(isa):
    planar, interleaved = np.ones((2, 1, 2), np.float32), np.ones((1, 2, 2), np.float32)
    found = cd.find_peaks(planar, window=1, top_k=3)
    assert list(zip(found.class_ids, found.xs, strict=True)) == [(0, 0), (0, 1), (1, 0)]
    found = cd.find_peaks(interleaved, window=1, top_k=3, layout="NHWC")
    assert list(zip(found.class_ids, found.xs, strict=True)) == [(0, 0), (1, 0), (0, 1)]


def unaligned(array):
    """Return a read-only copy that starts one byte after where it should."""
    return np.frombuffer(b"?" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)


VIEWS = {
    "columns cut": lambda a: a[:, 1:, 2:-3],
    "rows cut": lambda a: a[:, 1:-1],
    "stepped": lambda a: a[:, ::2, ::3],
    "reversed": lambda a: a[::-1, ::-1, ::-1],
    "rows reversed": lambda a: a[:, ::-1],
    "transposed": lambda a: a.transpose(0, 2, 1),
    "rotated": lambda a: a.transpose(2, 0, 1),
    "one column everywhere": lambda a: np.broadcast_to(a[:, :, :1], a.shape),
    "one row everywhere": lambda a: np.broadcast_to(a[:, :1], a.shape),
    "one plane everywhere": lambda a: np.broadcast_to(a[:1], a.shape),
    "Fortran order": np.asfortranarray,
    "unaligned and read-only": unaligned,
    "unaligned and cut": lambda a: unaligned(a)[:, 1:-1, 2:-3],
}


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("view", VIEWS)
def test_any_strides(view, layout, element_type):
    heatmap = VIEWS[view](store(fill("plateaus", (3, 7, 90)), element_type))
    before = heatmap.tobytes()
    check(heatmap, element_type, layout=layout, **ALL)
    check(heatmap, element_type, layout=layout, classes=[1, 2], plateaus="keep")
    assert heatmap.tobytes() == before


CLASSES = [[1], [2, 0], [2, 2, 0, 2], [], (0, 1, 2, 3), range(3), np.array([3, 1])]


@pytest.mark.parametrize("classes", CLASSES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_the_wanted_classes(layout, classes):
    heatmap = fill("noise", (4, 6, 19))
    heatmap[[c for c in range(4) if c not in classes]] = np.inf  # would win
    heatmap = heatmap if layout == "NCHW" else channels_last(heatmap)
    truth = check(heatmap, layout=layout, classes=classes)
    assert_same(cd.find_peaks(heatmap, layout=layout, classes=iter(classes)), truth)


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"top_k": -1}, ValueError, "top_k must be at least 0, got -1"),
    ({"top_k": 1.0}, TypeError, "top_k must be a whole number, got 1.0"),
    ({"score_threshold": np.nan}, ValueError, "score_threshold must not be NaN"),
    ({"score_threshold": "0.3"}, TypeError, "score_threshold must be a number, got '0.3'"),
    ({"window": 0}, ValueError, "window must be at least 1, got 0"),
    ({"window": 4}, ValueError, "window must be odd, got 4"),
    ({"activation": "tanh"}, ValueError,
     'activation must be one of "sigmoid", "none", got "tanh"'),
    ({"plateaus": "all"}, ValueError, 'plateaus must be one of "first", "keep", got "all"'),
    ({"layout": "CHW"}, ValueError, 'layout must be one of "NCHW", "NHWC", got "CHW"'),
    ({"element_type": "f64"}, ValueError,
     'element_type must be one of "f32", "f16", "bf16", got "f64"'),
    ({"classes": [8, 1]}, ValueError,
     "classes must be below the channels of heatmap, got class 8, got float32 (4, 2, 3)"),
    ({"classes": [4]}, ValueError,
     "classes must be below the channels of heatmap, got class 4, got float32 (4, 2, 3)"),
    ({"classes": [-1]}, ValueError, "classes must be at least 0, got -1"),
    ({"classes": [0.5]}, TypeError, "classes must be a whole number, got 0.5"),
    ({"classes": "01"}, TypeError, "classes must be channel numbers, as in [0, 2], got '01'"),
    ({"classes": 1}, TypeError, "classes must be channel numbers, as in [0, 2], got 1"),
], ids=str)  # fmt: skip
def test_refuses_options(options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        cd.find_peaks(np.zeros((4, 2, 3), np.float32), **options)


# One plane of 64 x 64 floats is four pages; all but the third plane cannot be read.
GUARDED = """
import ctypes, mmap, numpy as np, centerdecode as cd
pages = mmap.mmap(-1, 5 * 16384)
heatmap = np.frombuffer(pages, np.float32).reshape(5, 64, 64)
heatmap[2] = np.random.default_rng(0).normal(size=(64, 64))
truth = cd.find_peaks(heatmap[2:3].copy())
protect = ctypes.CDLL(None, use_errno=True).mprotect
protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
start = heatmap.ctypes.data
assert protect(start, 2 * 16384, 0) == 0 and protect(start + 3 * 16384, 2 * 16384, 0) == 0
for name in cd.supported_isas():
    with cd.use_isa(name):
        found = cd.find_peaks(heatmap, classes=[2])
        assert np.array_equal(found.scores, truth.scores) and set(found.class_ids) == {2}, name
print("read", len(found.scores))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="protects pages with Linux's mprotect")
def test_other_planes_are_not_even_read():
    run = subprocess.run(
        [sys.executable, "-c", GUARDED], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "read 100\n"), run.stderr


def test_more_cells_than_32_bits_count(isa):
    row = fill("sparse", (32768,))
    heatmap = np.broadcast_to(row, (1, 70000, 32768))  # one row of memory, 2.3e9 cells
    found = cd.find_peaks(heatmap, plateaus="keep", top_k=70000, activation="none")
    np.testing.assert_array_equal(found.ys, np.arange(70000))
    np.testing.assert_array_equal(found.xs, row.argmax())
