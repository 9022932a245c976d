"""Decoder reads a model's outputs, however they are handed in, as its family says."""

import pickle
import re

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from oracles import specification as oracle
from support.heads import (
    ELEMENT_TYPES,
    arrays_of,
    assert_same,
    channels_last,
    compile_heads,
    fill,
    meaning,
    store,
)

BOXES = [family for family in families.ALL if family.decoder == "boxes"]
BY_NAME = {"argvalues": BOXES, "ids": [family.name for family in BOXES]}
FRAME = (1, 6, 12, 17)


def make_heads(family, batch=1, classes=3, grid=(7, 9)):
    """Return a synthetic tensor for every head, in the family's layout and sizes.

    The last heads of some families are left out: they say boxes in place of "wh".
    """
    numbers = {"heatmap": classes, "wh": 2 if family.box_encoding == "wh" else 4, "offset": 2}
    numbers |= {"surface_coords": 20}
    numbers |= {name: extra.channels or 10 for name, extra in family.extras.items()}
    heads = {
        name: fill("noise", (batch, numbers.get(name, 10), *grid), seed)
        for seed, name in enumerate(family.heads)
        if name not in ("amodal_box", "corners")
    }
    if family.layout == "NHWC":
        heads = {name: channels_last(head) for name, head in heads.items()}
    return heads


def truth_of(family, heads, image=0, **options):
    """Return what the oracle makes of one image, told all that the row says."""
    fields = "layout activation window stride box_encoding box_units box_activation axes"
    said = {field: getattr(family, field) for field in [*fields.split(), "center_shift"]}
    used = [heads[name][image] if name in heads else None for name in ("heatmap", "wh", "offset")]
    return oracle.decode_boxes(*used, **said, **options)


@pytest.mark.parametrize("family", **BY_NAME)
def test_every_row_decodes_as_it_says(family):
    heads = make_heads(family, batch=2)
    outputs = {family.heads[head][0]: array for head, array in heads.items()}
    placed = {"transform": [[0.5, 0, 3], [0, 0.25, -1]], "clip": (30, 20)}
    decoder = cd.Decoder(family, top_k=20, plateaus="keep")
    for options in ({}, placed):
        found = decoder(outputs, **options)
        assert len(found) == 2
        for i in range(2):
            truth = truth_of(family, heads, i, top_k=20, plateaus="keep", **options)
            assert len(truth[0]) > 3
            assert_same(arrays_of(found[i]), truth)


@pytest.mark.parametrize("family", **BY_NAME)
def test_every_name_and_the_order_of_heads_are_known(family):
    heads = make_heads(family)
    truth = truth_of(family, heads)
    decoder = cd.Decoder(family)
    for alias in range(max(len(names) for names in family.heads.values())):
        names = {head: names[min(alias, len(names) - 1)] for head, names in family.heads.items()}
        outputs = {names[head]: heads[head] for head in reversed(heads)}
        assert_same(arrays_of(decoder(outputs)[0]), truth)
        suffixed = {f"tower_0/{name}:0": tensor for name, tensor in outputs.items()}
        assert_same(arrays_of(decoder(suffixed | {"unrelated": None})[0]), truth)
        bare = {names[head]: heads[head] for head in family.required}
        least = {head: heads[head] for head in family.required}
        assert_same(arrays_of(decoder(bare)[0]), truth_of(family, least))
    assert_same(arrays_of(decoder(list(heads.values()))[0]), truth)
    assert_same(arrays_of(decoder(tuple(heads.values()))[0]), truth)


def test_one_image_without_a_batch_axis_gives_a_list_of_one():
    heads = make_heads(families.CENTERNET)
    found = cd.Decoder(families.CENTERNET)([head[0] for head in heads.values()])
    assert len(found) == 1
    assert_same(arrays_of(found[0]), truth_of(families.CENTERNET, heads))


