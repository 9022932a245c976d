"""The library of the operation `Decode`: built once for the OpenVINO that is installed, and kept.

A library of OpenVINO's operations belongs to one version of it, to the patch, so that none is in
the wheel: the wheel has its sources and the core that they are linked with.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import _core
from .._paths import get_cmake_dir

if TYPE_CHECKING:
    import openvino as ov

if TYPE_CHECKING:
    import openvino as ov

log = logging.getLogger("centerdecode")

_LIBRARY = "libcenterdecode_openvino.so"
_COMPILERS = ("c++", "g++", "clang++")
_LAST_LINES = 20
# What CMake reads in a path as something else: it would build, and write, elsewhere.
_NOT_IN_PATHS = (";", "\\", '"', "\n", "${")
_building = threading.Lock()


def build_extension(folder: str | Path | None = None) -> Path:
    """Compile the operation for the OpenVINO that is installed.

    Takes some 10 seconds, a C++17 compiler, and CMake (`pip install "centerdecode[graph]"`).
    Threads and processes may do so at once.

    Args:
        folder: where to put the library; one that is there is replaced. None: the cache,
            `$XDG_CACHE_HOME/centerdecode` or `~/.cache/centerdecode`, where it is compiled
            once for each version of OpenVINO and of this package.

    Returns:
        The library, for `add_to`, `Core.add_extension`, or `benchmark_app -extensions`.

    Raises:
        RuntimeError: there is no compiler or no CMake; or they failed, and the message has
            their last lines.
        ValueError: a path that CMake would take for another one, as with a ";" in it; or CXX
            is no command.
        OSError: the folder cannot be written.
    """
    if folder is not None:
        return _compile_to(Path(folder) / _LIBRARY)
    with _building:
        library = _cached()
        return library if library.is_file() else _compile_to(library)


def extension_path() -> Path:
    """Where `build_extension` has put the library for the OpenVINO that is installed.

    Raises:
        FileNotFoundError: it has not been built.
    """
    library = _cached()
    if not library.is_file():
        raise FileNotFoundError(
            f"no library of the operation for OpenVINO {_openvino_version()} at {library}; "
            "centerdecode.graph.build_extension() builds it"
        )
    return library


def _openvino_version() -> str:
    import openvino as ov

    return str(ov.get_version())


def _cached() -> Path:
    """Where the library of this OpenVINO, this core and these sources is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    openvino = "openvino-" + _openvino_version().replace("/", "_")
    digest = hashlib.blake2b(digest_size=8)
    # The extension module has the core in it, and changes with it.
    sources = sorted(path for path in _sources().iterdir() if path.is_file())
    for path in [Path(_core.__file__), *sources]:
        digest.update(path.read_bytes())
    key = f"{_core.__version__}-{digest.hexdigest()}"
    return cache / "centerdecode" / openvino / key / _LIBRARY


def _sources() -> Path:
    return Path(__file__).parent / "operation"


def _compile_to(library: Path) -> Path:
    """Others see the library whole or not at all: it is put in place by a rename."""
    _check_path("folder", library.parent, "pass another, or name a cache in XDG_CACHE_HOME")
    for package, path in (("centerdecode", get_cmake_dir()), ("OpenVINO", _openvino_cmake())):
        _check_path(package, path, "install it elsewhere")
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=library.parent) as folder:
        _compile(Path(folder))
        os.replace(Path(folder) / _LIBRARY, library)
    return library


def _check_path(what: str, path: str | Path, advice: str) -> None:
    if any(part in str(path) for part in _NOT_IN_PATHS):
        raise ValueError(
            f"{what} must have none of {[*_NOT_IN_PATHS]} in its path, which CMake takes for "
            f"something else, got {str(path)!r}; {advice}"
        )


def _openvino_cmake() -> str:
    from openvino.utils import get_cmake_path

    return str(get_cmake_path())


def _compile(folder: Path) -> None:
    cmake, ninja = _program("cmake"), _program("ninja")
    if cmake is None:
        raise RuntimeError(
            'CMake is needed to compile the operation: pip install "centerdecode[graph]"'
        )
    wanted = _compilers()
    if not any(map(_program, wanted)):
        raise RuntimeError(
            f"a C++ compiler is needed to compile the operation, and there is no {[*wanted]}; "
            "install one (Debian: apt install g++), or name it in CXX"
        )
    version = _openvino_version()
    log.info("compiling the operation for OpenVINO %s", version)
    generator = [] if ninja is None else ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"]
    options = {
        "CMAKE_BUILD_TYPE": "Release",
        "OpenVINO_DIR": _openvino_cmake(),
        "centerdecode_DIR": get_cmake_dir(),
        "CENTERDECODE_OPENVINO_VERSION": version,
    }
    defined = [f"-D{name}={value}" for name, value in options.items()]
    _run([cmake, *generator, "-S", str(_sources()), "-B", str(folder), *defined])
    _run([cmake, "--build", str(folder)])


def _compilers() -> Sequence[str]:
    """That of CXX, or any of those that CMake looks for.

    Raises:
        ValueError: CXX is no command.
    """
    given = os.environ.get("CXX", "")
    try:
        return shlex.split(given)[:1] or _COMPILERS
    except ValueError as error:
        raise ValueError(f"CXX must be a command, got {given!r}: {error}") from None


def _program(name: str) -> str | None:
    """A program beside this Python, where pip puts them, or on the PATH."""
    folders = [sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    return shutil.which(name, path=os.pathsep.join(folders))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        last = "\n".join(done.stdout.rstrip().splitlines()[-_LAST_LINES:])
        raise RuntimeError(
            f"the operation does not compile: {shlex.join(command)} ended with status "
            f"{done.returncode}\n{last}"
        )


@functools.cache
def default_core() -> ov.Core:
    """The one core of the process; a second one costs seconds and has crashed."""
    import openvino as ov

    return ov.Core()


def add_to(core: ov.Core, library: str | Path | None = None) -> None:
    """Let a core read models that have the operation. To do so twice does no harm.

    Args:
        library: what `build_extension` gave; None: that of the cache, compiled now if it is
            not there.

    Raises:
        RuntimeError: the library does not load, as one of another version of OpenVINO does
            not, or there is none to be had: see `build_extension`.
    """
    import openvino as ov

    path = Path(build_extension() if library is None else library)
    try:
        core.add_extension(str(path))
    except RuntimeError as error:
        raise RuntimeError(
            f"{path} does not load in OpenVINO {ov.get_version()}; "
            f"centerdecode.graph.build_extension() makes one that does: {error}"
        ) from error
