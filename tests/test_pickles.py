"""Pickles name what is public, and those of version 0.1.0, which named private modules, load."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from openvino import opset13 as ops

# What 0.1.0 made of the values below, as hexadecimal digits.
PICKLES = json.loads(Path(__file__).with_name("pickles_0_1_0.json").read_text())


def loaded(name):
    return pickle.loads(bytes.fromhex(PICKLES[name]))


def save_model(path):
    """Write a model with the heads of CENTERNET."""
    image = ops.parameter([1, 3, 8, 8], np.float32, "image")
    weights = np.zeros((2, 3, 1, 1), np.float32)
    heads = []
    for name in ("hm", "wh", "reg"):
        head = ops.convolution(image, weights, [4, 4], [0, 0], [0, 0], [1, 1])
        head.output(0).set_names({name})
        heads.append(ops.result(head))
    ov.save_model(ov.Model(heads, [image], "tiny"), path)


def test_results_of_the_first_version_load():
    detections = loaded("detections")
    assert type(detections) is cd.Detections
    assert detections.xyxy.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert detections.keypoints.shape == (2, 3, 2)
    assert detections.extras["depth"].tolist() == [7, 8]
    assert type(loaded("detection")) is cd.Detection
    assert loaded("detection").class_id == 2
    assert loaded("peaks") == cd.Peaks(*[np.ones(1)] * 4)
    assert (loaded("masks").masks.shape, loaded("masks").surface_coords) == ((1, 2, 2), None)
    assert loaded("timings") == (0, 0, 0)


def test_families_of_the_first_version_load():
    names = ["CENTERNET2", "CENTERPOINT", "CORNERNET", "EXTREMENET"]
    names += ["TF_MASKS", "CENTERTRACK_POSE", "CENTERFACE"]
    assert loaded("families") == [getattr(families, name) for name in names]
    task = cd.KeypointTask(class_id=1, rule=cd.KeypointRule(order="planar"))
    assert loaded("task") == task
    assert loaded("preset") == cd.presets.find("ctdet_coco_dlav0_512").forms[0]


def test_decoders_and_functions_of_the_first_version_load():
    decoder = loaded("decoder")
    expected = cd.Decoder(families.CENTERNET, top_k=7, nms=cd.NMS("linear", 0.25), classes=[0, 3])
    assert (decoder.family, decoder.options) == (expected.family, expected.options)
    names = [name for name in sorted(cd.__all__) if name.startswith(("decode_", "find_peaks"))]
    assert loaded("functions") == [getattr(cd, name) for name in names]
    assert loaded("classes") == [cd.Detections, cd.Decoder, cd.Detector, cd.Family, cd.NMS]


def test_a_detector_of_the_first_version_loads(tmp_path, monkeypatch):
    save_model(tmp_path / "model.xml")
    monkeypatch.chdir(tmp_path)
    decoder = loaded("detector").decoder
    assert (decoder.family.name, decoder.top_k, decoder.score_threshold) == ("CENTERNET", 5, 0.25)


@pytest.mark.parametrize("name", ["decoder", "detections"])
def test_a_pickle_loads_where_nothing_was_imported(name):
    code = f"import pickle; print(type(pickle.loads(bytes.fromhex('{PICKLES[name]}'))).__name__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip().lower() == name


def test_what_is_public_is_named_by_the_package():
    public = [getattr(cd, name) for name in cd.__all__]
    named = [value for value in public if isinstance(value, type) or hasattr(value, "__code__")]
    assert {value.__module__ for value in named} == {"centerdecode"}
    assert len(named) > 25
    pickled = pickle.dumps([*named, families.CENTERPOINT, cd.Decoder(families.TRIPLETS)])
    assert b"centerdecode." not in pickled


def test_a_module_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        __import__("centerdecode._nothing")
    with pytest.raises(AttributeError, match="_detections"):
        pickle.loads(b"ccenterdecode._detections\nNothing\n.")
