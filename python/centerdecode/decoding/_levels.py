"""Heads of the levels of a feature pyramid to boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import (
    CENTERNET2_NMS,
    LevelRule,
    NMSLike,
    box_format,
    head_format,
    peak_options,
    thinned,
    whole_number,
)
from ..results import Detections
from ._limits import limited
from ._placements import sizes_of, transforms_of

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements


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
    rule = LevelRule(tuple(strides), max_per_level)
    found, batched = _found(
        rule,
        (heatmaps, ltrbs, agnostic),
        head_format(layout, element_type),
        peak_options(
            max_per_level, score_threshold, activation, window, plateaus, classes, best_class
        ),
        (box_units, box_activation, "xy", center_shift),
        (transforms_of(transform), sizes_of("clip", clip)),
    )
    most = whole_number("top_k", top_k, least=0)
    images = [thinned(limited(image, max_per_class), nms)[:most] for image in found]
    return images if batched else images[0]


def read_levels(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Boxes of all levels, by the rule of the decoder's family."""
    family = decoder.family
    rule = family.levels or LevelRule()
    found, _ = _found(
        rule,
        (rule.of("heatmap", heads), rule.of("wh", heads), rule.of("agnostic", heads)),
        decoder._format,
        peak_options(
            rule.max_per_level,
            decoder.score_threshold,
            family.activation,
            family.window,
            decoder.plateaus,
            decoder.classes,
            decoder.best_class,
        ),
        (family.box_units, family.box_activation, family.axes, family.center_shift),
        (placements.transforms, placements.clips),
    )
    return [limited(image, decoder.max_per_class) for image in found]


def _found(
    rule: LevelRule,
    kinds: tuple[Sequence[Any] | None, Sequence[Any] | None, Sequence[Any] | None],
    format_: _core.HeadFormat,
    peaks: _core.PeakOptions,
    box: tuple[str, str, str, float | None],
    where: tuple[Any, Any],
) -> tuple[list[Detections], bool]:
    """What is found in each image, and whether they are a batch."""
    heatmaps, ltrbs, agnostic = kinds
    if ltrbs is None or (heatmaps is None and agnostic is None):
        raise ValueError("heatmaps or agnostic must be given, and ltrbs")
    lists = {"heatmaps": heatmaps, "ltrbs": ltrbs, "agnostic": agnostic}
    counts = {name: len(heads) for name, heads in lists.items() if heads is not None}
    if set(counts.values()) != {len(rule.strides)}:
        raise ValueError(f"heads must be lists of {len(rule.strides)}, as strides, got {counts}")
    units, activation, axes, shift = box
    found, batched = _core.decode_levels(
        None if heatmaps is None else [*heatmaps],
        None if agnostic is None else [*agnostic],
        [*ltrbs],
        format_,
        peaks,
        [box_format(stride, "ltrb", units, activation, axes, shift) for stride in rule.strides],
        *where,
    )
    levels = [[Detections(*arrays) for arrays in image] for image in found]
    return [Detections.concat(parts) for parts in levels], batched
