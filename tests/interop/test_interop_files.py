"""Detections as rows of files: run lengths, YOLO, Pascal VOC, Arrow by image, FiftyOne."""

import sys
import types
from xml.etree import ElementTree

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import interop

PLAIN = cd.Detections(
    np.float32([[1, 2, 3.5, 6], [0, 0.25, 9, 9]]), np.float32([0.75, 0.5]), np.int32([1, 0])
)
POSES = cd.Detections(
    *(PLAIN.xyxy, PLAIN.scores, PLAIN.class_ids),
    keypoints=np.float32([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
    keypoint_scores=np.float32([[1, 0.5], [0.25, 0]]),
    extras={"depth": np.float32([7, 8]), "dimensions": np.float32([[1, 2, 3], [4, 5, 6]])},
)
LABELS = ["cat", "big dog"]
SIZE = (10, 20)  # (height, width) of the image


def with_masks(boxes, masks):
    boxes = np.float32(boxes)
    n = len(boxes)
    masks = {"masks": np.array(masks, np.uint8)}
    return cd.Detections(boxes, np.ones(n, np.float32), np.zeros(n, np.int32), extras=masks)


def pasted(mask, box, height, width):
    """Return what `to_rle` says, in a plain loop."""
    x1, y1, x2, y2 = (float(corner) for corner in box)
    image = np.zeros((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            if x1 <= x + 0.5 <= x2 and y1 <= y + 0.5 <= y2:
                v = round((y + 0.5 - y1) / (y2 - y1) * (mask.shape[0] - 1))
                u = round((x + 0.5 - x1) / (x2 - x1) * (mask.shape[1] - 1))
                image[y, x] = mask[v, u] != 0
    return image


def test_run_lengths_of_a_known_mask():
    found = with_masks([[1, 0, 3, 2]], [[[1, 0], [1, 5]]])
    # Column by column of 3 x 4 pixels: 3 off, 2 on, 2 off, 1 on, 4 off.
    assert interop.to_rle(found, (3, 4)) == [{"size": [3, 4], "counts": "322O2"}]
    with pytest.raises(ValueError, match=r"must have extras\['masks'\], got \['depth', 'dim"):
        interop.to_rle(POSES, (3, 4))


@pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")  # its own
def test_run_lengths_are_read_by_pycocotools():
    coco = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(3)
    boxes = rng.uniform(-8, 70, (60, 4)).astype(np.float32)
    boxes = np.sort(boxes.reshape(-1, 2, 2), axis=1).reshape(-1, 4)  # some reach out of the image
    boxes[0], boxes[1], boxes[2] = [0, 0, 60, 50], [5, 5, 5, 5], [-9, -9, -1, -1]
    masks = rng.random((60, 13, 11)) < rng.random((60, 1, 1)) ** 0.3
    masks[0] = True  # the whole image
    found = with_masks(boxes, masks)
    rows = interop.to_rle(found, (50, 60))
    for row, mask, box in zip(rows, found.extras["masks"], boxes, strict=True):
        image = pasted(mask, box, 50, 60)
        np.testing.assert_array_equal(coco.decode(row), image)
        assert coco.encode(np.asfortranarray(image))["counts"].decode() == row["counts"]
    rows = interop.to_coco(found, 7, image_size=(50, 60))
    assert [row["segmentation"] for row in rows] == interop.to_rle(found, (50, 60))
    assert "segmentation" not in interop.to_coco(found, 7)[0]


def test_to_yolo():
    assert interop.to_yolo(PLAIN, SIZE) == (
        "1 0.112500 0.400000 0.125000 0.400000 0.750000\n"
        "0 0.225000 0.462500 0.450000 0.875000 0.500000\n"
    )
    assert interop.to_yolo(PLAIN[:0], SIZE) == ""


def test_to_voc():
    text = interop.to_voc(PLAIN, SIZE, "a<\x01&\ud800.jpg", ["cat", "b<g"])
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<annotation>\n')
    root = ElementTree.fromstring(text.encode())
    assert root.findtext("filename") == "a<\ufffd&\ufffd.jpg"
    assert [root.findtext(f"size/{name}") for name in ("width", "height", "depth")] == [
        "20",
        "10",
        "3",
    ]
    assert [found.findtext("name") for found in root.iter("object")] == ["b<g", "cat"]
    boxes = [[int(corner.text) for corner in box] for box in root.iter("bndbox")]
    assert boxes == [[2, 3, 4, 6], [1, 1, 9, 9]]
    assert [corner.tag for corner in root.find("object/bndbox")] == ["xmin", "ymin", "xmax", "ymax"]
    assert root.findtext("object/score") == "0.75"
    assert root.findtext("object/difficult") == "0"


@pytest.mark.parametrize(
    ("box", "told"),
    [
        ([0, 0, 20, 10], [1, 1, 20, 10]),
        ([19.9, 9.9, 20, 10], [20, 10, 20, 10]),
        ([-5, -5, 50, 50], [1, 1, 20, 10]),
        ([4.2, 4.2, 4.3, 4.3], [5, 5, 5, 5]),
    ],
)
def test_voc_boxes_are_pixels_of_the_image(box, told):
    found = cd.Detections(np.float32([box]), np.float32([1]), np.int32([0]))
    root = ElementTree.fromstring(interop.to_voc(found, SIZE, "a.jpg").encode())
    assert [int(corner.text) for corner in root.find("object/bndbox")] == told


def test_to_arrow_image():
    pa = pytest.importorskip("pyarrow")
    table = interop.to_arrow_image(POSES, LABELS, file="a.jpg", width=np.int32(20))
    f32 = pa.float32()
    struct = pa.struct(
        {
            "label": pa.string(),
            "class_id": pa.int32(),
            "score": f32,
            **dict.fromkeys(("x1", "y1", "x2", "y2"), f32),
            "keypoints": pa.list_(pa.list_(f32, 2), 2),
            "keypoint_scores": pa.list_(f32, 2),
            "depth": f32,
            "dimensions": pa.list_(f32, 3),
        }
    )
    own = {"file": pa.string(), "width": pa.int32(), "detections": pa.list_(struct)}
    assert table.schema == pa.schema(own)
    row = table.to_pylist()[0]
    assert (table.num_rows, row["file"], len(row["detections"])) == (1, "a.jpg", 2)
    assert row["detections"][1] == {
        "label": "cat",
        "class_id": 0,
        "score": 0.5,
        "x1": 0,
        "y1": 0.25,
        "x2": 9,
        "y2": 9,
        "keypoints": [[5, 6], [7, 8]],
        "keypoint_scores": [0.25, 0],
        "depth": 8,
        "dimensions": [4, 5, 6],
    }
    none = interop.to_arrow_image(POSES[:0], LABELS, file="b.jpg", width=np.int32(20))
    assert (none.schema, none.to_pylist()[0]["detections"]) == (table.schema, [])
    nameless = interop.to_arrow_image(POSES, file="a.jpg", width=np.int32(20))
    assert nameless.schema == table.schema
    assert nameless.to_pylist()[0]["detections"][0]["label"] is None


@pytest.fixture
def fiftyone(monkeypatch):
    """FiftyOne itself is a database and 400 MB; this keeps what its classes are told."""
    names = ("Detection", "Detections", "Keypoint", "Keypoints")
    module = types.ModuleType("fiftyone")
    for name in names:
        setattr(module, name, lambda name=name, **told: (name, told))
    monkeypatch.setitem(sys.modules, "fiftyone", module)


def test_to_fiftyone(fiftyone):
    masked = cd.Detections(
        *(PLAIN.xyxy, PLAIN.scores, PLAIN.class_ids),
        extras={"masks": np.uint8([[[0, 3]], [[1, 0]]]), **POSES.extras},
    )
    name, told = interop.to_fiftyone(masked, SIZE, LABELS)
    kinds, rows = zip(*told["detections"], strict=True)
    assert (name, kinds) == ("Detections", ("Detection",) * 2)
    masks = [row.pop("mask") for row in rows]
    assert [mask.tolist() for mask in masks] == [[[False, True]], [[True, False]]]
    assert rows[0] == {
        "label": "big dog",
        "bounding_box": [0.05, 0.2, 0.125, 0.4],
        "confidence": 0.75,
        "depth": 7,
    }
    assert rows[1]["bounding_box"] == [0, 0.025, 0.45, 0.875]
    assert interop.to_fiftyone(PLAIN[:0], SIZE) == ("Detections", {"detections": []})


def test_to_fiftyone_keypoints(fiftyone):
    name, told = interop.to_fiftyone_keypoints(POSES, SIZE)
    assert name == "Keypoints"
    first = {"label": "1", "points": [(0.05, 0.2), (0.15, 0.4)], "confidence": [1, 0.5]}
    assert told["keypoints"][0] == ("Keypoint", first)
    with pytest.raises(ValueError, match="must have keypoints"):
        interop.to_fiftyone_keypoints(PLAIN, SIZE)


@pytest.mark.parametrize(
    ("module", "function", "extra"),
    [
        ("pyarrow", lambda: interop.to_arrow_image(PLAIN), "interop"),
        ("fiftyone", lambda: interop.to_fiftyone(PLAIN, SIZE), "fiftyone"),
        ("fiftyone", lambda: interop.to_fiftyone_keypoints(POSES, SIZE), "fiftyone"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, module, function, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'{module} is needed .*"centerdecode\[{extra}\]"'):
        function()
