"""Detections by Spark on this machine, on one executor with two threads."""

import importlib.util
import os
import shutil
import sys

import centerdecode as cd
import cv2
import numpy as np
import pytest
from centerdecode.adapters import spark as adapter
from support.command_line import photo, save
from support.models import BOX, SCORE, outputs

if importlib.util.find_spec("pyspark") is None:
    pytest.skip("pyspark is not installed", allow_module_level=True)
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
PLAIN = {"resize": "stretch", "mean": 0, "scale": 1}


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        session = builder.config("spark.log.level", "ERROR").getOrCreate()
        yield session
        session.stop()


def test_files_and_one_that_is_none(spark, model, tmp_path):
    for name in ("a.png", "b.jpg"):
        photo(tmp_path / name, 64, 96)
    (tmp_path / "c.png").write_bytes(b"no image")
    images = spark.read.format("binaryFile").load(str(tmp_path)).select("path", "content")
    found = adapter.detect(images, model[1], labels=["cat", "dog", "cow"], **PLAIN)
    assert found.columns == ["path", "width", "height", "error", "detections"]
    rows = [row.asDict(recursive=True) for row in found.sort("path").collect()]
    box = {"label": "dog", "class_id": 1, "score": SCORE}
    box |= dict(zip(("x1", "y1", "x2", "y2"), [2 * edge for edge in BOX], strict=True))
    assert [os.path.basename(row.pop("path")) for row in rows] == ["a.png", "b.jpg", "c.png"]
    good = {"width": 96, "height": 64, "error": None, "detections": [box]}
    why = "ValueError: not an image that OpenCV can read"
    assert rows == [good, good, {"width": None, "height": None, "error": why, "detections": []}]


def test_keypoints_of_paths_are_those_of_a_detector(spark, tmp_path):
    model = save(outputs(cd.families.CENTERNET_POSE), tmp_path / "pose.xml")[1]
    path = photo(tmp_path / "a.png", 64, 96)
    images = spark.createDataFrame([(1, path), (2, None)], "id int, file string")
    found = adapter.detect(images, model, column="file", **PLAIN).sort("id").collect()
    truth = cd.Detector(model, **PLAIN)(cv2.imread(path))
    assert found[0]["file"] == path
    assert len(truth) == len(found[0]["detections"]) > 0
    ours = np.array([one["keypoints"] for one in found[0]["detections"]])
    np.testing.assert_array_equal(ours.ravel(), truth.keypoints.ravel())
    assert "must be bytes, a path or an array, got NoneType" in found[1]["error"]


def test_columns_that_cannot_be(spark, model):
    images = spark.createDataFrame([(1, "a.png")], "error int, file string")
    with pytest.raises(ValueError, match=r"one of \['error', 'file'\], got 'content'"):
        adapter.detect(images, model[1], **PLAIN)
    with pytest.raises(ValueError, match=r"names of their own, got \['error'\]"):
        adapter.detect(images, model[1], column="file", **PLAIN)
