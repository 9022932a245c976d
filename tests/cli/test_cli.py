"""The command line in general: wrong calls, help, versions, `inspect`."""

import json
import shutil
import subprocess
import sys

import centerdecode as cd
import numpy as np
import pytest
from support.command_line import CENTERNET, photo, records, save

WRONG = {
    "no command": ([], "usage: centerdecode"),
    "no model": (["detect", "a.png"], "required: --model"),
    "missing model": (["detect", "a.png", "--model", "nope.xml"], "no file 'nope.xml'"),
    "unreadable model": (["detect", "a.png", "--model", __file__], "Unable to read the model"),
    "family": (["detect", "a.png", "MODEL", "--family", "foo"], "must be one of CENTERNET, KERAS"),
    "another family": (["detect", "a.png", "MODEL", "--family", "ttfnet"], "does not fit"),
    "device": (["detect", "a.png", "MODEL", "--device", "FOO"], '"FOO" name is not registered'),
    "txt": (["detect", "a.png", "MODEL", "--format", "txt"], "needs --output"),
    "labels": (["detect", "a.png", "MODEL", "--labels", "nope"], "--labels nope: No such file"),
    "mean": (["detect", "a.png", "MODEL", "--mean", "1", "2"], "a number or three"),
    "scale": (["detect", "a.png", "MODEL", "--scale", "x"], "one number or three, got 'x'"),
    "resize": (["detect", "a.png", "MODEL", "--resize", "foo"], 'one of "affine"'),
    "top_k": (["detect", "a.png", "MODEL", "--top-k=-1"], "top_k must be at least 0"),
    "output": (["detect", "a.png", "MODEL", "--output", __file__], "File exists"),
    "small": (["detect", "a.png", "MODEL", "--small-jpeg", "--output", "x"], "no pixels to draw"),
    "film": (["detect", "a.mp4", "MODEL", "--small-jpeg"], "is for images, not for videos"),
    "preset": (["detect", "a.png", "MODEL", "--preset", "yolo"], "must be one of ctdet_coco_dla"),
    "inspect": (["inspect", "--model", "nope.xml"], "no file 'nope.xml'"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=[*WRONG])
def test_a_wrong_call_is_status_2_and_a_sentence(run, model, arguments, message):
    words = [word for given in arguments for word in (model if given == "MODEL" else [given])]
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("module", "name"), [("cv2", "opencv"), ("supervision", "supervision")])
def test_a_missing_library_is_named_with_its_extra(run, model, tmp_path, monkeypatch, module, name):
    monkeypatch.setitem(sys.modules, module, None)
    path = photo(tmp_path / "a.png")
    status, _, err = run("detect", path, *model, "--output", tmp_path / "out")
    assert status == 2
    assert name in err
    assert "centerdecode[cli]" in err


def test_numbers_may_stand_before_the_images(run, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, numbers in {"a.png": ["0"], "b.png": ["1,2,3"], "7": ["0", "-1.5", "2"]}.items():
        photo(tmp_path / path)
        status, out, _ = run("detect", *model, "--pad-value", *numbers, path)
        assert (status, out.split(":")[0]) == (0, path)


def test_inspect_says_what_and_why(run, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    status, out, err = run("inspect", *model, "--pad-value", "1", "2", "3")
    assert (status, err) == (0, "")
    facts = [
        "image [1,3,32,48] f32", "hm [1,3,8,12] f32", "family CENTERNET:",
        "output names fit family CENTERNET", "heatmap is hm [1, 3, 8, 12], by its name 'hm'",
        "size: 32 x 48, height x width (the model's input)", "resize: stretch (asked for)",
        "color: BGR (family CENTERNET)", "mean: 0 0 0 (asked for)", "scale: 1 1 1 (asked for)",
        "pad_value: 1 2 3 (asked for)", "not in the model", "CPU, inference precision f32",
    ]  # fmt: skip
    assert [fact for fact in facts if fact not in out] == []


def test_a_model_of_unknown_names_takes_a_family_of_ones_own(run, tmp_path):
    arrays = {f"out{i}": array for i, array in enumerate(CENTERNET.values())}
    model = save(arrays, tmp_path / "unknown.xml")
    for command in (["inspect"], ["detect", "a.png"]):
        status, _, err = run(*command, *model)
        assert status == 2
        assert "out0 [1, 3, 8, 12]" in err
        assert "pass --family" in err
    heads = {"heatmap": ("out0",), "wh": ("out1",), "offset": ("out2",)}
    family = cd.families.CENTERNET.replace(name="MINE", heads=heads)
    (tmp_path / "mine.json").write_text(family.to_json())
    path = photo(tmp_path / "a.png")
    out = run("detect", path, *model, "--family", tmp_path / "mine.json", "--format", "jsonl")[1]
    assert json.loads(out) == records(path, None)
    assert "family MINE:" in run("inspect", *model, "--family", tmp_path / "mine.json")[1]
    (tmp_path / "mine.json").write_text("{}")
    assert run("inspect", *model, "--family", tmp_path / "mine.json")[0] == 2


def test_version_is_one_fact_a_line(run):
    status, out, _ = run("--version")
    facts = dict(line.split(": ", 1) for line in out.splitlines())
    assert (status, facts["centerdecode"]) == (0, cd.__version__)
    assert facts["active ISA"] == cd.active_isa()
    assert facts["supported ISAs"].split() == cd.supported_isas()
    assert facts["NumPy"] == np.__version__
    module = [sys.executable, "-m", "centerdecode", "--version"]
    assert subprocess.run(module, capture_output=True, text=True, check=True).stdout == out


@pytest.mark.parametrize("command", [[], ["detect"], ["inspect"]])
def test_help_fits_80_columns_and_has_an_example(run, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = run(*command, "--help")
    assert (status, "example" in out) == (0, True)
    assert max(map(len, out.splitlines())) <= 80
    assert out.isascii()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_knows_commands_and_arguments(run, shell):
    pytest.importorskip("shtab")
    status, out, err = run("--print-completion", shell)
    assert (status, err) == (0, "")
    for word in ("centerdecode", "detect", "inspect", "bench", "resume", "parquet"):
        assert word in out


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["det"], ["detect"]),
        (["detect", "--for"], ["--format"]),
        (["detect", "--format", "p"], ["parquet"]),
        (["detect", "--model", "m"], ["model.xml"]),
        (["detect", "--output", "o"], ["out"]),
        (["detect", "o"], ["one.jpg", "out"]),
    ],
)
def test_bash_completes(run, tmp_path, words, offered):
    pytest.importorskip("shtab")
    (tmp_path / "out").mkdir()
    for name in ("model.xml", "one.jpg"):
        (tmp_path / name).touch()
    line = ["centerdecode", *words]
    script = (
        run("--print-completion", "bash")[1]
        + f"""
COMP_WORDS=({" ".join(line)}); COMP_CWORD={len(words)}
$(complete -p centerdecode | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    )
    told = subprocess.run(
        [BASH, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert sorted(told.stdout.split()) == offered


def test_completion_names_the_extra_it_needs(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    status, out, err = run("--print-completion", "bash")
    assert (status, out) == (2, "")
    assert "centerdecode[cli]" in err
