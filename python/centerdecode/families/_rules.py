"""The rules of single decoders, as data that families share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from .. import _core
from ._checks import real_number, whole_number
from ._keypoints import KeypointRule
from ._nms import NMS

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
        if not strides or not all(0 < stride < math.inf for stride in strides):
            raise ValueError(f"strides must be positive, one for each level, got {strides}")
        object.__setattr__(self, "strides", strides)
        whole_number("max_per_level", self.max_per_level, least=0)

    def of(self, kind: str, heads: Mapping[str, Any]) -> list[Any] | None:
        """What heads of a kind there are, one for each level; None: none."""
        names = [f"{kind}_{i}" for i in range(len(self.strides))]
        if not any(name in heads for name in names):
            return None
        missing = [name for name in names if name not in heads]
        if missing:
            raise ValueError(f"outputs must have all of {names} or none, got no {missing}")
        return [heads[name] for name in names]

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
        whole_number("max_candidates", self.max_candidates, least=0)

    def _rule(self) -> _core.BevRule:
        everywhere = (-math.inf,) * 3 + (math.inf,) * 3
        return _core.BevRule(
            self.voxel_size, self.origin, self.center_range or everywhere, bool(self.clockwise)
        )


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
        self.rule("none", 4.0)

    def rule(self, activation: str, stride: float) -> _core.MaskRule:
        """This, for boxes in input pixels, and a heatmap of this activation."""
        stride = real_number("stride", stride)
        if not 0 < stride < math.inf:
            raise ValueError(f"stride must be positive, got {stride}")
        return _core.MaskRule(
            whole_number("height", self.height, least=1),
            whole_number("width", self.width, least=1),
            real_number("score_threshold", self.score_threshold),
            self.activation or activation,
            -1 if self.part_class is None else whole_number("part_class", self.part_class, least=0),
            stride,
        )

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


DEPTH_ACTIVATIONS = ("inverse_sigmoid", "none")
