"""decode_faces agrees with CenterFace's and DBFace's own rules, and with what one sees."""

import math

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from oracles import faces as oracle_faces
from oracles import specification as oracle
from support.heads import assert_same, channels_last, fill

GRID = (12, 17)
CELLS = {"window": 1, "top_k": 10**6, "plateaus": "keep"}  # every cell, as upstream


def face_heads(grid=GRID, seed=0):
    """Return heatmap, scale, offset, landmarks of CenterFace; no box leaves the image."""
    rng = np.random.default_rng([seed, *grid])
    scores = rng.random((1, 1, *grid))
    scores[..., :3] = scores[..., -3:] = scores[..., :3, :] = scores[..., -3:, :] = 0
    heads = [scores, *(rng.normal(0, 0.4, (1, n, *grid)) for n in (2, 2, 10))]
    return [np.asarray(head, np.float32) for head in heads]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.9, 1.0])
def test_the_defaults_are_centerface(threshold, isa):
    heads = face_heads((24, 33))
    found = cd.decode_faces(*heads, score_threshold=threshold, **CELLS)[0]
    dets, landmarks = oracle_faces.decode(*heads, (96, 132), threshold)
    assert_same((found.scores,), (dets[:, 4],))
    np.testing.assert_allclose(found.xyxy, dets[:, :4], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.keypoints.reshape(-1, 10), landmarks, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(found.keypoint_scores, np.repeat(dets[:, 4:], 5, axis=1))


def test_without_landmarks_there_are_boxes_alone():
    heads = face_heads()
    found, bare = cd.decode_faces(*heads)[0], cd.decode_faces(*heads[:3])[0]
    assert bare.keypoints is None
    assert bare.keypoint_scores is None
    assert_same((found.xyxy, found.scores), (bare.xyxy, bare.scores))


def test_no_nms_and_other_nms():
    heads = face_heads()
    heads[1] += 1
    everything = cd.decode_faces(*heads, nms=None, **CELLS)[0]
    assert len(everything) == (heads[0] >= 0.5).sum()
    fewer = [
        len(cd.decode_faces(*heads, nms=cd.NMS(iou_threshold=iou), **CELLS)[0])
        for iou in (0.3, 0.1, 0.02)
    ]
    assert len(everything) > fewer[0] > fewer[1] > fewer[2] > 0


def test_landmarks_count_from_the_box_before_it_is_clipped():
    heads = face_heads()
    plain, clipped = cd.decode_faces(*heads)[0], cd.decode_faces(*heads, clip=(20, 30))[0]
    both = set(plain.scores) & set(clipped.scores)
    for score in both:
        (a,) = plain.keypoints[plain.scores == score]
        (b,) = clipped.keypoints[clipped.scores == score]
        np.testing.assert_array_equal(a, b)
    assert both


def decode_dbface(heads, y, x):
    """Return box and landmarks of a cell as DBFace's program computes them."""
    _, tlrb, landmark = heads
    left, top, right, bottom = tlrb[:, y, x].tolist()
    points = []
    for value in landmark[:, y, x].tolist():
        v = 4 * value
        points.append(v * math.e if abs(v) < 1 else math.copysign(math.exp(abs(v)), v))
    box = [4 * (x - left), 4 * (y - top), 4 * (x + right), 4 * (y + bottom)]
    return box, [[4 * (x + points[j]), 4 * (y + points[5 + j])] for j in range(5)]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_dbface(layout):
    heatmap = np.abs(fill("noise", (1, *GRID)))
    heads = heatmap, 2 + fill("noise", (4, *GRID)), fill("noise", (10, *GRID)) / 2
    peaks = oracle.find_peaks(heatmap, score_threshold=0.3, activation="none")
    given = [channels_last(head) for head in heads] if layout == "NHWC" else heads
    family = families.DBFACE.replace(layout=layout, nms=None)
    (found,) = cd.Decoder(family)(given)
    assert len(found) == len(peaks[0]) > 5
    for n, (y, x) in enumerate(zip(peaks[2], peaks[3], strict=True)):
        box, points = decode_dbface(heads, y, x)
        np.testing.assert_allclose(found.xyxy[n], box, rtol=1e-5)
        np.testing.assert_allclose(found.keypoints[n], points, rtol=1e-5)
    assert len(cd.Decoder(families.DBFACE.replace(layout=layout))(given)[0]) < len(found)


def test_a_decoder_may_do_another_nms_than_its_family():
    assert cd.Decoder(families.CENTERFACE).nms == families.CENTERFACE.nms
    assert cd.Decoder(families.CENTERFACE, nms="gaussian").nms == cd.NMS("gaussian")
    assert cd.Decoder(families.CENTERFACE.replace(nms=None)).nms is None


def test_two_exports_of_one_network_agree(test_data):
    cv2 = pytest.importorskip("cv2")
    pytest.importorskip("openvino")
    image = cv2.imread(str(test_data / "images" / "deface_city.jpg"))
    models = test_data / "models" / "dbface"
    centerface = families.CENTERFACE.replace(color="BGR", resize="letterbox")
    found = cd.Detector(models / "dbface_mb2_nhwc.xml")(image)
    other = cd.Detector(models / "dbface_mb2_as_centerface.xml", family=centerface)(image)
    assert len(found) == len(other) > 10
    np.testing.assert_allclose(found.scores, other.scores, rtol=1e-6)
    np.testing.assert_allclose(found.xyxy, other.xyxy, atol=0.05)
    np.testing.assert_allclose(found.keypoints, other.keypoints, atol=0.05)
    corners = found.xyxy.reshape(-1, 1, 2, 2)
    inside = (found.keypoints > corners[:, :, 0]) & (found.keypoints < corners[:, :, 1])
    assert inside.mean() > 0.95
    eyes, mouth = found.keypoints[:, :2, 1].mean(axis=1), found.keypoints[:, 3:, 1].mean(axis=1)
    assert (eyes < mouth).all()
