"""Photos and a trained model of the optional test data, and how good what it finds is."""

import contextlib
import io
import json
import warnings

import cv2
import numpy as np
import pytest
from centerdecode import families
from oracles import specification as oracle

PHOTOS = [
    "cn_16004479832_a748d55f21_k.jpg",
    "cn_17790319373_bd19b24cfc_k.jpg",
    "cn_18124840932_e42b3e377c_k.jpg",
    "cn_19064748793_bb942deea1_k.jpg",
    "cn_24274813513_0cfd2ce6d0_k.jpg",
    "cn_33823288584_1d21cf0a26_k.jpg",
    "cn_33887522274_eebd074106_k.jpg",
    "cn_34501842524_3c858b3080_k.jpg",
    "deface_city.jpg",
    "hagrid_heart_tile.png",
    "squat.png",
]
MB3_INPUT = {"color": "RGB", "mean": 0, "scale": 1, "resize": "letterbox"}
MB3_FAMILIES = {  # one trained network, exported in three forms
    "mb3_ctdet_logits": families.CENTERNET.replace(**MB3_INPUT),
    "mb3_ctdet_sigmoid": families.CENTERNET.replace(activation="none", **MB3_INPUT),
    "mb3_all_nhwc": families.TTFNET.replace(layout="NHWC", activation="none", **MB3_INPUT),
}
TOP_100 = {"score_threshold": 0, "top_k": 100}


def photo(test_data, name):
    image = cv2.imread(str(test_data / "images" / name))
    assert image is not None, name
    return image


def mb3(test_data, form):
    return test_data / "models" / "mb3-centernet" / f"{form}.xml"


def letterboxed(image):
    """Return the photo as mb3 wants it, by hand."""
    matrix = oracle.letterbox_matrix(image.shape[:2], (512, 512))
    height, width = (np.diag(matrix)[::-1] * image.shape[:2]).round().astype(int)
    left, top = matrix[:, 2].astype(int)
    canvas = np.zeros((1, 512, 512, 3), np.float32)
    resized = cv2.resize(image, (int(width), int(height)), interpolation=cv2.INTER_LINEAR)
    canvas[0, top : top + height, left : left + width] = resized[..., ::-1]
    return canvas


def overlap(box, others):
    """Return the IoU of a box with each of the others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = [(b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1]) for b in (np.array(box), others)]
    return shared / (areas[0] + areas[1] - shared)


def average_precision(truth, rows):
    """Return AP by pycocotools, which prints, and warns of its own code."""
    coco = pytest.importorskip("pycocotools.coco", reason="measuring AP takes pycocotools")
    cocoeval = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truth = coco.COCO(truth)
        judge = cocoeval.COCOeval(truth, truth.loadRes(rows), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats[:2]


def coco_rows(entry, detections, numbers):
    """Return detections as COCO's results of the image that the entry tells of."""
    rows = []
    for found in detections:
        x1, y1, x2, y2 = found.xyxy.tolist()
        rows.append(
            {
                "image_id": entry["id"],
                "category_id": numbers[found.class_id],
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "score": found.score,
            }
        )
    return rows


def coco_images(test_data):
    """Return the annotations and the photos that they are of."""
    truth = json.loads((test_data / "coco" / "instances_free.json").read_text())
    folder = test_data / "coco" / "images"
    return truth, [cv2.imread(str(folder / entry["file_name"])) for entry in truth["images"]]


def measure(test_data, found, annotated):
    """Return AP and AP50 of a Detections for each annotated image."""
    numbers = sorted(category["id"] for category in annotated["categories"])
    rows = []
    for entry, detections in zip(annotated["images"], found, strict=True):
        rows += coco_rows(entry, detections, numbers)
    return average_precision(test_data / "coco" / "instances_free.json", rows)