@pytest.mark.parametrize("options", [
    {"top_k": 3}, {"score_threshold": 0.7}, {"plateaus": "keep"}, {"classes": iter([2, 0, 2])},
    {"top_k": 4, "score_threshold": 0.1, "plateaus": "keep", "classes": [1]},
], ids=str)  # fmt: skip
def test_pickling_keeps_family_and_options(options):
    family = families.FAIRMOT.replace(stride=8, center_shift=0.25)
    heads = make_heads(family)
    decoder = cd.Decoder(family, **options)
    found = decoder(list(heads.values()))[0]
    options["classes"] = decoder.classes
    assert_same(arrays_of(found), truth_of(family, heads, **options))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copy = pickle.loads(pickle.dumps(decoder, protocol))
        assert copy.family == family
        assert repr(copy) == repr(decoder)
        assert_same(arrays_of(copy(list(heads.values()))[0]), arrays_of(found))


@pytest.mark.parametrize("options", [
    {"best_class": True}, {"max_per_class": 2}, {"nms": cd.NMS("gaussian", score_threshold=0.4)},
], ids=str)  # fmt: skip
def test_pickling_keeps_options_that_thin(options):
    heatmap, wh, offset = make_heads(families.CENTERNET).values()
    heads = [heatmap, 20 * abs(wh), offset]  # boxes that overlap
    decoder = cd.Decoder(families.CENTERNET, **options)
    copy = pickle.loads(pickle.dumps(decoder))
    assert copy.options == decoder.options
    assert_same(arrays_of(copy(heads)[0]), arrays_of(decoder(heads)[0]))
    assert len(decoder(heads)[0]) < len(cd.Decoder(families.CENTERNET)(heads)[0])


def test_element_type_is_kept_by_pickling():
    heads = [store(head, "bf16") for head in make_heads(families.CENTERNET).values()]
    decoder = pickle.loads(pickle.dumps(cd.Decoder(families.CENTERNET, element_type="bf16")))
    names = dict(zip(families.CENTERNET.heads, heads, strict=True))
    truth = truth_of(families.CENTERNET, {n: meaning(h, "bf16") for n, h in names.items()})
    assert_same(arrays_of(decoder(heads)[0]), truth)


