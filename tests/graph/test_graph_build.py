"""The operation's library is built once, whole or not at all, and loads in its own OpenVINO alone."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import centerdecode as cd
import openvino as ov
import pytest
from centerdecode import graph
from centerdecode.models import _extension

OPENVINO = ov.get_version()


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def load(library):
    ov.Core().add_extension(str(library))


def test_the_package_itself_is_not_linked_with_openvino():
    package = Path(cd.__file__).parent
    binaries = [path for path in package.rglob("*.so*") if path.is_file()]
    assert cd._core.__file__ in map(str, binaries)
    assert [path for path in binaries if b"libopenvino" in path.read_bytes()] == []


def test_it_is_kept_by_version_and_not_built_again(extension, monkeypatch):
    assert OPENVINO.replace("/", "_") in str(extension)
    assert cd.__version__ in str(extension)
    monkeypatch.setattr(_extension, "_compile", None)
    assert graph.build_extension() == graph.extension_path() == extension
    assert files(extension.parent) == [extension]


def test_it_looks_for_openvino_in_no_folder_of_this_machine(extension):
    """So that it finds the one that is loaded, wherever that is."""
    names = extension.read_bytes().split(b"\0")
    assert runtime().name.encode() in names
    assert [name for name in names if b"openvino" in name and name.endswith(b"/libs")] == []


def test_python_m_prints_where_it_is(extension):
    run = subprocess.run(
        [sys.executable, "-m", "centerdecode.graph"], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"{extension}\n"


def test_where_it_was_not_built(empty_cache):
    with pytest.raises(FileNotFoundError, match=r"OpenVINO 20.*build_extension\(\) builds it"):
        graph.extension_path()
    assert files(empty_cache) == []


def test_without_cmake(empty_cache, monkeypatch):
    monkeypatch.setattr(_extension, "_program", lambda name: name if name != "cmake" else None)
    with pytest.raises(RuntimeError, match=r'pip install "centerdecode\[graph\]"'):
        graph.build_extension()


@pytest.mark.skipif(shutil.which("cmake") is None, reason="needs CMake")
def test_without_a_compiler(empty_cache, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler -O2")
    with pytest.raises(RuntimeError, match=r"C\+\+ compiler is needed.*no-such-compiler"):
        graph.build_extension()


@pytest.mark.skipif(shutil.which("cmake") is None, reason="needs CMake")
def test_a_compiler_whose_name_has_an_open_quote(empty_cache, monkeypatch):
    monkeypatch.setenv("CXX", "g++ -DNAME='x")
    with pytest.raises(ValueError, match=r"CXX must be .* got \"g\+\+ -DNAME='x\": No closing"):
        graph.build_extension()
    assert files(empty_cache) == []


@pytest.mark.parametrize("name", ["a;b", "a\\b", 'a"b', "a\nb", "a${b}"])
def test_a_folder_that_cmake_would_take_for_another(empty_cache, monkeypatch, name):
    sources = files(_extension._sources())
    with pytest.raises(ValueError, match=r"folder must have none of .* in its path"):
        graph.build_extension(empty_cache / name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(empty_cache / name))
    with pytest.raises(ValueError, match=r"folder must .*XDG_CACHE_HOME"):
        graph.build_extension()
    assert [*empty_cache.iterdir()] == []
    assert files(_extension._sources()) == sources


def test_a_package_in_a_folder_that_cmake_would_take_for_another(empty_cache, monkeypatch):
    monkeypatch.setattr(_extension, "get_cmake_dir", lambda: "/a;b")
    with pytest.raises(ValueError, match=r"centerdecode must have none of .*got '/a;b'"):
        graph.build_extension()
    assert [*empty_cache.iterdir()] == []


def test_folders_among_the_sources_do_no_harm(empty_cache, monkeypatch, tmp_path):
    monkeypatch.setattr(_extension, "_sources", lambda: tmp_path / "sources")
    (tmp_path / "sources" / "CMakeFiles").mkdir(parents=True)
    (tmp_path / "sources" / "CMakeLists.txt").touch()
    with pytest.raises(FileNotFoundError, match="no library of the operation"):
        graph.extension_path()


@pytest.mark.skipif(shutil.which("cmake") is None, reason="needs CMake")
def test_what_the_compiler_said_last(empty_cache, monkeypatch):
    compiler = empty_cache / "broken"
    compiler.write_text("#!/bin/sh\necho out of ideas >&2\nexit 3\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    with pytest.raises(RuntimeError, match=r"(?s)does not compile: .*cmake.*out of ideas"):
        graph.build_extension()
    assert files(empty_cache) == [compiler]


def test_an_unwritable_cache(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file"):
        graph.build_extension()


def test_many_at_once_find_it_whole(empty_cache, monkeypatch):
    """As processes do, which have no lock in common."""
    both = threading.Barrier(2, timeout=60)

    def compile_slowly(folder):
        both.wait()
        (folder / _extension._LIBRARY).write_bytes(b"whole")

    monkeypatch.setattr(_extension, "_compile", compile_slowly)
    library = empty_cache / "folder" / "library.so"
    threads = [threading.Thread(target=_extension._compile_to, args=[library]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(empty_cache) == [library]
    assert library.read_bytes() == b"whole"


def test_a_folder_of_ones_own_gets_a_library_each_time(empty_cache, monkeypatch, tmp_path):
    found = []
    monkeypatch.setattr(
        _extension, "_compile",
        lambda folder: (folder / _extension._LIBRARY).write_text(f"{found.append(folder)}"),
    )  # fmt: skip
    for _ in range(2):
        library = graph.build_extension(tmp_path / "mine")
    assert library == tmp_path / "mine" / "libcenterdecode_openvino.so"
    assert len(found) == 2


def changed(library, old, new, folder):
    """Return a copy of the library with other bytes in one place."""
    binary = library.read_bytes()
    assert binary.count(old) == 1
    assert len(old) == len(new)
    copy = folder / "changed.so"
    copy.write_bytes(binary.replace(old, new))
    return copy


def runtime():
    """Return the library that is OpenVINO."""
    (path,) = (Path(ov.__file__).parent / "libs").glob("libopenvino.so.*")
    return path


def test_another_openvino_does_not_load_it(extension, tmp_path):
    """One whose library has another name, as each version's has."""
    name = runtime().name.encode()
    library = changed(extension, name, b"libopenvino.so.0000"[: len(name)], tmp_path)
    with pytest.raises(
        RuntimeError, match=r"(?s)does not load in OpenVINO 20.*libopenvino\.so\.0000"
    ):
        graph.add_to(ov.Core(), library)


