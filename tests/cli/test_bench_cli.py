"""`centerdecode bench` on tiny models, and its rivals against the oracle."""

import json

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import cli
from centerdecode.cli._suite import RIVALS, _growth, _table
from centerdecode.cli._suite._rivals import Rival
from support.models import constant, outputs

PNG = b"\x89PNG\r\n\x1a\n"
RUNS = ["inference alone", "with centerdecode", "with NumPy, threshold first"]


def save(family, path):
    """Write a model that finds BOX in everything, and return the arguments that name it."""
    ov.save_model(constant(outputs(family)), path, compress_to_fp16=False)
    return ["-m", str(path)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save(cd.families.CENTERNET, tmp_path_factory.mktemp("model") / "tiny.xml")


@pytest.fixture
def run(capsys):
    """Run `centerdecode bench`, and return its status, stdout and stderr."""

    def run(*arguments):
        status = cli.main(["bench", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_a_model_runs_alone_with_us_and_with_numpy(run, model):
    status, out, err = run(*model, "-niter", 5)
    assert status == 0, err
    lines = out.splitlines()
    assert [line for line in lines if line in RUNS] == RUNS
    assert [line.split(":")[1].split() for line in lines if "Count" in line] == [
        ["5", "iterations"]
    ] * 3
    for word in ("Duration:", "Latency:", "Median:", "Average:", "Min:", "Max:", "Throughput:"):
        assert sum(word in line for line in lines) == 3, word
    assert lines[-1].startswith("inference alone ")
    assert "(100.0 %); with centerdecode " in lines[-1]


def test_json_has_numbers_and_what_they_belong_to(run, model, tmp_path):
    folder = tmp_path / "new"
    arguments = ["-niter", 43, "-nireq", 2, "-hint", "latency", "-nthreads", 1]
    status, _, err = run(*model, *arguments, "-json_stats", "-report_folder", folder)
    assert status == 0, err
    content = json.loads((folder / "centerdecode_bench.json").read_text())
    assert content["cmd_options"]["niter"] == 43
    assert content["cmd_options"]["family"] == "CENTERNET"
    setup = content["configuration_setup"]
    assert (setup["requests"], setup["inference_precision_hint"]) == (2, "f32")
    assert (setup["inference_num_threads"], setup["input"]) == (1, "noise")
    assert (setup["isa"], setup["numpy"]) == (cd.active_isa(), np.__version__)
    assert [result["name"] for result in content["execution_results"]] == RUNS
    for result in content["execution_results"]:
        assert result["count"] == 43
        fps = 1000 * result["count"] / result["duration_ms"]
        assert result["throughput_fps"] == pytest.approx(fps)
        low, mid, high = (result[f"latency_{name}_ms"] for name in ("min", "median", "max"))
        assert 0 < low <= mid <= high


def test_what_numpy_does_not_do_is_said(run, tmp_path):
    model = save(cd.families.CENTERNET_POSE, tmp_path / "poses.xml")
    status, out, err = run(*model, "-niter", 3)
    assert status == 0, err
    assert out.count("Count:") == 2
    assert "with NumPy, threshold first: not measured, it does boxes, and the heads are" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--model M or --suite is needed"),
        (["-m", "nowhere.xml"], "no file 'nowhere.xml'"),
        (["-m", "nowhere.xml", "--output", "there"], "--output belongs to --suite"),
        (["--suite", "-t", "0"], "must be greater than 0, got 0"),
        (["-m", "nowhere.xml", "-niter", "0"], "must be 1 or more, got 0"),
    ],
)
def test_wrong_calls(run, arguments, told):
    status, out, err = run(*arguments)
    assert (status, out, told in err) == (2, "", True), err


def test_an_image_that_is_none(run, model, tmp_path):
    status, _, err = run(*model, "-i", tmp_path / "none.jpg", "-niter", 1)
    assert (status, "none.jpg: No such file" in err) == (2, True)


def test_heads_that_rivals_do_not_know(run, tmp_path):
    status, _, err = run("--suite", *save(cd.families.TTFNET, tmp_path / "ltrb.xml"))
    assert (status, "plain CenterNet heads" in err) == (2, True)


def absent(work):
    raise ImportError("nobody has it")


def test_the_suite_writes_tables_and_pictures(run, model, tmp_path, monkeypatch):
    few = [RIVALS[0], Rival("absent", absent)]
    monkeypatch.setattr(_table, "RIVALS", few)
    panel = _growth.Panel("side", (8, 12), lambda side: _growth._plain(2, side, side))
    monkeypatch.setattr(_growth, "PANELS", [panel])
    status, out, err = run("--suite", *model, "-t", 0.001, "--output", tmp_path / "new")
    assert status == 0, err
    text = (tmp_path / "new" / "decoders.md").read_text()
    assert text == out
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert "| | score threshold 0.1 | no threshold |" in rows
    ours = [f"| **centerdecode, {isa}** |" for isa in cd.supported_isas()]
    assert [row[: len(name)] for row, name in zip(rows[2:], ours, strict=False)] == ours
    assert rows[-1].startswith(f"| {RIVALS[0].name} | ")
    assert "Not installed, so not timed: absent." in text
    content = json.loads((tmp_path / "new" / "decoders.json").read_text())
    assert content["input"]["shape"] == [3, 8, 12]
    assert content["decoders"][-1]["why_not"] == "nobody has it"
    curves = json.loads((tmp_path / "new" / "growth.json").read_text())["curves"]
    assert [len(curves), curves[0]["values"]] == [1, [8, 12]]
    assert [len(times) for times in curves[0]["seconds"].values()] == [2] * len(_growth.LINES)
    for name in ("decoders.png", "growth.png"):
        assert (tmp_path / "new" / name).read_bytes().startswith(PNG)
