"""flip= and scales= of a Detector: what the decoder makes of the heads of all its inputs."""

import re

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from support import models
from support.heads import arrays_of, assert_same
from support.inputs.photos import MB3_INPUT, TOP_100, coco_images, mb3, measure

pytestmark = pytest.mark.usefixtures("deadline")

NOISE = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)


def channels_first(*images):
    return np.stack(images).transpose(0, 3, 1, 2).astype(np.float32)


def heads_of(batch):
    """Return what mirror() answers to a batch."""
    return {"heatmap": batch, "wh": batch[:, :2] * 0}


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (-1, 3, 8, 8), (2, 3, 8, 8)], ids=str)
def test_flip_merges_an_image_with_its_mirror_image(shape):
    detector = cd.Detector(
        models.mirror(shape), family=models.MIRROR, flip=True, **models.ALL_CELLS
    )
    decoder = cd.Decoder(models.MIRROR, flip=True, **models.ALL_CELLS)
    for image, found in zip(NOISE, detector.stream(NOISE), strict=True):
        batch = channels_first(image, image[:, ::-1])
        np.testing.assert_array_equal(batch[0, 1, 2, 0], batch[1, 1, 2, 7])
        (expected,) = decoder(heads_of(batch) | {"hm": batch, "wh": batch[:, :2] * 0})
        assert_same(arrays_of(found), arrays_of(expected))
        # The mirror image of a mirror image is the image: scores are the bytes themselves.
        assert sorted(found.scores.tolist()) == sorted(image.ravel().tolist())


def test_flip_of_a_model_that_is_compiled_needs_a_batch_of_two():
    options = {"family": models.MIRROR, "flip": True, **models.ALL_CELLS}
    pair = ov.compile_model(models.mirror((2, 3, 8, 8)), "CPU")
    single = ov.compile_model(models.mirror(), "CPU")
    found = cd.Detector(pair, **options)(NOISE[0])
    assert_same(arrays_of(found), arrays_of(cd.Detector(models.mirror(), **options)(NOISE[0])))
    with pytest.raises(ValueError, match="model input must be 2 images of 3 channels, got"):
        cd.Detector(single, **options)
    nhwc = ov.compile_model(models.mirror((2, 8, 8, 3), layout="NHWC"), "CPU")
    options["family"] = models.MIRROR.replace(layout="NHWC")
    found = cd.Detector(nhwc, **options)(NOISE[0])
    assert sorted(found.scores.tolist()) == sorted(NOISE[0].ravel().tolist())


def at_scale(image, side):
    return channels_first(cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
def test_scales_are_inputs_of_other_sizes(flip, compiled):
    scales, options = (1, 0.5, 1.5), models.ALL_CELLS | {"top_k": 500}
    model = models.mirror((-1, 3, -1, -1))
    if compiled:
        model = ov.compile_model(model, "CPU")
    family = models.MIRROR.replace(size=(64, 64))
    detector = cd.Detector(model, family=family, scales=scales, flip=flip, **options)
    assert [runner.network.size for runner in detector._pipeline._runners] == [
        (64, 64),
        (32, 32),
        (96, 96),
    ]
    decoder = cd.Decoder(models.MIRROR, scales=scales, flip=flip, **options)
    images = np.random.default_rng(1).integers(0, 256, (8, 50, 40, 3), np.uint8)
    matrices = [np.array([[40 / side, 0, 0], [0, 50 / side, 0]]) for side in (64, 32, 96)]
    for image, found in zip(images, detector.stream(images), strict=True):
        batches = [at_scale(image, side) for side in (64, 32, 96)]
        if flip:
            batches = [np.concatenate([batch, batch[..., ::-1]]) for batch in batches]
        (expected,) = decoder(
            [{"hm": batch, "wh": batch[:, :2] * 0} for batch in batches], transform=matrices
        )
        assert_same(arrays_of(found), arrays_of(expected))
        assert len(found) == 500


def test_a_network_of_any_size_is_compiled_once_for_all_scales():
    family = models.MIRROR.replace(resize="none")
    options = {"family": family, "scales": (1, 0.5), **models.ALL_CELLS}
    detector = cd.Detector(models.mirror((1, 3, -1, -1)), **options)
    one, other = detector._pipeline._runners
    assert one.network is other.network
    assert one.requests is other.requests
    image = np.random.default_rng(1).integers(1, 256, (64, 128, 3), np.uint8)
    found = detector(image)
    assert len(found) == 3 * (64 * 128 + 32 * 64)
    assert found.xyxy.max(axis=0).tolist() == [127, 63, 127, 63]


def test_a_network_of_fixed_size_sees_a_smaller_image_in_the_middle():
    model = models.finder((64, 64), 0)  # its box lies around the center of brightness
    spot = np.zeros((64, 64, 3), np.uint8)
    spot[20:24, 40:44] = 255
    options = {"mean": 0, "scale": 1, "resize": "stretch", "score_threshold": 0.5}
    (plain,) = cd.Detector(model, **options)(spot)
    half = cd.Detector(model, scales=[0.5], **options)
    assert [runner.network.size for runner in half._pipeline._runners] == [(64, 64)]
    (found,) = half(spot)
    middle = (found.xyxy[:2] + found.xyxy[2:]) / 2
    np.testing.assert_allclose(middle, (plain.xyxy[:2] + plain.xyxy[2:]) / 2, atol=1)
    np.testing.assert_allclose(found.xyxy[2:] - found.xyxy[:2], [24, 16])  # 12 x 8, seen small
    with pytest.raises(ValueError, match=r"scales must not be over 1 for this model, got 2\.0: "):
        cd.Detector(model, scales=[1, 2], **options)


def test_what_lies_around_a_smaller_image_is_the_pad_value():
    family = models.MIRROR.replace(size=(64, 64), pad_value=(10, 20, 30), color="RGB")
    options = {"family": family, "scales": [0.5], "score_threshold": 1, "top_k": 10**6}
    model = ov.compile_model(models.mirror((1, 3, 64, 64)), "CPU")
    found = cd.Detector(model, **options)(np.full((9, 9, 3), 200, np.uint8))
    scores, counts = np.unique(found.scores, return_counts=True)
    assert scores.tolist() == [10, 20, 30, 200]
    assert counts.tolist() == [64 * 64 - 32 * 32] * 3 + [3 * 32 * 32]


@pytest.mark.parametrize(("options", "message"), [
    ({"scales": []}, "scales must be positive, got []"),
    ({"scales": [0]}, "scales must be positive, got [0.0]"),
], ids=str)  # fmt: skip
def test_refuses(options, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.Detector(models.mirror(), family=models.MIRROR, **options)


def test_a_family_without_mirror_images_refuses():
    model = models.constant(models.outputs(families.DETECTION_OUTPUT))
    for options in ({"flip": True}, {"scales": [1]}):
        with pytest.raises(ValueError, match="flip and scales must be left out for decoder"):
            cd.Detector(model, **options)


def test_a_flip_test_raises_the_ap_of_a_trained_model(test_data):
    truth, photos = coco_images(test_data)
    options = MB3_INPUT | TOP_100 | {"flip": True}
    found = cd.Detector(mb3(test_data, "mb3_ctdet_logits"), **options).predict(photos)
    ap, ap50 = measure(test_data, found, truth)
    assert ap == pytest.approx(0.2639, abs=0.002)  # 0.2450 without
    assert ap50 == pytest.approx(0.4239, abs=0.002)