def test_another_build_of_the_same_version_is_refused(extension, tmp_path):
    other = b"1999" + OPENVINO[4:].encode()
    library = changed(extension, OPENVINO.encode(), other, tmp_path)
    told = rf"built for OpenVINO {other.decode()}, and is loaded by {OPENVINO}.*build_extension"
    with pytest.raises(RuntimeError, match=told):
        load(library)


def test_a_second_openvino_does_not_answer_for_the_first(extension, tmp_path):
    """As one that LD_LIBRARY_PATH names, and that the library is linked with, would."""
    own = runtime()
    name, other = own.name.encode(), b"libopenvino.so.0000"[: len(own.name)]
    library = changed(extension, name, other, tmp_path)
    second = own.read_bytes().replace(name, other)
    (tmp_path / other.decode()).write_bytes(second)
    code = "import openvino as ov, sys\nov.Core().add_extension(sys.argv[1])"
    run = subprocess.run(
        [sys.executable, "-c", code, library], capture_output=True, text=True, check=False,
        env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 1
    assert "is loaded by that of" in run.stderr


def test_what_is_no_library_is_said(extension, tmp_path):
    (tmp_path / "text.so").write_text("text")
    with pytest.raises(RuntimeError, match=r"text\.so does not load in OpenVINO"):
        graph.add_to(ov.Core(), tmp_path / "text.so")
