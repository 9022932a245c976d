"""`centerdecode detect`: which images, which tables, and what is said of them."""

import errno
import json
import os
import sys
from pathlib import Path

import numpy as np
import openvino as ov
from centerdecode.families import read_labels
from centerdecode.images import _reading
from support.command_line import BOX, CENTERNET, files, photo, records, save
from support.models import constant


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
        "centerdecode: 3 of 4 images could not be used:",
        "  photo.txt: not an image that OpenCV can read",
        "  missing.jpg: No such file or directory",
        "  empty.jpg: not an image that OpenCV can read",
    ]


def test_a_folder_that_cannot_be_read_is_reported_and_the_rest_runs(
    run, model, tmp_path, monkeypatch
):
    photo(tmp_path / "in" / "a.png")
    photo(tmp_path / "in" / "closed" / "b.png")
    scandir = os.scandir

    def refuse(path):  # root may read all
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    status, out, err = run("detect", tmp_path / "in", *model)
    assert (status, out.count("1 found")) == (1, 1)
    assert err == f"centerdecode: error: {tmp_path / 'in' / 'closed'}: Permission denied\n"


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
    path, sizes, decode = photo(tmp_path / "a.jpg", 320, 480), [], _reading._decode

    def spy(content, n):
        sizes.append(n)
        return decode(content, n)

    monkeypatch.setattr(_reading, "_decode", spy)
    whole = run("detect", path, *model, "--format", "jsonl")
    assert run("detect", path, *model, "--format", "jsonl", "--small-jpeg") == whole
    assert (json.loads(whole[1])["width"], sizes) == (480, [1, 4])  # upright or not
    assert json.loads(whole[1])["detections"][0]["xyxy"] == [10 * corner for corner in BOX]


def test_an_image_of_too_many_pixels_is_reported_and_the_rest_runs(run, model, tmp_path):
    paths = [photo(tmp_path / "a.png"), photo(tmp_path / "b.png", 65, 96)]
    status, out, err = run("detect", *paths, *model, "--max-pixels", "6144")
    assert (status, out.count("1 found")) == (1, 1)
    told = "96 x 65 is 6240 pixels, more than max_pixels 6144"
    assert err.splitlines()[0] == f"centerdecode: error: {paths[1]}: {told}"


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


def test_an_image_is_never_overwritten(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    status, _, err = run("detect", path, *model, "--output", tmp_path)
    assert (status, "is one of the images" in err) == (2, True)
    assert (files(tmp_path), (tmp_path / "a.png").read_bytes()) == (["a.png"], before)


def test_progress_is_for_those_who_watch(run, model, tmp_path, monkeypatch):
    paths = [photo(tmp_path / f"{letter}.png") for letter in "abcde"]
    assert run("detect", *paths, *model)[2] == ""
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: self is sys.stderr)
    status, out, err = run("detect", *paths, tmp_path / "none.png", *model)
    assert (status, out.count("1 found")) == (1, 5)
    assert "6/6" in err
    assert "error:\x1b[0m " + str(tmp_path / "none.png") in err
    assert run("detect", *paths[:4], *model)[2] == ""
