"""What a number belongs to: the machine, and the versions of all that is timed."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import centerdecode as cd

_LIBRARIES = (
    "numpy", "openvino", "numba", "onnxruntime", "opencv-python-headless", "scipy", "torch",
)  # fmt: skip


def facts() -> dict[str, str | int]:
    """One fact a name, the same for every benchmark."""
    found: dict[str, str | int] = {
        "cpu": cpu(),
        "cores": _cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "centerdecode": cd.__version__,
        "compiler": str(cd.build_info()["compiler"]),
        "isa": cd.active_isa(),
    }
    for name in _LIBRARIES:
        try:
            found[name.partition("-python")[0]] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def cpu() -> str:
    """The name that the processor gives itself."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(errors="replace").splitlines() if info.is_file() else []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    # Those that this process may use, which in a container are fewer.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
