"""What `centerdecode.graph.embed` gives a model for outputs, read by a Detector."""

import pickle

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from support import models

# Two images, of three rows each, of which two and one count.
OUTPUTS = {
    "boxes": [[[8, 4, 24, 20], [0, 0, 48, 32], [9] * 4], [[1, 2, 3, 4], [9] * 4, [9] * 4]],
    "scores": [[0.875, 0.5, 0.75], [0.25, 0.9, 0.9]],
    "class_ids": [[2, 0, 7], [1, -1, -1]],
    "counts": [2, 1],
}
KEYPOINTS = {
    "keypoints": np.arange(24).reshape(2, 3, 2, 2),
    "keypoint_scores": np.arange(12).reshape(2, 3, 2) / 16,
}


def outputs(keypoints=False, images=2):
    whole = OUTPUTS | (KEYPOINTS if keypoints else {})
    kinds = {"class_ids": np.int32, "counts": np.int32}
    return {
        name: np.asarray(array, kinds.get(name, np.float32))[:images]
        for name, array in whole.items()
    }


def model(**change):
    """Return a model that answers so to one image; None leaves an output out."""
    arrays = outputs(images=1) | change
    arrays = {name: np.float32(array) for name, array in arrays.items() if array is not None}
    return models.constant(arrays)


@pytest.mark.parametrize("keypoints", [True, False])
def test_the_rows_that_count_come_back_in_pixels_of_the_input(keypoints):
    decoder = cd.Decoder(families.EMBEDDED, score_threshold=0)
    first, second = decoder(outputs(keypoints))
    assert first.xyxy.tolist() == OUTPUTS["boxes"][0][:2]
    assert first.scores.tolist() == [0.875, 0.5]  # and not the 0.75 behind the count
    assert first.class_ids.tolist() == [2, 0]
    assert second.xyxy.tolist() == [[1, 2, 3, 4]]
    if keypoints:
        assert second.keypoints.tolist() == [[[12, 13], [14, 15]]]
        assert first.keypoint_scores.tolist() == [[0, 0.0625], [0.125, 0.1875]]
    else:
        assert first.keypoints is first.keypoint_scores is None


def test_they_are_placed_clipped_and_filtered():
    heads = outputs(keypoints=True)
    transform = [[2, 0, -20], [0, 3, 1]]
    options = {"transform": transform, "clip": (50, 60)}
    first, second = cd.Decoder(families.EMBEDDED, score_threshold=0.25)(heads, **options)
    assert first.xyxy.tolist() == [[0, 13, 28, 50], [0, 1, 60, 50]]
    assert second.keypoints.tolist() == [[[4, 40], [8, 46]]]  # keypoints may leave the image
    assert second.scores.tolist() == [0.25]  # the threshold is inclusive
    assert [len(one) for one in cd.Decoder(families.EMBEDDED)(heads)] == [2, 0]
    assert [len(one) for one in cd.Decoder(families.EMBEDDED, classes=[0, 1])(heads)] == [1, 0]
    found = cd.Decoder(families.EMBEDDED, top_k=1, score_threshold=0)(heads)
    assert [one.class_ids.tolist() for one in found] == [[2], [1]]


def test_detections_own_their_memory():
    heads = outputs(keypoints=True)
    first, _ = cd.Decoder(families.EMBEDDED)(heads)
    for array in heads.values():
        array[...] = 0
    assert first.xyxy[0].tolist() == [8, 4, 24, 20]
    assert first.keypoints[1].tolist() == [[4, 5], [6, 7]]
    assert first.keypoint_scores[1].tolist() == [0.125, 0.1875]


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"scores": np.ones((2, 3), np.float16)}, TypeError, "scores must be float32"),
    ({"scores": np.ones((2, 4), np.float32)}, ValueError, r"scores must be of \(2, 3\)"),
    ({"boxes": np.ones((2, 3, 5), np.float32)}, ValueError, "boxes must be"),
    ({"counts": np.array([2, 4], np.int32)}, ValueError, "counts must be of 0 to 3"),
])  # fmt: skip
def test_outputs_are_held_against_each_other(change, error, message):
    with pytest.raises(error, match=message):
        cd.Decoder(families.EMBEDDED)(outputs() | change)


@pytest.mark.parametrize("stored", [True, False])
def test_a_detector_knows_such_a_model(stored):
    embedded = model()
    if stored:
        family = families.EMBEDDED.replace(color="RGB", mean=127, resize="letterbox")
        embedded.set_rt_info(family.to_json(), ["centerdecode", "family"])
    detector = cd.Detector(embedded)
    assert detector.family.decoder == "embedded"
    assert detector.family.mean == ((127,) * 3 if stored else (0,) * 3)
    found = detector(np.zeros((64, 96, 3), np.uint8))  # twice as large as the network
    np.testing.assert_allclose(found.xyxy, [[16, 8, 48, 40], [0, 0, 96, 64]], rtol=1e-6)
    assert found.class_ids.tolist() == [2, 0]


