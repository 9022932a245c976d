"""Runs over videos and images that are stopped or killed among the videos, and go on."""

import os
import subprocess
import sys
import time

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import cli
from centerdecode.cli.videos import _detect_videos
from support.clips import clip
from support.command_line import files, photo
from support.models import constant, outputs

JOURNAL = "detections.partial"
FOLLOW, CALL = _detect_videos._follow, cd.Detector.__call__


@pytest.fixture
def command(tmp_path):
    """Make two videos and an image, and return the arguments that detect things in them."""
    arrays = outputs(cd.families.CENTERNET)
    ov.save_model(constant(arrays), tmp_path / "tiny.xml", compress_to_fp16=False)
    (tmp_path / "in").mkdir()
    for name in ("a.mp4", "b.mp4"):
        clip(tmp_path / "in" / name, sound=())
    photo(tmp_path / "in" / "c.png")
    plain = ["--resize", "stretch", "--mean", "0", "--scale", "1", "--labels", "coco"]
    return ["detect", str(tmp_path / "in"), "--model", str(tmp_path / "tiny.xml"), *plain]


def seen(monkeypatch, stop_in=None):
    """Return a list of what is looked at, by name; Ctrl-C comes in the video `stop_in`."""
    looked = []

    def follow_one(args, film, *rest):
        looked.append(film.name)
        if film.name == stop_in:
            raise KeyboardInterrupt
        return FOLLOW(args, film, *rest)

    def call_one(self, image, **options):
        looked.append("c")
        return CALL(self, image, **options)

    monkeypatch.setattr(_detect_videos, "_follow", follow_one)
    monkeypatch.setattr(cd.Detector, "__call__", call_one)
    return looked


def contents(folder):
    """Return the bytes of all files of a folder, by name."""
    return {name: (folder / name).read_bytes() for name in files(folder)}


def test_what_was_done_before_a_video_is_not_done_again(command, tmp_path, monkeypatch, capsys):
    assert cli.main([*command, "--output", str(tmp_path / "whole")]) == 0
    command += ["--output", str(tmp_path / "out")]
    looked = seen(monkeypatch, stop_in="b")
    assert (cli.main(command), looked) == (130, ["c", "a", "b"])
    assert JOURNAL in files(tmp_path / "out")
    assert cli.main(command) == 2  # not by mistake
    capsys.readouterr()
    looked = seen(monkeypatch)
    assert (cli.main([*command, "--resume"]), looked) == (0, ["b"])
    assert capsys.readouterr().err.splitlines() == [
        "centerdecode: 1 of 1 images were done before",
        f"centerdecode: {tmp_path / 'in' / 'a.mp4'} was done before",
    ]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_video_that_changed_or_whose_results_are_gone_is_done_again(
    command, tmp_path, monkeypatch
):
    command += ["--output", str(tmp_path / "out")]
    seen(monkeypatch, stop_in="b")
    assert cli.main(command) == 130
    os.utime(tmp_path / "in" / "a.mp4", ns=(0, 0))
    looked = seen(monkeypatch, stop_in="b")
    assert (cli.main([*command, "--resume"]), looked) == (130, ["a", "b"])
    (tmp_path / "out" / "a.json").unlink()
    looked = seen(monkeypatch)
    assert (cli.main([*command, "--resume"]), looked) == (0, ["a", "b"])


def test_other_frames_are_another_run(command, tmp_path, monkeypatch, capsys):
    command += ["--output", str(tmp_path / "out")]
    seen(monkeypatch, stop_in="b")
    assert cli.main([*command, "--frames", "3"]) == 130
    assert cli.main([*command, "--resume"]) == 2
    assert "was begun with frames 3; go on" in capsys.readouterr().err


def test_boxes_that_are_not_finite_are_told_again(command, tmp_path, monkeypatch, capsys):
    arrays = outputs(cd.families.CENTERNET)
    arrays["wh"][...] = np.nan
    ov.save_model(constant(arrays), tmp_path / "tiny.xml", compress_to_fp16=False)
    command += ["--output", str(tmp_path / "out")]
    seen(monkeypatch, stop_in="b")
    assert cli.main(command) == 130
    capsys.readouterr()
    seen(monkeypatch)
    assert cli.main([*command, "--resume"]) == 1
    path = tmp_path / "in" / "a.mp4"
    assert f"{path}: 20 boxes are not finite, left out\n" in capsys.readouterr().err


def test_killed_in_a_video_it_goes_on_and_leaves_nothing_behind(command, tmp_path):
    clip(tmp_path / "in" / "b.mp4", times=range(1000), sound=(), options={"preset": "ultrafast"})
    program = [sys.executable, "-m", "centerdecode", *command, "--quiet"]
    program += ["--output", str(tmp_path / "out")]
    begun = tmp_path / "out" / "a.json"
    with subprocess.Popen(program) as process:
        while not begun.exists() or not [*begun.parent.glob(".centerdecode-*")]:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    before = begun.stat().st_mtime_ns
    assert cli.main([*command, "--quiet", "--output", str(tmp_path / "out"), "--resume"]) == 0
    assert files(tmp_path / "out") == [
        "a.json",
        "a.mp4",
        "b.json",
        "b.mp4",
        "c.png",
        "detections.json",
    ]
    assert begun.stat().st_mtime_ns == before
