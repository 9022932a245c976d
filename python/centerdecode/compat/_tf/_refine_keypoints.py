"""TensorFlow's `refine_keypoints`, and two of its rankings by themselves.

Letters of shapes: N instances, M candidates of each keypoint, J keypoints. The core
takes points x first; nothing here tells the axes apart, so that they go in as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...families import Refinement
from .._shared import as_numpy, choose_candidates, like
from ._map_cells import numbers_of

_GOES_BY_THE_BOX = {
    "min_distance": False,
    "score_distance_ratio": False,
    "score_scaled_distance_ratio": True,
    "gaussian_weighted": True,
}


def refine_keypoints(
    regressed_keypoints: Any,
    keypoint_candidates: Any,
    keypoint_scores: Any,
    num_keypoint_candidates: Any,
    bboxes: Any = None,
    unmatched_keypoint_score: float = 0.1,
    box_scale: float = 1.2,
    candidate_search_scale: float = 0.3,
    candidate_ranking_mode: str = "min_distance",
    score_distance_offset: float = 1e-6,
    keypoint_depth_candidates: Any = None,
    keypoint_score_threshold: float = 0.1,
    score_distance_multiplier: float = 0.1,
    keypoint_std_dev: Sequence[float] | None = None,
) -> tuple[Any, Any, Any]:
    """Move regressed keypoints to candidates.

    A keypoint takes its best candidate, unless that is outside of the box or scores too
    little, or the nearest candidate, whichever is best, is too far away.

    Args:
        regressed_keypoints: (B, N, J, 2), y before x, in cells.
        keypoint_candidates: (B, M, J, 2), y before x, in cells.
        keypoint_scores: (B, M, J), of the candidates.
        num_keypoint_candidates: (B, J), how many of the M count; others are taken to be
            100000 cells away.
        bboxes: (B, N, 4), ymin xmin ymax xmax in cells; None: only the score is tested.
        unmatched_keypoint_score: of keypoints that stay as regressed.
        box_scale: boxes are scaled by this, about their centers.
        candidate_search_scale: how far the nearest may be, in longer sides of the scaled
            box.
        candidate_ranking_mode: "min_distance", "score_distance_ratio",
            "score_scaled_distance_ratio", "gaussian_weighted": see `Refinement.ranking`.
        score_distance_offset: of "score_distance_ratio". The proto's default is 1.
        keypoint_depth_candidates: (B, M, J), or None.
        keypoint_score_threshold: the least score of a candidate to move to.
        score_distance_multiplier: of "score_scaled_distance_ratio".
        keypoint_std_dev: (J,), of "gaussian_weighted".

    Returns:
        Keypoints (B, N, J, 2), scores (B, N, J) and depths (B, N, J), float32; depths are
        0 where a keypoint stays, or None without candidates for them.

    Raises:
        TypeError: keypoints that are no array.
        ValueError: shapes that do not fit, an unknown mode, or one without what it goes
            by: bboxes, keypoint_std_dev.
    """
    rule = Refinement(
        ranking=_ranking(candidate_ranking_mode, bboxes),
        box_scale=box_scale,
        search_scale=candidate_search_scale,
        distance_offset=score_distance_offset,
        distance_multiplier=score_distance_multiplier,
        std_devs=() if keypoint_std_dev is None else tuple(keypoint_std_dev),
        score_threshold=keypoint_score_threshold,
    )
    regressed = as_numpy(regressed_keypoints).astype(np.float64)
    keypoints = regressed.astype(np.float32)
    scores = np.full(keypoints.shape[:3], unmatched_keypoint_score, np.float32)
    given = numbers_of(keypoint_candidates), numbers_of(keypoint_scores)
    counts = numbers_of(num_keypoint_candidates)
    boxes = None if bboxes is None else numbers_of(bboxes)
    depths, depth_candidates = None, None
    if keypoint_depth_candidates is not None:
        depths, depth_candidates = np.zeros_like(scores), numbers_of(keypoint_depth_candidates)
    for image in range(len(keypoints)):
        chosen, found = choose_candidates(
            regressed[image],
            None if boxes is None else boxes[image].astype(np.float64),
            given[0][image].astype(np.float64),
            given[1][image].astype(np.float32),
            counts[image].astype(np.int32),
            rule,
        )
        moved = np.nonzero(chosen >= 0)
        taken = chosen[moved], moved[1]
        keypoints[image][moved] = given[0][image][taken]
        scores[image][moved] = found[moved]
        if depths is not None and depth_candidates is not None:
            depths[image][moved] = depth_candidates[image][taken]
    found_depths = None if depths is None else like(regressed_keypoints, depths)
    return like(regressed_keypoints, keypoints), like(regressed_keypoints, scores), found_depths


def sdr_scaled_ranking_score(
    keypoint_scores: Any, distances: Any, bboxes: Any, score_distance_multiplier: float
) -> Any:
    """score / (distance + score_distance_multiplier * the longer side of the box).

    Args:
        keypoint_scores: (B, M, J).
        distances: (B, N, M, J) in cells.
        bboxes: (B, N, 4), ymin xmin ymax xmax in cells.

    Returns:
        (B, N, M, J) float32.

    Raises:
        TypeError: distances that are no array.
    """
    heights, widths = _extents(bboxes)
    away = as_numpy(distances) + np.maximum(heights, widths) * score_distance_multiplier
    with np.errstate(divide="ignore", invalid="ignore"):
        ranks = _of_candidates(keypoint_scores) / away
    return like(distances, ranks.astype(np.float32))


def gaussian_weighted_score(
    keypoint_scores: Any, distances: Any, keypoint_std_dev: Any, bboxes: Any
) -> Any:
    """score * exp(-distance^2 / (2 sigma^2)), with a sigma of each keypoint and box.

    sigma is keypoint_std_dev * (2 * radius + 1) / 6, and the radius that by which
    CornerNet spreads the truth, its roots divided by 2 and not by 2a.

    Args:
        keypoint_scores: (B, M, J).
        distances: (B, N, M, J) in cells.
        keypoint_std_dev: (J,).
        bboxes: (B, N, 4), ymin xmin ymax xmax in cells.

    Returns:
        (B, N, M, J) float32.

    Raises:
        TypeError: distances that are no array.
    """
    radius = np.floor(_radius(*_extents(bboxes))).clip(min=0)
    sigma = numbers_of(keypoint_std_dev).astype(np.float64) * (2 * radius + 1) / 6
    away = as_numpy(distances).astype(np.float64)
    weights = np.exp(-away * away / (2 * sigma * sigma))
    return like(distances, (_of_candidates(keypoint_scores) * weights).astype(np.float32))


def _ranking(mode: str, bboxes: Any) -> Any:
    """The mode, if it is known and has the boxes that it goes by."""
    if mode not in _GOES_BY_THE_BOX:
        raise ValueError(
            f"candidate_ranking_mode must be one of {', '.join(_GOES_BY_THE_BOX)}, got {mode!r}"
        )
    if bboxes is None and _GOES_BY_THE_BOX[mode]:
        raise ValueError(f"bboxes must be given for candidate_ranking_mode {mode!r}")
    return mode


def _of_candidates(keypoint_scores: Any) -> NDArray[np.float64]:
    """(B, 1, M, J)."""
    return numbers_of(keypoint_scores).astype(np.float64)[:, None]


def _extents(bboxes: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Heights and widths (B, N, 1, 1)."""
    boxes = numbers_of(bboxes).astype(np.float64)[..., None, None]
    return boxes[:, :, 2] - boxes[:, :, 0], boxes[:, :, 3] - boxes[:, :, 1]


def _radius(height: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    around, area = height + width, height * width
    roots = [
        (-b + np.sqrt(b * b - 4 * a * c)) / 2
        for a, b, c in (
            (1, -around, area * 0.3 / 1.7),
            (4, -2 * around, 0.3 * area),
            (2.8, 1.4 * around, -0.3 * area),
        )
    ]
    return np.asarray(np.min(roots, axis=0))