@pytest.mark.parametrize("change", [
    {"counts": np.ones((1, 3))},
    {"class_ids": np.ones((1, 3, 1))},
    {"counts": None},
])  # fmt: skip
def test_outputs_of_such_names_and_other_shapes_are_another_model_s(change):
    with pytest.raises(ValueError, match="no known family has these outputs"):
        cd.Detector(model(**change))


def test_a_stored_row_survives_the_file(tmp_path):
    embedded = model()
    family = families.EMBEDDED.replace(pad_value=9)
    embedded.set_rt_info(family.to_json(), ["centerdecode", "family"])
    ov.save_model(embedded, tmp_path / "x.xml")
    assert cd.Detector(tmp_path / "x.xml").family == family


def faint_heads():
    """Return heads that say BOX, and something that scores 0.2."""
    heads = models.outputs(families.CENTERNET)
    heads["hm"][0, 0, 6, 9] = np.log(0.25)
    return heads


BLACK = np.zeros((*models.NETWORK, 3), np.uint8)


@pytest.fixture(params=["native", "portable", "onnx"])
def embed(request, tmp_path):
    """Return what embeds a decoder behind these heads, and gives the path of the file."""

    def embed(**options):
        if request.param == "onnx":
            onnx = pytest.importorskip("onnx", reason="needs onnx, of the extra onnx")
            models.save_onnx(onnx, faint_heads(), tmp_path / "plain.onnx")
            onnx.save(graph.embed_onnx(tmp_path / "plain.onnx", **options), tmp_path / "x.onnx")
            return tmp_path / "x.onnx"
        native = request.param == "native"
        if native:
            request.getfixturevalue("extension")
        embedded = graph.embed(models.constant(faint_heads()), native=native, **options)
        ov.save_model(embedded, tmp_path / "x.xml")
        return tmp_path / "x.xml"

    return embed


def test_what_a_decoder_was_made_with_is_a_detector_s_default(embed):
    path = embed(score_threshold=0.1)
    assert len(cd.Detector(path)(BLACK)) == 2
    assert len(cd.Detector(path, score_threshold=0.1)(BLACK)) == 2
    assert len(cd.Detector(path, score_threshold=0.5)(BLACK)) == 1
    assert len(cd.Detector(path, top_k=1)(BLACK)) == 1
    with pytest.raises(ValueError, match=r"score_threshold must be at least 0\.1 .*got 0\.09"):
        cd.Detector(path, score_threshold=0.09)


def test_so_is_the_number_of_rows(embed):
    path = embed(score_threshold=0.1, top_k=1)
    assert len(cd.Detector(path)(BLACK)) == 1
    with pytest.raises(ValueError, match=r"top_k must be at most 1 .*got 2"):
        cd.Detector(path, top_k=2)


def test_more_rows_than_are_usual_come_out():
    heads = models.outputs(families.CENTERNET)
    heads["hm"][...] = 0  # 96 cells of 3 classes, all of them peaks
    made = graph.embed(
        models.constant(heads), native=False, score_threshold=0.5, top_k=200, plateaus="keep"
    )
    assert len(cd.Detector(made)(BLACK)) == 200


@pytest.mark.parametrize("build", [
    lambda: models.constant(models.outputs(families.CENTERNET)),
    model,  # rows of our names, which nobody describes
])  # fmt: skip
def test_other_models_have_the_usual_defaults(build):
    decoder = cd.Detector(build()).decoder
    assert (decoder.score_threshold, decoder.top_k) == (np.float32(0.3), 100)
    decoder = cd.Detector(build(), score_threshold=0.01, top_k=1000).decoder
    assert (decoder.score_threshold, decoder.top_k) == (np.float32(0.01), 1000)


def test_a_detector_of_such_a_model_pickles(embed):
    path = embed(score_threshold=0.1, top_k=5)
    copy = pickle.loads(pickle.dumps(cd.Detector(path)))
    assert len(copy(BLACK)) == 2


def test_detect_goes_by_the_model_unless_told(embed, run, tmp_path):
    cv2.imwrite(str(tmp_path / "black.png"), BLACK)
    command = ["detect", "--model", embed(score_threshold=0.1), "--output", tmp_path / "out"]
    assert run(*command, tmp_path / "black.png")[0] == 0
    (results,) = (tmp_path / "out").glob("*.json")
    assert results.read_text().count('"score"') == 2
    status, _, told = run(*command, "--score-threshold", "0", tmp_path / "black.png")
    assert status == 2
    assert "score_threshold must be at least 0.1" in told
