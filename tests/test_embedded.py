"""What `centerdecode.graph.embed` gives a model for outputs, read by a Detector."""

import centerdecode as cd
import models
import numpy as np
import openvino as ov
import pytest
from centerdecode import families

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
