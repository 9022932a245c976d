"""The numbers of `centerdecode evaluate` are those of pycocotools, on the same results."""

import contextlib
import io
import json
import warnings

import numpy as np
import pytest
from centerdecode import cli
from centerdecode.cli.evaluate import _metrics

pytest.importorskip("faster_coco_eval", reason="faster-coco-eval is not installed")


def scene(seed, keypoints):
    """Return annotations and results with misses, doubles, crowds and equal scores."""
    rng = np.random.default_rng(seed)
    images = [{"id": i, "file_name": f"{i}.png", "height": 400, "width": 400} for i in range(1, 13)]
    annotations, rows = [], []
    for image in images:
        for _ in range(rng.integers(0, 9)):
            x, y, width, height = (*rng.uniform(0, 200, 2), *np.exp(rng.uniform(2, 5.2, 2)))
            points = np.column_stack(
                [rng.uniform(0, 1, (17, 2)) * [width, height] + [x, y], rng.integers(0, 3, 17)]
            )
            crowd = bool(rng.random() < 0.1)
            annotation = {"image_id": image["id"], "category_id": int(rng.choice([1, 3]))}
            annotation |= {"id": len(annotations) + 1, "bbox": [x, y, width, height]}
            annotation |= {"area": width * height * 0.6, "iscrowd": int(crowd)}
            if keypoints:
                annotation["keypoints"] = points.ravel().tolist()
                annotation["num_keypoints"] = int((points[:, 2] > 0).sum()) * (not crowd)
            annotations.append(annotation)
            for _ in range(rng.integers(0, 4)):
                noise = rng.normal(0, 0.1, 4) * [width, height, width, height]
                row = {key: annotation[key] for key in ("image_id", "category_id")}
                row |= {"bbox": (np.array(annotation["bbox"]) + noise).tolist()}
                row |= {"score": float(rng.integers(1, 20) / 20)}
                if keypoints:
                    points[:, :2] += rng.normal(0, 0.05, (17, 2)) * [width, height]
                    row["keypoints"] = points.ravel().tolist()
                rows.append(row)
    named = [{"id": 1, "name": "a"}, {"id": 2, "name": "none"}, {"id": 3, "name": "c"}]
    return {"images": images, "annotations": annotations, "categories": named}, rows


def judged(truth, rows, iou_type, image_ids=None):
    """Return pycocotools' numbers, and its AP of each category."""
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    cocoeval = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own code
        annotated = coco.COCO()
        annotated.dataset = json.loads(json.dumps(truth))
        annotated.createIndex()
        results = annotated.loadRes(json.loads(json.dumps(rows)))
        judge = cocoeval.COCOeval(annotated, results, iou_type)
        judge.params.imgIds = image_ids or judge.params.imgIds
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    precision = judge.eval["precision"][:, :, :, 0, -1]
    by_class = {
        category: precision[:, :, i][precision[:, :, i] > -1].mean()
        for i, category in enumerate(judge.params.catIds)
        if (precision[:, :, i] > -1).any()
    }
    return judge.stats, by_class


@pytest.mark.parametrize("iou_type", ["bbox", "keypoints"])
@pytest.mark.parametrize("seed", range(8))
def test_the_numbers_are_pycocotools(iou_type, seed):
    truth, rows = scene(seed, iou_type == "keypoints")
    image_ids = [*range(1, 13)][: 12 - seed]
    stats, by_class = judged(truth, rows, iou_type, image_ids)
    before = json.dumps([truth, rows])
    metrics = _metrics.measure(truth, rows, iou_type, image_ids, None)
    assert json.dumps([truth, rows]) == before
    found = [-1 if number is None else number for number in metrics.numbers.values()]
    np.testing.assert_allclose(found, stats, rtol=0, atol=1e-9)
    assert 0.05 < found[0] < 0.95
    ours = {row["category_id"]: row["AP"] for row in metrics.classes}
    assert ours == pytest.approx(by_class, abs=1e-9)
    for row in metrics.classes:
        assert row["objects"] == sum(
            annotation["category_id"] == row["category_id"]
            and annotation["image_id"] in image_ids
            and not annotation["iscrowd"]
            and annotation.get("num_keypoints", 1) > 0
            for annotation in truth["annotations"]
        )


def test_a_real_model_reaches_its_ap(test_data, tmp_path):
    path = test_data / "coco" / "instances_free.json"
    words = ["--model", test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"]
    words += ["--resize", "letterbox", "--color", "RGB", "--mean", "0", "--scale", "1"]
    words += ["--images", test_data / "coco" / "images", "--annotations", path]
    words += ["--output", tmp_path]
    assert cli.main(["evaluate", *map(str, words)]) == 0
    told = json.loads((tmp_path / "evaluation.json").read_text())
    assert told["classes"] == "the 80 of COCO, in its order"
    numbers = told["numbers"]["bbox"]
    assert [numbers["AP"], numbers["AP50"]] == pytest.approx([0.2463, 0.4011], abs=0.002)
    rows = json.loads((tmp_path / "detections.coco.json").read_text())
    assert len(rows) == 13 * 100
    found = [-1 if number is None else number for number in numbers.values()]
    stats, _ = judged(json.loads(path.read_text()), rows, "bbox")
    np.testing.assert_allclose(found, stats, rtol=0, atol=1e-9)
