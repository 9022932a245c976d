"""Detections by Ray on a cluster of this machine, some of whose actors are killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import centerdecode as cd
import cv2
import numpy as np
import pytest
from support.command_line import photo
from support.models import BOX, SCORE
from support.paths import ROOT

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

from centerdecode.adapters import _cluster
from centerdecode.adapters import ray as adapter
from support.servers import clusters

PLAIN = {"resize": "stretch", "mean": 0, "scale": 1}


@pytest.fixture
def tiny(model):
    """The path of a model that finds BOX in everything."""
    return model[1]


def rows_of(folder):
    """Return what the parts of a run hold, in their order."""
    return [
        row
        for part in sorted(Path(folder).glob("part-*"))
        for row in pq.read_table(part).to_pylist()
    ]


def mapped(cluster, dataset, actor, *arguments, cpus=1, **options):
    return dataset.map_batches(
        actor,
        fn_constructor_args=arguments,
        fn_constructor_kwargs=PLAIN | options,
        compute=cluster.data.ActorPoolStrategy(size=1),
        num_cpus=cpus,
        batch_size=4,
    )


def test_files_of_any_kind_and_one_that_is_none(cluster, tiny, tmp_path):
    for name in ("a.png", "b.jpg", "c.bmp"):
        photo(tmp_path / name, 64, 96)
    (tmp_path / "d.png").write_bytes(b"no image")
    files = cluster.data.read_binary_files(str(tmp_path), include_paths=True)
    found = mapped(cluster, files, adapter.DetectorActor, tiny, labels=["cat", "dog", "cow"])
    rows = sorted(found.take_all(), key=lambda row: row["path"])
    assert [Path(row["path"]).name for row in rows] == ["a.png", "b.jpg", "c.bmp", "d.png"]
    box = {"label": "dog", "class_id": 1, "score": SCORE}
    box |= dict(zip(("x1", "y1", "x2", "y2"), [2 * corner for corner in BOX], strict=True))
    for row in rows[:3]:
        assert (row["width"], row["height"], row["error"]) == (96, 64, None)
        assert row["detections"] == [box]
    last = [rows[3][name] for name in ("width", "height", "error", "detections")]
    assert last == [None, None, "ValueError: not an image that OpenCV can read", []]


def test_actors_infer_with_the_cpus_that_ray_gave_them(cluster, tiny, monkeypatch):
    images = cluster.data.from_numpy(np.zeros((1, 64, 96, 3), np.uint8)).rename_columns(
        {"data": "image"}
    )
    usable = len(os.sched_getaffinity(0))
    for cpus in (1, 2):
        (row,) = mapped(cluster, images, clusters.Telling, tiny, cpus=cpus).take_all()
        assert (row["threads"], row["pinned"]) == (min(cpus, usable), False)
    config = {"INFERENCE_NUM_THREADS": 2, "ENABLE_CPU_PINNING": True}
    (row,) = mapped(cluster, images, clusters.Telling, tiny, config=config).take_all()
    assert (row["threads"], row["pinned"]) == (2, True)


def test_real_photos_are_found_as_a_detector_finds_them(cluster, test_data):
    model = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    options = {"resize": "letterbox", "color": "RGB", "mean": 0, "scale": 1}
    detector = cd.Detector(model, **options)
    images = cluster.data.read_binary_files(str(test_data / "images"), include_paths=True)
    found = mapped(cluster, images, adapter.DetectorActor, str(model), **options).take_all()
    assert len(found) == len([*(test_data / "images").glob("*.[jp][pn]g")]) + 1  # and a NOTICE
    for row in found:
        if row["error"] is None:
            truth = detector(cv2.imread(row["path"]))
            names = ("x1", "y1", "x2", "y2", "score", "class_id")
            ours = np.array([[d[name] for name in names] for d in row["detections"]])
            theirs = np.column_stack([truth.xyxy, truth.scores, truth.class_ids])
            np.testing.assert_array_equal(ours.reshape(-1, 6), theirs)


def test_an_actor_that_is_killed_loses_nothing(cluster, tiny, tmp_path):
    one = Path(photo(tmp_path / "in" / "000.jpg", 1600, 2400))
    for i in range(1, 80):
        (one.parent / f"{i:03}.jpg").write_bytes(one.read_bytes())
    paths = sorted(map(str, one.parent.iterdir()))
    victims = []

    def kill():
        victims.append(clusters.kill_one_when(lambda: len(rows_of(tmp_path / "out")) >= 8))

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    report = adapter.detect(paths, tiny, tmp_path / "out", workers=2, batch_size=4, **PLAIN)
    killer.join(60)
    assert len(victims) == 1
    assert victims[0] not in clusters.actors()
    assert report == (80, 0, 0)
    rows = rows_of(tmp_path / "out")
    assert [row["path"] for row in rows] == paths
    assert {(row["width"], len(row["detections"])) for row in rows} == {(2400, 1)}


DRIVER = """
import os, sys
import ray
from centerdecode.adapters.ray import detect
ray.init(address=sys.argv[1], log_to_driver=False)
paths = sorted(os.path.join(sys.argv[2], name) for name in os.listdir(sys.argv[2]))
detect(paths, sys.argv[3], sys.argv[4], workers=2, batch_size=4, resize="stretch", mean=0, scale=1)
"""


def test_a_driver_that_is_killed_goes_on_without_doing_anything_twice(cluster, tiny, tmp_path):
    one = Path(photo(tmp_path / "in" / "000.jpg", 1600, 2400))
    for i in range(1, 60):
        (one.parent / f"{i:03}.jpg").write_bytes(one.read_bytes())
    (one.parent / "007.jpg").write_bytes(b"")
    paths, out = sorted(map(str, one.parent.iterdir())), tmp_path / "out"
    address = cluster.get_runtime_context().gcs_address
    command = [sys.executable, "-c", DRIVER, address, str(one.parent), tiny, str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as driver:
        while len(rows_of(out)) < 12:
            assert driver.poll() is None, driver.stdout.read()
            time.sleep(0.01)
        os.kill(driver.pid, signal.SIGKILL)
    done = {part: part.stat().st_mtime_ns for part in out.glob("part-*")}
    count = len(rows_of(out))
    assert 12 <= count < 60
    with pytest.raises(FileExistsError, match="go on with it by resume=True"):
        adapter.detect(paths, tiny, out, **PLAIN)
    with pytest.raises(ValueError, match="was begun with options"):
        adapter.detect(paths, tiny, out, resume=True, **PLAIN | {"mean": 1})
    report = adapter.detect(paths, tiny, out, workers=2, batch_size=4, resume=True, **PLAIN)
    assert report == (60 - count, 0, count)
    assert [row["path"] for row in rows_of(out)] == paths
    assert [row["path"] for row in rows_of(out) if row["error"]] == [paths[7]]
    assert {part: part.stat().st_mtime_ns for part in done} == done
    again = adapter.detect(paths, tiny, out, resume=True, workers=1, **PLAIN)
    assert (again, len(rows_of(out))) == ((0, 0, 60), 60)


def test_a_dataset_goes_on_by_its_key(cluster, tiny, tmp_path):
    names = [f"{i:02}" for i in range(12)]
    content = [Path(photo(tmp_path / "x.png")).read_bytes()] * 12
    table = cluster.data.from_items(
        [{"id": n, "bytes": c} for n, c in zip(names, content, strict=True)]
    )
    run = {"key": "id", "workers": 1, "batch_size": 4} | PLAIN
    assert adapter.detect(table, tiny, tmp_path / "out", **run) == (12, 0, 0)
    parts = sorted((tmp_path / "out").glob("part-*"))
    gone = pq.read_table(parts[1])["id"].to_pylist()
    parts[1].unlink()
    report = adapter.detect(table, tiny, tmp_path / "out", resume=True, **run)
    assert report == (len(gone), 0, 12 - len(gone))
    assert sorted(row["id"] for row in rows_of(tmp_path / "out")) == names


def test_a_row_that_kills_its_workers_is_given_up_and_no_other(cluster):
    rows = [*range(12)]
    found = [
        (row["row"], row["error"])
        for table in _cluster.spread(
            _cluster.dataset_of({"row": rows}, 6),
            clusters.Dying,
            {"poison": 8},
            key="row",
            workers=1,
            cpus=1,
            batch_size=6,
        )
        for row in table.to_pylist()
    ]
    assert found == [(row, "its worker died of it 2 times" if row == 8 else None) for row in rows]


def test_a_model_that_workers_cannot_read_ends_the_run(cluster, tmp_path):
    with pytest.raises(cluster.exceptions.RayError, match="model: no file"):
        adapter.detect(["a.jpg"], tmp_path / "none.xml", tmp_path / "out", workers=1)


def test_the_example(cluster, tiny, tmp_path):
    example = ROOT / "examples" / "ray" / "detect.py"
    if not example.is_file():
        pytest.skip(f"no examples at {ROOT}")
    for name in ("a.png", "b.png"):
        photo(tmp_path / "in" / name)
    env = os.environ | {"RAY_ADDRESS": cluster.get_runtime_context().gcs_address}
    command = [sys.executable, example, tiny, tmp_path / "in", tmp_path / "out"]
    subprocess.run(command, env=env, check=True, capture_output=True)
    table = pq.read_table(tmp_path / "out").sort_by("path")
    assert [Path(path).name for path in table["path"].to_pylist()] == ["a.png", "b.png"]
    assert [len(found) for found in table["detections"].to_pylist()] == [1, 1]
