"""Extreme points of four sides, grouped in the core by the rule of a family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from .families import ExtremeRule, head_format


def rank_quadruples(
    points: Sequence[tuple[NDArray[Any], ...]],
    center: NDArray[Any],
    rule: ExtremeRule,
    *,
    all_of_them: bool,
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], int]:
    """Group the points (scores, class_ids, ys, xs) of the four sides of one image.

    Args:
        center: (C, H, W) scores.
        all_of_them: those too that break rules, for each of which they lose 1. As many
            as rule.max_detections, then.

    Returns:
        scores (n,), class_ids (n,), cells (n, 4, 2), y before x, and how many
        combinations had to be scored, where not all were.
    """
    sides = [(p[0], p[1], p[2], p[3]) for p in points]
    form = head_format("NCHW", "f16" if center.dtype == np.float16 else None)
    return _core.rank_quadruples(sides, center, form, rule.format(-np.inf), all_of_them)


def aggregate_edges(
    heatmap: NDArray[Any], weight: float, *, along_rows: bool
) -> NDArray[np.float32]:
    """(B, C, H, W) scores and `weight` times those that lead up to each without falling."""
    form = head_format("NCHW", "f16" if heatmap.dtype == np.float16 else None)
    return _core.aggregate_edges(heatmap, form, weight, along_rows)
