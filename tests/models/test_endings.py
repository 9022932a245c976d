"""What a model's graph tells of its heatmap, and what its outputs' names do not."""

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode.models import outputs_of, recognise
from openvino import opset13 as ops

TAILS = {
    "sliced": lambda node: ops.slice(node, [0], [1], [1], [0]),
    "quantised": lambda node: ops.fake_quantize(node, *map(np.float32, (0, 1, 0, 1)), 256),
    "thinned": lambda node: ops.multiply(
        node,
        ops.convert(ops.equal(node, ops.max_pool(node, [1, 1], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)), "f32"),
    ),
}  # fmt: skip


def model(names, tail):
    """Return a model whose heads are convolutions of the image; tail ends the heatmap."""
    image = ops.parameter([1, 3, 8, 8], np.float32)
    nodes = []
    for i, name in enumerate(names):
        weights = np.ones((3 if i == 0 else 2, 3, 1, 1), np.float32)
        node = ops.convolution(image, weights, [1, 1], [0, 0], [0, 0], [1, 1])
        node = ops.add(node, np.ones((1, 1, 1, 1), np.float32))
        node = tail(node) if i == 0 else node
        node.output(0).set_names({name})
        nodes.append(node)
    return ov.Model(nodes, [image], "tiny")


@pytest.mark.parametrize("tail", TAILS)
def test_a_sigmoid_is_seen_through_what_is_no_layer(tail):
    found = recognise(
        outputs_of(model(["hm", "wh", "reg"], lambda n: TAILS[tail](ops.sigmoid(n)))), None
    )
    assert found.family == cd.families.CENTERNET.replace(activation="none")


@pytest.mark.parametrize("tail", TAILS)
def test_without_a_sigmoid_a_convolution_gives_logits(tail):
    names = ["center_heatmap_pred", "wh_pred", "offset_pred"]
    found = recognise(outputs_of(model(names, TAILS[tail])), None)
    assert found.family == cd.families.MMDET.replace(activation="sigmoid")


def test_a_sigmoid_before_the_last_layer_does_not_count():
    found = recognise(outputs_of(model(["hm", "wh", "reg"], lambda node: node)), None)
    assert found.family == cd.families.CENTERNET


def test_names_that_several_outputs_have_tell_nothing():
    names = [f"s{stack}/{head}" for stack in (0, 1) for head in ("hm", "wh", "reg")]
    with pytest.raises(ValueError, match=r"no known family has these outputs.*s1/reg"):
        recognise(outputs_of(model(names, ops.sigmoid)), None)
    heads = {name: np.zeros((1, 2, 4, 4), np.float32) for name in names}
    with pytest.raises(ValueError, match=r"outputs must have .*for family CENTERNET"):
        cd.Decoder(cd.families.CENTERNET)(heads)


def test_rows_of_several_images_come_back_apart():
    rows = np.zeros((1, 1, 4, 7), np.float32)
    rows[0, 0, :, 0] = [0, 2, -1, 5]
    rows[0, 0, :2, 2:] = [0.9, 0.1, 0.2, 0.3, 0.4]
    found = cd.Decoder(cd.families.DETECTION_OUTPUT)({"detection_out": rows}, input_size=(10, 20))
    assert [len(one) for one in found] == [1, 0, 1]
    np.testing.assert_allclose(found[2].xyxy, [[2, 2, 6, 4]], rtol=1e-6)


ZOO = {
    "detection_boxes": np.array([[[0, 0, 1, 1], [0, 0, 0.5, 0.5]]], np.float32),
    "detection_scores": np.array([[0.9, 0.8]], np.float32),
    "detection_classes": np.array([[1, 2]], np.float32),
    "num_detections": np.array([2], np.float32),
}


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"detection_scores": np.ones((1, 2), np.float16)}, TypeError, "scores must be float32"),
    ({"detection_scores": np.ones((1, 3), np.float32)}, ValueError, r"scores must be of \(1, 2\)"),
    ({"detection_boxes": np.ones((1, 2, 3), np.float32)}, ValueError, "boxes must be"),
    ({"num_detections": np.array([3.0], np.float32)}, ValueError, "count must be of 0 to 2"),
    ({"num_detections": np.array([np.nan], np.float32)}, ValueError, "count must be of 0 to 2"),
])  # fmt: skip
def test_outputs_of_the_zoo_are_held_against_each_other(change, error, message):
    decoder = cd.Decoder(cd.families.TF_ZOO)
    assert decoder(ZOO, input_size=(10, 20))[0].class_ids.tolist() == [0, 1]
    with pytest.raises(error, match=message):
        decoder(ZOO | change, input_size=(10, 20))


def test_masked_arrays_are_refused():
    heatmap = np.ma.masked_array(np.ones((1, 2, 2), np.float32), mask=True)
    with pytest.raises(TypeError, match="heatmap must be a plain array, got a masked one"):
        cd.find_peaks(heatmap)


def test_the_drop_ins_are_there_when_they_are_asked_for():
    assert cd.compat.__name__ == "centerdecode.compat"
