"""A picture read at 1/n is placed where the whole one would be, and boxes lead to the whole one."""

import itertools

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from support import models

RESIZES = ["affine", "affine_letterbox", "letterbox", "corner", "stretch"]
SIZES = [(600, 800), (800, 600), (601, 799), (333, 1007)]
FLAGS = {
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def spot(size):
    """Return a JPEG with a bright spot, and the whole picture that is in it."""
    height, width = size
    y, x = np.indices(size)
    far = ((x - 0.4 * width) / width) ** 2 + ((y - 0.6 * height) / height) ** 2
    image = np.repeat(255 * np.exp(-far[..., None] / 0.02), 3, axis=2).round().astype(np.uint8)
    content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 98])[1]
    return content, cv2.imdecode(content, cv2.IMREAD_COLOR)


@pytest.mark.parametrize("resize", RESIZES)
def test_a_reduced_picture_gives_the_boxes_of_the_whole_one(resize):
    model = models.finder((64, 96), 0 if resize.startswith("affine") else 0.5)
    family = families.CENTERNET.replace(mean=0, scale=1, resize=resize)
    for given in (model, ov.compile_model(model, "CPU")):
        detector = cd.Detector(given, family=family)
        for size, (n, flag) in itertools.product(SIZES, FLAGS.items()):
            content, whole = spot(size)
            found = detector(cv2.imdecode(content, flag), original_size=size).xyxy
            zoom = min(96 / size[1], 64 / size[0])  # a pixel of the network is 8 to 13 of it
            expected = detector(whole).xyxy
            np.testing.assert_allclose(found, expected, rtol=0, atol=0.12 / zoom, err_msg=f"{n}")


def test_a_box_is_cut_at_the_border_of_the_whole_picture():
    arrays = models.outputs(families.CENTERNET)
    arrays["wh"] = arrays["wh"] * 100
    detector = cd.Detector(models.constant(arrays), resize="stretch", clip=True)
    found = detector(np.zeros((75, 100, 3), np.uint8), original_size=(597, 794))
    assert found.xyxy.tolist() == [[0, 0, 794, 597]]


def test_a_network_of_any_size_takes_the_small_picture_as_it_is():
    detector = cd.Detector(
        models.mirror((1, 3, -1, -1)), family=models.MIRROR, resize="none", **models.ALL_CELLS
    )
    image = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    found = detector(image, original_size=(7, 9))
    assert sorted(found.scores.tolist()) == list(range(60))
    assert found.xyxy.max(axis=0).tolist() == [8, 6, 8, 6]  # of the last pixel, twice its place


@pytest.mark.parametrize(
    ("size", "original"), [((75, 100), (500, 800)), ((75, 100), (75, 200)), ((2, 1), (9, 90))]
)
def test_a_size_of_which_the_image_is_no_copy_is_refused(size, original):
    detector = cd.Detector(models.constant(models.outputs(families.CENTERNET)))
    with pytest.raises(ValueError, match=r"original_size must be \(height, width\) of a picture"):
        detector(np.zeros((*size, 3), np.uint8), original_size=original)


@pytest.mark.parametrize(
    ("resize", "size", "n"),
    [
        ("letterbox", (64, 96), 1),
        ("letterbox", (127, 191), 1),
        ("letterbox", (128, 192), 2),
        ("affine", (256, 300), 4),  # the height decides
        ("corner", (200, 4000), 8),
        ("stretch", (200, 4000), 2),  # by its shorter side
        ("stretch", (60, 4000), 1),
        ("affine_letterbox", (5120, 7680), 8),  # 80 times would do
        ("letterbox", (1, 1), 1),
    ],
)
def test_a_jpeg_is_reduced_as_far_as_the_network_is_smaller(resize, size, n):
    heads = {"hm": np.zeros((1, 3, 16, 24), np.float32), "wh": np.zeros((1, 2, 16, 24), np.float32)}
    detector = cd.Detector(models.constant(heads, shape=(1, 3, 64, 96)), resize=resize)
    assert detector.jpeg_reduction(size) == n


def test_a_jpeg_is_not_reduced_for_a_network_of_any_size():
    detector = cd.Detector(models.mirror((1, 3, -1, -1)), family=models.MIRROR, resize="none")
    assert detector.jpeg_reduction((5000, 5000)) == 1
