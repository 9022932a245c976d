"""How points and corners are grouped, as data that families share."""

from __future__ import annotations

from dataclasses import dataclass

from ._options import check, rule_entries

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
        check(rule_entries("extreme_points", self))


@dataclass(frozen=True, kw_only=True, slots=True)
class TripletRule:
    """How a family pairs corners: see `decode_triplets`."""

    top_k: int = 70
    tag_threshold: float = 0.5
    max_pairs: int = 1000
    margin: float | None = 5.0
    area_limit: float = 22500.0

    def __post_init__(self) -> None:
        check(rule_entries("triplets", self))
