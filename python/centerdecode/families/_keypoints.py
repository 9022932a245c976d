"""How keypoints are stored and refined, as data that families share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from .. import _core
from ._checks import peak_options, real_number, whole_number


def _float32(name: str, value: float) -> float:
    """Upstream's heatmaps are float32, and so are the numbers they are held against."""
    return float(np.float32(real_number(name, value)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Refinement:
    """Which peak of its own heatmap a regressed keypoint moves to.

    The defaults are the CenterNet reference's. TensorFlow's `refine_keypoints` is
    `TF_REFINEMENT`, CenterTrack's rule `CENTERTRACK_REFINEMENT`. Distances are in
    cells; scores are compared as float32.

    candidates: how many peaks of each keypoint heatmap are candidates, at most.
    candidate_threshold: lower bound on their scores; `inclusive` or not.
    window: a candidate is the greatest of window x window cells; odd.
    ranking: which candidate is chosen; d is its distance to the regressed keypoint.
        "min_distance": the nearest.
        "score_distance_ratio": the greatest score / (d + distance_offset).
        "score_scaled_distance_ratio": the greatest score / (d +
            distance_multiplier * the longer side of the box).
        "gaussian_weighted": the greatest score * exp(-d^2 / (2 sigma^2)), which is
            then the keypoint's score; sigma is that of TensorFlow, in proportion
            to `std_devs`, one for each keypoint.
        Of equals the first: the stronger.
    box_scale: a chosen candidate outside the box, scaled about its center by this,
        is rejected. Its border is inside.
    search_scale: it is rejected, too, if the nearest candidate is farther than this
        part of the scaled box's longer side; None: it may be anywhere in the box.
    score_threshold: it is rejected if it scores less; None: candidate_threshold.
    extent_margin: where the family has no boxes, the extent of the regressed
        keypoints, widened by this part of itself, stands for them (CenterTrack);
        None: then only the score is tested (TensorFlow).
    unmatched_score: the score of a keypoint that stays as regressed; None: the score
        of its detection, as it has none of its own.

    Raises:
        TypeError, ValueError: an option that is no number, or no known ranking.
    """

    candidates: int = 100
    candidate_threshold: float = 0.1
    inclusive: bool = False
    window: int = 3
    ranking: Literal[
        "min_distance",
        "score_distance_ratio",
        "score_scaled_distance_ratio",
        "gaussian_weighted",
    ] = "min_distance"
    box_scale: float = 1.0
    search_scale: float | None = 0.3
    distance_offset: float = 1.0
    distance_multiplier: float = 0.1
    std_devs: tuple[float, ...] = ()
    score_threshold: float | None = None
    extent_margin: float | None = None
    unmatched_score: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "std_devs", tuple(real_number("std_devs", value) for value in self.std_devs)
        )
        if self.ranking == "gaussian_weighted" and not self.std_devs:
            raise ValueError(f"std_devs must be given for ranking {self.ranking!r}")
        whole_number("candidates", self.candidates, least=0)
        self.rule()
        self.peak_options("none", "first")

    def peak_options(self, activation: str, plateaus: str) -> _core.PeakOptions:
        """The candidates of a keypoint heatmap."""
        threshold = _float32("candidate_threshold", self.candidate_threshold)
        if not self.inclusive:
            threshold = float(np.nextafter(np.float32(threshold), np.float32(np.inf)))
        return peak_options(self.candidates, threshold, activation, self.window, plateaus, None)

    def rule(self) -> _core.Refinement:
        """The choice among them."""
        threshold = self.score_threshold
        return _core.Refinement(
            self.ranking,
            _float32(
                "score_threshold", self.candidate_threshold if threshold is None else threshold
            ),
            real_number("box_scale", self.box_scale),
            math.inf
            if self.search_scale is None
            else real_number("search_scale", self.search_scale),
            real_number("distance_offset", self.distance_offset),
            real_number("distance_multiplier", self.distance_multiplier),
            list(self.std_devs),
            None
            if self.extent_margin is None
            else real_number("extent_margin", self.extent_margin),
        )


# TensorFlow Object Detection API, with the defaults of its proto.
TF_REFINEMENT = Refinement(inclusive=True, box_scale=1.2, unmatched_score=0.1)

# xingyizhou/CenterTrack.
CENTERTRACK_REFINEMENT = Refinement(candidate_threshold=0.2, search_scale=None, extent_margin=0.25)

# The left and the right ones of COCO's 17 keypoints.
COCO_PAIRS = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16))


