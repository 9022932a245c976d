"""`centerdecode demo`, and the model in the box: as small and as right as its card says."""

import json
import socket
import sys

import centerdecode as cd
import cv2
import numpy as np
import pytest
from centerdecode import cli
from centerdecode.cli import _demo
from centerdecode.cli.evaluate import _metrics
from support.paths import ROOT

TEXT = "31415 92653 58979"
CARD = ROOT / "python" / "digits"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run the command in an empty folder, without a network; return status, stdout, stderr."""

    def no_network(*arguments):
        raise AssertionError("the demo asked for the network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = cli.main(["demo", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def truth():
    """The truth of the page: names and xyxy."""
    content = json.loads(_demo.TRUTH.read_text())
    names = {category["id"]: category["name"] for category in content["categories"]}
    boxes = np.array([row["bbox"] for row in content["annotations"]], np.float64)
    boxes[:, 2:] += boxes[:, :2]
    return [names[row["category_id"]] for row in content["annotations"]], boxes


def test_the_demo_reads_the_page_and_draws_it(run, tmp_path):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert f"read:    {TEXT}\nwritten: {TEXT}\n" in out
    assert "512 x 512, 15 found" in out
    assert [path.name for path in tmp_path.iterdir()] == ["centerdecode_demo.png"]
    picture = cv2.imread("centerdecode_demo.png")
    page = cv2.imread(str(_demo.PAGE))
    assert picture.shape == page.shape
    changed = cv2.absdiff(picture, page).max(axis=2) > 60
    assert 0.02 < changed.mean() < 0.4
    assert not changed[:8].any()  # nothing is there


def test_the_next_command_is_one_that_works(run, tmp_path, capsys):
    command = run()[1].splitlines()[-1].split()
    assert command[:3] == ["centerdecode", "detect", "YOUR.jpg"]
    words = [word.strip('"') for word in command[2:]]
    words[0] = str(_demo.PAGE)
    assert cli.main(["detect", *words]) == 0
    found = json.loads((tmp_path / "found" / "detections.json").read_text())[0]["detections"]
    assert len(found) == 15


def test_the_picture_goes_where_one_says(run, tmp_path):
    status, out, _ = run("--output", "a/b")
    assert (status, (tmp_path / "a" / "b" / "centerdecode_demo.png").is_file()) == (0, True)
    assert "a/b/centerdecode_demo.png shows it" in out
    (tmp_path / "file").touch()
    status, _, err = run("--output", "file")
    assert (status, err.count("\n")) == (2, 1)
    assert err.startswith("centerdecode: error: --output: file")
    assert "nothing found" in run("--score-threshold", "1")[1]


def test_a_missing_library_is_named_with_its_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    status, out, err = run()
    assert (status, out) == (2, "")
    assert 'pip install "centerdecode[cli]"' in err


READINGS = {
    "": [],
    "7": [("7", 5, 5, 9, 20)],
    "12 3": [("3", 2, 30, 9, 45), ("2", 20, 1, 29, 16), ("1", 4, 6, 12, 21)],
    "123": [("1", 0, 0, 5, 20), ("3", 20, 12, 25, 26), ("2", 10, 6, 15, 24)],
}


@pytest.mark.parametrize("text", READINGS)
def test_digits_are_read_line_by_line(text):
    rows = READINGS[text]
    boxes = np.array([row[1:] for row in rows], np.float64).reshape(-1, 4)
    assert _demo.as_text([row[0] for row in rows], boxes) == text


def iou(boxes, others):
    """Return the IoU of each box with its partner."""
    low, high = np.maximum(boxes[:, :2], others[:, :2]), np.minimum(boxes[:, 2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = [(some[:, 2:] - some[:, :2]).prod(axis=1) for some in (boxes, others)]
    return shared / (areas[0] + areas[1] - shared)


def test_the_model_alone_knows_its_input_its_heads_and_its_labels(truth):
    detector = cd.Detector(_demo.MODEL)
    family = detector.family
    assert detector.labels == [str(digit) for digit in range(10)]
    assert (family.name, family.color, family.resize) == ("DIGITS", "RGB", "letterbox")
    assert (family.mean, family.scale) == ((127.5,) * 3, (63.75,) * 3)
    names, boxes = truth
    found = detector(cv2.imread(str(_demo.PAGE)))
    centers = [(some[:, :2] + some[:, 2:]) / 2 for some in (found.xyxy, boxes)]
    partner = np.abs(centers[1][:, None] - centers[0]).sum(axis=2).argmin(axis=1)
    assert sorted(partner) == list(range(15)) == list(range(len(found)))
    assert [detector.labels[i] for i in found.class_ids[partner]] == names
    assert iou(found.xyxy[partner], boxes).min() > 0.75


def test_other_tools_are_told_the_same(truth):
    # Without our own family in rt_info, Intel's section and the names of the outputs say it.
    import openvino as ov

    plain = ov.Core().read_model(_demo.MODEL)
    own = cd.Detector(plain)
    info = {key: plain.get_rt_info(["model_info", key]).astype(str) for key in (
        "labels", "resize_type", "reverse_input_channels", "mean_values", "scale_values", "model_type",
    )}  # fmt: skip
    assert info["labels"] == "0 1 2 3 4 5 6 7 8 9"
    stripped = ov.Model(plain.outputs, plain.get_parameters())
    for key, value in info.items():
        stripped.set_rt_info(value, ["model_info", key])
    other = cd.Detector(stripped)
    assert other.family.name == "CENTERNET"
    assert other.family.replace(name="DIGITS") == own.family
    image = cv2.imread(str(_demo.PAGE))
    np.testing.assert_array_equal(other(image).xyxy, own(image).xyxy)


def test_the_box_is_small():
    sizes = {path.name: path.stat().st_size for path in _demo.DIGITS.iterdir() if path.is_file()}
    assert {*sizes} == {"digits.xml", "digits.bin", "page.jpg", "page.json"}
    assert sizes["digits.xml"] + sizes["digits.bin"] <= 1_000_000
    assert sum(sizes.values()) <= 1_200_000


@pytest.fixture(scope="module")
def makers():
    """The modules that made the box, where this is a checkout and scikit-learn is there."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    if not CARD.is_dir():
        pytest.skip(f"no sources at {CARD}")
    sys.path.insert(0, str(CARD))
    try:
        import pages
        import sample
    finally:
        sys.path.remove(str(CARD))
    return pages, sample


