"""The command line, run in this process on a tiny model whose answer is known."""

import csv
import io
import json
import os
import subprocess
import sys

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode._labels import COCO, COCO_CATEGORY_IDS, read_labels
from centerdecode.cli import _files, _images, _places
from models import BOX, SCORE, class_id, constant, outputs

CENTERNET = outputs(cd.families.CENTERNET)
CLASS_ID = class_id(cd.families.CENTERNET)
BOX2 = [2 * corner for corner in BOX]  # in a picture twice the size of the network's input
PLAIN = ["--resize", "stretch", "--mean", "0", "--scale", "1"]
LETTERBOX = ["--resize", "letterbox", "--color", "RGB", "--mean", "0", "--scale", "1"]
REAL = [*LETTERBOX, "--labels", "coco", "--model"]


def save(arrays, path, *, labels=None):
    """Write a model that answers with the arrays, and return the arguments that name it."""
    model = constant(arrays)
    if labels:
        model.set_rt_info(labels, ["model_info", "labels"])
    ov.save_model(model, path, compress_to_fp16=False)
    return ["--model", str(path), *PLAIN]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The arguments of a CENTERNET model that finds BOX in everything."""
    return save(CENTERNET, tmp_path_factory.mktemp("model") / "tiny.xml")


def photo(path, height=64, width=96):
    """Write a gray image with its folder, and return its path as an argument."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((height, width, 3), 100, np.uint8)
    path.write_bytes(cv2.imencode(path.suffix or ".png", pixels)[1].tobytes())
    return str(path)


