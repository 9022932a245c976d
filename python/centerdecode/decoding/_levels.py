"""Heads of the levels of a feature pyramid to boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import CENTERNET2_NMS, NMS, LevelRule, NMSLike, ascending, nms_of, rule_entries
from ..results import Detections
from ._call import decode, make_decoder, remembered

_OPTIONS = (
    "top_k",
    "score_threshold",
    "activation",
    "window",
    "plateaus",
    "layout",
    "classes",
    "best_class",
    "max_per_class",
    "box_units",
    "box_activation",
    "center_shift",
)
_LISTS = {"heatmap": "heatmaps", "wh": "ltrbs", "agnostic": "agnostic"}


def name_of_level(head: str) -> str:
    """What messages call a head: "heatmap_0" is "heatmaps[0]"."""
    kind, _, level = head.rpartition("_")
    return f"{_LISTS.get(kind, kind)}[{level}]"


@lru_cache
def _heads(levels: int) -> tuple[str, ...]:
    return tuple(f"{kind}_{i}" for kind in _LISTS for i in range(levels))


@remembered
def _decoder(
    strides: tuple[float, ...],
    max_per_level: int,
    nms: NMS | None,
    element_type: str | None,
    *values: Any,
) -> _core.Decoder:
    rule = LevelRule(strides, max_per_level)
    return make_decoder(
        "levels",
        _heads(len(strides)),
        (),
        element_type,
        nms,
        rule_entries("levels", rule),
        names=[*map(name_of_level, _heads(len(strides)))],
        **dict(zip(_OPTIONS, values, strict=True)),
    )


def decode_levels(
    heatmaps: Sequence[Any] | None,
    ltrbs: Sequence[Any],
    agnostic: Sequence[Any] | None = None,
    *,
    strides: Sequence[float] = (8, 16, 32, 64, 128),
    top_k: int = 100,
    max_per_level: int = 1000,
    score_threshold: float = 0.05,
    activation: str = "sigmoid",
    window: int = 1,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = False,
    max_per_class: int | None = None,
    box_units: str = "cells",
    box_activation: str = "none",
    center_shift: float = 0.5,
    transform: ArrayLike | None = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = CENTERNET2_NMS,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of all levels of a feature pyramid into boxes.

    The rules and defaults are those of CenterNet2's first stage ("Probabilistic two-stage
    detection", Zhou et al., 2021) and its program, with two differences: a score equal to
    the threshold reaches it; and of objects that score like the last of `top_k` only as
    many are kept as there is room for, not all. For options that are not explained here,
    see `decode_boxes`.

    Args:
        heatmaps: for each level a heatmap (C, H, W), or a batch of them, as in
            `find_peaks`; the levels differ in H and W. None: there are no classes, only
            `agnostic`, and class_ids are 0 (a proposal generator).
        ltrbs: for each level (4, H, W), the distances from the center of a cell to the
            left, top, right and bottom side, by `box_units` in cells of the level or in
            pixels. A box is at least 0.01 input pixels wide and high.
        agnostic: for each level a map (1, H, W) of whether there is an object of any
            class. The score is then sqrt(heatmap * agnostic), or sqrt(agnostic).
        strides: input pixels per cell, for each level.
        top_k: keep at most this many, after NMS.
        max_per_level: keep at most this many of each level, before NMS.
        score_threshold: inclusive lower bound on the score of the heatmap, before it is
            multiplied; on `agnostic`, where that is alone.
        activation: of the heatmaps and of `agnostic`.
        window, plateaus: of the heatmaps, as in `find_peaks`. The program's option to
            filter centers is window=3 with plateaus="keep".
        max_per_class: of all levels, before NMS.

    Returns:
        `Detections`, or a list of them for a batch. Order: score descending, then level,
        then flat index in the tensor's own layout.

    Raises:
        TypeError, ValueError: as `decode_boxes`; and for other than one head of each
            kind for each stride.
    """
    strides = tuple(strides)
    decoder = _decoder(
        strides,
        max_per_level,
        nms_of(nms),
        element_type,
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        layout,
        None if classes is None else tuple(ascending(classes)),
        best_class,
        max_per_class,
        box_units,
        box_activation,
        center_shift,
    )
    if ltrbs is None or (heatmaps is None and agnostic is None):
        raise ValueError("heatmaps or agnostic must be given, and ltrbs")
    lists = dict(zip(_LISTS.values(), (heatmaps, ltrbs, agnostic), strict=True))
    counts = {name: len(heads) for name, heads in lists.items() if heads is not None}
    if set(counts.values()) != {len(strides)}:
        raise ValueError(f"heads must be lists of {len(strides)}, as strides, got {counts}")
    none = [None] * len(strides)
    tensors = [head for heads in lists.values() for head in (none if heads is None else heads)]
    return decode(decoder, dict(zip(_heads(len(strides)), tensors, strict=True)), transform, clip)
