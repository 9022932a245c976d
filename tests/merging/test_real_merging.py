"""A flip test, and several test scales, of a trained model on photos."""

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from oracles import specification as oracle
from support.inputs.photos import (
    MB3_FAMILIES,
    PHOTOS,
    TOP_100,
    coco_images,
    letterboxed,
    mb3,
    measure,
    overlap,
    photo,
)

FAMILY = MB3_FAMILIES["mb3_ctdet_logits"]


@pytest.fixture(scope="module")
def infer(test_data):
    """Return a function of a (1, 512, 512, 3) image that gives the model's outputs by name."""
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.compile_model(mb3(test_data, "mb3_ctdet_logits"), "CPU", config)

    def outputs(image):
        results = compiled(image)
        return {port.any_name: results[port] for port in compiled.outputs}

    return outputs


def with_mirror(infer, image):
    """Return the outputs of the image, and behind each that of its mirror image."""
    one, other = infer(image), infer(np.ascontiguousarray(image[:, :, ::-1]))
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def matrix_of(image):
    """Return the matrix from the network's input to the photo."""
    return oracle.invert(oracle.letterbox_matrix(image.shape[:2], (512, 512)))


def strong_and_wide(found):
    """Return what is surely there, and several cells wide: narrow boxes do not overlap well."""
    extents = found.xyxy[:, 2:] - found.xyxy[:, :2]
    return found[(found.scores > 0.5) & (extents.min(axis=1) > 18)]


def check_contains(found, others, iou):
    """Assert that found has all others, with the overlap; return how many there are."""
    for one in others:
        same = found[found.class_ids == one.class_id]
        assert overlap(one.xyxy.astype(float), same.xyxy).max(initial=0) > iou, one
    return len(others)


def test_a_flip_test_finds_what_the_image_alone_shows(test_data, infer):
    plain, flipped = cd.Decoder(FAMILY), cd.Decoder(FAMILY, flip=True, score_threshold=0.2)
    count = 0
    for name in PHOTOS:
        heads = with_mirror(infer, letterboxed(photo(test_data, name)))
        (found,), (alone,) = flipped(heads), plain({k: head[:1] for k, head in heads.items()})
        count += check_contains(found, strong_and_wide(alone), iou=0.8)
    assert count > 20


def test_two_scales_find_what_one_shows_once(test_data, infer):
    plain, both = cd.Decoder(FAMILY), cd.Decoder(FAMILY, scales=(1, 0.75), score_threshold=0.2)
    count = 0
    for name in PHOTOS:
        whole = letterboxed(photo(test_data, name))
        small = np.zeros_like(whole)
        small[0, :384, :384] = cv2.resize(whole[0], (384, 384), interpolation=cv2.INTER_AREA)
        (found,), (alone,) = both([infer(whole), infer(small)]), plain(infer(whole))
        count += check_contains(found, strong_and_wide(alone), iou=0.7)
        clear = found[found.scores > 0.3]
        for one in clear:
            same = clear[clear.class_ids == one.class_id]
            assert (overlap(one.xyxy.astype(float), same.xyxy) > 0.9).sum() == 1
    assert count > 20


def test_a_flip_test_raises_the_ap_on_coco(test_data, infer):
    annotated, images = coco_images(test_data)
    flipped, plain = cd.Decoder(FAMILY, flip=True, **TOP_100), cd.Decoder(FAMILY, **TOP_100)
    found, alone = [], []
    for image in images:
        heads = with_mirror(infer, letterboxed(image))
        found += flipped(heads, transform=matrix_of(image))
        alone += plain({name: head[:1] for name, head in heads.items()}, transform=matrix_of(image))
    assert [len(detections) for detections in found] == [100] * 13
    ap, ap50 = measure(test_data, found, annotated)
    without, without50 = measure(test_data, alone, annotated)
    assert (without, without50) == pytest.approx((0.2450, 0.4011), abs=0.002)
    assert (ap, ap50) == pytest.approx((0.2639, 0.4239), abs=0.002)


def flipped_and_alone(test_data, model, name, turn, **options):
    """Return what a detector's decoder finds with the mirror image, and without.

    turn(photo, height, width) is the network's input, without a batch axis.
    """
    path = test_data / "models" / model
    family = cd.Detector(path).family
    compiled = ov.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    image = turn(photo(test_data, name), *compiled.input(0).shape[1:3])[None]
    heads = with_mirror(lambda x: {p.any_name: v for p, v in compiled(x).items()}, image)
    (found,) = cd.Decoder(family, flip=True, **options)(heads)
    (alone,) = cd.Decoder(family, **options)({key: head[:1] for key, head in heads.items()})
    return found, alone


@pytest.mark.parametrize(("form", "far"), [
    ("dbface_mb2_as_centerface", 1.5),
    ("dbface_mb2_nhwc", 3),  # of which landmarks lie half a cell too far left
])  # fmt: skip
def test_eyes_and_mouths_of_faces_stay_where_they_are(form, far, test_data):
    def turn(image, height, width):
        return cv2.resize(image, (width, height)).astype(np.float32)

    found, alone = flipped_and_alone(
        test_data, f"dbface/{form}.xml", "deface_city.jpg", turn, score_threshold=0.4
    )
    strong = strong_and_wide(alone)[:6]
    assert check_contains(found, strong, iou=0.8) == 6
    for one in strong:
        same = found[[np.abs(found.xyxy - one.xyxy).max(axis=1).argmin()]]
        assert np.abs(same.keypoints[0] - one.keypoints).max() < far


def test_left_and_right_joints_of_a_person_stay_where_they_are(test_data):
    def turn(image, height, width):
        zoom = min(height / image.shape[0], width / image.shape[1])
        small = cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        canvas = np.zeros((height, width, 3), np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small[..., ::-1]
        return canvas

    found, alone = flipped_and_alone(
        test_data, "movenet/movenet_heads.xml", "squat.png", turn, score_threshold=0.1
    )
    assert len(found) == len(alone) == 1
    assert np.abs(found.keypoints - alone.keypoints).max() < 5
