"""A detector knows the family of a model: by rt_info, names or shapes; or it says why not."""

import functools
import itertools

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from centerdecode.models import _rt_info
from openvino import opset13 as ops
from support import models

IMAGE = np.zeros((*models.NETWORK, 3), np.uint8)
OTHER = {"NCHW": "NHWC", "NHWC": "NCHW"}
TWINS = {  # the same names, told apart by the layout
    ("CENTERNET", "NHWC"): families.KERAS_CENTERNET,
    ("KERAS_CENTERNET", "NCHW"): families.CENTERNET,
    ("CENTERNET_POSE", "NHWC"): families.KERAS_POSE,
    ("KERAS_POSE", "NCHW"): families.CENTERNET_POSE,
}
FULLER = {"CENTERTRACK": families.CENTERTRACK_3D}  # what a model with all of its heads is


def detect(model, **options):
    """Return a detector that finds the one box of `models`, after it has."""
    detector = cd.Detector(model, **options)
    found = detector(IMAGE)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
    np.testing.assert_allclose(found.scores, [models.SCORE], rtol=1e-6)
    assert found.class_ids.tolist() == [models.class_id(detector.family)]
    return detector


@pytest.mark.parametrize("family", models.FAMILIES, ids=lambda family: family.name)
def test_the_detector_knows_every_family_by_its_names(family):
    detector = detect(models.constant(models.outputs(family)))
    family = FULLER.get(family.name, family)
    assert detector.family.replace(keypoints=family.keypoints) == family
    assert detector.why[0] == f"output names fit family {family.name}"


@pytest.mark.parametrize("family", models.WITH_HEADS, ids=lambda family: family.name)
def test_the_detector_knows_the_layout_by_the_shapes(family):
    layout = OTHER[family.layout]
    detector = detect(models.constant(models.outputs(family, layout)))
    family = FULLER.get(family.name, family)
    twin = TWINS.get((family.name, layout), family.replace(layout=layout))
    assert detector.family.replace(keypoints=twin.keypoints) == twin


@pytest.mark.parametrize(
    "pattern",
    ["{}:0", "tower_0/{}:0", "StatefulPartitionedCall/model/{}", "detector/{}:12", "a:0/{}:0"],
)
def test_the_detector_knows_a_name_as_exporters_write_it(pattern):
    arrays = models.outputs(families.CENTERNET)
    model = models.constant({pattern.format(name): array for name, array in arrays.items()})
    assert detect(model).family == families.CENTERNET


def test_the_detector_knows_an_output_by_any_of_its_names():
    hm, wh, reg = models.outputs(families.CENTERNET).values()
    model = models.constant({("x", "conv_7/hm:0"): hm, ("wh", "Exp:0"): wh, ("z", "reg"): reg})
    assert detect(model).family == families.CENTERNET


@pytest.mark.parametrize("other", ["hm_hp", "chm", "hm/x", "hm_2", "HM"])
def test_the_detector_does_not_take_a_similar_name_for_a_head(other):
    arrays = models.outputs(families.CENTERNET)
    arrays[other] = np.full_like(arrays["hm"], 9)
    assert detect(models.constant(arrays)).family == families.CENTERNET
    del arrays["hm"]
    with pytest.raises(ValueError, match="no known family has these outputs"):
        cd.Detector(models.constant(arrays))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_the_detector_gives_every_output_its_role_in_any_order(layout):
    arrays = models.outputs(families.CENTERNET, layout)
    for order in itertools.permutations(arrays):
        detect(models.constant({name: arrays[name] for name in order}))


TAILS = {
    "Sigmoid": [],
    "Transpose": [
        lambda node: ops.transpose(node, np.array([0, 2, 3, 1])),
        lambda node: ops.transpose(node, np.array([0, 3, 1, 2])),
    ],
    "Reshape": [
        lambda node: ops.reshape(node, np.array([3, 96]), False),
        lambda node: ops.reshape(node, np.array([1, 3, 8, 12]), False),
    ],
    "Squeeze": [
        lambda node: ops.squeeze(node, np.array([0])),
        lambda node: ops.unsqueeze(node, np.array([0])),
    ],
    "Convert": [lambda node: ops.convert(node, "f16"), lambda node: ops.convert(node, "f32")],
    "Clamp": [lambda node: ops.clamp(node, 1e-4, 1 - 1e-4)],
}


@pytest.mark.parametrize("tail", TAILS)
def test_the_detector_sees_a_sigmoid_in_the_graph(tail):
    def steps(node):
        return functools.reduce(lambda node, step: step(node), [ops.sigmoid, *TAILS[tail]], node)

    tolerance = 1e-3 if tail == "Convert" else 1e-6
    model = models.constant(models.outputs(families.CENTERNET), tails={"hm": steps})
    detector = cd.Detector(model)
    assert detector.family == families.CENTERNET.replace(activation="none")
    np.testing.assert_allclose(detector(IMAGE).scores, [models.SCORE], rtol=tolerance)


