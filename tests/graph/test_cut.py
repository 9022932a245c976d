"""A model that decodes in its own graph, cut back to its heads; or refused."""

import subprocess
import sys

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from openvino import opset13 as ops
from support import decoding_models, models
from support.paths import ROOT

PHOTO = np.zeros((*models.NETWORK, 3), np.uint8)
LETTERBOX = {"resize": "letterbox", "color": "RGB", "mean": 0, "scale": 1}


def rows(**options):
    return decoding_models.rows(families.CENTERNET, **options)


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("gather", ["Gather", "GatherND"])
def test_a_tail_of_the_zoo_gives_its_heads_back(gather, window, tmp_path):
    model = decoding_models.zoo(families.TF_CENTERNET, gather, window)
    before = len(model.get_ops())
    ov.save_model(graph.cut(model), tmp_path / "heads.xml", compress_to_fp16=False)
    assert len(model.get_ops()) == before
    assert next(next(iter(port.names)) for port in model.outputs) == "detection_boxes"
    detector = cd.Detector(tmp_path / "heads.xml", resize="stretch")
    found = detector(PHOTO)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
    assert found.class_ids.tolist() == [1]
    assert found.scores.tolist() == [models.SCORE]
    family = detector.family
    assert (family.layout, family.activation, family.window) == ("NHWC", "sigmoid", window)
    assert (family.axes, family.box_activation, family.stride) == ("yx", "relu", 4)
    assert (family.box_encoding, family.center_shift) == ("wh", 0)
    assert family.color == "RGB"  # as the zoo's own family has it


@pytest.mark.parametrize("scale", [1, 4])
def test_rows_of_the_best_of_each_class_do_too(scale):
    model = decoding_models.rows(families.CENTERNET, scale)
    detector = cd.Detector(graph.cut(model), resize="stretch")
    found = detector(PHOTO)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
    assert found.class_ids.tolist() == [1]
    assert detector.family.layout == "NCHW"
    assert detector.family.box_activation == "none"


def test_heads_that_are_parts_of_one_tensor_are_told_apart():
    model = decoding_models.rows(families.CENTERNET, 4, split=True)
    found = cd.Detector(graph.cut(model), resize="stretch")(PHOTO)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
    assert found.scores.tolist() == [models.SCORE]


def test_scores_that_are_read_from_the_map_again_are_no_head():
    found = cd.Detector(graph.cut(rows(read_again=True)), resize="stretch")(PHOTO)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)


def test_an_input_before_the_image_is_left_out_with_what_it_is_for():
    model = rows()
    info = ops.parameter([1, 2], np.float32, name="info")
    whole = ov.Model([*model.get_results(), ops.result(ops.abs(info))],
                     [info, *model.get_parameters()], "two inputs")  # fmt: skip
    assert len(whole.input(0).partial_shape) == 2
    found = cd.Detector(graph.cut(whole), resize="stretch")(PHOTO)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)


def no_pool():
    return models.constant(models.outputs(families.CENTERNET))


def two_pools():
    parameter, pixels = models.image_input((1, 3, *models.NETWORK))
    outputs = {name: decoding_models.peaks(pixels, side) for name, side in (("a", 3), ("b", 5))}
    return models.named(outputs, parameter)


def any_batch():
    model = rows(batch=-1)
    assert model.output(0).partial_shape.is_static
    return model


def pool_of_a_backbone():
    parameter, pixels = models.image_input((1, 3, *models.NETWORK))
    pooled = decoding_models.opset1.max_pool(pixels, [2, 2], [1, 1], [1, 1], [3, 3])
    return models.named({"features": pooled}, parameter)


