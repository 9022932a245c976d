"""The rules of ARCHITECTURE.md, so that the rooms stay rooms."""

import ast
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.paths import ROOT

CPP = ROOT / "cpp"
PYTHON = ROOT / "python" / "centerdecode"
ORACLES = ROOT / "tests" / "oracles"
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"//.*")
INTRINSICS = {"immintrin.h", "arm_neon.h", "arm_sve.h", "x86intrin.h", "emmintrin.h"}

if not CPP.is_dir():
    pytest.skip(f"no sources at {ROOT}", allow_module_level=True)


def sources(*folders):
    """Return the C++ files below the folders of cpp/, to be named by their path."""
    paths = [path for folder in folders for path in sorted((CPP / folder).rglob("*.[ch]pp"))]
    assert paths
    return {"argvalues": paths, "ids": [str(path.relative_to(CPP)) for path in paths]}


def modules(folder=PYTHON, but=None):
    """Return the Python files below the folder but those of one, to be named by their path."""
    paths = sorted(path for path in folder.rglob("*.py") if path.parent != but)
    assert paths
    return {"argvalues": paths, "ids": [str(path.relative_to(folder)) for path in paths]}


def includes(path):
    """Return the names that a C++ file includes."""
    return INCLUDE.findall(path.read_text())


def code(path):
    """Return a C++ file without its comments."""
    return COMMENT.sub("", path.read_text())


def imports(tree):
    """Return every dotted name that the nodes of a tree import, relative ones with their dots."""
    found = []
    for node in tree:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return found


def run_at_import(tree):
    """Return the nodes of a module that run when it is imported."""
    for node in ast.iter_child_nodes(tree):
        lazy = ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda
        typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not isinstance(node, lazy) and not typing:
            yield node
            yield from run_at_import(node)


@pytest.mark.parametrize("path", **sources("src", "include"))
def test_the_core_does_not_know_python(path):
    names = [name for name in includes(path) if "pybind11" in name or "Python" in name]
    assert names == []
    assert "py::" not in code(path)


@pytest.mark.parametrize("path", **sources("include"))
def test_what_callers_see_includes_nothing_of_how(path):
    ours = [name for name in includes(path) if "/" in name or name.endswith(".hpp")]
    assert [name for name in ours if not (CPP / "include" / name).is_file()] == []


@pytest.mark.parametrize("path", **sources("src/kernels"))
def test_kernels_include_nothing_that_emits_code(path):
    allowed = {"kernels.hpp", "immintrin.h", "arm_neon.h"}
    if path.name == "kernels.hpp":
        allowed = {"centerdecode/peak.hpp", "cstddef", "cstdint"}
    inline = {name for name in includes(path) if name.endswith("-inl.hpp")}
    assert {name for name in includes(path) if not (path.parent / name).is_file()} <= allowed
    assert set(includes(path)) - inline <= allowed
    if path.name.endswith("-inl.hpp"):
        assert includes(path) == []


@pytest.mark.parametrize("path", **sources("src", "include", "bindings"))
def test_intrinsics_stay_in_the_files_of_their_isa(path):
    if path.parent.name == "kernels" and path.suffix == ".cpp":
        assert len(INTRINSICS & set(includes(path))) <= 1
        return
    assert INTRINSICS & set(includes(path)) == set()
    assert re.search(r"\b_mm\d*_|\bv(ld|st)\d?q?_", code(path)) is None


@pytest.mark.parametrize("path", **sources("src", "include"))
def test_only_isa_asks_the_processor_and_the_environment(path):
    asks = re.search(r"__builtin_cpu|getenv|cpuid|getauxval", code(path))
    assert asks is None or path.name == "isa.cpp"


@pytest.mark.parametrize("path", **sources("src", "include"))
def test_the_core_is_silent_and_never_ends_the_program(path):
    loud = r"\b(std::(cout|cerr|clog)|\w*printf|puts|abort|terminate|_?exit|assert)\b\s*[(<]"
    assert re.search(loud, code(path)) is None
    assert not {"iostream", "cstdio", "cassert"} & set(includes(path))


@pytest.mark.parametrize("path", **sources("hosts"))
def test_what_other_programs_load_stands_on_the_c_interface_alone(path):
    ours = [name for name in includes(path) if "." in name and name != "dlfcn.h"]
    assert [name for name in ours if not (path.parent / name).is_file()] in ([], ["centerdecode.h"])


@pytest.mark.parametrize("path", **sources("src", "include", "bindings", "hosts"))
def test_sources_are_ascii(path):
    assert path.read_bytes().isascii()


