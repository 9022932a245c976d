"""The rules of single decoders, as data that families share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ._checks import real_number
from ._keypoints import KeypointRule
from ._nms import NMS
from ._options import check, rule_entries

# xingyizhou/CenterNet2.
CENTERNET2_NMS = NMS(iou_threshold=0.6)


@dataclass(frozen=True)
class LevelRule:
    """The levels of a family's feature pyramid.

    Level i has the heads "heatmap_i", "wh_i" and "agnostic_i", i from 0 on.

    strides: input pixels per cell, for each level.
    max_per_level: as in `decode_levels`.

    Raises:
        TypeError, ValueError: no level, a stride that is not positive, or another number.
    """

    strides: tuple[float, ...] = (8, 16, 32, 64, 128)
    max_per_level: int = 1000

    def __post_init__(self) -> None:
        if isinstance(self.strides, (str, bytes)) or not isinstance(self.strides, Iterable):
            raise TypeError(f"strides must be numbers, one for each level, got {self.strides!r}")
        strides = tuple(real_number("strides", stride) for stride in self.strides)
        object.__setattr__(self, "strides", strides)
        check(rule_entries("levels", self))

    def split(self, heads: Mapping[str, int]) -> list[dict[str, int]]:
        """The heads of each level, without the number in their names."""
        return [
            {name.rpartition("_")[0]: i for name, i in heads.items() if name.endswith(f"_{level}")}
            for level in range(len(self.strides))
        ]


# tianweiy/CenterPoint.
CENTERPOINT_NMS = NMS(shape="footprint", iou_threshold=0.2, class_agnostic=True)


@dataclass(frozen=True)
class BevRule:
    """Where the cells of a bird's-eye view lie in space, and which boxes are kept.

    voxel_size, origin, center_range, clockwise, max_candidates: as in `decode_bev`.

    Raises:
        TypeError, ValueError: other than so many finite numbers, or a voxel without size.
    """

    voxel_size: Sequence[float]
    origin: Sequence[float]
    center_range: Sequence[float] | None = None
    clockwise: bool = True
    max_candidates: int = 1000

    def __post_init__(self) -> None:
        for name, count in (("voxel_size", 2), ("origin", 2), ("center_range", 6)):
            value = getattr(self, name)
            if name != "center_range" or value is not None:
                object.__setattr__(self, name, _numbers(name, value, count))
        if min(self.voxel_size) <= 0:
            raise ValueError(f"voxel_size must be positive, got {self.voxel_size}")
        check(rule_entries("bev", self))


def _numbers(name: str, value: Any, count: int) -> tuple[float, ...]:
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be {count} numbers, got {value!r}") from None
    if numbers.shape != (count,) or not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be {count} finite numbers, got {value!r}")
    return tuple(numbers.tolist())


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskRule:
    """How a family makes masks of its segmentation head.

    height, width: of a mask, in its own pixels.
    score_threshold: foreground reaches it.
    activation: of the segmentation head, "sigmoid" or "none"; None: as of the heatmap.
    part_class: the class whose foreground shows parts of a surface (DensePose), where
        the family has such heads; None: no class.

    Raises:
        TypeError, ValueError: an option that is no number, or not known.
    """

    height: int = 256
    width: int = 256
    score_threshold: float = 0.5
    activation: Literal["sigmoid", "none"] | None = None
    part_class: int | None = None

    def __post_init__(self) -> None:
        check(rule_entries("masks", self))

    def replace(self, **changes: Any) -> MaskRule:
        """This one with other fields."""
        return replace(self, **changes)


# The eyes, and the corners of the mouth, of eye, eye, nose, corner, corner.
FACE_PAIRS = ((0, 1), (3, 4))


# Star-Clouds/CenterFace.
CENTERFACE_LANDMARKS = KeypointRule(frame="box", pairs=FACE_PAIRS)


CENTERFACE_NMS = NMS(iou_threshold=0.3, whole_pixels=True, inclusive=True)


# dlunion/DBFace.
DBFACE_LANDMARKS = KeypointRule(order="planar", activation="signed_exp", pairs=FACE_PAIRS)


DBFACE_NMS = NMS(iou_threshold=0.5, whole_pixels=True)