def test_the_splits_share_no_digit(makers):
    pages, _ = makers
    rows = [row for split in pages.ROWS.values() for row in split]
    assert sorted(rows) == list(range(1797))


def test_pages_are_reproducible_and_their_boxes_tight(makers):
    pages, _ = makers
    page = pages.page("held-out", 7)
    again = pages.page("held-out", 7)
    np.testing.assert_array_equal(page.image, again.image)
    assert (pages.page("held-out", 8).image != page.image).any()
    assert page.image.shape == (256, 256, 3)
    rng = np.random.default_rng(0)
    for row in range(1437, 1447):
        mask, which = pages.drawn(rng, row, 40)
        assert which == pages.digit(row)
        inked = mask >= 0.5
        assert inked[[0, -1]].any(axis=1).all()
        assert inked[:, [0, -1]].any(axis=0).all()
    for x1, y1, x2, y2 in page.boxes:
        assert 0 <= x1 < x2 <= 256
        assert 0 <= y1 < y2 <= 256


def test_the_page_in_the_box_is_the_one_that_its_script_makes(makers):
    image, truth = makers[1].draw()
    shipped_truth = json.loads(_demo.TRUTH.read_text())
    # Versions of OpenCV enlarge a digit differently, by a pixel, which moves what follows in
    # its line.
    boxes = [
        np.array([one.pop("bbox") for one in of["annotations"]]) for of in (truth, shipped_truth)
    ]
    areas = [[one.pop("area") for one in of["annotations"]] for of in (truth, shipped_truth)]
    assert truth == shipped_truth
    assert (np.abs(boxes[0] - boxes[1]) <= [2, 1, 1, 1]).all()
    assert areas == [(own[:, 2] * own[:, 3]).tolist() for own in boxes]
    shipped = cv2.imread(str(_demo.PAGE))
    assert np.abs(image.astype(int) - shipped).mean() < 4  # JPEG


AP = 0.772  # of the first 100 held-out pages; the card has that of 500


def test_the_model_is_as_right_as_its_card_says(makers):
    pytest.importorskip("faster_coco_eval", reason="faster-coco-eval is not installed")
    pages, _ = makers
    made = {f"{number}": pages.page("held-out", number) for number in range(100)}
    truth = pages.truth(made)
    detector = cd.Detector(_demo.MODEL, score_threshold=0)
    rows = []
    for image_id, page in enumerate(made.values(), start=1):
        found = detector(page.image)
        rows += cd.interop.to_coco(found, image_id)  # category 1 is a zero
    metrics = _metrics.measure(truth, rows, "bbox", [*range(1, 101)], None)
    assert metrics.numbers["AP"] == pytest.approx(AP, abs=0.005)
