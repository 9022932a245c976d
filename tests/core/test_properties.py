"""Whatever the shape, type, strides and options: the oracle's answer, on every ISA."""

import centerdecode as cd
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, SPECIALS, arrays_of, assert_same, meaning, store

PALETTES = st.lists(st.sampled_from(SPECIALS) | st.floats(width=16), min_size=1, max_size=12)
TYPES = st.sampled_from(ELEMENT_TYPES)
LAYOUTS = st.sampled_from(["NCHW", "NHWC"])
WIDTHS = st.integers(0, 20) | st.integers(0, 140)
FINITE = st.floats(-1e3, 1e3)


@st.composite
def views(draw, shape, element_type):
    """A tensor of the shape and type, with any strides, aligned or not, of few values."""
    steps = [draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2])) for _ in shape]
    margins = [draw(st.sampled_from([0, 0, 1, 5])) for _ in shape]
    whole = [n * abs(step) + 2 * m for n, step, m in zip(shape, steps, margins, strict=True)]
    order = draw(st.permutations(range(len(shape))))
    palette, seed = draw(PALETTES), draw(st.integers(0, 2**32 - 1))
    values = np.random.default_rng(seed).choice(np.float32(palette), [whole[i] for i in order])
    stored = store(values, element_type)
    if draw(st.booleans()):  # one byte off, and read-only
        raw = b"?" + stored.tobytes()
        stored = np.frombuffer(raw, stored.dtype, offset=1).reshape(values.shape)
    stored = stored.transpose(np.argsort(order))
    cuts = (slice(m, whole_n - m) for m, whole_n in zip(margins, whole, strict=True))
    view = stored[tuple(cuts)][tuple(slice(None, None, step) for step in steps)]
    if draw(st.sampled_from([False, False, True])) and view.size:
        axis = draw(st.integers(0, len(shape) - 1))
        view = np.broadcast_to(view.take([0], axis), view.shape)
    assert view.shape == tuple(shape)
    return view


@st.composite
def peak_options(draw, channels):
    """Options of find_peaks for a heatmap of so many channels."""
    known = st.integers(0, max(channels - 1, 0))
    classes = st.none() | st.lists(known, max_size=6 if channels else 0)
    return {
        "top_k": draw(st.integers(0, 30) | st.integers(0, 2000)),
        "score_threshold": draw(st.sampled_from([-np.inf, -1, 0, 0.3, 0.5, 1, np.inf]) | FINITE),
        "activation": draw(st.sampled_from(["none", "sigmoid"])),
        "window": draw(st.sampled_from([1, 3, 3, 5, 7, 301])),
        "plateaus": draw(st.sampled_from(["first", "keep"])),
        "classes": draw(classes),
    }


BOX_OPTIONS = st.fixed_dictionaries(
    {
        "box_encoding": st.sampled_from(["wh", "ltrb"]),
        "box_units": st.sampled_from(["cells", "pixels"]),
        "box_activation": st.sampled_from(["none", "exp", "relu"]),
        "axes": st.sampled_from(["xy", "yx"]),
        "stride": st.sampled_from([1, 4, 8]) | st.floats(0.01, 64),
        "center_shift": st.none() | st.sampled_from([0, 0.5]) | FINITE,
        "transform": st.none() | st.lists(FINITE | st.just(0.0), min_size=6, max_size=6),
        "clip": st.none() | st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)),
    }
)


def shaped(layout, channels, height, width):
    """Return the shape of a head in the layout."""
    return (channels, height, width) if layout == "NCHW" else (height, width, channels)


@given(data=st.data())
def test_find_peaks(data):
    draw = data.draw
    element_type, layout = draw(TYPES), draw(LAYOUTS)
    channels, height, width = draw(st.integers(0, 4)), draw(st.integers(0, 6)), draw(WIDTHS)
    heatmap = draw(views(shaped(layout, channels, height, width), element_type))
    options = {"layout": layout, **draw(peak_options(channels))}
    truth = oracle.find_peaks(meaning(heatmap, element_type), **options)
    for isa in cd.supported_isas():
        with cd.use_isa(isa):
            found = cd.find_peaks(heatmap, element_type=element_type, **options)
            assert_same(found, truth, isa)


@given(data=st.data())
def test_decode_boxes(data):
    draw = data.draw
    element_type, layout = draw(TYPES), draw(LAYOUTS)
    channels, height = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    width = draw(st.integers(0, 30))
    options = {"layout": layout, **draw(BOX_OPTIONS), **draw(peak_options(channels))}
    if options["transform"] is not None:
        options["transform"] = np.reshape(options["transform"], (2, 3))
    specific = draw(st.booleans())
    numbers = (2 if options["box_encoding"] == "wh" else 4) * (channels if specific else 1)
    heatmap, wh, offset = (
        draw(views(shaped(layout, n, height, width), element_type)) for n in (channels, numbers, 2)
    )
    offset = offset if draw(st.booleans()) else None
    found = cd.decode_boxes(heatmap, wh, offset, element_type=element_type, **options)
    wide = [None if h is None else meaning(h, element_type) for h in (heatmap, wh, offset)]
    with np.errstate(all="ignore"):
        truth = oracle.decode_boxes(*wide, class_specific=specific, **options)
    assert_same(arrays_of(found), truth)


@given(data=st.data())
def test_decode_detection_output(data):
    draw = data.draw
    element_type, rows = draw(TYPES), draw(st.integers(0, 30))
    tensor = np.array(draw(views((1, 1, rows, 7), element_type)))
    ids = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, -1]), min_size=rows, max_size=rows))
    labels = draw(st.lists(st.integers(0, 90), min_size=rows, max_size=rows))
    tensor[0, 0, :, 0], tensor[0, 0, :, 1] = store(ids, element_type), store(labels, element_type)
    sizes = draw(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), min_size=1, max_size=3))
    options = {"image_size": sizes, "score_threshold": draw(FINITE | st.just(-np.inf))}
    found = cd.decode_detection_output(tensor, element_type=element_type, **options)
    truth = oracle.decode_detection_output(meaning(tensor, element_type), **options)
    for ours, theirs in zip(found, truth, strict=True):
        assert_same(arrays_of(ours), theirs)


@given(data=st.data())
def test_a_batch_is_its_images_and_top_k_a_beginning(data):
    draw = data.draw
    shape = draw(st.integers(0, 3)), draw(st.integers(1, 3)), draw(st.integers(0, 5)), draw(WIDTHS)
    batch = draw(views(shape, "f32"))
    options = draw(peak_options(shape[1]))
    found = cd.find_peaks(batch, **options)
    assert len(found) == len(batch)
    for image, peaks in zip(batch, found, strict=True):
        assert_same(peaks, cd.find_peaks(image, **options))
        everything = cd.find_peaks(image, **{**options, "top_k": 10**9})
        assert_same(peaks, [column[: options["top_k"]] for column in everything])
