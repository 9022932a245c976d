"""The command line on videos and cameras, with a tiny model that finds BOX in everything."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import cli
from centerdecode.cli.inputs import VideoInput, find_videos
from centerdecode.video import Video, _reader
from support.clips import COUNT, HEIGHT, RATE, WIDTH, clip, number_of, sounds, turn
from support.models import BOX, SCORE, constant, outputs

BOX = [x * 4 / 3 if i % 2 == 0 else x * 3 / 2 for i, x in enumerate(BOX)]  # in WIDTH x HEIGHT
ROW = {"label": "bicycle", "class_id": 1, "score": SCORE, "xyxy": BOX}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The arguments of a CENTERNET model that finds BOX in everything."""
    path = tmp_path_factory.mktemp("model") / "tiny.xml"
    ov.save_model(constant(outputs(cd.families.CENTERNET)), path, compress_to_fp16=False)
    plain = ["--resize", "stretch", "--mean", "0", "--scale", "1"]
    return ["--model", str(path), *plain, "--labels", "coco"]


@pytest.fixture
def run(capsys, model):
    """Run detect, and return its status, stdout and stderr."""

    def run(*arguments, model=model):
        status = cli.main(["detect", *map(str, arguments), *model])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def record(path, number, time=None):
    """Return what json holds of one frame."""
    time = number / RATE if time is None else time
    size = {"width": WIDTH, "height": HEIGHT}
    return {"file": str(path), "frame": number, "time": time, **size, "detections": [ROW]}


def numbers(path):
    """Return the numbers of the frames of a video that was annotated."""
    return [number_of(image) for image in Video(path)]


def test_a_line_for_each_video(run, tmp_path):
    path = clip(tmp_path / "a.mp4")
    status, out, err = run(path)
    assert (status, err, os.listdir(tmp_path)) == (0, "", ["a.mp4"])
    line = rf"{path}: 64 x 48, 20 frames, [0-9.]+ frames/s, bicycle 20\n"
    assert re.fullmatch(line, out)
    assert run(path, "--score-threshold", "0.9")[1].endswith(" frames/s, nothing found\n")


def test_an_annotated_video(run, tmp_path):
    path = clip(tmp_path / "a.mp4", times=[0, 1, 2, 5, 6, 8])
    status, out, err = run(path, "--output", tmp_path / "out.mkv")
    assert (status, err) == (0, "")
    assert out.startswith(f"{path}: 64 x 48, 6 frames, ")
    found = Video(tmp_path / "out.mkv")
    assert [frame.time for frame in found.frames()] == pytest.approx(
        [0, 0.1, 0.2, 0.5, 0.6, 0.8], abs=0.07
    )
    assert [bytes_ for _, bytes_ in sounds(found.path)[0]] == [b for _, b in sounds(path)[0]]
    difference = cv2.absdiff(list(found)[3], list(Video(path))[3]).max(axis=2)
    x1, y1, x2, _ = map(round, BOX)
    assert np.median(difference[y1, x1:x2]) > 30  # the box
    assert difference[-8:, -12:].max() < 20  # far from it


def test_a_folder_gets_videos_pictures_and_their_results(run, tmp_path):
    source = tmp_path / "in" / "deep"
    source.mkdir(parents=True)
    film = clip(source / "a.mkv")
    other = clip(source / "a.avi", sound=())
    photo = source / "b.png"
    photo.write_bytes(cv2.imencode(".png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))[1].tobytes())
    status, out, err = run(tmp_path / "in", "--output", tmp_path / "out")
    assert (status, err) == (0, "")
    assert [line.split(":")[0] for line in out.splitlines() if line[0] == "/"] == [
        str(photo), other, film
    ]  # fmt: skip
    names = ["a.json", "a.mp4", "a_2.json", "a_2.mkv", "b.png", "detections.json"]
    assert sorted(os.listdir(tmp_path / "out")) == names
    assert [r["file"] for r in json.loads((tmp_path / "out/detections.json").read_text())] == [
        str(photo)
    ]
    found = json.loads((tmp_path / "out/a_2.json").read_text())
    assert found == [record(film, number) for number in range(COUNT)]
    assert numbers(tmp_path / "out/a_2.mkv") == list(range(COUNT))


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "coco"])
def test_formats(run, tmp_path, form):
    # COCO's rows have a number for the frame, and none for the video.
    names = ['b,"c.mp4'] if form == "coco" else ["a.mp4", 'b,"c.mp4']
    paths = [clip(tmp_path / name, times=[0, 1.5, 2], sound=()) for name in names]
    status, out, err = run(*paths, "--format", form)
    assert (status, err) == (0, "")
    shown = [(path, *shot) for path in paths for shot in enumerate([0, 0.15, 0.2])]
    if form == "csv":
        header = ["file", "frame", "time", "label", "class_id", "score", "x1", "y1", "x2", "y2"]
        rows = [
            [p, str(n), str(float(t)), "bicycle", "1", str(SCORE), *map(str, BOX)]
            for p, n, t in shown
        ]
        assert list(csv.reader(io.StringIO(out))) == [header, *rows]
    elif form == "coco":
        found = json.loads(out)
        assert [row["image_id"] for row in found] == [n for _, n, _ in shown]
        assert found[0]["bbox"] == [BOX[0], BOX[1], BOX[2] - BOX[0], BOX[3] - BOX[1]]
    else:
        found = (
            [json.loads(line) for line in out.splitlines()] if form == "jsonl" else json.loads(out)
        )
        assert found == [record(*shot) for shot in shown]


