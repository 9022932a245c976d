"""Trained models on photos: the detector agrees with their own graphs, and with what one sees.

Boxes drawn by hand are in pixels of the photo, to a few pixels.
"""

import json

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from oracles import specification as oracle
from support.inputs.photos import (
    MB3_FAMILIES,
    MB3_INPUT,
    PHOTOS,
    TOP_100,
    average_precision,
    coco_rows,
    letterboxed,
    mb3,
    overlap,
    photo,
)


@pytest.fixture(scope="module")
def in_graph(test_data):
    """Return the xyxy, scores and class_ids that mb3's own graph finds, by photo."""
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.compile_model(mb3(test_data, "mb3_all_nhwc"), "CPU", config)
    found = {}
    for name in PHOTOS:
        rows = compiled(letterboxed(photo(test_data, name)))["detections:0"][0]
        found[name] = rows[:, :4].copy(), rows[:, 4].copy(), rows[:, 5].astype(np.int32)
    return found


def check_rows(found, xyxy, scores, class_ids):
    """Assert that the same is found, whatever the order of nearly equal scores."""
    far = np.abs(found.xyxy[:, None] - xyxy).max(axis=2)
    far[found.class_ids[:, None] != class_ids] = np.inf
    partner = far.argmin(axis=0)
    assert sorted(partner) == list(range(len(found))) == list(range(100))
    assert far.min(axis=0).max() < 1e-3
    np.testing.assert_allclose(found.scores[partner], scores, rtol=0, atol=1e-5)
    assert (np.diff(found.scores) <= 0).all()


@pytest.mark.parametrize("form", MB3_FAMILIES)
def test_the_decoder_finds_what_the_models_own_graph_finds(form, test_data, in_graph):
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.compile_model(mb3(test_data, form), "CPU", config)
    decoder = cd.Decoder(MB3_FAMILIES[form], **TOP_100)
    for name in PHOTOS:
        (found,) = decoder(compiled(letterboxed(photo(test_data, name))))
        check_rows(found, *in_graph[name])
        if form == "mb3_all_nhwc":  # the very tensors that the graph decodes
            np.testing.assert_array_equal(found.xyxy, in_graph[name][0])
            np.testing.assert_array_equal(found.scores, in_graph[name][1])


@pytest.mark.parametrize("form", MB3_FAMILIES)
def test_the_detector_finds_what_the_models_own_graph_finds(form, test_data, in_graph):
    detector = cd.Detector(mb3(test_data, form), **MB3_INPUT, **TOP_100)
    assert detector.family == MB3_FAMILIES[form]
    for name in PHOTOS:
        image = photo(test_data, name)
        (zoom_x, _, left), (_, zoom_y, top) = oracle.letterbox_matrix(image.shape[:2], (512, 512))
        found = detector(image)
        found.xyxy[:] = found.xyxy * [zoom_x, zoom_y, zoom_x, zoom_y] + [left, top, left, top]
        check_rows(found, *in_graph[name])


def check_seen(found, class_id, boxes, iou):
    """Assert that there is a detection of the class around each box drawn by hand."""
    of_class = found[found.class_ids == class_id]
    for box in boxes:
        assert overlap(np.array(box, np.float64), of_class.xyxy).max(initial=0) >= iou, box


PERSON, CAR, MOTORCYCLE, STOP_SIGN, DOG = 0, 2, 3, 11, 16
SEEN = {
    "cn_16004479832_a748d55f21_k.jpg": {DOG: [(2, 96, 302, 600), (340, 187, 906, 600)]},
    "cn_17790319373_bd19b24cfc_k.jpg": {
        PERSON: [(189, 190, 271, 443), (371, 211, 490, 491)],
        CAR: [(948, 165, 1116, 495)],
        MOTORCYCLE: [(757, 290, 857, 432)],
    },
    "cn_34501842524_3c858b3080_k.jpg": {
        STOP_SIGN: [(305, 148, 421, 354)],
        CAR: [(377, 361, 445, 424)],
    },
    "squat.png": {PERSON: [(105, 136, 365, 600)]},
}


@pytest.mark.parametrize("name", SEEN)
def test_the_detector_finds_what_one_sees_on_a_photo(name, test_data):
    found = cd.Detector(mb3(test_data, "mb3_ctdet_logits"), **MB3_INPUT)(photo(test_data, name))
    for class_id, boxes in SEEN[name].items():
        check_seen(found, class_id, boxes, iou=0.7)


FACES = [
    (57, 126, 93, 174),
    (180, 113, 211, 155),
    (221, 107, 252, 149),
    (325, 127, 352, 167),
    (478, 158, 503, 193),
    (604, 152, 639, 199),
    (762, 111, 795, 160),
]


def test_the_detector_finds_faces_alike_in_two_layouts_of_the_heads(test_data):
    image = photo(test_data, "deface_city.jpg")
    folder = test_data / "models" / "dbface"
    tlrb, centerface = (
        cd.Detector(folder / f"{name}.xml", color="BGR", resize="letterbox")
        for name in ("dbface_mb2_nhwc", "dbface_mb2_as_centerface")
    )
    assert (tlrb.family.name, centerface.family.name) == ("DBFACE", "CENTERFACE")
    found, other = tlrb(image), centerface(image)
    assert len(found) == len(other) >= len(FACES)
    np.testing.assert_allclose(found.scores, other.scores, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.xyxy, other.xyxy, rtol=0, atol=0.05)
    check_seen(found, 0, FACES, iou=0.6)


def test_the_detector_finds_people_by_a_model_that_decodes_itself(test_data):
    path = test_data / "models" / "person-detection-0202" / "person-detection-0202.xml"
    detector = cd.Detector(path, score_threshold=0.5)
    assert detector.family == families.DETECTION_OUTPUT.replace(size=(512, 512))
    assert detector.labels == ["person"]  # by its name: it is a preset
    people = {
        "cn_16004479832_a748d55f21_k.jpg": [
            (156, 0, 477, 502),
            (735, 0, 842, 118),
            (850, 0, 903, 140),
        ],
        "cn_17790319373_bd19b24cfc_k.jpg": [(189, 190, 271, 443), (371, 211, 490, 491)],
    }
    for name, boxes in people.items():
        check_seen(detector(photo(test_data, name)), PERSON, boxes, iou=0.7)


def test_the_detector_finds_the_heart_of_two_hands(test_data):
    mean = (124.95, 115.005, 109.395)
    detector = cd.Detector(
        test_data / "models" / "hand" / "hand_d1.xml",
        color="RGB",
        resize="letterbox",
        mean=mean,
        scale=(64.005, 63.495, 61.71),
        pad_value=mean,
    )
    found = detector(photo(test_data, "hagrid_heart_tile.png"))
    check_seen(found[:1], 0, [(100, 90, 210, 182)], iou=0.7)


def test_the_detector_reaches_the_models_ap_on_coco(test_data):
    truth = test_data / "coco" / "instances_free.json"
    annotated = json.loads(truth.read_text())
    numbers = sorted(category["id"] for category in annotated["categories"])
    detector = cd.Detector(mb3(test_data, "mb3_ctdet_logits"), **MB3_INPUT, **TOP_100)
    rows = []
    for entry in annotated["images"]:
        image = cv2.imread(str(test_data / "coco" / "images" / entry["file_name"]))
        rows += coco_rows(entry, detector(image), numbers)
    assert len(numbers) == 80
    assert len(rows) == 13 * 100
    ap, ap50 = average_precision(truth, rows)
    assert ap == pytest.approx(0.2463, abs=0.002)
    assert ap50 == pytest.approx(0.4011, abs=0.002)
