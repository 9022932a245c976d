"""How model families store their heads and want their input, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from ._checks import box_format, head_format, one_of, peak_options, whole_number
from ._extras import Extra
from ._grouping import ExtremeRule, TripletRule
from ._keypoint_tasks import KeypointTask
from ._keypoints import KeypointRule
from ._nms import NMS
from ._rules import DEPTH_ACTIVATIONS, BevRule, LevelRule, MaskRule

Triple: TypeAlias = tuple[float, float, float]
RESIZES = ("affine", "affine_letterbox", "letterbox", "corner", "stretch", "none")
COLORS = ("BGR", "RGB")


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """How a model family stores its heads and wants its input.

    name: what messages and `inspect` call it.
    decoder: which decoder reads it: "boxes", "poses", "pose_tasks", "faces", "boxes3d",
        "extreme_points", "triplets", "levels", "bev", or for models that decode in their
        own graph "detection_output" (OpenVINO), "zoo" (TensorFlow) and "embedded" (ours).
    heads: for each head the names that its output may have, most usual first.
        Exported names such as "tower_0/hm:0" count as "hm". A head in
        `optional` may be missing. "corners" is for boxes, also in space, and poses:
        (4, H, W), the corners x1 y1 x2 y2 as seen from the integer cell, in cells;
        where a model has it, it says the box, and "wh" does not.
    extras: what further heads say at a detection's cell, by head; it comes back in
        `Detections.extras` under the same name. A model may lack any of them.
    layout, activation, window, stride, box_encoding, box_units, box_activation,
    axes, center_shift: as in `decode_boxes`.
    keypoints: how keypoints or landmarks are stored and refined.
    keypoint_tasks: for "pose_tasks", by name: the heads of task T are "T/keypoints",
        and "T/keypoint_heatmap", "T/keypoint_offset" and "T/keypoint_depth", if any.
    depth_activation: as in `decode_boxes3d`.
    masks: how masks are made of the head "segmentation", and of "parts" with
        "surface_coords" where the model tells parts of a surface (DensePose); None: there
        are none. They come back in `Detections.extras`, as `Masks` names them.
    extreme_points, triplets: how points and corners are found and grouped.
    levels: the levels of the feature pyramid.
    bev: where the cells of a bird's-eye view lie. `stride` is in voxels.
    nms: what the family's own program does about boxes that overlap; a decoder does
        it, too, unless it is told otherwise.
    first_class: the number that the model gives its first class.
    color: "BGR" or "RGB", the order of the channels that the model wants.
    mean, scale: the model's input is (pixel - mean) / scale, pixels 0..255, in
        the order of `color`.
    resize: how an image becomes the size of the network: "affine" (aspect kept,
        centered, sampled by cv2.warpAffine as the CenterNet reference does),
        "affine_letterbox" (the same, moved to whole pixels, as keras-centernet does),
        "letterbox" (aspect kept, resized to whole pixels, padded to all sides),
        "corner" (the same, padded to the right and below alone, as TensorFlow does)
        or "stretch"; "none" hands it over as it is, where the network takes any
        size, and is "stretch" where it does not.
    size: (height, width) of the network input; None: the model's own.
    pad_value: the pixel, in the order of `color`, around a smaller image.

    Raises:
        ValueError, TypeError: an option that `decode_boxes` refuses, too.
    """

    name: str
    decoder: str = "boxes"
    heads: Mapping[str, tuple[str, ...]]
    optional: tuple[str, ...] = ()
    layout: str = "NCHW"
    activation: str = "sigmoid"
    window: int = 3
    stride: float = 4
    box_encoding: str = "wh"
    box_units: str = "cells"
    box_activation: str = "none"
    axes: str = "xy"
    center_shift: float | None = None
    keypoints: KeypointRule | None = None
    keypoint_tasks: Mapping[str, KeypointTask] = field(default_factory=dict)
    extras: Mapping[str, Extra] = field(default_factory=dict)
    depth_activation: str = "inverse_sigmoid"
    masks: MaskRule | None = None
    extreme_points: ExtremeRule | None = None
    triplets: TripletRule | None = None
    levels: LevelRule | None = None
    bev: BevRule | None = None
    nms: NMS | None = None
    first_class: int = 0
    color: Literal["BGR", "RGB"] = "BGR"
    mean: Triple = (0.0, 0.0, 0.0)
    scale: Triple = (1.0, 1.0, 1.0)
    size: tuple[int, int] | None = None
    resize: Literal["affine", "affine_letterbox", "letterbox", "corner", "stretch", "none"] = (
        "affine"
    )
    pad_value: Triple = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        for head, names in self.heads.items():
            if isinstance(names, str) or not all(isinstance(name, str) for name in names):
                raise TypeError(
                    f"heads must map each head to a tuple of names, got {head}: {names!r}"
                )
        self._take("keypoints", KeypointRule)
        self._take("masks", MaskRule)
        self._take("extreme_points", ExtremeRule)
        self._take("triplets", TripletRule)
        self._take("levels", LevelRule)
        self._take("bev", BevRule)
        self._take("nms", NMS)
        self._take_each("keypoint_tasks", KeypointTask)
        self._take_each("extras", Extra)
        head_format(self.layout, None)
        peak_options(0, 0.0, self.activation, self.window, "first", None)
        box_format(
            self.stride,
            self.box_encoding,
            self.box_units,
            self.box_activation,
            self.axes,
            self.center_shift,
        )
        one_of("depth_activation", self.depth_activation, DEPTH_ACTIVATIONS)
        one_of("color", self.color, COLORS)
        one_of("resize", self.resize, RESIZES)
        if self.size is not None:
            object.__setattr__(self, "size", _size(self.size))
        for name in ("mean", "scale", "pad_value"):
            object.__setattr__(self, name, _triple(name, getattr(self, name)))
        if 0.0 in self.scale:
            raise ValueError(f"scale must not be zero, got {self.scale}")

    def _take(self, name: str, kind: type) -> None:
        """A field that is data of its own, and a mapping in JSON."""
        value = getattr(self, name)
        if isinstance(value, Mapping):
            object.__setattr__(self, name, kind(**value))
        elif value is not None and not isinstance(value, kind):
            raise TypeError(f"{name} must be a {kind.__name__} or None, got {value!r}")

    def _take_each(self, name: str, kind: type) -> None:
        """A field that maps names to such data."""
        given = getattr(self, name)
        if not isinstance(given, Mapping):
            raise TypeError(f"{name} must map names to {kind.__name__}s, got {given!r}")
        made = {
            key: kind(**value) if isinstance(value, Mapping) else value
            for key, value in given.items()
        }
        if not all(isinstance(value, kind) for value in made.values()):
            raise TypeError(f"{name} must map names to {kind.__name__}s, got {given!r}")
        object.__setattr__(self, name, made)

    @property
    def required(self) -> tuple[str, ...]:
        """The heads that a model must have."""
        return tuple(
            head for head in self.heads if head not in self.optional and head not in self.extras
        )

    def replace(self, **changes: Any) -> Family:
        """A family of one's own: this one with other fields.

        Raises:
            TypeError: no such field; the message lists them.
        """
        known = [field.name for field in fields(self)]
        unknown = sorted(changes.keys() - set(known))
        if unknown:
            raise TypeError(f"Family has no {unknown}; it has {known}")
        return replace(self, **changes)

    def to_json(self) -> str:
        """All fields, for a model's rt_info, where a `Detector` looks for them:
        model.set_rt_info(family.to_json(), ["centerdecode", "family"]).
        """
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Family:
        """What `to_json` wrote.

        Raises:
            ValueError: `text` is no JSON, or lacks a field that a family needs.
        """
        try:
            known = json.loads(text)
            heads = {head: tuple(names) for head, names in known.pop("heads").items()}
            lists = {key: tuple(value) for key, value in known.items() if isinstance(value, list)}
            return cls(heads=heads, **(known | lists))
        except (AttributeError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"not a family: {error} in {text[:200]!r}") from error


def _size(value: Any) -> tuple[int, int]:
    if np.ndim(value) != 1 or len(value) != 2:
        raise ValueError(f"size must be (height, width), got {value!r}")
    height, width = (whole_number("size", extent, least=1) for extent in value)
    return height, width


def _triple(name: str, value: Any) -> Triple:
    """One number for all channels, or one for each of the three."""
    try:
        numbers = [float(value)] * 3 if np.ndim(value) == 0 else [*map(float, value)]
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number or three, got {value!r}") from None
    if len(numbers) != 3:
        raise ValueError(f"{name} must be a number or three, got {value!r}")
    return (numbers[0], numbers[1], numbers[2])
