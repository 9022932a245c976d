"""A folder of good and broken files: all good ones are done, the broken ones are listed."""

import json
import os
import sys

import cv2
import numpy as np
import pytest
from centerdecode import cli
from support.command_line import files, photo


def mixed(folder, count):
    """Write files of which three of four are good; return the names of both."""
    pixels = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    whole = {
        ending: cv2.imencode(ending, pixels)[1].tobytes() for ending in (".jpg", ".png", ".bmp")
    }
    broken = [
        b"",
        b"this is no picture\n",
        whole[".png"][:60],
        b"\x89PNG\r\n\x1a\n" + bytes(400),
        whole[".jpg"][:20],
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
    ]
    good, bad = [], []
    folder.mkdir()
    for i in range(count):
        if i % 4 == 3:
            name = f"{i:03} \u00e9t\u00e9.jpg"
            (folder / name).write_bytes(broken[i // 4 % len(broken)])
        else:
            ending = [*whole][i % 3]
            name = f"{i:03} \u65e5\u672c{ending}"
            (folder / name).write_bytes(whole[ending])
        (bad if i % 4 == 3 else good).append(name)
    return good, bad


@pytest.mark.parametrize("form", ["json", "txt"])
def test_good_files_are_done_and_broken_ones_listed(run, model, tmp_path, form):
    good, bad = mixed(tmp_path / "in", 60)
    command = ["detect", tmp_path / "in", *model, "--format", form, "--output", tmp_path / "out"]
    status, out, err = run(*command)
    assert (status, out.count("1 found")) == (1, len(good))
    summary = err.splitlines()[-len(bad) - 1 :]
    assert summary[0] == f"centerdecode: {len(bad)} of 60 images could not be used:"
    assert [line.split(":")[0].strip() for line in summary[1:]] == [
        str(tmp_path / "in" / name) for name in bad
    ]
    if form == "json":
        found = json.loads((tmp_path / "out" / "detections.json").read_text())
        assert [record["file"] for record in found] == [str(tmp_path / "in" / n) for n in good]
        assert files(tmp_path / "out") == sorted([*good, "detections.json"])
    else:
        texts = [f"{name.rpartition('.')[0]}.txt" for name in good]
        assert files(tmp_path / "out") == sorted([*good, *texts])


def test_what_only_looks_like_an_image_file(run, model, tmp_path):
    folder = tmp_path / "in"
    photo(folder / "folder.jpg" / "a.png")  # a folder
    os.mkfifo(folder / "pipe.jpg")  # reading it would wait for ever
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "link.png").symlink_to(folder / "folder.jpg" / "a.png")
    status, out, err = run("detect", folder, *model, "--format", "jsonl")
    assert [json.loads(line)["file"] for line in out.splitlines()] == [
        str(folder / "link.png"),
    ]
    assert status == 1
    assert "gone.png: No such file or directory" in err


def test_nothing_but_ours_is_said_of_a_broken_file(model, tmp_path, capfd):
    pixels = np.zeros((64, 96, 3), np.uint8)
    cut = cv2.imencode(".bmp", pixels)[1].tobytes()[:40]
    (tmp_path / "cut.bmp").write_bytes(cut)
    assert cli.main(["detect", str(tmp_path / "cut.bmp"), *model]) == 1
    told = f"centerdecode: error: {tmp_path}/cut.bmp: not an image that OpenCV can read\n"
    assert tuple(capfd.readouterr()) == ("", told)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    os.chmod(path, 0)
    status, _, err = run("detect", path, *model)
    assert (status, f"{path}: Permission denied" in err) == (1, True)


def test_an_image_that_memory_does_not_hold(run, model, tmp_path, monkeypatch):
    paths = [photo(tmp_path / name) for name in ("a.png", "b.png")]
    decode, calls = cv2.imdecode, []

    def fail(content, flags):
        calls.append(1)
        if len(calls) == 1:
            raise MemoryError
        return decode(content, flags)

    monkeypatch.setattr(cv2, "imdecode", fail)
    status, out, err = run("detect", *paths, *model)
    assert (status, out.count("1 found")) == (1, 1)
    assert f"error: {paths[0]}: MemoryError" in err


def test_quiet_is_errors_alone(run, model, tmp_path):
    good, bad = photo(tmp_path / "a.png"), tmp_path / "none.png"
    output = tmp_path / "out"
    status, out, err = run("detect", good, bad, *model, "--quiet", "--output", output)
    assert (status, out) == (1, "")
    assert err == f"centerdecode: error: {bad}: No such file or directory\n"
    assert files(output) == ["a.png", "detections.json"]


@pytest.mark.parametrize(("variable", "colored"), [(None, True), ("NO_COLOR", False)])
def test_colors_are_for_terminals(run, model, tmp_path, monkeypatch, variable, colored):
    path = photo(tmp_path / "a.png")
    assert "\x1b" not in "".join(run("detect", path, "none.png", *model)[1:])
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if variable:
        monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    _, out, err = run("detect", path, "none.png", *model)
    assert (f"\x1b[1m{path}: 96 x 64, 1 found\x1b[0m\n" in out) == colored
    assert ("\x1b[1;31mcenterdecode: error:\x1b[0m none.png" in err) == colored
    assert ("\x1b" in out + err) == colored
