"""Options checked for meaning and handed to the core as objects it can reuse."""

from __future__ import annotations

import ctypes
import math
import operator
from collections.abc import Iterable, Sequence
from typing import SupportsFloat, SupportsIndex

import numpy as np

from .. import _core

_ALL = 2**62  # more than the largest map has cells


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


def peak_options(
    top_k: int,
    score_threshold: float,
    activation: str,
    window: int,
    plateaus: str,
    classes: Iterable[int] | None,
    best_class: bool = False,
    max_per_class: int | None = None,
    tolerance: float = 0.0,
) -> _core.PeakOptions:
    window = whole_number("window", window, least=1)
    if window % 2 == 0:
        raise ValueError(f"window must be odd, got {window}")
    return _core.PeakOptions(
        min(whole_number("top_k", top_k, least=0), _ALL),
        score_limit(score_threshold),
        activation,
        min(window, 2**31 - 1),
        plateaus,
        None if classes is None else ascending(classes),
        bool(best_class),
        _ALL if max_per_class is None else whole_number("max_per_class", max_per_class, least=0),
        tolerance,
    )


def ascending(classes: Iterable[int]) -> list[int]:
    if isinstance(classes, (str, bytes)) or not isinstance(classes, Iterable):
        raise TypeError(f"classes must be channel numbers, as in [0, 2], got {classes!r}")
    return sorted({whole_number("classes", number, least=0) for number in classes})


def box_format(
    stride: float,
    box_encoding: str,
    box_units: str,
    box_activation: str,
    axes: str,
    center_shift: float | None,
) -> _core.BoxFormat:
    stride = real_number("stride", stride)
    if not 0 < stride < math.inf:
        raise ValueError(f"stride must be positive, got {stride}")
    shift = None if center_shift is None else real_number("center_shift", center_shift)
    if shift is not None and not math.isfinite(shift):
        raise ValueError(f"center_shift must be finite, got {shift}")
    return _core.BoxFormat(stride, box_encoding, box_units, box_activation, axes, shift)


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
