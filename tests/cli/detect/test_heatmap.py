"""The heatmap in a picture, and the camera that puts boxes into space."""

import json

import centerdecode as cd
import cv2
import numpy as np
import pytest
from openvino import opset13 as ops
from support.command_line import CENTERNET, photo, save
from support.models import constant, outputs


def test_the_heatmap_is_laid_over_where_it_is_warm(run, model, tmp_path):
    path = photo(tmp_path / "a.png", 320, 480)
    assert run("detect", path, *model, "--output", tmp_path / "out", "--show-heatmap")[0] == 0
    picture = cv2.imread(str(tmp_path / "out" / "a.png")).astype(int)
    x, y = 10 * 22, 10 * 14  # the middle of the cell with the peak
    blue, _, red = picture[y, x]
    assert red > blue + 20
    assert abs(picture[20, 20] - 100).max() <= 25
    status, _, err = run("detect", path, *model, "--show-heatmap")
    assert (status, "needs --output" in err) == (2, True)


@pytest.mark.parametrize("resize", ["stretch", "letterbox", "affine"])
def test_the_heatmap_of_an_image_is_where_its_objects_are(tmp_path, resize):
    detector = cd.Detector(constant(CENTERNET), resize=resize)
    image = np.full((90, 60, 3), 100, np.uint8)
    heatmap = detector.heatmap(image)
    assert (heatmap.shape, heatmap.dtype) == ((90, 60), np.float32)
    scale = {"stretch": (60 / 48, 90 / 32)}.get(resize, (90 / 32, 90 / 32))
    left = 0 if resize == "stretch" else (48 - 60 / scale[0]) / 2
    x, y = (22 - left) * scale[0], 14 * scale[1]  # the middle of cell (3, 5)
    ys, xs = np.nonzero(heatmap >= heatmap.max() - 1e-6)
    assert (abs(xs.mean() + 0.5 - x), abs(ys.mean() + 0.5 - y)) < (1.5, 1.5)
    assert 0.5 < heatmap.max() <= 0.75
    assert heatmap[:9].max() < 0.01


def test_a_model_without_a_heatmap_says_so(run, tmp_path):
    rows = outputs(cd.families.DETECTION_OUTPUT)
    model = save(rows, tmp_path / "rows.xml")
    path = photo(tmp_path / "a.png")
    status, _, err = run("detect", path, *model, "--output", tmp_path / "out", "--show-heatmap")
    assert status == 1
    assert "must have a heatmap, got heads ['rows']" in err


def test_a_camera_of_a_file_puts_boxes_into_space(run, tmp_path):
    space = outputs(cd.families.CENTERNET_3D)
    model, path = save(space, tmp_path / "space.xml"), photo(tmp_path / "a.png")
    command = ["detect", path, *model, "--format", "jsonl"]
    assert "location" not in json.loads(run(*command)[1])["detections"][0]
    rows = "200 0 48 0 0 200 32 0 0 0 1 0"
    for text in (rows, rows.replace(" ", ",\n"), f"P0: 1\nP2: {rows}\nP3: 2\n"):
        (tmp_path / "camera.txt").write_text(text)
        camera = ["--calibration", tmp_path / "camera.txt"]
        found = json.loads(run(*command, *camera)[1])["detections"][0]
        assert len(found["location"]) == 3
    for text, why in (("1 2 3", "must be 12 numbers"), ("0 " * 12, "focal lengths")):
        (tmp_path / "camera.txt").write_text(text)
        status, _, err = run(*command, *camera)
        assert (status, why in err) == (2, True)
    status, _, err = run(*command, "--calibration", tmp_path / "none")
    assert (status, "No such file" in err) == (2, True)


# Of a cell of 4 x 4 pixels, their middles lie an eighth of a cell beside its own.
NEAREST = 0.75 * 0.875**2


def peak_of(heatmap):
    """Return the cell of 4 x 4 pixels in which a heatmap is highest, (row, column)."""
    ys, xs = np.nonzero(heatmap >= heatmap.max() - 1e-6)
    return int(ys.mean()) // 4, int(xs.mean()) // 4


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("KERAS_CENTERNET", (3, 5)),  # NHWC
        ("CENTERFACE", (3, 5)),  # scores, without a sigmoid
        ("CENTERNET2", (3, 5)),  # a pyramid
        ("EXTREMENET", (3, 4)),
        ("TRIPLETS", (3, 5)),
        ("CORNERNET", (2, 3)),
    ],
)
def test_every_family_shows_where_its_objects_are(name, cell):
    family = getattr(cd.families, name)
    detector = cd.Detector(constant(outputs(family)), family=family, resize="stretch")
    heatmap = detector.heatmap(np.zeros((32, 48, 3), np.uint8))
    assert peak_of(heatmap) == cell
    assert heatmap.max() == pytest.approx(NEAREST, rel=1e-3)
    assert heatmap[-4:, -4:].max() < 0.01


def test_a_flip_test_shows_the_image_and_not_its_mirror_image():
    detector = cd.Detector(constant(CENTERNET), resize="stretch", flip=True)
    assert peak_of(detector.heatmap(np.zeros((32, 48, 3), np.uint8))) == (3, 5)


def test_bf16_is_read_as_what_it_is():
    tails = dict.fromkeys(CENTERNET, lambda node: ops.convert(node, "bf16"))
    model = constant(CENTERNET, tails=tails)
    heatmap = cd.Detector(model, resize="stretch").heatmap(np.zeros((32, 48, 3), np.uint8))
    assert peak_of(heatmap) == (3, 5)
    assert heatmap.max() == pytest.approx(NEAREST, rel=4e-3)