@pytest.mark.parametrize(("build", "message"), [
    (no_pool, "must have one MaxPool .*got none"),
    (pool_of_a_backbone, r"must have one MaxPool .*got \['MaxPool"),
    (two_pools, r"must have one MaxPool (?=.*\(3, 3\)).*\(5, 5\)"),
    (lambda: rows(ranked=False), "no TopK comes after MaxPool"),
    (lambda: rows(gathered=False), "no head of .* is gathered"),
    (lambda: rows(scale=3.5), "0 rules fit"),
    (lambda: rows(offset_at=decoding_models.one_hot_offset), "0 rules fit"),
    (lambda: rows(scored=decoding_models.times_a_head, batch=-1),
     r"the head .* of shape \[-1, 2, 8, 12\] is no map of known size"),
    (lambda: decoding_models.thinned(families.CENTERNET), r"thinned by \['NonMaxSuppression"),
    (any_batch, r"inputs of known size, got \{'image': \[-1, 32, 48, 3\]\}"),
    (lambda: rows(best_class=True), "each peak .* with its score.*rows"),
    (lambda: rows(scored=decoding_models.weighted), "each peak .* with its score.*rows"),
    (lambda: rows(scored=decoding_models.times_a_head), "each peak .* with its score.*rows"),
    (lambda: rows(scored=decoding_models.times_the_image), "each peak .* with its score.*rows"),
])  # fmt: skip
def test_what_is_not_sure_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        graph.cut(build())


def test_a_missing_file_is_said():
    with pytest.raises(FileNotFoundError, match="no file"):
        graph.cut("nowhere.xml")


def test_a_trained_model_finds_with_its_heads_what_its_own_decoder_finds(test_data):
    folder = test_data / "models" / "mb3-centernet"
    image = cv2.imread(str(test_data / "images" / "cn_33887522274_eebd074106_k.jpg"))
    options = {"score_threshold": 0, "top_k": 100, "plateaus": "keep", **LETTERBOX}
    detector = cd.Detector(graph.cut(folder / "mb3_all_nhwc.xml"), **options)
    assert (detector.family.box_encoding, detector.family.box_units) == ("ltrb", "pixels")
    found = detector(image)

    whole = ov.Core().read_model(folder / "mb3_all_nhwc.xml")
    network = ov.Core().compile_model(whole, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    tensor, back, _ = detector._open().prepare(image)
    placed = cv2.cvtColor(tensor[0], cv2.COLOR_BGR2RGB)[None].astype(np.float32)
    rows = network(placed)["detections:0"][0]
    np.testing.assert_array_equal(found.class_ids, rows[:, 5])
    np.testing.assert_allclose(found.scores, rows[:, 4], rtol=1e-5)
    corners = rows[:, :4].reshape(-1, 2) @ back[:, :2].T + back[:, 2]
    np.testing.assert_allclose(found.xyxy, corners.reshape(-1, 4), atol=2e-3)

    logits = cd.Detector(folder / "mb3_ctdet_logits.xml", **options)(image)
    np.testing.assert_array_equal(found.class_ids, logits.class_ids)
    np.testing.assert_allclose(found.xyxy, logits.xyxy, atol=1e-3)


def test_the_example_cuts_and_embeds(tmp_path):
    ov.save_model(decoding_models.zoo(families.TF_CENTERNET), tmp_path / "zoo.xml")
    program = [sys.executable, ROOT / "examples" / "graph" / "portable.py"]
    subprocess.run([*program, "--cut", tmp_path / "zoo.xml", tmp_path / "heads.xml"], check=True)
    subprocess.run([*program, tmp_path / "heads.xml", tmp_path / "embedded.xml"], check=True)
    detector = cd.Detector(tmp_path / "embedded.xml", resize="stretch")
    assert detector.family.decoder == "embedded"
    np.testing.assert_allclose(detector(PHOTO).xyxy, [models.BOX], rtol=1e-6)


def test_inspect_says_that_a_model_decodes(run, tmp_path):
    ov.save_model(decoding_models.zoo(families.TF_CENTERNET), tmp_path / "zoo.xml")
    status, out, _ = run("inspect", "--model", tmp_path / "zoo.xml")
    assert status == 0
    assert "in its own graph; centerdecode.graph.cut gives its heads" in out
    graph_of_heads = models.constant(models.outputs(families.CENTERNET))
    ov.save_model(graph_of_heads, tmp_path / "heads.xml")
    assert "its own graph" not in run("inspect", "--model", tmp_path / "heads.xml")[1]
