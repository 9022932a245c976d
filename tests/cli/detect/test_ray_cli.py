"""`centerdecode detect --ray`: the same run as without, by actors of a cluster of this machine."""

import importlib.util

import pytest
from centerdecode.cli.detect._output_folder import FolderSink
from support.command_line import photo

if importlib.util.find_spec("ray") is None:
    pytest.skip("Ray is not installed", allow_module_level=True)


def photos(folder):
    """Write photos, and a file that is none; return the folder."""
    for i in range(7):
        photo(folder / f"{i}.png", 64, 96 + 2 * i)
    (folder / "3.png").write_bytes(b"no image")
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_and_reports_are_those_of_a_run_without(cluster, run, model, tmp_path):
    images = photos(tmp_path / "in")
    wished = [images, *model, "--format", "jsonl", "--output"]
    plain = run("detect", *wished, tmp_path / "plain")
    spread = run("detect", *wished, tmp_path / "spread", "--ray", "--ray-workers", "2")
    assert plain == spread
    assert (plain[0], "3.png: not an image" in plain[2]) == (1, True)
    truth = contents(tmp_path / "plain")
    assert sorted(truth) == [*(f"{i}.png" for i in (0, 1, 2, 4, 5, 6)), "detections.jsonl"]
    assert contents(tmp_path / "spread") == truth


@pytest.mark.parametrize("first", [[], ["--ray", "--ray-workers", "1"]], ids=["plain", "ray"])
def test_each_goes_on_with_what_the_other_began(cluster, run, model, tmp_path, monkeypatch, first):
    images, out = photos(tmp_path / "in"), tmp_path / "out"
    run("detect", images, *model, "--output", tmp_path / "whole")
    second = [] if first else ["--ray", "--ray-workers", "1"]
    taken, take = [], FolderSink.take

    def stop_at_third(self, made):
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(made.photo)
        take(self, made)

    with monkeypatch.context() as patch:
        patch.setattr(FolderSink, "take", stop_at_third)
        assert run("detect", images, *model, "--output", out, *first)[0] == 130
    assert (out / "detections.partial").exists()
    status, _, err = run("detect", images, *model, "--output", out, "--resume", *second)
    assert (status, "2 of 7 images were done before" in err) == (1, True)
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["film.mp4", "--ray"], "--ray is for images, and film.mp4 is none"),
        (["rtsp://10.0.0.1/street", "--ray"], "--ray is for images, and rtsp://10.0.0.1/street"),
        (["a.png", "--ray-workers", "2"], "--ray-workers needs --ray"),
        (["a.png", "--cpus-per-worker", "2"], "--cpus-per-worker needs --ray"),
        (["--ray", "a.png"], "where it is an image, name it before"),
    ],
)
def test_what_cannot_be(run, model, tmp_path, monkeypatch, arguments, why):
    monkeypatch.chdir(tmp_path)
    photo(tmp_path / "a.png")
    (tmp_path / "film.mp4").write_bytes(b"")
    status, _, err = run("detect", *model, *arguments)
    assert (status, why in err) == (2, True)