def test_results_beside_one_video_go_to_stdout(run, tmp_path):
    path = clip(tmp_path / "a.mp4")
    status, out, err = run(path, "--output", tmp_path / "b.mp4", "--format", "jsonl", "--frames", 2)
    assert (status, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == [record(path, 0), record(path, 1)]
    assert numbers(tmp_path / "b.mp4") == [0, 1]


@pytest.mark.parametrize("limit", [("--frames", 5), ("--duration", 0.45)])
def test_a_part_of_a_video_with_its_part_of_the_sound(run, tmp_path, limit):
    path = clip(tmp_path / "a.mp4")
    assert run(path, "--output", tmp_path / "b.mp4", *limit)[0] == 0
    assert numbers(tmp_path / "b.mp4") == [0, 1, 2, 3, 4]
    assert 0.4 < sounds(tmp_path / "b.mp4")[0][-1][0] < 0.5


def test_a_turned_video_is_written_upright(run, tmp_path):
    path = turn(clip(tmp_path / "a.mp4"), (0, 1, -1, 0))
    assert run(path, "--output", tmp_path / "b.mp4")[1].startswith(f"{path}: 48 x 64")
    assert next(iter(Video(tmp_path / "b.mp4"))).shape == (WIDTH, HEIGHT, 3)


def test_a_truncated_video(run, tmp_path):
    path = clip(tmp_path / "a.mp4", muxer={"movflags": "faststart"}, options={"g": "1"})
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: len(content) // 2])
    status, out, err = run(path, clip(tmp_path / "b.mp4"), "--output", tmp_path / "out")
    assert status == 1
    assert re.fullmatch(
        rf"centerdecode: error: {path}: (\d+) frames read; it ends at .* of 2.00 s\n", err
    )
    count = int(re.search(r"(\d+) frames read", err)[1])
    assert 5 < count < 15
    assert f"{path}: 64 x 48, {count} frames" in out
    assert numbers(tmp_path / "out" / "a.mp4") == list(range(count))
    assert len(json.loads((tmp_path / "out/a.json").read_text())) == count
    assert numbers(tmp_path / "out" / "b.mp4") == list(range(COUNT))


def test_what_cannot_be_read_does_not_stop_the_rest(run, tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    paths = [tmp_path / "none.mp4", tmp_path / "no.mp4", clip(tmp_path / "b.mp4")]
    status, out, err = run(*paths, "--output", tmp_path / "out")
    assert (status, len(out.splitlines())) == (1, 1)
    assert err.splitlines() == [
        f"centerdecode: error: {paths[0]}: No such file or directory",
        f"centerdecode: error: {paths[1]}: {_reader._UNREADABLE}",
    ]
    assert sorted(os.listdir(tmp_path / "out")) == ["b.json", "b.mp4"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.mp4", "b.mp4", "--output", "c.mp4"], "--output c.mp4 is one video: give it one"),
        (["a.mp4", "c.png", "--output", "c.mp4"], "--output c.mp4 is one video: give it one"),
        (["c.png", "--output", "c.mp4"], "--output c.mp4 is one video: give it one"),
        (["a.mp4", "--output", "a.mp4"], "--output: a.mp4 is one of the videos"),
        (["a.mp4", "--output", "."], "--output: ./a.mp4 is one of the videos"),
        (["a.mp4", "--output", "c.avi"], "--output c.avi must end in .m4v, .mkv, .mov, .mp4"),
        (["a.mp4", "--output", "x", "--format", "txt"], "--format txt: for videos it is one of"),
        (["a.mp4", "c.png", "--format", "json"], "images and of videos are not one file"),
        (["a.mp4", "--output", "c.png/x"], "--output: c.png/x: Not a directory"),
        (["a.mp4", "./a.mp4", "c.mkv", "--format", "coco"], "coco numbers the frames of each"),
        (["camera:0", "--resume", "--output", "x"], "--resume is for images and videos, not"),
        (["a.mp4", "--show-heatmap", "--output", "x"], "--show-heatmap is for images, not for"),
        (["a.mp4", "--small-jpeg"], "--small-jpeg is for images, not for videos"),
        (["a.mp4", "--max-pixels", "9"], "--max-pixels is for images, not for videos"),
        (["c.png", "--frames", "2"], "--frames is for videos and cameras, not for images"),
        (["c.png", "--tile", "64", "--small-jpeg"], "the pixels that --tile looks at: choose one"),
    ],
)
def test_what_cannot_be_wished(run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    clip(tmp_path / "a.mp4")
    (tmp_path / "c.png").write_bytes(b"")
    before = Path("a.mp4").read_bytes()
    status, out, err = run(*arguments)
    assert (status, out, message in err) == (2, "", True), err
    assert Path("a.mp4").read_bytes() == before


@pytest.mark.parametrize("wrong", [("--frames", "0"), ("--duration", "0"), ("--duration", "inf")])
def test_wrong_limits(run, tmp_path, wrong):
    assert run("a.mp4", *wrong)[0] == 2


def test_boxes_that_are_not_finite_are_left_out(run, tmp_path, model):
    arrays = outputs(cd.families.CENTERNET)
    arrays["wh"][...] = np.nan
    path = tmp_path / "nan.xml"
    ov.save_model(constant(arrays), path, compress_to_fp16=False)
    film = clip(tmp_path / "a.mp4")
    status, out, err = run(film, model=[*model, "--model", str(path)])
    assert (status, out.endswith("nothing found\n")) == (1, True)
    assert err == f"centerdecode: error: {film}: 20 boxes are not finite, left out\n"


def test_ctrl_c_keeps_what_was_done(model, tmp_path):
    path = clip(tmp_path / "a.mp4", times=range(1000), sound=(), options={"preset": "ultrafast"})
    # A shell's job in the background is started deaf to Ctrl-C, and pytest may be one.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from centerdecode.cli import main; sys.exit(main())"
    )
    arguments = [sys.executable, "-c", program, "detect", path, *model]
    process = subprocess.Popen(
        [*arguments, "--output", "out"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    while not any(file.stat().st_size > 5000 for file in tmp_path.glob("out/.*.tmp")):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out = process.communicate()[0]
    count = len(json.loads((tmp_path / "out/a.json").read_text()))
    # The last frame may have been counted, or have come into one of the two files only.
    told = int(re.search(r", (\d+) frames, ", out)[1])
    assert (process.returncode, told - count) in ((130, 0), (130, 1))
    assert count - 1 <= len(list(Video(tmp_path / "out" / "a.mp4"))) <= count
    assert 10 < count < 1000
    assert sorted(os.listdir(tmp_path / "out")) == ["a.json", "a.mp4"]


def test_a_camera_that_is_not_there(run):
    begun = time.monotonic()
    status, out, err = run("rtsp://me:secret@127.0.0.1:1/x", "--duration", "1")
    assert (status, out) == (1, "")
    assert "rtsp://127.0.0.1:1/x: connection refused; trying again in 0.5 s" in err
    assert err.endswith("rtsp://127.0.0.1:1/x: no frame came\n")
    assert "secret" not in err
    assert time.monotonic() - begun < 10


def test_what_is_a_camera_and_what_a_video(tmp_path):
    sources = ["rtsp://a:b@c/live.mp4", "camera:0", "/dev/video1", "http://a/b.mp4", "b.mp4"]
    films, rest, closed = find_videos([*sources, "http://a/b", "c.jpg", "b.mp4"], None)
    assert [film.live for film in films] == [True, True, True, False, False, True]
    assert [film.name for film in films] == ["live", "camera_0", "video1", "b", "b_2", "b_3"]
    assert films[0].shown == "rtsp://c/live.mp4"
    assert (rest, closed) == (["c.jpg"], [])
    assert find_videos(["c.v1.mp4", "c.v2.mp4", "rtsp://1.2.3.4"], None)[0][0].name == "c.v1"
    assert VideoInput("rtsp://me:p@ss@host/x", "x", True).shown == "rtsp://host/x"
    # detections.json is that of images.
    assert find_videos(["detections.mp4"], None)[0][0].name == "detections_2"


def test_time_left_is_shown_to_who_watches(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    err = run(clip(tmp_path / "a.mp4"))[2]
    assert "/20 [" in err
    assert "frame/s]" in err


def test_a_missing_pyav_is_told(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    status, out, err = run(tmp_path / "a.mp4")
    assert (status, out) == (2, "")
    assert 'av is needed for this: pip install "centerdecode[cli]"' in err
