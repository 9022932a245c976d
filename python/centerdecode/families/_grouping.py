"""How points and corners are grouped, as data that families share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .. import _core
from ._checks import real_number, whole_number

SIDES = ("top", "left", "bottom", "right")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtremeRule:
    """How a family finds and groups extreme points: see `decode_extreme_points`."""

    top_k: int = 40
    point_threshold: float = 0.1
    center_threshold: float = 0.1
    edge_aggregation: float = 0.0
    class_agnostic: bool = False
    max_detections: int = 1000

    def __post_init__(self) -> None:
        whole_number("top_k", self.top_k, least=0)
        self.format(0.0)

    def format(self, score_threshold: float) -> _core.ExtremeFormat:
        weight = real_number("edge_aggregation", self.edge_aggregation)
        if not 0 <= weight < math.inf:
            raise ValueError(f"edge_aggregation must not be negative, got {weight}")
        return _core.ExtremeFormat(
            real_number("point_threshold", self.point_threshold),
            real_number("center_threshold", self.center_threshold),
            real_number("score_threshold", score_threshold),
            min(whole_number("max_detections", self.max_detections, least=0), 2**62),
            bool(self.class_agnostic),
            weight,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TripletRule:
    """How a family pairs corners: see `decode_triplets`."""

    top_k: int = 70
    tag_threshold: float = 0.5
    max_pairs: int = 1000
    margin: float | None = 5.0
    area_limit: float = 22500.0

    def __post_init__(self) -> None:
        for name in ("top_k", "max_pairs"):
            whole_number(name, getattr(self, name), least=0)
        for name in ("tag_threshold", "area_limit"):
            real_number(name, getattr(self, name))
        if self.margin is not None:
            real_number("margin", self.margin)