def test_the_detector_takes_logits_for_logits():
    for tail in (lambda node: ops.clamp(node, -20, 20), ops.relu, ops.sqrt):
        model = models.constant(models.outputs(families.CENTERNET), tails={"hm": tail})
        assert cd.Detector(model).family.activation == "sigmoid"
    sigmoid_elsewhere = models.constant(
        models.outputs(families.CENTERNET), tails={"wh": ops.sigmoid}
    )
    assert cd.Detector(sigmoid_elsewhere).family.activation == "sigmoid"


def test_the_detector_knows_a_heatmap_and_one_two_channel_map_by_their_shapes():
    arrays = {"a": models.outputs(families.CENTERNET)["hm"]}
    arrays["b"] = models.outputs(families.CENTERNET)["wh"]
    for order in ("ab", "ba"):
        detector = cd.Detector(models.constant({name: arrays[name] for name in order}))
        assert detector.family == families.CENTERNET
        assert detector.why[0] == "output shapes fit family CENTERNET"
        assert detector(IMAGE).xyxy.tolist() == [[16, 10, 28, 18]]  # half a cell, no offset


def test_the_detector_knows_the_same_with_channels_last():
    planes = models.outputs(families.CENTERNET, "NHWC")
    detector = cd.Detector(models.constant({"b": planes["wh"], "a": planes["hm"]}))
    assert detector.family.layout == "NHWC"
    assert detector(IMAGE).xyxy.tolist() == [[16, 10, 28, 18]]


@pytest.mark.parametrize("name", ["x", ()])
def test_the_detector_knows_rows_of_seven_by_their_shape(name):
    (rows,) = models.outputs(families.DETECTION_OUTPUT).values()
    assert detect(models.constant({name: rows})).family == families.DETECTION_OUTPUT


