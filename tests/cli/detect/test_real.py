"""`centerdecode detect` with trained models."""

import json

import cv2
import numpy as np
import pytest
from centerdecode.families import COCO, COCO_CATEGORY_IDS
from support.command_line import REAL


def test_coco_categories_are_those_of_the_annotations(test_data):
    truth = json.loads((test_data / "coco" / "instances_free.json").read_text())["categories"]
    assert tuple(one["id"] for one in truth) == COCO_CATEGORY_IDS
    assert tuple(one["name"] for one in truth) == COCO


def test_real_photo(run, test_data, tmp_path):
    path = test_data / "images" / "cn_33887522274_eebd074106_k.jpg"
    model = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    status, _, err = run("detect", path, *REAL, model, "--output", tmp_path)
    assert (status, err) == (0, "")
    found = json.loads((tmp_path / "detections.json").read_text())[0]["detections"]
    names = ["car", "person", "bus", "truck", "person", "person"]
    assert [row["label"] for row in found] == names
    assert found[0]["xyxy"] == pytest.approx([181.46, 367.45, 301.21, 462.46], abs=0.05)
    assert found[0]["score"] == pytest.approx(0.62758, abs=1e-4)
    picture = cv2.imread(str(tmp_path / path.name))
    assert picture.shape == (600, 848, 3)
    x1, y1, x2, y2 = (round(corner) for corner in found[0]["xyxy"])
    difference = cv2.absdiff(picture, cv2.imread(str(path))).max(axis=2)
    assert np.median(difference[y2, x1:x2]) > 50 > np.median(difference[y1 + 30 : y2 - 10, x1 + 9])


def test_real_results_are_read_by_pycocotools(run, test_data, tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    model = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    every = ["--score-threshold", "0", "--format", "coco", "--output", tmp_path]
    assert run("detect", test_data / "coco" / "images", *REAL, model, *every)[0] == 0
    truth = coco.COCO(str(test_data / "coco" / "instances_free.json"))
    results = truth.loadRes(str(tmp_path / "detections.coco.json"))
    judge = evaluation.COCOeval(truth, results, "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert judge.stats[:2] == pytest.approx([0.2450, 0.4011], abs=0.002)
