"""`centerdecode evaluate`, on tiny models whose AP is counted by hand."""

import json
import sys

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import cli
from support.command_line import CATEGORIES
from support.models import BOX, constant, outputs

pytest.importorskip("faster_coco_eval", reason="faster-coco-eval is not installed")

X1, Y1, X2, Y2 = (2 * corner for corner in BOX)  # in pictures twice as large as the network
FOUND = [X1, Y1, X2 - X1, Y2 - Y1]  # class 1 of 3, in every picture
PLAIN = ["--resize", "stretch", "--mean", "0", "--scale", "1"]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return a function: the arguments for a model of a family, with labels or without."""
    folder = tmp_path_factory.mktemp("models")

    def arguments(family="CENTERNET", labels=None):
        path = folder / f"{family}-{labels}.xml"
        if not path.exists():
            model = constant(outputs(getattr(cd.families, family)))
            if labels:
                model.set_rt_info(labels, ["model_info", "labels"])
            ov.save_model(model, path, compress_to_fp16=False)
        return ["--model", str(path), *PLAIN]

    return arguments


@pytest.fixture
def evaluate(capsys, tmp_path):
    """Run the command on annotations; return its status, stdout, stderr and evaluation.json."""

    def run(truth, *arguments):
        path = tmp_path / "truth.json"
        path.write_text(json.dumps(truth))
        folders = ["--images", tmp_path, "--output", tmp_path / "out"]
        command = ["evaluate", "--annotations", path, *folders, *arguments]
        status = cli.main([str(word) for word in command])
        captured = capsys.readouterr()
        report = tmp_path / "out" / "evaluation.json"
        told = json.loads(report.read_text()) if report.exists() else None
        return status, captured.out, captured.err, told

    return run


def annotate(tmp_path, boxes, *, category=5, **more):
    """Write a gray picture for each box, and return annotations that have it there."""
    images = []
    for number in range(1, len(boxes) + 1):
        name = f"{number}.png"
        cv2.imwrite(str(tmp_path / name), np.full((64, 96, 3), 100, np.uint8))
        images.append({"id": number, "file_name": name, "height": 64, "width": 96})
    rows = [
        {"id": i, "image_id": i, "category_id": category, "bbox": box, **more}
        for i, box in enumerate(boxes, start=1)
    ]
    return {"images": images, "annotations": rows, "categories": CATEGORIES}


def with_iou(iou):
    """Return a box of that IoU with FOUND, inside it."""
    return [FOUND[0], FOUND[1], FOUND[2] * iou, FOUND[3]]


def test_ap_as_one_counts_it(evaluate, models, tmp_path):
    # One of one found, right up to IoU 0.70: five of ten thresholds.
    truth = annotate(tmp_path, [with_iou(0.72)])
    status, out, err, told = evaluate(truth, *models(labels="cat traffic_light dog"))
    assert (status, err) == (0, "")
    numbers = told["numbers"]["bbox"]
    assert numbers == {
        "AP": pytest.approx(0.5),
        "AP50": pytest.approx(1),
        "AP75": 0,
        "APsmall": pytest.approx(0.5),
        "APmedium": None,
        "APlarge": None,
        "AR1": pytest.approx(0.5),
        "AR10": pytest.approx(0.5),
        "AR100": pytest.approx(0.5),
        "ARsmall": pytest.approx(0.5),
        "ARmedium": None,
        "ARlarge": None,
    }
    (row,) = told["by_class"]["bbox"]
    assert (row["name"], row["category_id"], row["objects"]) == ("traffic light", 5, 1)
    assert [row[name] for name in ("AP", "AP50", "AP75", "AR")] == pytest.approx([0.5, 1, 0, 0.5])
    assert " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.500" in out
    assert " Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = -1.000" in out
    assert " traffic light        1  0.500  1.000  0.000  0.500" in out.splitlines()
    assert out.startswith("classes: 3 of 3 labels are names of 3 categories\n")
    assert "bbox, 1 of 1 images:" in out


def test_json_is_what_the_file_holds_and_all_that_decides_on_it(evaluate, models, tmp_path):
    truth = annotate(tmp_path, [FOUND])
    model = models(labels="cat traffic_light dog")
    status, out, err, told = evaluate(truth, *model, "--json", "--clip", "--top-k", "7")
    assert (status, err, json.loads(out)) == (0, "", told)
    settings = told["settings"]
    assert [settings[name] for name in ("clip", "top_k", "scale", "version")] == [
        True, 7, [1.0] * 3, cd.__version__
    ]  # fmt: skip
    assert (settings["model"], "images" in settings) == (model[1], False)
    assert evaluate(truth, *model, "--quiet")[:3] == (0, "", "")


def test_what_is_not_found_costs_recall(evaluate, models, tmp_path):
    # One of two objects, exactly: precision 1 up to recall 0.5, 51 of 101 points.
    truth = annotate(tmp_path, [FOUND, [0, 0, 9, 9]])
    truth["annotations"][1]["image_id"] = 1
    _, _, _, told = evaluate(truth, *models(labels="cat traffic_light dog"))
    # The second picture holds nothing, so that what is found there is wrong, as strong as the first.
    assert told["numbers"]["bbox"]["AR100"] == pytest.approx(0.5)
    assert told["numbers"]["bbox"]["AP"] == pytest.approx(51 / 101)
    assert told["images"] == 2


def test_the_results_are_in_cocos_format_and_not_rounded(evaluate, models, tmp_path):
    model = models(labels="cat traffic_light dog")
    evaluate(annotate(tmp_path, [FOUND]), *model, "--score-threshold", "0.5")
    (row,) = json.loads((tmp_path / "out" / "detections.coco.json").read_text())
    score = float(np.float32(1 / (1 + np.exp(-np.float32(np.log(3))))))
    assert (row["image_id"], row["category_id"]) == (1, 5)
    assert row["bbox"] == pytest.approx(FOUND, abs=1e-5)
    assert row["score"] == pytest.approx(score, abs=1e-6)
    assert {*row} == {"image_id", "category_id", "bbox", "score"}


@pytest.mark.parametrize("clip", [False, True])
def test_boxes_are_cut_where_one_wants_it(clip, evaluate, tmp_path):
    arrays = outputs(cd.families.CENTERNET)
    arrays["wh"] = arrays["wh"] * 10
    ov.save_model(constant(arrays), tmp_path / "wide.xml", compress_to_fp16=False)
    wishes = [*PLAIN, "--score-threshold", "0.5", *["--clip"] * clip]
    truth = annotate(tmp_path, [[0, 0, 96, 64]], category=7)
    told = evaluate(truth, "--model", tmp_path / "wide.xml", *wishes)[3]
    assert told["settings"]["clip"] == clip
    assert told["numbers"]["bbox"]["AP"] == (pytest.approx(1) if clip else 0)


# What is given, and the category that class 1 is.
NUMBERINGS = {
    "names": ({"labels": "cat TRAFFIC_light dog"}, [], 5),
    "other names": ({"labels": "x dog y"}, [], 7),
    "names win over order": ({"labels": "dog cat traffic_light"}, [], 9),
    "as many, by id": ({}, [], 7),
    "told": ({}, ["--category-ids", "9", "5", "7"], 5),
    "told, against the names": ({"labels": "cat traffic_light dog"}, ["--category-ids", 5, 9], 9),
}


@pytest.mark.parametrize("case", NUMBERINGS)
def test_which_category_a_class_is(case, evaluate, models, tmp_path):
    model, more, category = NUMBERINGS[case]
    truth = annotate(tmp_path, [FOUND], category=category)
    status, _, _, told = evaluate(truth, *models(**model), *more)
    assert (status, told["numbers"]["bbox"]["AP"]) == (0, pytest.approx(1))


def test_labels_come_from_a_file_too(evaluate, models, tmp_path):
    (tmp_path / "names.txt").write_text("dog\ncat\n traffic light\n")
    truth = annotate(tmp_path, [FOUND], category=9)
    for image in truth["images"]:
        del image["height"], image["width"]  # nothing to hold the picture against
    status, _, _, told = evaluate(truth, *models(), "--labels", tmp_path / "names.txt")
    assert (status, told["numbers"]["bbox"]["AP"]) == (0, pytest.approx(1))


def test_a_class_without_category_is_left_out(evaluate, models, tmp_path):
    truth = annotate(tmp_path, [FOUND], category=9)
    model = models(labels="cat bird dog")
    status, out, _, told = evaluate(truth, *model, "--score-threshold", "0.5")
    assert (status, told["numbers"]["bbox"]["AP"]) == (0, 0)
    assert json.loads((tmp_path / "out" / "detections.coco.json").read_text()) == []
    assert out.startswith("classes: 2 of 3 labels are names of 3 categories\n")


def test_bad_images_are_told_and_the_others_count(evaluate, models, tmp_path):
    truth = annotate(tmp_path, [FOUND] * 4)
    (tmp_path / "1.png").unlink()
    (tmp_path / "2.png").write_bytes(b"no image")
    truth["images"][2]["width"] = 97
    status, out, err, told = evaluate(truth, *models(labels="cat traffic_light dog"))
    assert status == 1
    assert [line.split(": ", 2)[2] for line in err.splitlines()] == [
        f"{tmp_path}/1.png: no such file",
        f"{tmp_path}/2.png: not an image that OpenCV can read",
        f"{tmp_path}/3.png: 96 x 64, but annotated as 97 x 64",
    ]
    assert told["numbers"]["bbox"]["AP"] == pytest.approx(1)  # of the fourth alone
    assert (told["images"], len(told["failed"])) == (1, 3)
    assert told["by_class"]["bbox"][0]["objects"] == 1
    assert "bbox, 1 of 4 images:" in out


def test_missing_images_are_not_told_by_the_thousand(evaluate, models, tmp_path):
    truth = annotate(tmp_path, [FOUND] * 15)
    for number in range(2, 16):
        (tmp_path / f"{number}.png").unlink()
    status, _, err, told = evaluate(truth, *models(labels="cat traffic_light dog"))
    assert (status, told["images"], len(told["failed"])) == (1, 1, 14)
    assert len(err.splitlines()) == 11
    assert err.endswith("... and 4 more images are missing\n")


def test_a_missing_library_is_named_with_its_extra(evaluate, models, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_coco_eval", None)
    status, out, err, _ = evaluate(annotate(tmp_path, [FOUND]), *models())
    assert (status, out) == (2, "")
    assert 'pip install "centerdecode[evaluate]"' in err


def test_folders_are_looked_at_before_the_work(evaluate, models, tmp_path):
    truth, model = annotate(tmp_path, [FOUND]), models(labels="cat traffic_light dog")
    status, out, err, _ = evaluate(truth, *model, "--images", tmp_path / "none")
    assert (status, out) == (2, "")
    assert err.endswith("none: no such folder\n")
    status, out, err, _ = evaluate(truth, *model, "--output", tmp_path / "1.png")
    assert (status, out) == (2, "")
    assert err.endswith("1.png: File exists\n")


def test_boxes_that_are_not_finite_are_left_out(evaluate, tmp_path):
    arrays = outputs(cd.families.CENTERNET)
    arrays["wh"] = np.full_like(arrays["wh"], np.inf)
    ov.save_model(constant(arrays), tmp_path / "inf.xml", compress_to_fp16=False)
    wishes = [*PLAIN, "--score-threshold", "0.5"]
    truth = annotate(tmp_path, [FOUND], category=7)
    status, _, err, told = evaluate(truth, "--model", tmp_path / "inf.xml", *wishes)
    assert (status, told["numbers"]["bbox"]["AP"]) == (1, 0)
    assert told["not_finite"] == [str(tmp_path / "1.png")]
    assert json.loads((tmp_path / "out" / "detections.coco.json").read_text()) == []
    assert "1.png: 1 boxes are not finite, left out" in err


def test_images_are_read_as_detect_reads_them(evaluate, models, tmp_path):
    truth = annotate(tmp_path, [FOUND])
    status, _, err, _ = evaluate(truth, *models(labels="cat traffic_light dog"), "--max-pixels", 9)
    assert status == 2
    assert "1.png: 96 x 64 is 6144 pixels, more than max_pixels 9" in err
    shrunk = cv2.resize(np.full((64, 96, 3), 100, np.uint8), (96 * 8, 64 * 8))
    (tmp_path / "1.jpg").write_bytes(cv2.imencode(".jpg", shrunk)[1].tobytes())
    truth["images"][0] = {"id": 1, "file_name": "1.jpg", "height": 512, "width": 768}
    truth["annotations"][0]["bbox"] = [8 * side for side in FOUND]
    model = models(labels="cat traffic_light dog")
    status, _, _, told = evaluate(truth, *model, "--small-jpeg")
    assert (status, told["numbers"]["bbox"]["AP"]) == (0, pytest.approx(1))


def test_nothing_to_evaluate_is_an_error(evaluate, models, tmp_path):
    truth = annotate(tmp_path, [FOUND])
    (tmp_path / "1.png").unlink()
    status, _, err, told = evaluate(truth, *models(labels="cat traffic_light dog"))
    assert (status, told) == (2, None)
    assert err.endswith("none of the annotated images can be used\n")


def pose_truth(tmp_path, shift):
    """Return annotations of a person whose two keypoints are `shift` right of those found."""
    points = [X1 + shift, Y1, 2, X2 + shift, Y2, 2]
    return annotate(tmp_path, [FOUND], keypoints=points, num_keypoints=2, area=400)


def test_keypoints_are_measured_where_there_are_any(evaluate, models, tmp_path):
    # OKS is exp(-d^2 / (2 (2 sigma)^2 area)); with d = 8 and sigma 0.25 exp(-0.32) = 0.726.
    model = models("CENTERNET_POSE", "cat traffic_light dog")
    status, out, _, told = evaluate(pose_truth(tmp_path, 8), *model, "--sigmas", "0.25", "0.25")
    assert (status, [*told["numbers"]]) == (0, ["bbox", "keypoints"])
    assert told["numbers"]["bbox"]["AP"] == pytest.approx(1)
    numbers = told["numbers"]["keypoints"]
    assert [*numbers] == [
        "AP", "AP50", "AP75", "APmedium", "APlarge", "AR", "AR50", "AR75", "ARmedium", "ARlarge",
    ]  # fmt: skip
    assert numbers["AP"] == pytest.approx(0.5)
    assert (numbers["AP50"], numbers["AP75"]) == (pytest.approx(1), 0)
    assert "keypoints, 1 of 1 images:" in out
    assert out.count("maxDets= 20") == 10


def test_keypoints_that_cannot_be_measured(evaluate, models, tmp_path):
    pose, plain = (
        models(name, "cat traffic_light dog") for name in ("CENTERNET_POSE", "CENTERNET")
    )
    status, out, _, told = evaluate(pose_truth(tmp_path, 0), *pose)
    assert (status, [*told["numbers"]]) == (0, ["bbox"])
    assert "keypoints are not measured: 2 keypoints are not COCO's 17: pass --sigmas" in out
    asked = [*plain, "--iou-type", "keypoints"]
    status, _, err, _ = evaluate(pose_truth(tmp_path, 0), *asked, "--sigmas", "1", "1")
    assert (status, "the model gives 0 keypoints, the annotations have 2" in err) == (2, True)
    status, _, err, _ = evaluate(pose_truth(tmp_path, 0), *asked)
    assert (status, "pass --sigmas" in err) == (2, True)
    status, _, err, _ = evaluate(pose_truth(tmp_path, 0), *pose, "--sigmas", "1")
    assert (status, "--sigmas: 1 numbers for 2 keypoints" in err) == (2, True)
    status, _, err, _ = evaluate(annotate(tmp_path, [FOUND]), *asked)
    assert (status, "no keypoints in it" in err) == (2, True)
