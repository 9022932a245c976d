"""decode_detection_output agrees with the oracle, and stops where OpenVINO's list ends."""

import re

import centerdecode as cd
import numpy as np
import pytest
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, arrays_of, assert_same, meaning, store

BOX = (0.125, 0.25, 0.5, 0.75)
SIZE = (100, 200)


def tensor_of(*rows):
    """Return rows of image_id, label, conf and box as DetectionOutput stores them."""
    flat = [(image_id, label, conf, *box) for image_id, label, conf, box in rows]
    return np.array(flat, np.float32).reshape(1, 1, -1, 7)


def noise(rows, images=1, seed=0):
    """Return random rows, with ties and boxes that leave the image."""
    rng = np.random.default_rng(seed)
    ids, labels = rng.integers(0, images, rows), rng.integers(0, 90, rows)
    scores = rng.integers(0, 11, rows) / 10
    boxes = rng.uniform(-0.3, 1.3, (rows, 4))
    return np.column_stack([ids, labels, scores, boxes]).astype(np.float32)[None, None]


def check(tensor, **options):
    """Assert that the detections are the oracle's, and return them."""
    found = cd.decode_detection_output(tensor, **options)
    truth = oracle.decode_detection_output(tensor, **options)
    single = not isinstance(found, list)
    for ours, theirs in zip(*([found], [truth]) if single else (found, truth), strict=True):
        assert_same(arrays_of(ours), theirs)
    return found


@pytest.mark.parametrize("threshold", [None, -1, 0, 0.5, 0.55, 1, 2])
@pytest.mark.parametrize("rows", [0, 1, 2, 57, 200])
def test_agrees_with_oracle(rows, threshold):
    options = {} if threshold is None else {"score_threshold": threshold}
    check(noise(rows), image_size=SIZE, **options)


@pytest.mark.parametrize("size", [(1, 1), (1080, 1920), (33.5, 7), (0, 5), np.array([5, 6])])
def test_corners_are_pixels_of_the_image_and_inside_it(size):
    found = check(noise(50), image_size=size, score_threshold=-1)
    assert len(found) == 50
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= np.tile(np.asarray(size, np.float32)[::-1], 2)).all()


@pytest.mark.parametrize("end", [-1, -0.5, -np.inf])
def test_a_negative_image_id_ends_the_list(end):
    # What the runtime left behind the terminator is old or zero: never read.
    rows = [(0, 1, 0.75, BOX), (end, 9, 0.9, BOX), (0, 0, 0, BOX), (0, 2, 0.99, BOX)]
    assert check(tensor_of(*rows), image_size=SIZE, score_threshold=-1).class_ids.tolist() == [1]
    assert len(check(tensor_of(*rows[1:]), image_size=SIZE, score_threshold=-1)) == 0


def test_the_threshold_is_strict():
    tensor = tensor_of((0, 1, 0.5, BOX), (0, 2, np.nextafter(np.float32(0.5), np.float32(1)), BOX))
    assert check(tensor, image_size=SIZE).class_ids.tolist() == [2]


def test_equal_scores_keep_the_order_of_the_rows():
    rows = [(0, i, 0.9 if i % 3 else 0.7, BOX) for i in range(40)]
    found = check(tensor_of(*rows), image_size=SIZE)
    expected = [i for i in range(40) if i % 3] + [i for i in range(40) if i % 3 == 0]
    assert found.class_ids.tolist() == expected


def test_nan_scores_are_no_detections_and_nan_corners_stay():
    tensor = tensor_of((0, 1, np.nan, BOX), (0, 2, 0.9, (np.nan, 0.5, np.inf, -np.inf)))
    found = check(tensor, image_size=SIZE, score_threshold=-np.inf)
    np.testing.assert_array_equal(found.xyxy, [[np.nan, 50, 200, 0]])


