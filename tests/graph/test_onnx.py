"""Decoders in ONNX models, run by ONNX Runtime and by OpenVINO."""

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from support import models
from support.heads import channels_last, fill

onnx = pytest.importorskip("onnx", reason="needs onnx, of the extra onnx")
runtime = pytest.importorskip("onnxruntime", reason="needs onnxruntime, of the extra onnx")
PROTO = onnx.TensorProto


def passing_on(arrays, layout, kind=PROTO.FLOAT, opset=17, dynamic=False):
    """Return an ONNX model whose outputs are its inputs, heads of these shapes."""
    helper = onnx.helper

    def info(name, array):
        sides = [None if dynamic and layout[i] != "C" else n for i, n in enumerate(array.shape)]
        return helper.make_tensor_value_info(name, kind, sides)

    whole = helper.make_graph(
        [helper.make_node("Identity", [f"{name}_in"], [name]) for name in arrays],
        "heads",
        [info(f"{name}_in", array) for name, array in arrays.items()],
        [info(name, array) for name, array in arrays.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(whole, opset_imports=opsets, ir_version=8)


def answers(model, arrays):
    """Return the outputs by ONNX Runtime, and by OpenVINO."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    text = model.SerializeToString()
    session = runtime.InferenceSession(text, options, ["CPUExecutionProvider"])
    fed = {f"{name}_in": array for name, array in arrays.items()}
    names = [one.name for one in session.get_outputs()]
    yield dict(zip(names, session.run(names, fed), strict=True))
    core = ov.Core()
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    other = core.compile_model(core.read_model(text), "CPU", config)(fed)
    yield {name: np.array(other[name]) for name in names}


@pytest.mark.parametrize(("kind", "opset", "dynamic"), [
    (PROTO.FLOAT, 13, False), (PROTO.FLOAT16, 17, False), (PROTO.FLOAT, 21, True),
])  # fmt: skip
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("name", ["noise", "plateaus", "nan"])
def test_it_finds_what_the_decoder_finds(name, layout, kind, opset, dynamic):
    rng = np.random.default_rng(1)
    arrays = {
        "hm": fill(name, (2, 3, 6, 8)),
        "wh": 5 * rng.random((2, 2, 6, 8)),
        "reg": rng.random((2, 2, 6, 8)),
    }
    if layout == "NHWC":
        arrays = {head: channels_last(array) for head, array in arrays.items()}
    type_ = np.float16 if kind == PROTO.FLOAT16 else np.float32
    arrays = {head: array.astype(type_) for head, array in arrays.items()}
    family = families.CENTERNET.replace(layout=layout)
    options = {"top_k": 9, "score_threshold": 0.4}
    model = graph.embed_onnx(passing_on(arrays, layout, kind, opset, dynamic), family, **options)
    element_type = "f16" if kind == PROTO.FLOAT16 else None
    expected = cd.Decoder(family, element_type=element_type, **options)(arrays)
    for found in answers(model, arrays):
        assert (found["counts"].dtype, found["class_ids"].dtype) == (np.int32, np.int32)
        for i, one in enumerate(expected):
            count = found["counts"][i]
            assert count == len(one) > 0
            np.testing.assert_array_equal(found["class_ids"][i][:count], one.class_ids)
            np.testing.assert_array_equal(found["boxes"][i][:count], one.xyxy)
            np.testing.assert_array_max_ulp(found["scores"][i][:count], one.scores, 2)
            assert (found["class_ids"][i][count:] == -1).all()


def test_keypoints_move_there_too():
    rng = np.random.default_rng(4)
    channels = {"hm": 2, "wh": 2, "reg": 2, "hps": 6, "hm_hp": 3, "hp_offset": 2}
    arrays = {n: np.float32(rng.normal(size=(1, c, 7, 9))) for n, c in channels.items()}
    arrays["wh"] = 5 * np.abs(arrays["wh"])
    model = graph.embed_onnx(passing_on(arrays, "NCHW"), families.CENTERNET_POSE)
    (expected,) = cd.Decoder(families.CENTERNET_POSE)(arrays)
    for found in answers(model, arrays):
        count = found["counts"][0]
        assert count == len(expected) > 5
        np.testing.assert_array_equal(found["keypoints"][0][:count], expected.keypoints)
        scores = found["keypoint_scores"][0][:count]
        np.testing.assert_array_max_ulp(scores, expected.keypoint_scores, 2)


def test_a_detector_takes_the_file(tmp_path):
    family = families.CENTERNET.replace(color="RGB", mean=9, resize="stretch")
    arrays = models.outputs(families.CENTERNET)
    models.save_onnx(onnx, arrays, tmp_path / "heads.onnx")
    onnx.save(graph.embed_onnx(tmp_path / "heads.onnx", family), tmp_path / "embedded.onnx")
    detector = cd.Detector(tmp_path / "embedded.onnx")
    assert (detector.family.decoder, detector.family.color) == ("embedded", "RGB")
    assert detector.family.mean == (9, 9, 9)
    found = detector(np.zeros((*models.NETWORK, 3), np.uint8))
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)


def test_heads_that_no_output_has_room_for_are_left_out_by_name(tmp_path):
    models.save_onnx(onnx, models.outputs(families.FAIRMOT), tmp_path / "heads.onnx")
    with pytest.raises(ValueError, match=r"heads must be of boxes and keypoints.*'embedding'"):
        graph.embed_onnx(tmp_path / "heads.onnx", families.FAIRMOT)
    chosen = ["heatmap", "wh", "offset"]
    embedded = graph.embed_onnx(tmp_path / "heads.onnx", families.FAIRMOT, heads=chosen)
    onnx.save(embedded, tmp_path / "embedded.onnx")
    found = cd.Detector(tmp_path / "embedded.onnx")(np.zeros((*models.NETWORK, 3), np.uint8))
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)


def test_what_cannot_be_embedded_is_refused(tmp_path):
    arrays = {"hm": np.zeros((1, 1, 2, 2), np.float32), "wh": np.zeros((1, 2, 2, 2), np.float32)}
    with pytest.raises(ValueError, match="model must be of opset 13 or later, got 11"):
        graph.embed_onnx(passing_on(arrays, "NCHW", opset=11), families.CENTERNET)
    with pytest.raises(FileNotFoundError, match="no file"):
        graph.embed_onnx(tmp_path / "no.onnx")
    with pytest.raises(TypeError, match=r"path or an onnx\.ModelProto, got int"):
        graph.embed_onnx(3)
    family = families.CENTERNET.replace(heads={"heatmap": ("scores",), "wh": ("wh",)})
    renamed = {"scores": arrays["hm"], "wh": arrays["wh"]}
    with pytest.raises(ValueError, match=r"no tensors of the names \['scores'\]"):
        graph.embed_onnx(passing_on(renamed, "NCHW"), family)
