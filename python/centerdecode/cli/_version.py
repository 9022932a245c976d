"""`centerdecode --version`: how this copy was built and what it runs on."""

from __future__ import annotations

import argparse
import platform

import numpy as np

import centerdecode as cd


def run(args: argparse.Namespace) -> int:
    for name, value in facts().items():
        print(f"{name}: {value if isinstance(value, str) else ' '.join(value)}")
    return 0


def facts() -> dict[str, str | list[str]]:
    build = cd.build_info()
    return {
        "centerdecode": build["version"],
        "compiler": build["compiler"],
        "compiled ISAs": build["compiled_isas"],
        "supported ISAs": build["supported_isas"],
        "active ISA": build["active_isa"],
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "NumPy": np.__version__,
        "OpenVINO": _openvino(),
    }


def _openvino() -> str:
    try:
        import openvino
    except ImportError as error:
        return f"not usable ({error})"
    return str(openvino.__version__)
