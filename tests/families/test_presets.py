"""Published models: what a preset says of each, held against models of the same ports.

The weights are not to be had here. A model with the inputs and outputs of each preset
answers with what it was fed, which is held against the steps of its own program.
"""

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, presets
from centerdecode.families import COCO, COCO_CATEGORY_IDS
from openvino import opset13 as ops
from support import models
from support.zoo_models import CUT, PHOTO, ZOO, ctdet, fed, heads_of, model_of, stretched


def test_every_preset_is_told_here():
    assert {*presets.NAMES} == {*CUT, "person-detection-0202"}
    assert [preset.name for preset in presets.ALL] == [*presets.NAMES]
    assert all(len(preset.source) > 40 for preset in presets.ALL)


@pytest.mark.parametrize("name", CUT)
def test_the_network_is_fed_what_its_own_program_feeds_it(name):
    side, program, _, _ = CUT[name]
    detector = cd.Detector(model_of(name), preset=name)
    np.testing.assert_allclose(fed(detector, PHOTO), program(PHOTO, side), rtol=0, atol=0.02)
    upright = PHOTO.transpose(1, 0, 2).copy()
    np.testing.assert_allclose(fed(detector, upright), program(upright, side), rtol=0, atol=0.02)


@pytest.mark.parametrize("name", CUT)
def test_the_box_of_a_preset_is_found_with_its_label(name):
    side, _, classes, posed = CUT[name]
    detector = cd.Detector(model_of(name), preset=name)
    found = detector(PHOTO)
    zoom = side / 100
    top = 0 if name in ZOO else (side - 75 * zoom) / 2
    x, y = 4 * 40.25 / zoom, (4 * 30.5 - top) / zoom
    wide, high = 4 * 20 / zoom, 4 * 30 / zoom
    box = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]
    np.testing.assert_allclose(found.xyxy, [box], rtol=1e-5)
    np.testing.assert_allclose(found.scores, [0.75], rtol=1e-6)
    assert found.class_ids.tolist() == [classes - 1]
    assert detector.labels[classes - 1] == ("person" if classes == 1 else "toothbrush")
    if posed and classes == 1:  # 2 cells to the right of the integer cell, 1 below
        point = [4 * 42 / zoom, (4 * 31 - top) / zoom]
        np.testing.assert_allclose(found.keypoints, [[point] * 17], rtol=1e-5)
    if posed and classes == 90:  # keypoints are those of persons
        np.testing.assert_array_equal(found.keypoints, np.zeros((1, 17, 2)))


def test_persons_of_the_zoo_have_keypoints():
    name = "centernet_hg104_512x512_kpts_coco17_tpu-32"
    heads = heads_of(name)
    heads["object_center"] = heads["object_center"][..., ::-1].copy()  # the first class
    (found,) = cd.Decoder(presets.find(name).forms[1])(heads)
    assert found.class_ids.tolist() == [0]
    np.testing.assert_allclose(found.keypoints, [[[168, 124]] * 17], rtol=1e-6)


@pytest.mark.parametrize("name", ZOO)
def test_a_saved_model_of_the_zoo_is_fed_the_photo_as_it_is(name):
    posed = CUT[name][3]
    arrays = models.zoo_outputs(posed)
    parameter, pixels = models.image_input((1, -1, -1, 3), "u8")
    nothing = ops.multiply(ops.reduce_max(pixels, np.arange(4)), np.float32(0))
    nodes = {output: ops.add(ops.constant(array), nothing) for output, array in arrays.items()}
    model = models.named(nodes | {"fed": ops.convert(parameter, "f32")}, parameter)
    detector = cd.Detector(model, preset=name)
    np.testing.assert_array_equal(fed(detector, PHOTO), PHOTO[..., ::-1])
    found = detector(PHOTO)
    assert found.scores.tolist() == [0.875, 0.5]
    np.testing.assert_allclose(found.xyxy, [[25, 0, 75, 37.5], [0, 37.5, 25, 75]], rtol=1e-6)
    assert found.class_ids.tolist() == [89, 0]  # 90 and 1 in the model
    if CUT[name][2] == 90:
        assert [detector.labels[i] for i in found.class_ids] == ["toothbrush", "person"]
    assert (found.keypoints is not None) == posed


def test_labels_and_keypoints_are_cocos():
    zoo = presets.find("centernet_resnet50_v2_512x512_kpts_coco17_tpu-8")
    numbered = {i + 1: label for i, label in enumerate(zoo.labels) if label}
    assert numbered == dict(zip(COCO_CATEGORY_IDS, COCO, strict=True))
    assert (numbered[13], numbered[90], zoo.labels[11]) == ("stop sign", "toothbrush", "")
    assert presets.find("ctdet_coco_hg").labels == COCO
    assert zoo.keypoints[0] == "nose"
    assert zoo.keypoints[5:11:2] == ("left_shoulder", "left_elbow", "left_wrist")
    assert zoo.keypoints[12::2] == ("right_hip", "right_knee", "right_ankle")
    assert len(zoo.keypoints) == 17
    joined = {frozenset({zoo.keypoints[a], zoo.keypoints[b]}) for a, b in zoo.skeleton}
    assert len(joined) == len(zoo.skeleton) == 19
    assert {"left_hip", "left_knee"} in joined
    assert {"right_elbow", "right_wrist"} in joined
    assert {"left_ear", "left_shoulder"} in joined


def test_intels_person_detector_is_fed_bytes_as_they_are():
    (rows,) = models.outputs(families.DETECTION_OUTPUT).values()
    parameter, pixels = models.image_input((1, 3, 512, 512))
    nothing = ops.multiply(ops.reduce_max(pixels, np.arange(4)), np.float32(0))
    nodes = {"detection_out": ops.add(ops.constant(rows), nothing)}
    nodes["fed"] = ops.multiply(pixels, np.float32(1))
    detector = cd.Detector(models.named(nodes, parameter), preset="person-detection-0202")
    np.testing.assert_array_equal(fed(detector, PHOTO), stretched(PHOTO, 512))
    assert detector.labels == ["person"]


def test_a_compiled_model_takes_its_preset_at_its_word():
    compiled = ov.compile_model(model_of("ctdet_coco_dlav0_384"), "CPU")
    detector = cd.Detector(compiled, preset="ctdet_coco_dlav0_384")
    np.testing.assert_allclose(detector(PHOTO).scores, [0.75], rtol=1e-6)
    np.testing.assert_allclose(fed(detector, PHOTO), ctdet(PHOTO, 384), rtol=0, atol=0.02)
