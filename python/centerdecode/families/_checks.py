"""Options checked for meaning and handed to the core as objects it can reuse."""

from __future__ import annotations

import ctypes
import math
import operator
from collections.abc import Iterable, Sequence
from typing import SupportsFloat, SupportsIndex

import numpy as np

from .. import _core


def whole_number(name: str, value: SupportsIndex, *, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {number}")
    return number


def one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        known = ", ".join(f'"{choice}"' for choice in choices)
        raise ValueError(f"{name} must be one of {known}, got {value!r}")


def real_number(name: str, value: SupportsFloat) -> float:
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    if math.isnan(number):
        raise ValueError(f"{name} must not be NaN")
    return number


def score_limit(score_threshold: SupportsFloat) -> float:
    """The threshold as a float32, which scores are: 0.7 means NumPy's float32(0.7)."""
    return ctypes.c_float(real_number("score_threshold", score_threshold)).value


def ascending(classes: Iterable[int]) -> list[int]:
    if isinstance(classes, (str, bytes)) or not isinstance(classes, Iterable):
        raise TypeError(f"classes must be channel numbers, as in [0, 2], got {classes!r}")
    return sorted({whole_number("classes", number, least=0) for number in classes})


def head_format(layout: str, element_type: str | None) -> _core.HeadFormat:
    return _core.HeadFormat(layout, element_type or "")


def extents_of(name: str, size: Sequence[float]) -> tuple[float, float]:
    """(height, width), of which neither is nothing."""
    if np.ndim(size) != 1 or len(size) != 2:
        raise ValueError(f"{name} must be (height, width), got {size!r}")
    height, width = size
    if not all(0 < real_number(name, extent) < math.inf for extent in size):
        raise ValueError(f"{name} must be positive, got {size!r}")
    return height, width