def test_a_model_that_decodes_in_its_graph_takes_one_matrix_for_a_batch():
    rng = np.random.default_rng(0)
    scores, boxes = rng.random((3, 5), np.float32), rng.random((3, 5, 4), np.float32)
    outputs = {"detection_boxes": boxes, "detection_scores": scores}
    outputs |= {"detection_classes": np.ones((3, 5), "f4"), "num_detections": np.full(3, 4, "f4")}
    decoder = cd.Decoder(families.TF_ZOO, score_threshold=0)
    matrix = np.array([[2, 0, 1], [0, 3, -1]], float)
    found = decoder(outputs, transform=matrix, input_size=(10, 20))
    for i in range(3):
        order = np.argsort(-scores[i, :4])
        y1, x1, y2, x2 = boxes[i, order].T.astype(float)
        expected = np.stack([40 * x1 + 1, 30 * y1 - 1, 40 * x2 + 1, 30 * y2 - 1], 1)
        np.testing.assert_allclose(found[i].xyxy, expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(found[i].scores, scores[i, order])
        assert found[i].class_ids.tolist() == [0] * 4


def test_repr():
    decoder = cd.Decoder(families.TTFNET, top_k=7, score_threshold=0.25)
    assert repr(decoder) == "Decoder(TTFNET, top_k=7, score_threshold=0.25)"


HM, WH, REG = (np.zeros((1, n, 4, 5), np.float32) for n in (3, 2, 2))
ORDER = "outputs must be in the order ['heatmap', 'wh', 'offset'] for family CENTERNET, got "
WANTED = "outputs must have {'wh': ('wh',)} for family CENTERNET, got [['hm'], ['reg']]"
KINDS = "outputs must be an InferRequest, a mapping from output name to tensor, or a sequence of "


@pytest.mark.parametrize(("outputs", "error", "message"), [
    ({"hm": HM, "reg": REG}, ValueError, WANTED),
    ([HM], ValueError, ORDER + "1 of them"),
    ([HM, WH, REG, REG], ValueError, ORDER + "4 of them"),
    (None, TypeError, KINDS + "tensors, got NoneType"),
    (HM, TypeError, KINDS + "tensors, got ndarray"),
    ("hm", TypeError, KINDS + "tensors, got str"),
    ({"hm": HM, "wh": REG[:, :1]}, ValueError,
     "wh must have 6 channels (one group for each class) or 2, got float32 (1, 1, 4, 5)"),
])  # fmt: skip
def test_refuses_outputs(outputs, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        cd.Decoder(families.CENTERNET)(outputs)


@pytest.mark.parametrize(("family", "options", "error", "message"), [
    ("CENTERNET", {}, TypeError, "family must be a Family, got str"),
    (families.CENTERNET.replace(decoder="boxen"), {}, ValueError, "family.decoder must be one of"),
    (families.CENTERNET.replace(heads={"heatmap": ("hm",)}), {}, ValueError,
     "family.heads must have ['wh'] for decoder 'boxes', got {'heatmap': ('hm',)}"),
    (families.CENTERNET, {"top_k": -1}, ValueError, "top_k must be at least 0, got -1"),
    (families.CENTERNET, {"top_k": 1.5}, TypeError, "top_k must be a whole number, got 1.5"),
    (families.CENTERNET, {"plateaus": "all"}, ValueError, "plateaus must be one of"),
    (families.CENTERNET, {"classes": 5}, TypeError, "classes must be channel numbers"),
    (families.CENTERNET, {"classes": ["a", 1]}, TypeError, "classes must be a whole number"),
    (families.CENTERNET, {"score_threshold": None}, TypeError, "score_threshold must be a number"),
])  # fmt: skip
def test_refuses_options_when_it_is_made(family, options, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        cd.Decoder(family, **options)


def frame_of(element_type, seed):
    """Return a frame that the element type holds exactly: how OpenVINO rounds f32 to bf16
    depends on the processor."""
    return meaning(store(fill("noise", FRAME, seed), element_type), element_type)


def truth_of_frame(frame):
    """Return what the heads that the compiled model cuts from a frame decode to."""
    parts = np.split(frame, 3, axis=1)
    return truth_of(families.CENTERNET, dict(zip(families.CENTERNET.heads, parts, strict=True)))


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_what_openvino_hands_out(element_type):
    first, second = frame_of(element_type, 1), frame_of(element_type, 2)
    request = compile_heads(element_type, FRAME).create_infer_request()
    decoder = cd.Decoder(families.CENTERNET)
    results = request.infer(first)
    tensors = {name: request.get_tensor(name) for name in ("hm", "wh", "reg")}
    views = {name: tensor.data for name, tensor in tensors.items()}
    found = [decoder(kind)[0] for kind in (request, results, tensors, views, [*tensors.values()])]
    request.infer(second)  # overwrites what was decoded
    assert_same(arrays_of(decoder(request)[0]), truth_of_frame(second))
    for detections in found:
        assert_same(arrays_of(detections), truth_of_frame(first))


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_decoding_in_the_callback_of_a_queue(element_type):
    frames = [frame_of(element_type, seed) for seed in range(50)]
    queue = ov.AsyncInferQueue(compile_heads(element_type, FRAME), 2)
    decoder = cd.Decoder(families.CENTERNET)
    found = {}
    queue.set_callback(lambda request, i: found.setdefault(i, decoder(request)[0]))
    for i, frame in enumerate(frames):
        queue.start_async(frame, i)
    queue.wait_all()
    for i, frame in enumerate(frames):
        assert_same(arrays_of(found[i]), truth_of_frame(frame), f"frame {i}")


def test_a_mapping_of_ports_is_held_against_its_arrays():
    compiled = compile_heads("f16", FRAME)
    results = compiled(fill("noise", FRAME))
    widened = {port: array.astype(np.float32) for port, array in results.items()}
    with pytest.raises(TypeError, match=r"^heatmap must be of the element type that it is labell"):
        cd.Decoder(families.CENTERNET)(widened)