def files(folder):
    """Return the paths of all files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_table_for_each_image(run, model, tmp_path, monkeypatch):
    path = photo(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    status, out, err = run("detect", path, *model, "--labels", "coco")
    assert (status, err, files(tmp_path)) == (0, "", ["a.png"])
    assert out.splitlines() == [
        f"{path}: 96 x 64, 1 found",
        "    #  label    score       x1       y1       x2       y2",
        "    1  bicycle  0.750     30.0     20.0     54.0     36.0",
    ]


def test_several_looks_at_an_image_show_what_one_does(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    plain = run("detect", path, *model)
    assert run("detect", path, *model, "--scales", "1") == plain
    assert run("detect", path, *model, "--tile", "500") == plain
    status, out, _ = run("detect", path, *model, "--tile", "48")
    assert status == 0
    assert out.splitlines()[0] == f"{path}: 96 x 64, 7 found"  # in 6 tiles and in the whole
    status, _, err = run("detect", path, *model, "--scales", "1,big")
    assert status == 2
    assert "must be numbers, as 0.75,1, got '1,big'" in err


def test_a_long_table_ends_in_how_many_more(run, tmp_path):
    arrays = {name: np.full_like(array, -9) for name, array in CENTERNET.items()}
    arrays["hm"][:, 0, ::2, ::2] = np.arange(24).reshape(4, 6)
    model = save(arrays, tmp_path / "many.xml")
    lines = run("detect", photo(tmp_path / "a.png"), *model, "--score-threshold", "0.4")[1]
    lines = lines.splitlines()
    assert len(lines) == 23
    assert lines[0].endswith("24 found")
    assert lines[-1].strip() == "... and 4 more"


def test_nothing_found(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    found = run("detect", path, *model, "--score-threshold", "0.9")
    assert found == (0, f"{path}: 96 x 64, nothing found\n", "")


def records(path, labels):
    """Return what json holds of one image."""
    found = {"class_id": CLASS_ID, "score": SCORE, "xyxy": BOX2}
    found = found if labels is None else {"label": labels[CLASS_ID]} | found
    return {"file": path, "width": 96, "height": 64, "detections": [found]}


def parse(text, form):
    """Return a results file as Python objects."""
    if form == "csv":
        return [*csv.reader(io.StringIO(text))]
    return [json.loads(line) for line in text.splitlines()] if form == "jsonl" else json.loads(text)


def expected(paths, form, labels):
    """Return what `parse` gives for images without numbers in their names."""
    if form == "csv":
        name = "" if labels is None else labels[CLASS_ID]
        cells = [name, str(CLASS_ID), str(SCORE), *map(str, BOX2)]
        header = ["file", "label", "class_id", "score", "x1", "y1", "x2", "y2"]
        return [header, *([path, *cells] for path in paths)]
    if form == "coco":
        x1, y1, x2, y2 = BOX2
        category = COCO_CATEGORY_IDS[CLASS_ID] if labels == COCO else CLASS_ID + 1
        box = {"category_id": category, "bbox": [x1, y1, x2 - x1, y2 - y1], "score": SCORE}
        return [{"image_id": i, **box} for i, _ in enumerate(paths, start=1)]
    return [records(path, labels) for path in paths]


@pytest.mark.parametrize("labels", [None, COCO], ids=["numbers", "names"])
@pytest.mark.parametrize(
    ("form", "ending"),
    [("json", "json"), ("jsonl", "jsonl"), ("csv", "csv"), ("coco", "coco.json")],
)
def test_formats_on_stdout_and_in_a_file(run, model, tmp_path, form, ending, labels):
    # A comma, a quote, a letter that is not ASCII: what formats trip over.
    paths = [photo(tmp_path / "in" / name) for name in ('a,"b".png', "gr\u00fcn \u65e5.jpg")]
    names = ["--labels", "coco"] if labels else []
    status, out, err = run("detect", *paths, *model, *names, "--format", form)
    assert (status, err, parse(out, form)) == (0, "", expected(paths, form, labels))
    output = tmp_path / "out"
    status, table, _ = run("detect", *paths, *model, *names, "--format", form, "--output", output)
    assert (status, paths[1] in table) == (0, True)
    pictures = ['a,"b".png', "gr\u00fcn \u65e5.jpg"]
    assert files(output) == sorted([*pictures, f"detections.{ending}"])
    assert (output / f"detections.{ending}").read_text(encoding="utf-8") == out


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "coco"])
def test_formats_of_nothing(run, model, tmp_path, form):
    out = run("detect", tmp_path / "none.png", *model, "--format", form)[1]
    assert parse(out, form) == expected([], form, None)


def test_txt_is_a_file_for_each_image(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    assert run("detect", path, *model, "--format", "txt", "--output", tmp_path / "out")[0] == 0
    assert files(tmp_path / "out") == ["a.png", "a.txt"]
    line = (tmp_path / "out" / "a.txt").read_text()
    assert line == "1 0.437500 0.437500 0.250000 0.250000 0.750000\n"


def test_coco_numbers_images_by_their_names(tmp_path):
    names = ["street.jpg", "000000403385.jpg", "frame_2.jpg", "b/frame_2.jpg", "9" * 19 + ".jpg"]
    photos, _ = _images.find([str(tmp_path / name) for name in names], None)
    assert [found.image_id for found in photos] == [1, 403385, 2, 3, 4]


def test_coco_categories_are_those_of_the_annotations(test_data):
    truth = json.loads((test_data / "coco" / "instances_free.json").read_text())["categories"]
    assert tuple(one["id"] for one in truth) == COCO_CATEGORY_IDS
    assert tuple(one["name"] for one in truth) == COCO


def test_labels_of_a_file_and_of_the_model(run, tmp_path):
    path, names = photo(tmp_path / "a.png"), tmp_path / "names.txt"
    model = save(CENTERNET, tmp_path / "named.xml", labels="cat dog")
    assert " dog " in run("detect", path, *model)[1]
    names.write_text("\ufeffK\u00e4fer\r\nGro\u00dfe Ameise\r\n", encoding="utf-8")
    assert " Gro\u00dfe Ameise " in run("detect", path, *model, "--labels", names)[1]
    assert read_labels(names) == ["K\u00e4fer", "Gro\u00dfe Ameise"]
    names.write_text("only\n")
    assert " 1      0.750" in run("detect", path, *model, "--labels", names)[1]


def test_folders_are_searched_and_no_image_is_lost(run, model, tmp_path):
    for name in ("a.jpg", "b/a.jpg", "b/A.png", ".hidden.jpg", "c/.x/a.jpg"):
        photo(tmp_path / "in" / name)
    (tmp_path / "in" / "b" / "notes.txt").touch()
    output = tmp_path / "in" / "out"
    for _ in range(2):  # the second time, the pictures of the first are there
        arguments = (tmp_path / "in", tmp_path / "in" / "b" / ".." / "a.jpg", *model)
        status, out, err = run("detect", *arguments, "--output", output, "--format", "txt")
        assert (status, err) == (0, "")
        assert out.count("1 found") == 3
        assert files(output) == ["A_2.png", "A_2.txt", "a.jpg", "a.txt", "a_3.jpg", "a_3.txt"]


def test_what_is_no_image_is_reported_and_the_rest_runs(run, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.txt").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "none").mkdir()
    photo(tmp_path / "picture")  # named, so tried
    arguments = ["photo.txt", "missing.jpg", "empty.jpg", "none", "picture"]
    status, out, err = run("detect", *arguments, *model, "--format", "jsonl")
    assert (status, json.loads(out)) == (1, records("picture", None))
    assert err.splitlines() == [
        "centerdecode: error: none: no images in this folder",
        "centerdecode: error: photo.txt: not an image that OpenCV can read",
        "centerdecode: error: missing.jpg: No such file or directory",
        "centerdecode: error: empty.jpg: not an image that OpenCV can read",
    ]


def test_an_image_is_turned_upright(run, model, tmp_path):
    path = tmp_path / "turned.jpg"
    photo(path)
    content = path.read_bytes()
    orientation = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    exif = b"Exif\0\0" + orientation
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(content[:2] + segment + content[2:])
    record = json.loads(run("detect", path, *model, "--format", "jsonl")[1])
    assert (record["width"], record["height"]) == (64, 96)


def test_a_jpeg_may_be_read_at_a_part_of_its_size(run, model, tmp_path, monkeypatch):
    path, sizes, decode = photo(tmp_path / "a.jpg", 320, 480), [], _images._decode

    def spy(content, n):
        sizes.append(n)
        return decode(content, n)

    monkeypatch.setattr(_images, "_decode", spy)
    whole = run("detect", path, *model, "--format", "jsonl")
    assert run("detect", path, *model, "--format", "jsonl", "--small-jpeg") == whole
    assert (json.loads(whole[1])["width"], sizes) == (480, [1, 4])  # upright or not
    assert json.loads(whole[1])["detections"][0]["xyxy"] == [10 * corner for corner in BOX]


def test_an_image_of_too_many_pixels_is_reported_and_the_rest_runs(run, model, tmp_path):
    paths = [photo(tmp_path / "a.png"), photo(tmp_path / "b.png", 65, 96)]
    status, out, err = run("detect", *paths, *model, "--max-pixels", "6144")
    assert (status, out.count("1 found")) == (1, 1)
    told = "96 x 65 is 6240 pixels, more than --max-pixels 6144"
    assert err == f"centerdecode: error: {paths[1]}: {told}\n"


def test_a_preset_brings_its_labels(run, tmp_path):
    arrays = {"detection_out": np.float32([[[[0, 0, 0.75, 0, 0, 1, 1], [-1] + [0] * 6]]])}
    ov.save_model(constant(arrays, shape=(1, 3, 512, 512)), tmp_path / "m.xml")
    arguments = (photo(tmp_path / "a.png"), "--model", tmp_path / "m.xml", "--format", "csv")
    assert (
        ",person,0,0.75,0.0,0.0,96.0,64.0"
        in run("detect", *arguments, "--preset", "Person_detection_0202")[1]
    )
    assert ",,0,0.75,0.0,0.0,96.0,64.0" in run("detect", *arguments)[1]


def test_boxes_are_cut_at_the_border(run, tmp_path):
    arrays = CENTERNET | {"wh": CENTERNET["wh"] * 100}
    path, model = photo(tmp_path / "a.png"), save(arrays, tmp_path / "huge.xml")
    record = json.loads(run("detect", path, *model, "--format", "jsonl")[1])
    assert record["detections"][0]["xyxy"] == [0, 0, 96, 64]


def test_a_box_that_is_not_finite_is_left_out(run, tmp_path):
    arrays = CENTERNET | {"hm": CENTERNET["hm"].copy(), "wh": CENTERNET["wh"].copy()}
    arrays["hm"][0, 0, 6, 9], arrays["wh"][0, :, 6, 9] = 5, np.nan
    path, model = photo(tmp_path / "a.png"), save(arrays, tmp_path / "nan.xml")
    status, out, err = run("detect", path, *model, "--format", "jsonl")
    assert (status, json.loads(out)) == (1, records(path, None))
    assert err == f"centerdecode: error: {path}: 1 boxes are not finite, left out\n"


def test_the_picture_shows_the_box_and_nothing_else_is_touched(run, model, tmp_path):
    path = photo(tmp_path / "a.png", 320, 480)
    assert run("detect", path, *model, "--output", tmp_path / "out")[0] == 0
    changed = (cv2.imread(str(tmp_path / "out" / "a.png")) != 100).any(axis=2)
    x1, y1, x2, y2 = (int(10 * corner) for corner in BOX)
    for edge in (np.s_[y1, x1:x2], np.s_[y2, x1:x2], np.s_[y1:y2, x1], np.s_[y1:y2, x2]):
        assert changed[edge].all()
    assert changed[y1 - 10, x1 : x1 + 20].any()  # the label above it
    assert not changed[y1 + 3 : y2 - 2, x1 + 3 : x2 - 2].any()
    changed[y1 - 40 : y2 + 3, x1 - 3 : x2 + 3] = False
    assert not changed.any()


def test_labels_stay_inside_the_picture_and_apart():
    boxes = np.float32([[0, 0, 50, 40], [0, 0, 50, 40], [280, 10, 300, 20], [290, 190, 300, 200]])
    extents = np.float32([[60, 12]] * 4)
    corners = _places.label_corners(boxes, extents, np.array([300, 200]))
    assert (corners >= 0).all()
    assert (corners + extents <= [300, 200]).all()
    gaps = np.abs(corners[:, None] - corners) >= extents
    assert (gaps.any(axis=2) | np.eye(4, dtype=bool)).all()


def fail_at_second(monkeypatch, error):
    """Let the detector raise at its second image."""
    call, calls = cd.Detector.__call__, []

    def fail(self, image, **options):
        calls.append(image)
        if len(calls) == 2:
            raise error
        return call(self, image, **options)

    monkeypatch.setattr(cd.Detector, "__call__", fail)


def test_ctrl_c_keeps_what_was_found(run, model, tmp_path, monkeypatch):
    paths = [photo(tmp_path / name) for name in ("a.png", "b.png", "c.png")]
    fail_at_second(monkeypatch, KeyboardInterrupt())
    assert run("detect", *paths, *model, "--output", tmp_path / "out")[0] == 130
    assert files(tmp_path / "out") == ["a.png", "detections.json"]
    kept = json.loads((tmp_path / "out" / "detections.json").read_text())
    assert kept == [records(paths[0], None)]


def test_a_crash_leaves_the_last_results(run, model, tmp_path, monkeypatch):
    paths = [photo(tmp_path / name) for name in ("a.png", "b.png")]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "detections.json").write_text("old")
    fail_at_second(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run("detect", *paths, *model, "--output", tmp_path / "out")
    assert files(tmp_path / "out") == ["a.png", "detections.json"]
    assert (tmp_path / "out" / "detections.json").read_text() == "old"


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    with _files.replacing(path) as file:
        file.write("new")
        assert not path.exists()
    assert (path.read_text(), files(tmp_path)) == ("new", ["x.json"])
    with pytest.raises(TypeError), _files.replacing(path) as file:
        file.write("ne" + file)
    monkeypatch.setattr(os, "replace", lambda *paths: 1 / 0)
    with pytest.raises(ZeroDivisionError), _files.replacing(path, "wb") as file:
        file.write(b"newer")
    assert (path.read_text(), files(tmp_path)) == ("new", ["x.json"])


def test_a_picture_that_cannot_be_written_is_reported(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    (tmp_path / "out" / "a.png").mkdir(parents=True)
    status, _, err = run("detect", path, *model, "--output", tmp_path / "out")
    assert (status, "a.png: Is a directory" in err) == (1, True)
    assert files(tmp_path / "out") == ["detections.json"]


def test_an_image_is_never_overwritten(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    status, _, err = run("detect", path, *model, "--output", tmp_path)
    assert (status, "is one of the images" in err) == (2, True)
    assert (files(tmp_path), (tmp_path / "a.png").read_bytes()) == (["a.png"], before)


WRONG = {
    "no command": ([], "usage: centerdecode"),
    "no model": (["detect", "a.png"], "required: --model"),
    "missing model": (["detect", "a.png", "--model", "nope.xml"], "no file 'nope.xml'"),
    "unreadable model": (["detect", "a.png", "--model", __file__], "Unable to read the model"),
    "family": (["detect", "a.png", "MODEL", "--family", "foo"], "must be one of CENTERNET, KERAS"),
    "another family": (["detect", "a.png", "MODEL", "--family", "ttfnet"], "does not fit"),
    "device": (["detect", "a.png", "MODEL", "--device", "FOO"], '"FOO" name is not registered'),
    "txt": (["detect", "a.png", "MODEL", "--format", "txt"], "needs --output"),
    "labels": (["detect", "a.png", "MODEL", "--labels", "nope"], "--labels nope: No such file"),
    "mean": (["detect", "a.png", "MODEL", "--mean", "1", "2"], "a number or three"),
    "scale": (["detect", "a.png", "MODEL", "--scale", "x"], "one number or three, got 'x'"),
    "resize": (["detect", "a.png", "MODEL", "--resize", "foo"], 'one of "affine"'),
    "top_k": (["detect", "a.png", "MODEL", "--top-k=-1"], "top_k must be at least 0"),
    "output": (["detect", "a.png", "MODEL", "--output", __file__], "File exists"),
    "small": (["detect", "a.png", "MODEL", "--small-jpeg", "--output", "x"], "no pixels to draw"),
    "preset": (["detect", "a.png", "MODEL", "--preset", "yolo"], "must be one of ctdet_coco_dla"),
    "inspect": (["inspect", "--model", "nope.xml"], "no file 'nope.xml'"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=[*WRONG])
def test_a_wrong_call_is_status_2_and_a_sentence(run, model, arguments, message):
    words = [word for given in arguments for word in (model if given == "MODEL" else [given])]
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("module", "name"), [("cv2", "opencv"), ("supervision", "supervision")])
def test_a_missing_library_is_named_with_its_extra(run, model, tmp_path, monkeypatch, module, name):
    monkeypatch.setitem(sys.modules, module, None)
    path = photo(tmp_path / "a.png")
    status, _, err = run("detect", path, *model, "--output", tmp_path / "out")
    assert status == 2
    assert name in err
    assert "centerdecode[cli]" in err


def test_numbers_may_stand_before_the_images(run, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, numbers in {"a.png": ["0"], "b.png": ["1,2,3"], "7": ["0", "-1.5", "2"]}.items():
        photo(tmp_path / path)
        status, out, _ = run("detect", *model, "--pad-value", *numbers, path)
        assert (status, out.split(":")[0]) == (0, path)


def test_progress_is_for_those_who_watch(run, model, tmp_path, monkeypatch):
    paths = [photo(tmp_path / f"{letter}.png") for letter in "abcde"]
    assert run("detect", *paths, *model)[2] == ""
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: self is sys.stderr)
    status, out, err = run("detect", *paths, tmp_path / "none.png", *model)
    assert (status, out.count("1 found")) == (1, 5)
    assert "6/6" in err
    assert "error: " + str(tmp_path / "none.png") in err
    assert run("detect", *paths[:4], *model)[2] == ""


def test_inspect_says_what_and_why(run, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    status, out, err = run("inspect", *model, "--pad-value", "1", "2", "3")
    assert (status, err) == (0, "")
    facts = [
        "image [1,3,32,48] f32", "hm [1,3,8,12] f32", "family CENTERNET:",
        "output names fit family CENTERNET", "heatmap is hm [1, 3, 8, 12], by its name 'hm'",
        "size: 32 x 48, height x width (the model's input)", "resize: stretch (asked for)",
        "color: BGR (family CENTERNET)", "mean: 0 0 0 (asked for)", "scale: 1 1 1 (asked for)",
        "pad_value: 1 2 3 (asked for)", "not in the model", "CPU, inference precision f32",
    ]  # fmt: skip
    assert [fact for fact in facts if fact not in out] == []


def test_a_model_of_unknown_names_takes_a_family_of_ones_own(run, tmp_path):
    arrays = {f"out{i}": array for i, array in enumerate(CENTERNET.values())}
    model = save(arrays, tmp_path / "unknown.xml")
    for command in (["inspect"], ["detect", "a.png"]):
        status, _, err = run(*command, *model)
        assert status == 2
        assert "out0 [1, 3, 8, 12]" in err
        assert "pass --family" in err
    heads = {"heatmap": ("out0",), "wh": ("out1",), "offset": ("out2",)}
    family = cd.families.CENTERNET.replace(name="MINE", heads=heads)
    (tmp_path / "mine.json").write_text(family.to_json())
    path = photo(tmp_path / "a.png")
    out = run("detect", path, *model, "--family", tmp_path / "mine.json", "--format", "jsonl")[1]
    assert json.loads(out) == records(path, None)
    assert "family MINE:" in run("inspect", *model, "--family", tmp_path / "mine.json")[1]
    (tmp_path / "mine.json").write_text("{}")
    assert run("inspect", *model, "--family", tmp_path / "mine.json")[0] == 2


def test_version_is_one_fact_a_line(run):
    status, out, _ = run("--version")
    facts = dict(line.split(": ", 1) for line in out.splitlines())
    assert (status, facts["centerdecode"]) == (0, cd.__version__)
    assert facts["active ISA"] == cd.active_isa()
    assert facts["supported ISAs"].split() == cd.supported_isas()
    assert facts["NumPy"] == np.__version__
    module = [sys.executable, "-m", "centerdecode", "--version"]
    assert subprocess.run(module, capture_output=True, text=True, check=True).stdout == out


@pytest.mark.parametrize("command", [[], ["detect"], ["inspect"]])
def test_help_fits_80_columns_and_has_an_example(run, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = run(*command, "--help")
    assert (status, "example" in out) == (0, True)
    assert max(map(len, out.splitlines())) <= 80
    assert out.isascii()


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