def test_a_list_of_sizes_gives_a_list():
    sizes = [(100, 200), (7, 9), (1080, 1920), (1, 1)]
    found = check(noise(90, images=3), image_size=sizes)
    assert [len(image) > 0 for image in found] == [True, True, True, False]
    assert len(check(noise(9), image_size=[SIZE])) == 1
    only = cd.decode_detection_output(noise(90, images=3), image_size=SIZE)
    assert_same(arrays_of(only), arrays_of(found[0]))


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("view", [
    lambda rows: rows,
    lambda rows: rows[:, :, ::-3],
    lambda rows: np.asfortranarray(rows),
    lambda rows: np.pad(rows, [(0, 0)] * 3 + [(2, 2)])[..., 2:-2],
    lambda rows: np.broadcast_to(rows[:, :, :1], rows.shape),
], ids=["plain", "reversed", "Fortran", "cut", "broadcast"])  # fmt: skip
def test_any_type_and_strides(view, element_type):
    stored = view(store(noise(60), element_type))
    found = cd.decode_detection_output(stored, image_size=SIZE, element_type=element_type)
    truth = oracle.decode_detection_output(meaning(stored, element_type), image_size=SIZE)
    assert_same(arrays_of(found), truth)


def test_results_own_their_memory_and_the_rows_are_not_written():
    tensor = noise(60)
    before = tensor.copy()
    found = cd.decode_detection_output(tensor, image_size=SIZE)
    assert tensor.tobytes() == before.tobytes()
    tensor[:] = 99
    assert_same(arrays_of(found), oracle.decode_detection_output(before, image_size=SIZE))
    assert all(array.base is None and array.flags.owndata for array in arrays_of(found))


@pytest.mark.parametrize("label", [-3, np.nan, np.inf, 1e20])
def test_a_label_that_is_no_class_number_becomes_minus_one(label):
    found = cd.decode_detection_output(tensor_of((0, label, 0.9, BOX)), image_size=SIZE)
    assert found.class_ids.tolist() == [-1]


SHAPE = "tensor must be of shape (1, 1, N, 7), got float32 "
TYPES = "tensor must be float32, float16 or bfloat16 in this machine's byte order, got "
PAIR = "image_size must be (height, width), or one for each image of a batch, got "


@pytest.mark.parametrize(("tensor", "options", "error", "message"), [
    (np.zeros((1, 1, 5, 6), "f4"), {}, ValueError, SHAPE + "(1, 1, 5, 6)"),
    (np.zeros((1, 2, 5, 7), "f4"), {}, ValueError, SHAPE + "(1, 2, 5, 7)"),
    (np.zeros((2, 1, 5, 7), "f4"), {}, ValueError, SHAPE + "(2, 1, 5, 7)"),
    (np.zeros((5, 7), "f4"), {}, ValueError, SHAPE + "(5, 7)"),
    (noise(3).astype("f8"), {}, TypeError, TYPES + "float64 (1, 1, 3, 7)"),
    (noise(3), {"image_size": 5}, ValueError, PAIR + "5"),
    (noise(3), {"image_size": (1, 2, 3)}, ValueError, PAIR + "(1, 2, 3)"),
    (noise(3), {"image_size": None}, TypeError, "image_size must be (height, width), got None"),
    (noise(3), {"image_size": (-1, 5)}, ValueError,
     "image_size must not be negative, got [-1.0, 5.0]"),
    (noise(3), {"score_threshold": np.nan}, ValueError, "score_threshold must not be NaN"),
    (noise(3), {"score_threshold": "x"}, TypeError, "score_threshold must be a number, got 'x'"),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_refuses(tensor, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        cd.decode_detection_output(tensor, **{"image_size": SIZE, **options})


def test_real_rows_of_a_person_detector(test_data):
    openvino = pytest.importorskip("openvino")
    path = test_data / "models/person-detection-0202/person-detection-0202.xml"
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    cv2 = pytest.importorskip("cv2")
    image = cv2.imread(str(test_data / "images/deface_city.jpg"))
    rows = compiled(cv2.resize(image, (512, 512)).transpose(2, 0, 1)[None].astype(np.float32))[0]
    found = check(rows, image_size=image.shape[:2])
    assert len(found) > 3
