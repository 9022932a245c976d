"""Modules of version 0.1.0 that are rooms now, for pickles that name them.

A pickle names a module and something in it. The modules here have no file any more; one is made
when a pickle asks for it, and what it is asked for is looked up among the public names.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_PACKAGE = __package__
_MOVED = frozenset(
    f"{_PACKAGE}.{name}"
    for name in (
        *("_bev", "_boxes3d", "_corner_pairs", "_decode", "_decoder", "_detections", "_detector"),
        *("_extras", "_extreme_points", "_faces", "_families", "_keypoints", "_levels", "_masks"),
        *("_nms", "_pose_tasks", "_poses", "_quadruples", "_started", "_triplets"),
    )
)


class _MovedModules:
    """Finds and makes these modules, as an entry of `sys.meta_path`."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, _MovedModules) if name in _MOVED else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """An empty module, as Python makes them."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        module.__getattr__ = lambda name: _look_up(module.__name__, name)  # type: ignore[method-assign]


def register() -> None:
    """Let imports find the modules that moved."""
    sys.meta_path.append(_MovedModules)


def _look_up(module: str, name: str) -> Any:
    if name == "_rebuild":
        return {"_decoder": _decoder, "_detector": _detector}[module.rpartition(".")[2]]
    if name == "Timings":
        return importlib.import_module(".detector", _PACKAGE).Timings
    if name.startswith("_"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return getattr(sys.modules[_PACKAGE], name)


def _decoder(family: Any, options: dict[str, Any]) -> Any:
    """Make a decoder of what a pickle of 0.1.0 has of it."""
    return sys.modules[_PACKAGE].Decoder(family, **options)


def _detector(arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Make a detector of what a pickle of 0.1.0 has of it."""
    return sys.modules[_PACKAGE].Detector(*arguments, **options)
