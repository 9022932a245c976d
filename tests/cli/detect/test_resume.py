"""Runs that are stopped, fail or are killed, and go on."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import _files
from centerdecode.detector import _prefetch
from support.command_line import CENTERNET, files, photo, records, save

JOURNAL = "detections.partial"


def photos(folder, count):
    """Write images of different sizes, and return their paths."""
    return [photo(folder / f"{i:03}.png", 64 + i, 96) for i in range(count)]


class Stop:
    """Lets the detector raise at one of `photos`, which it sees in threads, in any order.

    Attributes:
        at: that one's number; None: none of them.
        seen: the numbers of all that it saw.
    """

    def __init__(self, monkeypatch, at, error=KeyboardInterrupt):
        self.at, self.seen = at, set()
        call = cd.Detector.__call__

        def fail(detector, image, **options):
            number = image.shape[0] - 64
            self.seen.add(number)
            if number == self.at:
                raise error
            return call(detector, image, **options)

        monkeypatch.setattr(cd.Detector, "__call__", fail)


def test_ctrl_c_keeps_what_was_found(run, model, tmp_path, monkeypatch):
    paths = photos(tmp_path, 3)
    Stop(monkeypatch, 1)
    assert run("detect", *paths, *model, "--output", tmp_path / "out")[0] == 130
    assert files(tmp_path / "out") == ["000.png", "detections.json", JOURNAL]
    kept = json.loads((tmp_path / "out" / "detections.json").read_text())
    assert kept == [records(paths[0], None)]


def test_nothing_runs_on_behind_what_ends_early():
    futures, began, go_on = [], threading.Event(), threading.Event()

    def work(number):
        if number:
            began.set()
            assert go_on.wait(60)

    class Slow:
        def submit(self, image, *, original_size):
            futures.append(pool.submit(work, image[0]))
            return futures[-1]

    with ThreadPoolExecutor(1) as pool:
        seen = _prefetch.infer_each(range(9), lambda i: (np.full(1, i), (1, 1)), Slow())
        next(seen)
        assert began.wait(60)
        threading.Timer(0.5, go_on.set).start()
        seen.close()
        assert futures[1].done()
        assert [future.cancelled() for future in futures] == [False] * 2 + [True] * 3


def test_nor_behind_ctrl_c_while_it_waits():
    class Stopped(Future):
        def result(self):
            threading.Timer(0.5, self.set_result, [0]).start()
            raise KeyboardInterrupt

    stopped = Stopped()
    stopped.set_running_or_notify_cancel()
    detector = SimpleNamespace(submit=lambda image, original_size: stopped)
    with pytest.raises(KeyboardInterrupt):
        next(_prefetch.infer_each([0], lambda _: (np.zeros(1), (1, 1)), detector))
    assert stopped.done()


def test_a_crash_leaves_the_last_results(run, model, tmp_path, monkeypatch):
    paths = photos(tmp_path, 2)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "detections.json").write_text("old")
    Stop(monkeypatch, 1, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        run("detect", *paths, *model, "--output", tmp_path / "out")
    assert files(tmp_path / "out") == ["000.png", "detections.json", JOURNAL]
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


def contents(folder):
    """Return the bytes of all files of a folder, by name."""
    return {name: (folder / name).read_bytes() for name in files(folder)}


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "coco", "parquet", "txt", "voc"])
def test_a_run_that_went_on_gives_the_same_files(run, model, tmp_path, monkeypatch, form):
    photos(tmp_path / "in", 5)
    command = ["detect", tmp_path / "in", *model, "--format", form, "--output"]
    assert run(*command, tmp_path / "whole")[0] == 0
    stop = Stop(monkeypatch, 2)
    assert run(*command, tmp_path / "out")[0] == 130
    stop.at, stop.seen = 4, set()
    with (tmp_path / "out" / JOURNAL).open("ab") as journal:
        journal.write(b"null\n[1]\n[2, 0, 1]\n[[[1]], 0, []]\n" + b"[" * 10**5 + b'\n[["torn')
    status, out, err = run(*command, tmp_path / "out", "--resume")  # and stops again
    assert (status, stop.seen) == (130, {2, 3, 4})
    assert err.splitlines() == [
        "centerdecode: 2 of 5 images were done before",
        "centerdecode: stopped after 2 of 3 images; --resume goes on",
    ]
    stop.at, stop.seen = None, set()
    status, out, err = run(*command, tmp_path / "out", "--resume")
    assert (status, stop.seen, out.count("1 found")) == (0, {4}, 1)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_an_unfinished_run_is_not_lost_by_mistake(run, model, tmp_path, monkeypatch):
    paths = photos(tmp_path, 3)
    command = ["detect", *paths, *model, "--output", tmp_path / "out"]
    stop = Stop(monkeypatch, 1)
    assert run(*command)[0] == 130
    stop.at = None
    before = contents(tmp_path / "out")
    status, _, err = run(*command)
    assert (status, "was not finished; go on with it by --resume" in err) == (2, True)
    assert contents(tmp_path / "out") == before
    status, _, err = run(*command, "--resume", "--score-threshold", "0.5")
    assert (status, "was begun with score_threshold 0.3; go on" in err) == (2, True)
    assert contents(tmp_path / "out") == before
    path = model[1]
    os.utime(path)
    status, _, err = run(*command, "--resume")
    assert (status, f"was begun with state of {path} [" in err) == (2, True)
    (tmp_path / "out" / JOURNAL).unlink()
    (tmp_path / "out" / ".centerdecode-1-0.tmp").touch()  # of a killed process
    assert run(*command)[0] == 0
    assert files(tmp_path / "out") == ["000.png", "001.png", "002.png", "detections.json"]


def test_labels_of_a_file_that_changed_are_other_labels(run, model, tmp_path, monkeypatch):
    paths, names = photos(tmp_path, 3), tmp_path / "names.txt"
    names.write_text("cat\ndog\n")
    command = ["detect", *paths, *model, "--labels", names, "--output", tmp_path / "out"]
    Stop(monkeypatch, 1)
    assert run(*command)[0] == 130
    names.write_text("cat\nbird\n")
    status, _, err = run(*command, "--resume")
    assert (status, 'was begun with labels ["cat", "dog"]' in err) == (2, True)


def test_a_run_that_did_nothing_is_none(run, model, tmp_path, monkeypatch):
    path = photo(tmp_path / "a.png")
    command = ["detect", path, *model, "--output", tmp_path / "out"]
    stop = Stop(monkeypatch, 0)
    assert run(*command)[0] == 130
    stop.at = None
    assert run(*command, "--score-threshold", "0.5")[0] == 0
    assert run(*command, "--resume")[0] == 0


def test_what_changed_or_is_gone_is_done_again(run, model, tmp_path, monkeypatch):
    paths = photos(tmp_path / "in", 5)
    command = ["detect", tmp_path / "in", *model, "--format", "coco", "--output", tmp_path / "out"]
    stop = Stop(monkeypatch, 4)
    assert run(*command)[0] == 130
    stop.at, stop.seen = None, set()
    os.utime(paths[1], ns=(0, 0))
    (tmp_path / "out" / "002.png").unlink()
    os.remove(paths[3])
    photo(tmp_path / "in" / "b.png", 64 + 9)
    assert run(*command, "--resume")[0] == 0
    assert stop.seen == {1, 2, 4, 9}
    rows = json.loads((tmp_path / "out" / "detections.coco.json").read_text())
    assert [row["image_id"] for row in rows] == [0, 1, 2, 4, 3]


def test_what_failed_is_tried_again_and_what_was_left_out_is_told_again(run, tmp_path, monkeypatch):
    arrays = CENTERNET | {"hm": CENTERNET["hm"].copy(), "wh": CENTERNET["wh"].copy()}
    arrays["hm"][0, 0, 6, 9], arrays["wh"][0, :, 6, 9] = 5, np.nan
    model, paths = save(arrays, tmp_path / "nan.xml"), photos(tmp_path, 3)
    good = (tmp_path / "000.png").read_bytes()
    (tmp_path / "000.png").write_bytes(b"")
    command = ["detect", *paths, *model, "--output", tmp_path / "out"]
    stop = Stop(monkeypatch, 2)
    assert run(*command)[0] == 130
    stop.at = None
    (tmp_path / "000.png").write_bytes(good)
    call = cd.Detector.__call__
    monkeypatch.setattr(cd.Detector, "__call__", lambda self, *a, **k: call(self, *a, **k)[1:])
    status, _, err = run(*command, "--resume")
    assert (status, err.splitlines()) == (
        1,
        [
            "centerdecode: 1 of 3 images were done before",
            f"centerdecode: error: {paths[1]}: 1 boxes are not finite, left out",
        ],
    )
    found = json.loads((tmp_path / "out" / "detections.json").read_text())
    assert [record["file"] for record in found] == paths


def test_two_runs_do_not_write_to_one_folder(run, model, tmp_path):
    path, out = photo(tmp_path / "a.png"), tmp_path / "out"
    out.mkdir()
    program = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_SH)
print(flush=True)
input()
"""
    command = [sys.executable, "-c", program, out / JOURNAL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        status, _, err = run("detect", path, *model, "--output", out)
        other.communicate(b"\n")
    assert (status, "another run is writing" in err) == (2, True)


def test_a_full_disk_leaves_no_line_in_the_middle(run, model, tmp_path, monkeypatch):
    paths = photos(tmp_path, 4)
    command = ["detect", *paths, *model, "--output", tmp_path / "out"]
    write, lines = os.write, []

    def full(file, line):
        lines.append(line)
        return write(file, line[: 5 if len(lines) == 3 else None])

    monkeypatch.setattr("centerdecode.cli.results._journal.os.write", full)
    stop = Stop(monkeypatch, 3)
    status, _, err = run(*command)
    assert (status, err.count("No space left on device")) == (130, 2)  # and in the summary
    found = json.loads((tmp_path / "out" / "detections.json").read_text())
    assert [record["file"] for record in found] == [paths[0], paths[2]]
    stop.at, stop.seen = None, set()
    assert run(*command, "--resume")[0] == 0
    assert stop.seen == {1, 3}


def test_killed_at_any_moment_it_goes_on(run, model, tmp_path):
    photos(tmp_path / "in", 60)
    command = ["detect", tmp_path / "in", *model, "--format", "csv", "--output"]
    assert run(*command, tmp_path / "whole")[0] == 0
    program = [sys.executable, "-m", "centerdecode", *map(str, command), str(tmp_path / "out")]
    journal, done = tmp_path / "out" / JOURNAL, 0
    for more in (1, 9, 23):
        with subprocess.Popen([*program, "--resume", "--quiet"]) as process:
            while not journal.exists() or journal.read_bytes().count(b"\n") <= done + more:
                assert process.poll() is None
            process.kill()
        lines = journal.read_bytes().split(b"\n")[:-1]
        assert len({*lines}) == len(lines) > done + more
        assert "detections.csv" not in files(tmp_path / "out")
        done = len(lines) - 1
    assert run(*command, tmp_path / "out", "--resume")[0] == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