BUILD = [ROOT / "CMakeLists.txt", ROOT / "pyproject.toml"]
BUILD += [path for path in [ROOT / "CMakePresets.json", *ROOT.glob("**/*.cmake")] if path.is_file()]
BUILD += ROOT.glob("*/*/CMakeLists.txt")
BUILD = [path for path in BUILD if "build" not in path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("path", BUILD, ids=[str(path.relative_to(ROOT)) for path in BUILD])
def test_machine_flags_and_globs_are_not_spread(path):
    text = re.sub(r"#.*", "", path.read_text())
    assert re.search(r"file\s*\(\s*GLOB", text, re.IGNORECASE) is None
    flags = re.findall(r"(?<![\w-])-m[a-z0-9]\S*", text)
    assert flags == [] or path == ROOT / "cmake" / "isa.cmake"


# The modules that stand at the door. All others use what these give, above all cli and compat.
@pytest.mark.parametrize("path", **modules())
def test_the_command_line_and_interop_stand_on_the_public_names(path):
    names = imports(ast.walk(ast.parse(path.read_text())))
    inside = path.relative_to(PYTHON).parts
    outside = inside[0] in ("adapters", "cli", "interop")
    assert not outside or not [name for name in names if name.split(".")[-1] == "_core"]


@pytest.mark.parametrize("path", **modules(PYTHON / "video"))
def test_videos_know_nothing_of_detections(path):
    names = imports(ast.walk(ast.parse(path.read_text())))
    outside = [name for name in names if name.startswith("..") or "centerdecode" in name]
    assert [name for name in outside if not name.startswith(".._lazy")] == []


@pytest.mark.parametrize("path", **modules())
def test_only_the_command_line_knows_videos(path):
    names = imports(ast.walk(ast.parse(path.read_text())))
    inside = path.relative_to(PYTHON).parts
    allowed = inside[0] in ("cli", "video") or inside == ("__init__.py",)
    assert allowed or not [name for name in names if "video" in name.split(".")]


@pytest.mark.parametrize("path", **modules())
def test_nothing_but_numpy_is_imported_with_a_module(path):
    heavy = [
        "PIL",
        "av",
        "cv2",
        "faster_coco_eval",
        "fiftyone",
        "matplotlib",
        "numba",
        "onnx",
        "onnxruntime",
        "openvino",
    ]
    heavy += ["pyarrow", "pycocotools", "pyovms", "pyspark", "ray", "scipy", "shtab"]
    heavy += ["supervision", "torch", "tqdm", "tritonclient"]
    names = imports(run_at_import(ast.parse(path.read_text())))
    assert [name for name in names if name.split(".")[0] in heavy] == []


@pytest.mark.parametrize("path", **modules())
def test_families_are_never_told_apart_by_name(path):
    def is_family(node):
        named = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        whose = ast.unparse(node.value) if isinstance(node, ast.Attribute) else ""
        return named == "family" or (named == "name" and "family" in whose) or whose == "families"

    for node in ast.walk(ast.parse(path.read_text())):
        asked = [node.subject] if isinstance(node, ast.Match) else []
        if isinstance(node, ast.Compare) and not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            asked = [node.left, *node.comparators]
        assert not any(is_family(side) for side in asked), ast.unparse(node)


@pytest.mark.parametrize("path", **modules(ORACLES, but=ORACLES / "checks"))
def test_the_oracle_imports_nothing_of_ours(path):
    names = {name.split(".")[0] for name in imports(ast.walk(ast.parse(path.read_text())))}
    assert names <= {"functools", "itertools", "math", "numpy", "oracles"}


@pytest.mark.parametrize("path", **modules(ROOT / "tests"))
def test_what_is_right_does_not_rest_on_what_is_fast(path):
    names = {name.split(".")[0] for name in imports(ast.walk(ast.parse(path.read_text())))}
    bench = ROOT / "bench"
    fast = {other.relative_to(bench).parts[0] for other in bench.rglob("*.py")}
    fast = {name.removesuffix(".py") for name in fast} - {"conftest"}
    assert not names & {"bench", *fast}


ISAS = dict(re.findall(
    r"^\s*add_isa_kernels\(\$\{target\} (\w+)([^)]*)\)",
    (ROOT / "cmake" / "isa.cmake").read_text(),
    re.MULTILINE,
))  # fmt: skip


@pytest.mark.skipif(platform.machine() != "x86_64", reason="compiles for x86-64")
@pytest.mark.skipif(not (shutil.which("g++") and shutil.which("nm")), reason="needs g++ and nm")
@pytest.mark.parametrize("isa", [name for name in ISAS if name != "neon"])
def test_an_isa_lends_the_program_its_table_and_nothing_else(isa, tmp_path):
    source, compiled = CPP / "src" / "kernels" / f"{isa}.cpp", tmp_path / "kernels.o"
    flags = ["-std=c++17", "-O0", "-fno-exceptions", "-I", CPP / "include", *ISAS[isa].split()]
    subprocess.run(["g++", *flags, "-c", source, "-o", compiled], check=True)
    listed = subprocess.run(
        ["nm", "--extern-only", "--defined-only", "--demangle", compiled],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    symbols = [line.split(maxsplit=2)[2] for line in listed.stdout.splitlines()]
    assert symbols == [f"centerdecode::kernels::{isa}"]


def test_every_isa_of_the_build_has_its_file_and_its_candidate():
    files = {path.stem for path in Path(CPP / "src" / "kernels").glob("*.cpp")}
    candidates = re.findall(r"&kernels::(\w+),", (CPP / "src" / "peaks" / "isa.cpp").read_text())
    assert files == set(ISAS) == set(candidates)