REFUSED = {
    "a heatmap and two maps that may be sizes or offsets": (
        {"a": (1, 3, 8, 12), "b": (1, 2, 8, 12), "c": (1, 2, 8, 12)},
        r"no known family .*: a \[1, 3, 8, 12\]; b \[1, 2, 8, 12\]; c \[1, 2, 8, 12\]; pass family",
    ),
    "two maps of two channels": (
        {"a": (1, 2, 8, 12), "b": (1, 2, 8, 12)},
        r"no known family has these outputs: a \[1, 2, 8, 12\]; b \[1, 2, 8, 12\]; pass",
    ),
    "a classifier": ({"prob": (1, 1000)}, r"prob \[1, 1000\]; pass family="),
    "names that fit two families": (
        {"hm": (1, 2, 8, 12), "wh": (1, 4, 8, 12)},
        r"CENTERNET, TTFNET all fit these outputs: hm \[1, 2, 8, 12\]; wh \[1, 4, 8, 12\]; pass",
    ),
    "grids that do not match": (
        {"hm": (1, 3, 8, 12), "wh": (1, 2, 12, 8), "reg": (1, 2, 8, 12)},
        r"no known family has these outputs: hm ",
    ),
    "a size head of three channels": (
        {"hm": (1, 1, 8, 12), "wh": (1, 3, 8, 12), "reg": (1, 2, 8, 12)},
        r"no known family has these outputs: hm ",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_detector_does_not_guess(case):
    shapes, message = REFUSED[case]
    arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    with pytest.raises(ValueError, match=message):
        cd.Detector(models.constant(arrays))


def test_the_detector_takes_a_given_family_at_its_word():
    hm, wh, reg = models.outputs(families.CENTERNET).values()
    model = models.constant({"a": hm, "c": reg, "b": wh})
    family = families.CENTERNET.replace(
        name="MINE", heads={"heatmap": ("a",), "wh": ("b",), "offset": ("c",)}
    )
    assert detect(model, family=family).family == family
    model = models.constant({"a": hm, "c": reg, "b": wh}, tails={"a": ops.sigmoid})
    with pytest.raises(ValueError, match=r"MINE wants logits, but a .* has gone through a sigmoid"):
        cd.Detector(model, family=family)
    assert detect(model, family=family.replace(activation="none")).why[0] == "the family was given"


@pytest.mark.parametrize(
    ("family", "message"),
    [
        (families.MMDET, r"no output is \['heatmap', 'wh', 'offset'\]: hm \[1, 3, 8, 12\]"),
        (families.CENTERNET_POSE, r"no output is \['keypoints'\]"),
        (families.KERAS_CENTERNET, r"KERAS_CENTERNET \(NHWC, .* not fit the shapes of hm \[1, 3"),
        (families.CENTERNET.replace(box_encoding="ltrb"), r"'ltrb'\) does not fit the shapes"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_detector_refuses_a_family_that_does_not_fit(family, message):
    with pytest.raises(ValueError, match=message):
        cd.Detector(models.constant(models.outputs(families.CENTERNET)), family=family)


@pytest.mark.parametrize("family", ["CENTERNET", {"name": "X"}])
def test_the_detector_refuses_what_is_no_family(family):
    with pytest.raises(TypeError, match="family must be a Family, got"):
        cd.Detector(models.constant(models.outputs(families.CENTERNET)), family=family)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_the_detector_asks_of_a_compiled_model_whether_a_sigmoid_is_inside(layout):
    model = models.constant(models.outputs(families.CENTERNET, layout))
    compiled = ov.compile_model(model, "CPU")
    name = {"NCHW": "CENTERNET", "NHWC": "KERAS_CENTERNET"}[layout]
    with pytest.raises(ValueError, match=rf"whether hm .* a sigmoid; pass .*families\.{name} for"):
        cd.Detector(compiled)
    detect(compiled, family=getattr(families, name))
    (rows,) = models.outputs(families.DETECTION_OUTPUT).values()
    detect(ov.compile_model(models.constant({"x": rows}), "CPU"))  # there is nothing to ask


def saved(model, path):
    ov.save_model(model, path, compress_to_fp16=False)
    return path


def test_the_detector_believes_the_family_in_the_rt_info(tmp_path):
    hm, wh, reg = models.outputs(families.CENTERNET).values()
    model = models.constant({"hm": wh, "wh": hm, "q": reg})  # names that would mislead
    family = families.CENTERNET.replace(
        name="MINE", heads={"heatmap": ("wh",), "wh": ("hm",), "offset": ("q",)}, mean=(1, 2, 1 / 3)
    )
    _rt_info.store_family(model, family.to_json())
    for given in (model, saved(model, tmp_path / "model.xml")):
        detector = detect(given)
        assert detector.family == family
        assert detector.why[0] == "the model's rt_info names the family"
    other = family.replace(name="OTHER", mean=5)
    assert detect(model, family=other).family == other
    model.set_rt_info("9 9 9", ["model_info", "mean_values"])  # it is the fuller statement
    assert detect(model).family == family
    assert detect(model, mean=7).family == family.replace(mean=7)


@pytest.mark.parametrize(
    "text", ["rubbish", families.MMDET.to_json()], ids=["rubbish", "another family"]
)
def test_the_detector_refuses_a_stored_family_that_does_not_fit(text):
    model = models.constant(models.outputs(families.CENTERNET))
    _rt_info.store_family(model, text)
    with pytest.raises(ValueError, match=r"not a family: .*'rubbish'|MMDET has heads"):
        cd.Detector(model)


MODEL_INFO = {
    "reverse_input_channels": "YES",
    "mean_values": "123.675 116.28 103.53",
    "scale_values": "[58.395, 57.12, 57.375]",
    "pad_value": "114",
    "resize_type": "fit_to_window_letterbox",
    "labels": "person traffic_light",
}
AS_STORED = {
    "color": "RGB",
    "mean": (123.675, 116.28, 103.53),
    "scale": (58.395, 57.12, 57.375),
    "pad_value": (114.0, 114.0, 114.0),
    "resize": "letterbox",
}


def with_info(info):
    model = models.constant(models.outputs(families.CENTERNET))
    for key, value in info.items():
        model.set_rt_info(value, ["model_info", key])
    return model


def test_the_detector_reads_intels_model_info(tmp_path):
    model = with_info(MODEL_INFO)
    for given in (model, saved(model, tmp_path / "model.xml")):
        detector = cd.Detector(given)
        assert detector.family == families.CENTERNET.replace(**AS_STORED)
        assert detector.labels == ["person", "traffic_light"]
    plain = cd.Detector(with_info({"reverse_input_channels": "False", "resize_type": "standard"}))
    assert (plain.family.color, plain.family.resize) == ("BGR", "stretch")
    assert plain.family.mean == families.CENTERNET.mean
    assert plain.labels is None


def test_the_detector_does_not_repeat_what_the_graph_already_does():
    detector = cd.Detector(with_info(MODEL_INFO | {"embedded_processing": "True"}))
    assert (detector.family.mean, detector.family.scale) == ((0, 0, 0), (1, 1, 1))
    assert detector.family.color == "BGR"  # the graph itself makes RGB of it


def test_the_detector_lets_an_argument_win_over_the_rt_info():
    wishes = {"color": "BGR", "mean": 1, "scale": 2, "pad_value": 3, "resize": "stretch"}
    for wish in ({field: value} for field, value in wishes.items()):
        detector = cd.Detector(with_info(MODEL_INFO), **wish)
        assert detector.family == families.CENTERNET.replace(**(AS_STORED | wish))
    assert cd.Detector(with_info(MODEL_INFO), labels=["a", "b"]).labels == ["a", "b"]
    detector = cd.Detector(with_info(MODEL_INFO), family=families.CENTERNET)
    assert detector.family == families.CENTERNET


def test_the_detector_refuses_a_resize_type_it_does_not_know():
    with pytest.raises(ValueError, match=r"resize_type 'crop', known are .*; pass resize="):
        cd.Detector(with_info({"resize_type": "crop"}))
    for options in ({"family": families.CENTERNET, "resize": "stretch"}, {"resize": "stretch"}):
        detector = cd.Detector(with_info({"resize_type": "crop"}), **options)
        assert detector.family.resize == "stretch"
