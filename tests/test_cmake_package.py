"""The C++ and C libraries of the installed package, as another program's build finds them."""

import importlib.metadata
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import centerdecode as cd
import cv2
import numpy as np
import pytest
from centerdecode import families
from support.paths import ROOT

PACKAGE = Path(cd.__file__).parent
HEADERS = sorted(Path(cd.get_include()).rglob("*.h*"))
COMPILER = shutil.which("c++")
CMAKE = shutil.which("cmake")

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")
needs_cmake = pytest.mark.skipif(not (COMPILER and CMAKE), reason="needs CMake and a compiler")


def call(*command):
    run = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def build(example, folder, *options):
    """Build a program of examples/, and return its folder."""
    call(CMAKE, "-S", ROOT / "examples" / example, "-B", folder, *options)
    call(CMAKE, "--build", folder)
    return folder


def test_the_folders_are_those_of_the_package():
    assert Path(cd.get_include()) == PACKAGE / "include"
    assert Path(cd.get_cmake_dir()) == PACKAGE / "lib" / "cmake" / "centerdecode"
    assert Path(cd.get_library()) == PACKAGE / "lib" / "libcenterdecode.so.1"


def test_what_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("centerdecode._paths._ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/include is not there"):
        cd.get_include()


def test_build_backends_are_told_where_to_look():
    found = importlib.metadata.entry_points(group="cmake.root", name="centerdecode")
    assert [entry.value for entry in found] == ["centerdecode"]


def test_all_headers_are_installed():
    sources = ROOT / "cpp" / "include", ROOT / "cpp" / "capi" / "include"
    names = {path.relative_to(folder) for folder in sources for path in folder.rglob("*.h*")}
    assert {path.relative_to(cd.get_include()) for path in HEADERS} == names


@needs_compiler
def test_each_header_stands_alone(tmp_path):
    def compile_alone(header):
        name = header.relative_to(cd.get_include())
        source = tmp_path / f"{header.stem}.cpp"
        source.write_text(f"#include <{name}>\n#include <{name}>\n")
        call(COMPILER, "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
             "-I", cd.get_include(), source)  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        assert len([*pool.map(compile_alone, HEADERS)]) == len(HEADERS) > 20


# A scaled sigmoid of 2 and 1; boxes worked out by hand: (cell + offset) * 4 -+ size * 4 / 2.
C_LINES = ["0 0.880797088 3 0 9 10", "0 0.731058598 9 9 17 13"]


@needs_cmake
def test_the_c_program_finds_the_package_wherever_it_lies(tmp_path):
    moved = tmp_path / "elsewhere" / "any-name"
    shutil.copytree(PACKAGE / "include", moved / "include")
    shutil.copytree(PACKAGE / "lib", moved / "lib")
    folder = build("c", tmp_path / "build", f"-Dcenterdecode_ROOT={moved}")
    assert call(folder / "decode").splitlines() == C_LINES
    assert str(moved) in call("readelf", "-d", folder / "decode")


@needs_cmake
def test_another_minor_version_is_not_taken_for_this_one(tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.24)\nproject(asks LANGUAGES NONE)\n"
        "find_package(centerdecode ${WANTED} REQUIRED)\n"
    )
    package = f"-Dcenterdecode_DIR={cd.get_cmake_dir()}"
    major, minor, _ = cd.__version__.split(".")
    call(CMAKE, "-S", tmp_path, "-B", tmp_path / "a", package, f"-DWANTED={major}.{minor}")
    with pytest.raises(AssertionError, match="centerdecode"):
        call(CMAKE, "-S", tmp_path, "-B", tmp_path / "b", package, f"-DWANTED={major}.77")


@pytest.fixture(scope="module")
def detect(tmp_path_factory):
    """The C++ program, built against the OpenVINO of this environment."""
    from openvino.utils import get_cmake_path

    folder = tmp_path_factory.mktemp("detect")
    return build("cpp", folder, f"-DOpenVINO_DIR={get_cmake_path()}",
                 f"-Dcenterdecode_DIR={cd.get_cmake_dir()}") / "detect"  # fmt: skip


def lines_of(detections):
    return [
        " ".join(f"{number:.9g}" for number in (class_id, score, *xyxy.tolist()))
        for xyxy, score, class_id, *_ in detections
    ]


@needs_cmake
def test_the_cpp_program_finds_what_python_finds(detect, test_data, tmp_path):
    model = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    # Both hand over RGB as it is: to turn colors in the graph rounds otherwise.
    detector = cd.Detector(model, resize="stretch", color="BGR", mean=0, scale=1)
    photo = cv2.imread(str(test_data / "images" / "deface_city.jpg"))
    image = cv2.resize(photo, (512, 512))
    cv2.imwrite(str(tmp_path / "image.ppm"), image)
    decoder = cd.Decoder(families.CENTERNET)
    (tmp_path / "settings.txt").write_text(decoder.settings().replace(";", "\n"))
    wanted = detector(np.ascontiguousarray(image[..., ::-1]))
    found = call(detect, model, tmp_path / "settings.txt", tmp_path / "image.ppm")
    assert len(wanted) > 2
    assert found.splitlines() == lines_of(wanted)


@needs_cmake
def test_the_cpp_program_says_what_is_wrong(detect, tmp_path):
    path = tmp_path / "settings.txt"
    path.write_text("decoder=boxes;heads=heatmap,size")
    command = [detect, "model.xml", path, path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert 'settings must have heads that the decoder knows, got "size"' in run.stderr
