"""What `centerdecode detect` draws."""

import re

import centerdecode as cd
import cv2
import numpy as np
import pytest
import supervision as sv
from centerdecode.cli.drawing import _annotate, _label_layout
from centerdecode.cli.inputs import Photo
from centerdecode.cli.results import ImageResult
from centerdecode.families import COCO
from support.command_line import BOX, photo

CAMERA = np.float64([[200, 0, 160, 0], [0, 200, 120, 0], [0, 0, 1, 0]])


def found(boxes, size=(240, 320), *, labels=COCO, calibration=None, heatmap=None, **columns):
    """Return what `draw` takes: boxes of class 0 in a gray image."""
    boxes = np.float32(boxes)
    scores = np.linspace(0.9, 0.5, len(boxes), dtype=np.float32)
    classes = columns.pop("class_ids", np.zeros(len(boxes), np.int32))
    own = {name: columns.pop(name) for name in ("keypoints", "keypoint_scores") if name in columns}
    detections = cd.Detections(boxes, scores, classes, **own, extras=columns)
    gray = np.full((*size, 3), 100, np.uint8)
    return ImageResult(Photo("a.png", "a", 1), gray, size, detections, labels, heatmap, calibration)


def changed(*arguments, **columns):
    """Return which pixels `draw` changes."""
    return (_annotate.draw(found(*arguments, **columns)) != 100).any(axis=2)


def on_line(mask, a, b):
    """Return how much of the line between two points, without its ends, is in a mask."""
    xs, ys = np.rint(np.linspace(a, b, 50)[10:40]).astype(int).T
    return mask[ys, xs].mean()


def test_the_picture_shows_the_box_and_nothing_else_is_touched(run, model, tmp_path):
    path = photo(tmp_path / "a.png", 320, 480)
    assert run("detect", path, *model, "--output", tmp_path / "out")[0] == 0
    changed = (cv2.imread(str(tmp_path / "out" / "a.png")) != 100).any(axis=2)
    x1, y1, x2, y2 = (int(10 * corner) for corner in BOX)
    for edge in (np.s_[y1, x1:x2], np.s_[y2, x1:x2], np.s_[y1:y2, x1], np.s_[y1:y2, x2]):
        assert changed[edge].all()
    assert changed[y1 - 10, x1 : x1 + 20].any()  # the label above it
    assert not changed[y1 + 3 : y2 - 2, x1 + 3 : x2 - 2].any()
    changed[y1 - 40 : y2 + 3, x1 - 3 : x2 + 3] = False
    assert not changed.any()


def test_labels_stay_inside_the_picture_and_apart():
    boxes = np.float32([[0, 0, 50, 40], [0, 0, 50, 40], [280, 10, 300, 20], [290, 190, 300, 200]])
    extents = np.float32([[60, 12]] * 4)
    corners, hidden = _label_layout.label_corners(boxes, extents, np.array([300, 200]))
    assert hidden.tolist() == [0] * 4
    assert (corners >= 0).all()
    assert (corners + extents <= [300, 200]).all()
    gaps = np.abs(corners[:, None] - corners) >= extents
    assert (gaps.any(axis=2) | np.eye(4, dtype=bool)).all()


def pose():
    """Return 17 keypoints, each somewhere else, in a box of (20, 40) to (300, 220)."""
    rng = np.random.default_rng(5)
    return np.column_stack([rng.permutation(17) * 16 + 28, rng.permutation(17) * 10 + 50])


def test_seventeen_keypoints_are_joined_as_people_are():
    points = pose()
    mask = changed([[20, 40, 300, 220]], keypoints=np.float32([points]))
    assert mask[points[:, 1], points[:, 0]].all()
    arm, leg, shoulders = ((5, 7), (7, 9)), ((11, 13), (13, 15)), ((5, 6), (11, 12))
    for a, b in (*arm, *leg, *shoulders, (6, 8), (12, 14), (0, 1), (2, 4), (5, 11)):
        assert on_line(mask, points[a], points[b]) == 1
    assert on_line(mask, points[9], points[10]) < 0.5
    assert on_line(mask, points[0], points[16]) < 0.5


def test_other_keypoints_are_points_and_guesses_are_left_out():
    points = np.int64([[60, 80], [140, 200], [250, 60]])
    scores = np.float32([[0.9, 0.3, 0.02]])
    mask = changed([[20, 40, 300, 220]], keypoints=np.float32([points]), keypoint_scores=scores)
    assert mask[points[:2, 1], points[:2, 0]].all()
    assert not mask[50:70, 240:260].any()
    assert on_line(mask, points[0], points[1]) == 0


def test_keypoints_that_are_nowhere_have_no_lines():
    points = pose().astype(np.float32)
    points[7], points[8] = np.nan, 1e12
    mask = changed([[20, 40, 300, 220]], keypoints=points[None])
    assert on_line(mask, points[11], points[13]) == 1
    beyond = np.float32([[[np.nan, 80], [1e12, 3], [140, 200]]])
    assert changed([[20, 40, 300, 220]], keypoints=beyond)[200, 140]


