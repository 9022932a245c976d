"""The oracle of CenterFace against values worked out by hand."""

import math

import numpy as np
from oracles import faces

F32 = np.float32


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def marked(channels, values, rest=0.0, size=(3, 4)):
    """Return a head (1, C, H, W) of the rest with {(y, x): channels} set."""
    result = np.full((1, channels, *size), rest, F32)
    for (y, x), numbers in values.items():
        result[0, :, y, x] = numbers
    return result


def face_heads(score=0.5, scale=(0, 0), cell=(1, 2)):
    """Return CenterFace's heads with one face; offset (0.25, -0.25)."""
    landmark = [0.5, 0.25, 0, 1, 1, 0, -1, 2, 0.5, 0.5]
    values = (score, scale, (0.25, -0.25), landmark)
    return [marked(n, {cell: v}) for n, v in zip((1, 2, 2, 10), values, strict=True)]


def test_face():
    dets, points = faces.decode(*face_heads(), (12, 16))
    near(dets, [[7, 5, 11, 9, 0.5]])
    near(points, [[8, 7, 11, 5, 7, 9, 15, 1, 9, 7]])
    heads = face_heads()
    near(faces.decode(*heads[:3], None, (12, 16)), dets)
    assert faces.decode(*heads, (12, 16), 0.5)[0].shape == (0, 5)
    assert faces.decode(*heads, (12, 16), 0.5)[1].shape == (0, 10)
    near(faces.to_image(dets, (12, 16), (24, 8), 4), [[3.5, 10, 5.5, 18, 0.5]])


def test_face_thresholds():
    assert len(faces.decode(*face_heads(0.1), (12, 16))[0]) == 0
    assert len(faces.decode(*face_heads(0.1001), (12, 16))[0]) == 1
    assert len(faces.decode(*face_heads(0.35), (12, 16), 0.35)[0]) == 0
    heads = [marked(1, {(1, 1): 0.5, (1, 2): 0.4}), marked(2, {}), marked(2, {}), None]
    heads[1][:, 1], heads[1][:, 0] = math.log(12 / 4), math.log(1 / 4)
    assert len(faces.decode(*heads, (12, 99))) == 1
    assert len(faces.decode(*heads, (12, 99), nms_thresh=0.6)) == 2
    heads[1][:, 1] = math.log(6 / 4)
    assert len(faces.decode(*heads, (12, 99))) == 2


def test_a_face_cut_at_the_left_keeps_its_width():
    heads = face_heads(scale=(math.log(2), math.log(4)), cell=(1, 0))
    dets, points = faces.decode(*heads, (12, 16))
    near(dets, [[0, 3, 16, 11, 0.5]])
    near(points[0, :4], [4, 7, 16, 3])
    near(faces.decode(*heads, (9, 10))[0], [[0, 3, 10, 9, 0.5]])


def test_faces_have_no_peak_filter_but_suppression():
    heads = face_heads()
    heads[0][0, 0, 1, 1:4] = (0.7, 0.5, 0.9)
    heads[2][:] = 0
    near(faces.decode(*heads, (12, 16))[0][:, [0, 4]], [[12, 0.9], [4, 0.7], [8, 0.5]])
    heads[1][:] = math.log(3)
    near(faces.decode(*heads, (12, 99))[0][:, [0, 4]], [[8, 0.9], [0, 0.7]])


def test_face_overlap_counts_pixels():
    boxes = [[0, 0, 12, 0], [7, 0, 19, 0]]
    assert faces.overlap(*boxes) == F32(0.3)
    assert faces.overlap([1, 2, 3, 5], [2, 4, 4, 6]) == F32(4 / 17)
    assert faces.overlap([1, 2, 3, 5], [5, 2, 6, 5]) == faces.overlap([1, 2, 3, 5], [1, 7, 3, 8])
    assert faces.overlap([1, 2, 3, 5], [4, 6, 6, 9]) == 0
    assert faces.nms(boxes, [0.5, 0.6], 0.3) == [1]
    assert faces.nms(boxes, [0.5, 0.6], 0.31) == [1, 0]
    assert faces.nms([[0, 0, 1, 1]] * 2, [0.5, 0.5], 0.3) == [0]
