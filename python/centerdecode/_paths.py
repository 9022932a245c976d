"""Where the C++ and C libraries lie that come with the package."""

from __future__ import annotations

from pathlib import Path

from .families import one_of

_ROOT = Path(__file__).parent


def get_include() -> str:
    """The folder of `centerdecode.h` and of the C++ headers, `centerdecode/...`."""
    return str(_found("include"))


def get_cmake_dir() -> str:
    """The folder that CMake's `find_package(centerdecode)` wants as `centerdecode_DIR`."""
    return str(_found("lib/cmake/centerdecode"))


def get_library(host: str | None = None) -> str:
    """The shared library of the C interface, for `ctypes` and other loaders.

    Args:
        host: instead of it what a program loads to decode inside itself: "ovms", a custom
            node of OpenVINO Model Server, or "dlstreamer", a custom-postproc-lib of DL
            Streamer. It needs the library of the C interface in the same folder.
    """
    if host is None:
        return str(_found("lib/libcenterdecode.so.1"))
    one_of("host", host, ("ovms", "dlstreamer"))
    return str(_found(f"lib/libcenterdecode_{host}.so"))


def _found(name: str) -> Path:
    path = _ROOT / name
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there: the package was not installed from its sources or wheel"
        )
    return path
