"""Detections in the form of other libraries: values, types, nothing shared, nothing missing."""

import importlib
import subprocess
import sys

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import interop

BOXES = np.float32([[1, 2, 3.5, 6], [0, 0.25, 9, 9]])
PLAIN = cd.Detections(BOXES, np.float32([0.75, 0.5]), np.int32([1, 0]))
POSES = cd.Detections(
    *(PLAIN.xyxy, PLAIN.scores, PLAIN.class_ids),
    keypoints=np.arange(12, dtype=np.float32).reshape(2, 3, 2),
    keypoint_scores=np.float32([[1, 0.5, 0], [0.25, 0.25, 0.25]]),
    extras={"depth": np.float32([7, 8]), "size": np.float32([[1, 2, 3], [4, 5, 6]])},
)
EMPTY = cd.Detections.empty()
LABELS = ["cat", "big dog"]


def test_to_dicts():
    assert interop.to_dicts(PLAIN) == [
        {"class_id": 1, "score": 0.75, "xyxy": [1, 2, 3.5, 6]},
        {"class_id": 0, "score": 0.5, "xyxy": [0, 0.25, 9, 9]},
    ]
    first = interop.to_dicts(POSES, LABELS)[0]
    assert first == {
        "label": "big dog",
        "class_id": 1,
        "score": 0.75,
        "xyxy": [1, 2, 3.5, 6],
        "keypoints": [[0, 1], [2, 3], [4, 5]],
        "keypoint_scores": [1, 0.5, 0],
        "depth": 7,
        "size": [1, 2, 3],
    }
    types = {name: type(value) for name, value in first.items()}
    assert types == {"label": str, "class_id": int, "score": float, "depth": float} | dict.fromkeys(
        ("xyxy", "keypoints", "keypoint_scores", "size"), list
    )
    assert interop.to_dicts(EMPTY, LABELS) == []


def test_a_class_without_a_name_is_named_by_its_number():
    assert [row["label"] for row in interop.to_dicts(PLAIN, ["cat"])] == ["1", "cat"]
    assert [row["label"] for row in interop.to_dicts(PLAIN, ["", "dog"])] == ["dog", "0"]


def test_to_coco():
    assert interop.to_coco(PLAIN, 42) == [
        {"image_id": 42, "category_id": 2, "bbox": [1, 2, 2.5, 4], "score": 0.75},
        {"image_id": 42, "category_id": 1, "bbox": [0, 0.25, 9, 8.75], "score": 0.5},
    ]
    assert interop.to_coco(EMPTY, 42) == []
    for ids in ([90, 13], {0: 90, 1: 13}):
        assert [row["category_id"] for row in interop.to_coco(PLAIN, 42, ids)] == [13, 90]
    for ids in ([90], {0: 90}):
        with pytest.raises(ValueError, match="one for class 1"):
            interop.to_coco(PLAIN, 42, ids)
    assert interop.to_coco(POSES, 42)[0]["keypoints"] == [0, 1, 1, 2, 3, 1, 4, 5, 1]


def test_to_supervision():
    sv = pytest.importorskip("supervision")
    found = interop.to_supervision(POSES, LABELS)
    assert isinstance(found, sv.Detections)
    np.testing.assert_array_equal(found.xyxy, POSES.xyxy)
    np.testing.assert_array_equal(found.confidence, POSES.scores)
    np.testing.assert_array_equal(found.class_id, POSES.class_ids)
    np.testing.assert_array_equal(found.data["keypoints"], POSES.keypoints)
    np.testing.assert_array_equal(found.data["depth"], POSES.extras["depth"])
    assert found.data["class_name"].tolist() == ["big dog", "cat"]
    assert found[found.confidence > 0.6].class_id.tolist() == [1]
    assert "class_name" not in interop.to_supervision(PLAIN).data
    assert len(interop.to_supervision(EMPTY, LABELS)) == 0
    found.xyxy[:] = -1
    found.data["keypoints"][:] = -1
    assert POSES.xyxy.min() == 0
    assert POSES.keypoints.min() == 0


def test_to_torchvision():
    torch = pytest.importorskip("torch")
    found = interop.to_torchvision(PLAIN)
    assert list(found) == ["boxes", "scores", "labels"]
    assert found["boxes"].dtype == found["scores"].dtype == torch.float32
    assert found["labels"].dtype == torch.int64
    assert found["boxes"].tolist() == BOXES.tolist()
    assert found["scores"].tolist() == [0.75, 0.5]
    assert found["labels"].tolist() == [1, 0]
    found["boxes"][:] = -1
    assert PLAIN.xyxy.min() == 0
    shapes = [tuple(tensor.shape) for tensor in interop.to_torchvision(EMPTY).values()]
    assert shapes == [(0, 4), (0,), (0,)]
    poses = interop.to_torchvision(POSES)
    assert poses["keypoints"][0].tolist() == [[0, 1, 1], [2, 3, 1], [4, 5, 1]]
    assert poses["keypoints_scores"][0].tolist() == [1, 0.5, 0]


def test_to_arrow():
    pa = pytest.importorskip("pyarrow")
    table = interop.to_arrow(POSES, file="a.jpg", image_id=7, label=np.array(["big dog", "cat"]))
    f32 = pa.float32()
    assert table.schema == pa.schema(
        {
            "file": pa.string(),
            "image_id": pa.int64(),
            "label": pa.string(),
            **dict.fromkeys(("x1", "y1", "x2", "y2", "score"), f32),
            "class_id": pa.int32(),
            "keypoints": pa.list_(pa.list_(f32, 2), 3),
            "keypoint_scores": pa.list_(f32, 3),
            "depth": f32,
            "size": pa.list_(f32, 3),
        }
    )
    rows = table.to_pylist()
    assert [row["file"] for row in rows] == ["a.jpg", "a.jpg"]
    assert [row["label"] for row in rows] == ["big dog", "cat"]
    assert [rows[1][name] for name in ("x1", "y1", "x2", "y2")] == [0, 0.25, 9, 9]
    assert rows[1]["keypoints"] == [[6, 7], [8, 9], [10, 11]]
    none = interop.to_arrow(POSES[:0], file="b.jpg", image_id=8, label=np.array([], np.str_))
    assert none.schema == table.schema
    assert pa.concat_tables([table, none, table]).num_rows == 4
    with pytest.raises(ValueError, match="names of their own"):
        interop.to_arrow(PLAIN, score=1)
    with pytest.raises(ValueError, match="label must have 2 values, one a detection, got 1"):
        interop.to_arrow(PLAIN, label=["cat"])


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("supervision", interop.to_supervision),
        ("torch", interop.to_torchvision),
        ("pyarrow", interop.to_arrow),
    ],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, module, function):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'{module} is needed .*"centerdecode\[interop\]"'):
        function(PLAIN)


def test_importing_it_imports_nobody_else():
    assert importlib.import_module("centerdecode.interop") is interop
    others = "{'cv2', 'openvino', 'pyarrow', 'supervision', 'torch'}"
    program = f"import sys, centerdecode.interop; sys.exit(str({others} & {{*sys.modules}}))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.stderr.strip() == "set()"
