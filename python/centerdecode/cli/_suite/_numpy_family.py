"""A strong NumPy decoder for boxes of any family: what a careful user would write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ._workload import DecodedBoxes, least_of, scores_of

Heads = Mapping[str, NDArray[Any]]
_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "none": lambda numbers: numbers,
    "exp": np.exp,
    "relu": lambda numbers: np.maximum(numbers, 0),
}


def why_not(family: cd.Family, heads: Heads) -> str:
    """Why there is no such decoder for these heads; "" where there is."""
    if not {"heatmap", "wh"} <= {*heads} <= {"heatmap", "wh", "offset"}:
        return f"it does boxes, and the heads are {', '.join(heads)}"
    types = {str(head.dtype) for head in heads.values()}
    if types != {"float32"}:
        return f"it does float32, and the heads are {', '.join(sorted(types))}"
    if family.nms is not None:
        return "it does no NMS, as this family does"
    channels = heads["wh"].shape[1 if family.layout == "NCHW" else 3]
    if channels != (2 if family.box_encoding == "wh" else 4):
        return "it does one size for all classes"
    return ""


def numpy_decoder(
    family: cd.Family, *, score_threshold: float, top_k: int
) -> Callable[[Heads], DecodedBoxes]:
    """The decoder of one image: threshold first, then look at neighbours.

    Heads are (1, C, H, W), or (1, H, W, C) of an NHWC family; float32.
    """
    least = least_of(score_threshold, family.activation)
    reach = range(-(family.window // 2), family.window // 2 + 1)
    around = [(dy, dx) for dy in reach for dx in reach if dy or dx]

    def decode(heads: Heads) -> DecodedBoxes:
        heatmap = heads["heatmap"][0]
        at = np.unravel_index(np.flatnonzero(heatmap.ravel() >= least), heatmap.shape)
        planes = _planes(heatmap, family)
        c, y, x = at if family.layout == "NCHW" else (at[2], at[0], at[1])
        value = planes[c, y, x]
        beaten = np.zeros(len(value), bool)
        for dy, dx in around:
            near = (y + dy).clip(0, planes.shape[1] - 1), (x + dx).clip(0, planes.shape[2] - 1)
            beaten |= planes[(c, *near)] > value
        kept = np.flatnonzero(~beaten)
        order = kept[np.argsort(-value[kept], kind="stable")][:top_k]
        xyxy = _boxes(family, heads, y[order], x[order])
        return xyxy, scores_of(value[order], family.activation), c[order]

    return decode


def _planes(head: NDArray[Any], family: cd.Family) -> NDArray[Any]:
    return head if family.layout == "NCHW" else np.moveaxis(head, 2, 0)


def _boxes(
    family: cd.Family, heads: Heads, y: NDArray[np.intp], x: NDArray[np.intp]
) -> NDArray[Any]:
    size = _planes(heads["wh"][0], family)[:, y, x].astype(np.float64)
    size = _ACTIVATIONS[family.box_activation](size)
    shift = np.zeros((2, len(y)))
    if "offset" in heads:
        shift = _planes(heads["offset"][0], family)[:, y, x].astype(np.float64)
    if family.axes == "yx":
        size = size.reshape(-1, 2, len(y))[:, ::-1].reshape(-1, len(y))
        shift = shift[::-1]
    constant = family.center_shift
    if constant is None:
        constant = 0.0 if "offset" in heads else 0.5
    center = (np.stack([x, y]) + shift + constant) * family.stride
    size = size * (family.stride if family.box_units == "cells" else 1)
    low, high = (size / 2, size / 2) if family.box_encoding == "wh" else (size[:2], size[2:])
    return np.concatenate([center - low, center + high]).T
