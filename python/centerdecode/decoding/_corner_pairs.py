"""Corners paired in the core, and what was found at several scales put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..families import TripletRule
from ..results import Detections

# Heatmap, tag and offset; a head that is missing is None.
Heads: TypeAlias = "tuple[Any, Any, Any]"


class Centers(NamedTuple):
    """points: (m, 2) float32; scores: (m,) float32; class_ids: (m,) int32."""

    points: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]


class Found(NamedTuple):
    """The pairs of one image, strongest first, and its centers, if it has that head.

    xyxy: (n, 4); scores: (n,); class_ids: (n,); corner_scores: (n, 2).
    """

    xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    corner_scores: NDArray[np.float32]
    centers: Centers | None


class Setup(NamedTuple):
    """Options that all scales share."""

    format: _core.HeadFormat
    peaks: _core.PeakOptions
    box: _core.BoxFormat
    rule: TripletRule
    flip: bool
    clips: NDArray[np.float64] | None

    def find(
        self, inputs: Sequence[Heads], transforms: NDArray[np.float64] | None, zoom: float
    ) -> tuple[list[list[Found]], bool]:
        """For every image what is found in it and in its mirror image; and whether it
        is a batch."""
        top_left, bottom_right, center = inputs
        margin = self.rule.margin
        if (top_left[2] is None) != (bottom_right[2] is None):
            raise ValueError(
                "top_left_offset and bottom_right_offset must be given both or neither"
            )
        found, batched = _core.decode_pairs(
            top_left,
            bottom_right,
            None if center[0] is None else center,
            self.format,
            self.peaks,
            self.box,
            self.rule.tag_threshold,
            min(self.rule.max_pairs, 2**62),
            None if margin is None or center[0] is None else margin / zoom,
            self.flip,
            transforms,
            self.clips,
        )
        images = [Found(*pairs, centers and Centers(*centers)) for pairs, centers in found]
        step = 2 if self.flip else 1
        return [images[i : i + step] for i in range(0, len(images), step)], batched


def join(
    scales: Sequence[Sequence[Found]], center_scale: int, rule: TripletRule, least: float, most: int
) -> Detections:
    """The objects of one image, from what was found in it at all scales, mirrored and
    not; centers count from one scale only."""
    parts = [part[:4] for scale in scales for part in scale]
    centers = [part.centers for part in scales[center_scale] if part.centers is not None]
    xyxy, scores, class_ids, corner_scores = _core.join_pairs(
        parts, centers or None, rule.area_limit, least, min(most, 2**62)
    )
    return Detections(xyxy, scores, class_ids, extras={"corner_scores": corner_scores})
