"""The results of `centerdecode detect`, each format read back."""

import csv
import io
import json
from xml.etree import ElementTree

import centerdecode as cd
import numpy as np
import pytest
from centerdecode.cli.inputs import find_images
from centerdecode.families import COCO, COCO_CATEGORY_IDS
from support.command_line import BOX2, CLASS_ID, SCORE, files, photo, records, save
from support.models import outputs


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
    photos, _ = find_images([str(tmp_path / name) for name in names], None)
    assert [found.image_id for found in photos] == [1, 403385, 2, 3, 4]


def test_parquet_is_a_row_for_each_image(run, model, tmp_path, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr("centerdecode.cli.results._parquet._MOST_ROWS", 2)
    paths = [photo(tmp_path / name) for name in ("a.png", "gr\u00fcn.png", "c.png")]
    command = ["detect", *paths, *model, "--labels", "coco", "--format", "parquet"]
    assert run(*command, "--output", tmp_path / "out")[0] == 0
    with parquet.ParquetFile(tmp_path / "out" / "detections.parquet") as file:
        assert file.num_row_groups == 2
        table = file.read()
    numbers = dict.fromkeys(("score", "x1", "y1", "x2", "y2"), pa.float32())
    struct = pa.struct({"label": pa.string(), "class_id": pa.int32(), **numbers})
    assert table.schema == pa.schema(
        {
            "file": pa.string(),
            "width": pa.int32(),
            "height": pa.int32(),
            "detections": pa.list_(pa.field("element", struct)),
        }
    )
    box = dict(zip(("x1", "y1", "x2", "y2"), BOX2, strict=True))
    row = {"label": "bicycle", "class_id": CLASS_ID, "score": SCORE, **box}
    assert table.to_pylist() == [
        {"file": path, "width": 96, "height": 64, "detections": [row]} for path in paths
    ]


@pytest.mark.parametrize("arguments", [["missing.png"], ["a.png", "--score-threshold", "0.9"]])
def test_parquet_of_nothing(run, model, tmp_path, monkeypatch, arguments):
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.chdir(tmp_path)
    photo(tmp_path / "a.png")
    run("detect", *arguments, *model, "--format", "parquet", "--output", "out")
    table = parquet.read_table("out/detections.parquet")
    assert table.column_names == ["file", "width", "height", "detections"]
    assert [row["detections"] for row in table.to_pylist()] == ([] if len(arguments) == 1 else [[]])


def test_voc_is_a_file_for_each_image(run, model, tmp_path):
    path = photo(tmp_path / "a.png")
    command = ["detect", path, *model, "--labels", "coco", "--format", "voc", "--output"]
    assert run(*command, tmp_path / "out")[0] == 0
    assert files(tmp_path / "out") == ["a.png", "a.xml"]
    root = ElementTree.parse(tmp_path / "out" / "a.xml").getroot()
    assert [root.findtext(name) for name in ("filename", "size/width", "object/name")] == [
        "a.png",
        "96",
        "bicycle",
    ]
    box = [int(corner.text) for corner in root.find("object/bndbox")]
    assert box == [BOX2[0] + 1, BOX2[1] + 1, BOX2[2], BOX2[3]]


@pytest.mark.parametrize("form", ["parquet", "txt", "voc"])
def test_what_is_no_text_needs_a_folder(run, model, tmp_path, form):
    status, _, err = run("detect", photo(tmp_path / "a.png"), *model, "--format", form)
    assert (status, "needs --output" in err) == (2, True)


def test_masks_are_run_lengths_in_json_and_whole_in_parquet(run, tmp_path):
    model = save(outputs(cd.families.TF_MASKS), tmp_path / "masks.xml")
    path = photo(tmp_path / "a.png", 32, 48)
    row = json.loads(run("detect", path, *model, "--format", "jsonl")[1])["detections"][0]
    assert "masks" not in row
    coco = json.loads(run("detect", path, *model, "--format", "coco")[1])[0]
    assert row["segmentation"] == coco["segmentation"]
    assert row["segmentation"]["size"] == [32, 48]
    # Of BOX, 15 10 27 18, what lies left of the border between foreground and background.
    counts = row["segmentation"]["counts"]
    assert counts.startswith("Z?8h0")  # 15 columns of 32 and 10 pixels are 490; then 8, 24
    pytest.importorskip("pyarrow")
    assert run("detect", path, *model, "--format", "parquet", "--output", tmp_path / "out")[0] == 0
    parquet = pytest.importorskip("pyarrow.parquet")
    mask = parquet.read_table(tmp_path / "out" / "detections.parquet")["detections"][0][0]["masks"]
    assert np.array(mask.as_py()).shape == (256, 256)


def test_numbers_that_json_has_not_are_null(run, tmp_path):
    arrays = outputs(cd.families.FAIRMOT)
    name = cd.families.FAIRMOT.heads["embedding"][0]
    arrays[name] = np.full_like(arrays[name], np.inf)
    model = save(arrays, tmp_path / "inf.xml")
    out = run("detect", photo(tmp_path / "a.png"), *model, "--format", "jsonl")[1]
    assert set(json.loads(out)["detections"][0]["embedding"]) == {None}
