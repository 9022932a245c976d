"""NMS of boxes by overlap, for detections of any decoder."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from . import _core
from ._detections import Detections
from ._options import real_number


@dataclass(frozen=True)
class NMS:
    """What strong boxes do to weaker ones that they overlap.

    kind: "hard" drops them beyond `iou_threshold`. "linear" multiplies their
        scores by 1 - IoU beyond `iou_threshold`, "gaussian" by
        exp(-IoU^2 / sigma) always (Bodla et al., "Soft-NMS", 2017).
    score_threshold: a box whose score is lowered below this is dropped.
    class_agnostic: boxes of other classes count, too.
    whole_pixels: extents are x2 - x1 + 1, as in the detectors of R-CNN's time.
    inclusive: an IoU equal to `iou_threshold` is beyond it.

    Raises:
        TypeError, ValueError: an option that is no number, or no known kind.
    """

    kind: Literal["hard", "linear", "gaussian"] = "hard"
    iou_threshold: float = 0.5
    sigma: float = 0.5
    score_threshold: float = 0.001
    class_agnostic: bool = False
    whole_pixels: bool = False
    inclusive: bool = False

    def __post_init__(self) -> None:
        for name in ("iou_threshold", "sigma", "score_threshold"):
            real_number(name, getattr(self, name))
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
        )

    def __call__(self, detections: Detections) -> Detections:
        """What stays, with its new scores, strongest first."""
        rows, scores = _core.nms(
            detections.xyxy, detections.scores, detections.class_ids, self._rule()
        )
        return replace(detections[rows], scores=scores)


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
