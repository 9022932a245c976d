"""Decoders written as graphs of standard operations give what the oracle and the core give."""

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import KeypointRule, Refinement, families, graph
from oracles import specification as oracle
from support import models
from support.graphs import run
from support.heads import FILLS, channels_last, fill


def check(found, expected, ulps=2):
    """Assert that all rows are those, scores within some units in the last place."""
    for i, one in enumerate(expected):
        count = found["counts"][i]
        assert count == len(one)
        np.testing.assert_array_equal(found["class_ids"][i][:count], one.class_ids)
        np.testing.assert_array_equal(found["boxes"][i][:count], one.xyxy)
        np.testing.assert_array_max_ulp(found["scores"][i][:count], one.scores, ulps)
        assert (found["class_ids"][i][count:] == -1).all()
        for name in found.keys() - {"class_ids", "counts"}:
            assert not found[name][i][count:].any()


def heads(cells, layout, channels=2, seed=0):
    """Return heads around a heatmap (B, C, H, W): any numbers."""
    rng = np.random.default_rng(seed)
    shape = (len(cells), channels, *cells.shape[2:])
    found = {
        "hm": cells,
        "wh": np.float32(5 * rng.normal(size=shape)),
        "reg": np.float32(rng.normal(size=(len(cells), 2, *cells.shape[2:]))),
    }
    return {k: channels_last(v) for k, v in found.items()} if layout == "NHWC" else found


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("plateaus", ["first", "keep"])
@pytest.mark.parametrize("name", FILLS)
def test_peaks_are_those_of_the_oracle(name, plateaus, layout):
    cells = fill(name, (1, 3, 7, 9))
    family = families.CENTERNET.replace(
        layout=layout, activation="none", window=3 if name != "plateaus" else 5
    )
    options = {"top_k": 20, "score_threshold": 0.0, "plateaus": plateaus}
    arrays = heads(cells, layout)
    found, _ = run(family, arrays, **options)
    scores, class_ids, *_ = oracle.find_peaks(
        arrays["hm"][0], activation="none", window=family.window, layout=layout, **options
    )
    count = found["counts"][0]
    assert count == len(scores)
    np.testing.assert_array_equal(found["scores"][0][:count], scores)
    np.testing.assert_array_equal(found["class_ids"][0][:count], class_ids)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("element_type", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("name", ["noise", "plateaus", "mixed"])
def test_detections_are_those_of_the_decoder(name, layout, element_type, dynamic):
    arrays = heads(fill(name, (2, 3, 8, 6)), layout)
    family = families.CENTERNET.replace(layout=layout)
    for options in (
        {"top_k": 7, "score_threshold": 0.5},
        {"top_k": 1000, "score_threshold": 0, "plateaus": "keep"},  # more than the map has
    ):
        check(*run(family, arrays, element_type, dynamic, **options))


@pytest.mark.parametrize("options", [
    {"classes": [0, 2]},
    {"best_class": True},
    {"max_per_class": 2},
    {"max_per_class": 3, "best_class": True, "classes": [1, 2]},
    {"score_threshold": 1},
    {"score_threshold": 2},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_options_of_classes_are_kept(options, layout):
    arrays = heads(fill("plateaus", (1, 3, 6, 9)), layout)
    family = families.CENTERNET.replace(layout=layout, activation="none")
    check(*run(family, arrays, **({"score_threshold": 0, "top_k": 8} | options)))


@pytest.mark.parametrize("rule", [
    {"axes": "yx", "box_activation": "relu"},
    {"box_encoding": "ltrb", "box_units": "pixels", "center_shift": 1.0},
    {"box_encoding": "ltrb", "axes": "yx", "stride": 8, "center_shift": 0.5},
    {"class_specific": True},
    {"class_specific": True, "box_encoding": "ltrb"},
], ids=str)  # fmt: skip
def test_boxes_are_exact_where_strides_are_powers_of_two(rule):
    rule = dict(rule)
    group = 2 if rule.get("box_encoding", "wh") == "wh" else 4
    channels = group * 3 if rule.pop("class_specific", False) else group
    arrays = heads(fill("noise", (1, 3, 6, 9)), "NCHW", channels)
    check(*run(families.CENTERNET.replace(**rule), arrays, score_threshold=0))


def test_other_boxes_are_within_a_rounding():
    arrays = heads(fill("noise", (1, 2, 6, 9)), "NCHW")
    arrays["wh"] /= 5
    family = families.CENTERNET.replace(stride=3.7, box_activation="exp", axes="yx")
    found, (expected,) = run(family, arrays, score_threshold=0)
    boxes = found["boxes"][0][: len(expected)]
    np.testing.assert_allclose(boxes, expected.xyxy, rtol=0, atol=4e-7 * np.abs(boxes).max())


@pytest.mark.parametrize("rule", [
    {"iou_threshold": 0.3, "whole_pixels": True, "inclusive": True},
    {"iou_threshold": 0.1, "class_agnostic": True},
], ids=str)  # fmt: skip
def test_hard_nms_drops_what_the_core_drops(rule):
    arrays = heads(fill("noise", (2, 2, 6, 9)), "NCHW")
    arrays["wh"][:, :, 2] = np.nan
    family = families.CENTERNET.replace(window=1)
    found, expected = run(family, arrays, score_threshold=0.3, top_k=50, nms=cd.NMS(**rule))
    check(found, expected)
    assert all(10 < len(one) < 50 for one in expected)


RULES = [
    KeypointRule(),
    KeypointRule(order="planar", axes="yx", refinement=Refinement(window=5, search_scale=None)),
    KeypointRule(refinement=families.TF_POSE.keypoints.refinement),
    KeypointRule(refinement=Refinement(ranking="score_distance_ratio", candidates=3)),
    KeypointRule(refinement=Refinement(ranking="score_scaled_distance_ratio", unmatched_score=0.1)),
]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("has_boxes", [True, False])
@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
def test_keypoints_move_where_the_core_moves_them(rule, has_boxes, layout):
    rng = np.random.default_rng(3)
    channels = {"hm": 2, "wh": 2, "reg": 2, "hps": 6, "hm_hp": 3, "hp_offset": 2}
    if not has_boxes:
        del channels["wh"], channels["reg"]
    arrays = {n: np.float32(rng.normal(size=(2, c, 7, 9))) for n, c in channels.items()}
    if has_boxes:
        arrays["wh"] = 5 * np.abs(arrays["wh"])
    if layout == "NHWC":
        arrays = {name: channels_last(array) for name, array in arrays.items()}
    known = families.CENTERNET_POSE.heads
    family = families.CENTERNET_POSE.replace(
        heads={head: names for head, names in known.items() if {*names} & channels.keys()},
        keypoints=rule,
        layout=layout,
    )
    found, expected = run(family, arrays, score_threshold=0.3)
    check(found, expected)
    moved = 0
    for i, one in enumerate(expected):
        np.testing.assert_array_equal(found["keypoints"][i][: len(one)], one.keypoints)
        np.testing.assert_array_max_ulp(
            found["keypoint_scores"][i][: len(one)], one.keypoint_scores, 2
        )
        moved += (one.keypoint_scores != one.scores[:, None]).sum()
    assert moved > 5


@pytest.mark.parametrize("family", [f for f in models.WITH_HEADS if f.decoder in ("boxes", "faces")],
                         ids=lambda family: family.name)  # fmt: skip
def test_families_say_their_box(family):
    plain = family.replace(masks=None)
    model = models.constant(models.outputs(family))
    known = ("heatmap", "wh", "offset", "corners", "landmarks")
    names = [head for head in known if head in family.heads]
    embedded = graph.embed(model, plain, native=False, heads=names)
    found = cd.Detector(embedded, size=models.NETWORK)(np.zeros((*models.NETWORK, 3), np.uint8))
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)


@pytest.mark.parametrize(("family", "options", "message"), [
    (families.CENTERNET, {"nms": "linear"}, "nms must be a hard one of boxes"),
    (families.CENTERNET, {"top_k": 0}, "top_k must be at least 1"),
    (families.CENTERNET_3D, {}, "must have a decoder of"),
    (families.FAIRMOT, {}, "heads must be of boxes and keypoints"),
    (families.MOVENET, {}, "must not have single poses"),
])  # fmt: skip
def test_what_has_no_portable_graph_is_refused(family, options, message):
    model = models.constant(models.outputs(family))
    with pytest.raises(ValueError, match=message):
        graph.embed(model, family, native=False, **options)


def test_options_of_a_detector_are_not_those_of_a_graph():
    model = models.constant(models.outputs(families.CENTERNET))
    with pytest.raises(TypeError, match=r"embed has no \['flip'\]"):
        graph.embed(model, families.CENTERNET, native=False, flip=True)


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_a_photo_has_the_same_detections(test_data, precision, tmp_path):
    path = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    image = cv2.imread(str(test_data / "images" / "cn_33887522274_eebd074106_k.jpg"))
    options = {"resize": "letterbox", "color": "RGB", "mean": 0, "scale": 1, "precision": precision}
    expected = cd.Detector(path, score_threshold=0.1, **options)(image)
    embedded = graph.embed(path, native=False, score_threshold=0.1)
    ov.save_model(embedded, tmp_path / "embedded.xml")
    found = cd.Detector(tmp_path / "embedded.xml", score_threshold=0.1, **options)(image)
    assert len(found) > 20
    np.testing.assert_array_equal(found.class_ids, expected.class_ids)
    np.testing.assert_array_max_ulp(found.scores, expected.scores, 2)
    # One rounding of pixels below 512, enlarged to the photo's.
    np.testing.assert_allclose(found.xyxy, expected.xyxy, atol=2**-14 * max(image.shape) / 512)


def test_faces_of_a_photo_have_the_same_landmarks(test_data):
    path = test_data / "models" / "dbface" / "dbface_mb2_nhwc.xml"
    image = cv2.imread(str(test_data / "images" / "cn_17790319373_bd19b24cfc_k.jpg"))
    expected = cd.Detector(path, score_threshold=0.2)(image)
    embedded = graph.embed(path, native=False, score_threshold=0.2)
    found = cd.Detector(embedded, score_threshold=0.2)(image)
    assert len(found) == len(expected) > 3
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_allclose(found.xyxy, expected.xyxy, atol=2**-12)
    np.testing.assert_allclose(found.keypoints, expected.keypoints, atol=2**-11)
