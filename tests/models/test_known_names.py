"""What a model is called, and what became of it in its conversion, is heeded, and said."""

import json
import pickle

import centerdecode as cd
import openvino as ov
import pytest
from centerdecode import families, presets
from centerdecode.models import names_of
from support import models
from support.zoo_models import PHOTO, fed, model_of


def saved(model, path, **rt_info):
    for key, value in rt_info.items():
        model.set_rt_info(value, ["conversion_parameters", key])
    ov.save_model(model, path, compress_to_fp16=False)
    return path


OMZ = {
    "mean_values": "input.1[104.04, 113.985, 119.85]",
    "scale_values": "input.1[73.695, 69.87, 70.89]",
}


@pytest.mark.parametrize("how", ["named", "given", "by its outputs", "as a family"])
def test_what_the_conversion_put_into_the_graph_is_not_done_twice(how, tmp_path):
    name = "ctdet_coco_dlav0_512"
    path = saved(model_of(name), tmp_path / ("x.xml" if how != "named" else f"{name}.xml"), **OMZ)
    options = {
        "given": {"preset": name},
        "as a family": {"family": families.OPEN_MODEL_ZOO},
    }.get(how, {})
    detector = cd.Detector(path, **options)
    assert (detector.family.mean, detector.family.scale) == ((0, 0, 0), (1, 1, 1))
    assert "in the graph already, says the conversion" in detector.why[-1]
    bytes_of_it = fed(detector, PHOTO)
    assert bytes_of_it.max() > 128
    original = cd.Detector(path, mean=(104.04, 113.985, 119.85), scale=70, **options)
    assert original.family.scale == (70, 70, 70)


CONVERTED = {
    "nothing": ({"mean_values": "()", "scale_values": "", "reverse_input_channels": "False"}, {}),
    "zeros": ({"mean_values": "[0,0,0]", "scale": "1.0"}, {}),
    "zeros of a name": ({"mean_values": "input.7[0,0,0]", "scale_values": "in.2[1 1 1]"}, {}),
    "a scale": ({"mean_values": "[0 0 0]", "scale": "255"}, {"scale": (1, 1, 1)}),
    "channels": ({"reverse_input_channels": "True"}, {"color": "BGR"}),
    "a name with digits": ({"scale_values": "input.1[127.5]"}, {"scale": (1, 1, 1)}),
    "a small scale": ({"scale_values": "x[1e-2,1,1]"}, {"scale": (1, 1, 1)}),
}


@pytest.mark.parametrize("case", CONVERTED)
def test_the_conversion_says_what_the_graph_does(case):
    rt_info, changed = CONVERTED[case]
    model = models.constant(models.outputs(families.MMDET))
    for key, value in rt_info.items():
        model.set_rt_info(value, ["conversion_parameters", key])
    plain = families.MMDET.replace(activation="none")
    assert cd.Detector(model).family == plain.replace(**changed)


def test_a_mean_in_the_graph_behind_a_scale_outside_is_refused():
    model = models.constant(models.outputs(families.CENTERNET))
    model.set_rt_info("[1,2,3]", ["conversion_parameters", "mean_values"])
    with pytest.raises(ValueError, match=r"with mean_values and no scale_values, but .* has scale"):
        cd.Detector(model)
    assert cd.Detector(model, scale=1).family.mean == (0, 0, 0)
    assert cd.Detector(model, mean=5, scale=2).family.mean == (5, 5, 5)
    assert cd.Detector(model, mean=5).family.mean == (5, 5, 5)


def test_a_preset_is_known_by_the_name_of_its_file(tmp_path):
    name = "centernet_resnet50_v1_fpn_512x512_coco17_tpu-8"
    path = saved(model_of(name), tmp_path / "Centernet_ResNet50_v1_fpn_512x512_coco17_tpu_8.xml")
    detector = cd.Detector(path)
    assert detector.family.scale == (1, 1, 1)
    assert detector.labels[89] == "toothbrush"
    assert detector.why[0] == f"the model is named {name}"
    plain = cd.Detector(saved(model_of(name), tmp_path / "other.xml"))
    assert (plain.family, plain.labels) == (families.TF_CENTERNET, None)
    assert cd.Detector(path, mean=1).family.mean == (1, 1, 1)
    assert cd.Detector(path, labels=["a"]).labels == ["a"]
    assert cd.Detector(path, family=families.TF_CENTERNET).labels is None


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("zoo/centernet_x/saved_model", ["saved_model", "centernet_x"]),
        ("zoo/centernet_x_tpu-8", ["centernet_x_tpu-8", "centernet_x_tpu-8"]),
        ("zoo/ctdet.v1.onnx", ["ctdet.v1", "ctdet.v1.onnx"]),
    ],
)
def test_a_model_is_called_as_its_file_or_its_folder(path, names):
    assert names_of(path) == names


def test_a_preset_is_known_by_the_name_in_the_model():
    model = model_of("hpdet_coco_hg")
    model.set_friendly_name("hpdet_coco_hg")
    detector = cd.Detector(model)
    assert detector.labels == ["person"]
    model.set_rt_info("somebody", ["model_info", "labels"])
    assert cd.Detector(model).labels == ["somebody"]  # who was there
    assert cd.Detector(model, preset="hpdet_coco_hg").labels == ["person"]


def test_a_name_alone_makes_no_preset():
    model = models.constant(models.outputs(families.CENTERNET))  # of 3 classes
    model.set_friendly_name("ctdet_coco_dlav0_512")
    assert cd.Detector(model).family == families.CENTERNET
    renamed = models.outputs(families.OPEN_MODEL_ZOO)
    model = models.constant(renamed)
    model.set_friendly_name("ctdet_coco_dlav0_512")
    detector = cd.Detector(model)
    assert (detector.family, detector.labels) == (families.OPEN_MODEL_ZOO, None)
    with pytest.raises(ValueError, match=r"preset ctdet_coco_dlav0_512 has outputs .* 80 classes"):
        cd.Detector(model, preset="ctdet_coco_dlav0_512")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"preset": "yolo"}, ValueError, r"preset must be one of ctdet_coco_dlav0_384, .* 'yolo'"),
        ({"preset": 3}, TypeError, "preset must be a name or a Preset, got 3"),
        (
            {"preset": "ctdet_coco_hg", "family": families.CENTERNET},
            ValueError,
            "family must be None where a preset is given, got CENTERNET",
        ),
    ],
)
def test_what_is_no_preset_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        cd.Detector(model_of("ctdet_coco_hg"), **options)


def test_a_preset_may_be_ones_own_and_survives_pickle(tmp_path):
    own = presets.Preset(
        name="mine", forms=(families.KERAS_CENTERNET,), labels=("a",) * 80, source="me"
    )
    path = saved(model_of("ctdet_coco_hg"), tmp_path / "model.xml")
    detector = pickle.loads(pickle.dumps(cd.Detector(path, preset=own)))
    assert detector.labels == ["a"] * 80
    assert detector.why[:2] == (
        "the preset was given",
        "the outputs of preset mine fit family KERAS_CENTERNET",
    )
    assert json.loads(detector.family.to_json())["name"] == "KERAS_CENTERNET"
