"""NMS of boxes by overlap, for detections of any decoder."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..results import Detections
from ._checks import real_number


@dataclass(frozen=True)
class NMS:
    """What strong boxes do to weaker ones that they overlap.

    kind: "hard" drops them beyond `iou_threshold`, from 0 to 1. "linear" multiplies their
        scores by 1 - IoU beyond `iou_threshold`, "gaussian" by
        exp(-IoU^2 / sigma) always (Bodla et al., "Soft-NMS", 2017).
    score_threshold: a box whose score is lowered below this is dropped.
    class_agnostic: boxes of other classes count, too.
    whole_pixels: extents are x2 - x1 + 1, as in the detectors of R-CNN's time.
    inclusive: an IoU equal to `iou_threshold` is beyond it.
    shape: what overlaps. "box": xyxy. "footprint": the corners of boxes that are turned,
        as `decode_bev` gives them. "circle": their locations, where the IoU is 1 if they
        are not farther apart than `radius`, in meters, and else 0. (CenterPoint's
        min_radius is compared with the square of the distance: take its root.)

    Raises:
        TypeError, ValueError: an option that is no number or out of range, or no known kind
            or shape.
    """

    kind: Literal["hard", "linear", "gaussian"] = "hard"
    iou_threshold: float = 0.5
    sigma: float = 0.5
    score_threshold: float = 0.001
    class_agnostic: bool = False
    whole_pixels: bool = False
    inclusive: bool = False
    shape: Literal["box", "footprint", "circle"] = "box"
    radius: float = 1.0

    def __post_init__(self) -> None:
        for name in ("iou_threshold", "sigma", "score_threshold", "radius"):
            real_number(name, getattr(self, name))
        if not 0 <= self.iou_threshold <= 1:
            raise ValueError(f"iou_threshold must be from 0 to 1, got {self.iou_threshold}")
        if not 0 < self.sigma < math.inf:
            raise ValueError(f"sigma must be positive, got {self.sigma}")
        self._rule()

    def _rule(self) -> _core.NmsRule:
        return _core.NmsRule(
            self.kind,
            self.iou_threshold,
            self.sigma,
            self.score_threshold,
            self.class_agnostic,
            self.whole_pixels,
            self.inclusive,
            self.shape,
            self.radius,
        )

    def __call__(self, detections: Detections) -> Detections:
        """What stays, with its new scores, strongest first.

        Raises:
            ValueError: the detections lack what `shape` needs.
        """
        rows, scores = _core.nms(
            self._shapes(detections), detections.scores, detections.class_ids, self._rule()
        )
        return replace(detections[rows], scores=scores)

    def _shapes(self, detections: Detections) -> NDArray[np.float32]:
        if self.shape == "box":
            return detections.xyxy
        extra = {"footprint": "corners", "circle": "location"}[self.shape]
        if extra not in detections.extras:
            raise ValueError(
                f'detections must have the extra {extra!r} for nms of shape "{self.shape}", '
                f"got {[*detections.extras]}"
            )
        column = detections.extras[extra]
        return column[:, :2] if self.shape == "circle" else column


# xingyizhou/CenterNet's, of what is found at several scales.
SOFT_NMS = NMS("gaussian", whole_pixels=True)

NMSLike: TypeAlias = "NMS | Literal['hard', 'linear', 'gaussian'] | None"


def nms_of(nms: NMSLike) -> NMS | None:
    """An option `nms=` of a decoder: a kind with its defaults, an `NMS`, or None.

    Raises:
        TypeError, ValueError: none of these.
    """
    if nms is None or isinstance(nms, NMS):
        return nms
    if not isinstance(nms, str):
        raise TypeError(f"nms must be None, a kind or an NMS, got {nms!r}")
    return NMS(kind=nms)


def thinned(detections: Detections, nms: NMSLike) -> Detections:
    """`detections` after the option `nms=`."""
    rule = nms_of(nms)
    return detections if rule is None else rule(detections)