@dataclass(frozen=True, kw_only=True, slots=True)
class KeypointRule:
    """How a family stores the keypoints of a detection.

    order: "interleaved": x0 y0 x1 y1 ...; "planar": all x, then all y.
    axes: "xy" or "yx", which axis comes first, in the keypoints and their offsets;
        None: as in the other heads.
    frame: what a keypoint counts from: "cell", the integer cell of its peak, in
        cells; "box", the first corner of its box, in widths and heights of it.
    activation: "none", or "signed_exp" (DBFace): of v = 4 * number it is v * e where
        |v| < 1, else exp(|v|) with the sign of v.
    heatmap_activation: of the keypoint heatmap; None: as of the heatmap.
    refinement: what to do where there is a keypoint heatmap.
    single: one pose in each image (MoveNet; TensorFlow's single-instance path). Its
        center is the cell with the greatest score / (d + distance_offset), d to the
        middle of the grid; its keypoints are the like cells of their heatmaps, d to
        where they are regressed, and nothing else of `refinement` counts.
    pairs: which keypoints change places in a mirror image, as left and right ones do;
        None: COCO's where there are 17, else it is not known.

    Raises:
        TypeError, ValueError: an option that is not known.
    """

    order: Literal["interleaved", "planar"] = "interleaved"
    axes: Literal["xy", "yx"] | None = None
    frame: Literal["cell", "box"] = "cell"
    activation: Literal["none", "signed_exp"] = "none"
    heatmap_activation: Literal["sigmoid", "none"] | None = None
    refinement: Refinement = Refinement()
    single: bool = False
    pairs: tuple[tuple[int, int], ...] | None = None

    def __post_init__(self) -> None:
        if self.pairs is not None:
            object.__setattr__(self, "pairs", _pairs(self.pairs))
        if isinstance(self.refinement, Mapping):  # from JSON
            object.__setattr__(self, "refinement", Refinement(**self.refinement))
        if not isinstance(self.refinement, Refinement):
            raise TypeError(f"refinement must be a Refinement, got {self.refinement!r}")
        self.rule("xy", "none", "first")

    def rule(self, axes: str, activation: str, plateaus: str) -> _core.PoseRule:
        """This, in heads whose other channels are of these axes and activation."""
        return _rule_of(self, axes, activation, plateaus)

    def mirror_pairs(self) -> _core.KeypointPairs:
        """Which keypoints change places, for the core.

        Raises:
            ValueError: keypoints that are no longer numbers of the mirror image.
        """
        if self.frame == "box" and self.activation != "none":
            raise ValueError(
                'keypoint_rule must have activation "none" where flip and frame "box", '
                f"got {self.activation!r}"
            )
        if self.pairs is None:
            return _core.KeypointPairs(list(COCO_PAIRS), 17)
        return _core.KeypointPairs(list(self.pairs), None)

    def of_scores(self) -> KeypointRule:
        """This one, of a keypoint heatmap that holds scores."""
        return self.replace(heatmap_activation="none")

    def replace(self, **changes: Any) -> KeypointRule:
        """This one with other fields."""
        return replace(self, **changes)


@lru_cache(maxsize=64)
def _rule_of(rule: KeypointRule, axes: str, activation: str, plateaus: str) -> _core.PoseRule:
    refinement = rule.refinement
    return _core.PoseRule(
        rule.order,
        rule.axes or axes,
        rule.frame,
        rule.activation,
        refinement.peak_options(rule.heatmap_activation or activation, plateaus),
        refinement.rule(),
        None
        if refinement.unmatched_score is None
        else real_number("unmatched_score", refinement.unmatched_score),
        bool(rule.single),
    )


def _pairs(pairs: Any) -> tuple[tuple[int, int], ...]:
    if any(np.ndim(pair) != 1 or len(pair) != 2 for pair in pairs):
        raise ValueError(f"pairs must be of two keypoints each, got {pairs!r}")
    whole = tuple(
        (whole_number("pairs", a, least=0), whole_number("pairs", b, least=0)) for a, b in pairs
    )
    if len({keypoint for pair in whole for keypoint in pair}) != 2 * len(whole):
        raise ValueError(f"pairs must not have a keypoint twice, got {pairs!r}")
    return whole
