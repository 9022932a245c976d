"""The stages of decoders that upstream's functions call one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...decoding import Centers
from ...families import ExtremeRule, KeypointRule, Refinement, head_format


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


def rescored(
    xyxy: NDArray[np.float32],
    scores: NDArray[np.float32],
    class_ids: NDArray[np.int32],
    centers: Centers,
    area_limit: float,
) -> NDArray[np.float32]:
    """The scores of boxes by the first center in the region of each; -1 without one."""
    return _core.rescore_by_centers(
        xyxy, scores, class_ids, centers.points, centers.scores, centers.class_ids, area_limit
    )


def choose_candidates(
    regressed: NDArray[np.float64],
    boxes: NDArray[np.float64] | None,
    candidates: NDArray[np.float64],
    scores: NDArray[np.float32],
    counts: NDArray[np.int32],
    refinement: Refinement,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Refine the keypoints of one image that were read elsewhere; all in cells, x first.

    Args:
        regressed: (N, J, 2).
        boxes: (N, 4) corners, or None.
        candidates: (M, J, 2), with scores (M, J).
        counts: (J,), how many of the M are valid; others count as 100000 cells away.

    Returns:
        (N, J) each: which candidate a keypoint takes, -1 for none; and its score there.

    Raises:
        ValueError: shapes that do not fit.
    """
    rule = KeypointRule(refinement=refinement).rule("xy", "none", "keep")
    return _core.refine(regressed, boxes, candidates, scores, counts, rule)