def corners(height, width, length, location, angle):
    """Return where the corners of KITTI's box are seen by CAMERA, the front ones first."""
    seen = []
    for ahead in (1, -1):
        for up, side in ((0, 1), (0, -1), (1, -1), (1, 1)):
            x, y, z = ahead * length / 2, -up * height, side * width / 2
            x, z = x * np.cos(angle) + z * np.sin(angle), z * np.cos(angle) - x * np.sin(angle)
            x, y, z = x + location[0], y + location[1], z + location[2]
            seen.append((200 * x / z + 160, 200 * y / z + 120))
    return seen


def space(location=(0.5, 1, 8), angle=0.7):
    """Return the extras of a box in space."""
    return {
        "dimensions": np.float32([[1.5, 1.8, 4.0]]),
        "location": np.float32([location]),
        "rotation_y": np.float32([angle]),
    }


def test_a_box_in_space_is_drawn_where_the_camera_is_known():
    box = [[30, 20, 300, 230]]
    mask = changed(box, calibration=CAMERA, **space())
    seen = corners(1.5, 1.8, 4.0, (0.5, 1, 8), 0.7)
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4)]
    edges += [(0, 4), (1, 5), (2, 6), (3, 7), (0, 2), (1, 3)]  # the front has a cross
    for a, b in edges:
        assert on_line(mask, seen[a], seen[b]) == 1, (a, b)
    assert on_line(mask, seen[4], seen[6]) < 0.6  # the rear has none
    assert not mask[228:232, 60:280].any()  # and no box in the image
    for unseen in ({"calibration": None}, {"calibration": CAMERA, **space((0, 1, 1))}):
        assert changed(box, **{**space(), **unseen})[228:232, 60:280].any()


def test_tracks_have_their_number_and_color():
    boxes = [[20, 60, 100, 200], [180, 60, 300, 200]]
    tracked = found(boxes, track_ids=np.int32([7, 8]))
    assert fitting(tracked) == "#7 person 0.90"
    for given, same in ((tracked, False), (found(boxes), True)):
        picture = _annotate.draw(given)
        assert (picture[200, 60] == picture[200, 240]).all() == same


def fitting(given):
    """Return what the first label says."""
    return _annotate._fitting(given, next(iter(given.detections)), Labels())


class Labels:
    """What `_extent` asks of an annotator."""

    text_scale, text_thickness, text_padding = 0.4, 1, 2


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ((48, 200), "person 0.90"),
        ((48, 90), "person"),
        ((48, 50), "person"),
        ((48, 40), r"perso?\.\."),  # fonts of OpenCV's versions differ in width
        ((48, 8), ""),
        ((6, 200), ""),
    ],
)
def test_text_is_cut_to_the_picture(size, text):
    assert re.fullmatch(text, fitting(found([[2, 2, 6, 6]], size)))


@pytest.mark.parametrize(
    ("label", "text"), [("K\u00e4fer", "Kafer 0.90"), ("\u65e5\u672c", "0 0.90")]
)
def test_letters_that_the_font_has_not(label, text):
    assert fitting(found([[2, 2, 6, 6]], labels=[label])) == text


@pytest.mark.parametrize("size", [(1, 1), (6, 8), (48, 64), (60, 2000), (600, 40), (2400, 3000)])
def test_every_size_of_image_is_drawn(size):
    height, width = size
    boxes = np.float32([[0, 0, 1, 1], [0.3, 0.2, 0.7, 0.9], [0.9, 0.9, 1, 1]])
    boxes *= [width, height, width, height]
    picture = _annotate.draw(found(boxes, size, class_ids=np.int32([0, 4, 9])))
    assert picture.shape == (*size, 3)
    line = max(1, round(min(size) / 300))
    mask = (picture != 100).any(axis=2)
    if min(size) > 100:  # a line is as thick as the image is large
        row = mask[int(0.6 * height), int(0.25 * width) : int(0.35 * width)]
        assert line - 1 <= row.sum() <= line + 2
    assert mask.any()


def test_labels_that_stronger_ones_hide_are_left_out(monkeypatch):
    extents = np.float32([[60, 12]] * 9)
    boxes = np.float32([[20, 20, 60, 30]] * 9)
    _, hidden = _label_layout.label_corners(boxes, extents, np.array([64, 30]))
    assert hidden[0] == 0
    assert hidden[-1] > 1
    told = []
    monkeypatch.setattr(sv.LabelAnnotator, "annotate", lambda *given: told.append(given[3]))
    _annotate.draw(found(boxes, (30, 64)))
    assert told == [["person"]]


def test_masks_are_tinted():
    mask = np.zeros((1, 8, 8), np.uint8)
    mask[0, :, :4] = 3
    picture = _annotate.draw(found([[100, 60, 200, 160]], masks=mask))
    assert (picture[100, 110:140] != 100).any(axis=1).all()
    assert (picture[100, 160:190] == 100).all()
