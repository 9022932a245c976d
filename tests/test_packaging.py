"""What is installed says who it is, and its stub tells the truth."""

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import centerdecode
import pytest

PACKAGE = Path(centerdecode.__file__).parent


@pytest.fixture(scope="module")
def metadata():
    """The metadata of the installed distribution, where it is the one that was imported."""
    try:
        distribution = importlib.metadata.distribution("centerdecode")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("centerdecode is imported, but not installed")
    return distribution


def test_version_is_the_one_of_the_metadata(metadata):
    assert metadata.version == centerdecode.__version__


def test_licence(metadata):
    assert metadata.metadata["License-Expression"] == "Apache-2.0"
    assert metadata.metadata.get_all("License-File") == ["LICENSE"]


def test_numpy_and_openvino_are_the_only_dependencies(metadata):
    required = [line for line in metadata.requires if "extra ==" not in line]
    assert sorted(line.split(">")[0] for line in required) == ["numpy", "openvino"]


def test_entry_point(metadata):
    scripts = metadata.entry_points.select(group="console_scripts")
    assert [(script.name, script.value) for script in scripts] == [
        ("centerdecode", "centerdecode.cli:main")
    ]
    assert callable(scripts["centerdecode"].load())


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file()
    assert (PACKAGE / "_core.pyi").is_file()


def test_the_model_and_the_page_of_the_demo_are_shipped(metadata):
    box = {"digits.xml", "digits.bin", "page.jpg", "page.json"}
    assert {path.name for path in (PACKAGE / "digits").iterdir()} == box
    if metadata.files is not None and "_centerdecode_editable.py" not in map(str, metadata.files):
        installed = {path.name for path in metadata.files if path.parent.name == "digits"}
        assert installed == box


def test_only_the_package_is_installed(metadata):
    if metadata.files is None:
        pytest.skip("the installer kept no list of files")
    tops = {path.parts[0] for path in metadata.files if ".." not in path.parts}
    assert {top for top in tops if not top.endswith((".dist-info", ".pth"))} <= {
        "centerdecode",
        "_centerdecode_editable.py",
    }


def test_python_m_says_how_it_was_built():
    run = subprocess.run(
        [sys.executable, "-m", "centerdecode", "--version"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    facts = [centerdecode.__version__, centerdecode.active_isa(), *centerdecode.supported_isas()]
    assert [fact for fact in facts if fact not in run.stdout] == []


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def test_the_stub_of_the_extension_is_right(tmp_path):
    # That pybind11 has a metaclass of its own is no business of the stub.
    classes = [name for name, value in vars(centerdecode._core).items() if isinstance(value, type)]
    allowed = tmp_path / "allowed.txt"
    allowed.write_text("".join(f"centerdecode\\._core\\.{name}\n" for name in classes))
    run = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "centerdecode._core", "--allowlist", allowed],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
