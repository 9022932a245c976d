"""A family's decoder: options checked once, outputs in, detections out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from . import _core
from ._bev import read_bev
from ._boxes3d import calibrations_of, read_boxes3d
from ._cells import read_extras
from ._decoded import Places, read_detection_output, read_zoo
from ._detections import Detections
from ._extreme_points import read_extreme_points
from ._faces import read_faces
from ._families import Family
from ._levels import read_levels
from ._masks import with_masks
from ._nms import NMSLike, nms_of
from ._options import (
    ascending,
    box_format,
    head_format,
    peak_options,
    score_limit,
    sizes_of,
    transforms_of,
)
from ._outputs import HeadFinder
from ._pose_tasks import read_pose_tasks
from ._poses import read_poses
from ._quadruples import SIDES
from ._triplets import read_triplets


class Decoder:
    """Turns the outputs of a model into detections. Picklable, thread-safe.

        >>> decoder = Decoder(families.CENTERNET, score_threshold=0.1)
        >>> detections = decoder(infer_request)[0]

    Args:
        family: how the model stores its heads.
        top_k, score_threshold, plateaus, classes, best_class, max_per_class, nms,
            element_type: as in `decode_boxes`. Models that decode in their own
            graph are only filtered by score, class and number, and thinned.
            nms=None does what the family's own program does.
        calibration: as in `decode_boxes3d`; for all images, or one for each of a batch.

    Raises:
        TypeError, ValueError: as `decode_boxes`.
    """

    def __init__(
        self,
        family: Family,
        *,
        top_k: int = 100,
        score_threshold: float = 0.3,
        plateaus: str = "first",
        classes: Iterable[int] | None = None,
        best_class: bool = False,
        max_per_class: int | None = None,
        nms: NMSLike = None,
        calibration: ArrayLike | None = None,
        element_type: str | None = None,
    ) -> None:
        if not isinstance(family, Family):
            raise TypeError(f"family must be a Family, got {type(family).__name__}")
        if family.decoder not in READERS:
            raise ValueError(f"family.decoder must be one of {[*READERS]}, got {family.decoder!r}")
        needs = READERS[family.decoder].needs
        lacking = [head for head in needs if head not in family.required]
        if lacking:
            raise ValueError(
                f"family.heads must have {lacking} for decoder {family.decoder!r}, "
                f"got {dict(family.heads)}"
            )
        if family.masks is not None and "segmentation" not in family.heads:
            raise ValueError(
                f"family.heads must have 'segmentation' for masks, got {dict(family.heads)}"
            )
        if family.extras and "heatmap" not in needs:
            raise ValueError(
                f"extras must be empty for decoder {family.decoder!r}, which has no cells, "
                f"got {[*family.extras]}"
            )
        self.family = family
        self.score_threshold = score_limit(score_threshold)
        self.classes = None if classes is None else ascending(classes)
        self.top_k = top_k
        self.plateaus = plateaus
        self.best_class = best_class
        self.max_per_class = max_per_class
        self.nms = family.nms if nms is None else nms_of(nms)
        self.calibration = calibrations_of(calibration)
        self.element_type = element_type
        self._find_heads = HeadFinder(family)
        self._read = READERS[family.decoder].read
        self._format = head_format(family.layout, element_type)
        self._peaks = peak_options(
            top_k,
            score_threshold,
            family.activation,
            family.window,
            plateaus,
            self.classes,
            best_class,
            max_per_class,
        )
        self._box = box_format(
            family.stride,
            family.box_encoding,
            family.box_units,
            family.box_activation,
            family.axes,
            family.center_shift,
        )
        self._corners = box_format(family.stride, "corners", "cells", "none", family.axes, 0.0)

    def __reduce__(self) -> tuple[Callable[..., Decoder], tuple[Family, dict[str, Any]]]:
        return _rebuild, (self.family, self.options)

    @property
    def options(self) -> dict[str, Any]:
        """What it was made with, besides the family."""
        return {name: getattr(self, name) for name in _OPTIONS}

    def __repr__(self) -> str:
        return (
            f"Decoder({self.family.name}, top_k={self.top_k}, "
            f"score_threshold={self.score_threshold})"
        )

    def __call__(
        self,
        outputs: Any,
        *,
        transform: ArrayLike | None = None,
        clip: ArrayLike | None = None,
        input_size: tuple[int, int] | None = None,
    ) -> list[Detections]:
        """Decode one inference, before the request that owns its tensors runs again.

        Args:
            outputs: an InferRequest, the result of a compiled model, a mapping
                from output name to tensor, or a sequence of tensors in the order
                of `family.heads`.
            transform, clip: as in `decode_boxes`.
            input_size: (height, width) of the network input. Only for models
                whose boxes are fractions of it, and needed there.

        Returns:
            One `Detections` for each image of the batch.
        """
        places = Places(transforms_of(transform), sizes_of("clip", clip), input_size)
        return self.decode_heads(self._find_heads(outputs), places)

    def decode_heads(self, heads: Mapping[str, Any], places: Places) -> list[Detections]:
        """Decode tensors that are already told apart, by head."""
        found = self._read(self, heads, places)
        if self.nms is not None:
            found = [self.nms(detections) for detections in found]
        found = [one if len(one) <= self.top_k else one[: self.top_k] for one in found]
        return with_masks(self, heads, places, found)

    def box_heads(self, heads: Mapping[str, Any]) -> tuple[Any, Any, _core.BoxFormat]:
        """The size and the offset head and how they say a box: "corners" where the model
        has them, which count from the integer cell."""
        if "corners" in heads:
            return heads["corners"], None, self._corners
        return heads.get("wh"), heads.get("offset"), self._box


_OPTIONS = (
    "top_k",
    "score_threshold",
    "plateaus",
    "classes",
    "best_class",
    "max_per_class",
    "nms",
    "calibration",
    "element_type",
)


def _rebuild(family: Family, options: dict[str, Any]) -> Decoder:
    return Decoder(family, **options)


def _read_boxes(decoder: Decoder, heads: Mapping[str, Any], places: Places) -> list[Detections]:
    wh, offset, box = decoder.box_heads(heads)
    found = _core.decode_boxes(
        heads["heatmap"],
        wh,
        offset,
        decoder._format,
        decoder._peaks,
        box,
        places.transforms,
        places.clips,
    )
    images = found if isinstance(found, list) else [found]
    return read_extras(
        decoder,
        heads,
        places,
        [Detections(*arrays[:3]) for arrays in images],
        [arrays[3:5] for arrays in images],
    )


def _read_faces(decoder: Decoder, heads: Mapping[str, Any], places: Places) -> list[Detections]:
    read = read_faces if "landmarks" in heads else _read_boxes
    return read(decoder, heads, places)


class Reader(NamedTuple):
    """A way to read heads, and those that it cannot do without."""

    read: Callable[[Decoder, Mapping[str, Any], Places], list[Detections]]
    needs: tuple[str, ...]


READERS: dict[str, Reader] = {
    "boxes": Reader(_read_boxes, ("heatmap", "wh")),
    "poses": Reader(read_poses, ("heatmap", "keypoints")),
    "pose_tasks": Reader(read_pose_tasks, ("heatmap", "wh")),
    "faces": Reader(_read_faces, ("heatmap", "wh")),
    "boxes3d": Reader(read_boxes3d, ("heatmap", "rotation", "depth", "dimensions")),
    "extreme_points": Reader(read_extreme_points, (*SIDES, "center")),
    "triplets": Reader(read_triplets, ("top_left", "bottom_right")),
    "levels": Reader(read_levels, ("wh_0",)),
    "bev": Reader(read_bev, ("heatmap", "height", "dimensions", "heading")),
    "detection_output": Reader(read_detection_output, ("rows",)),
    "zoo": Reader(read_zoo, ("boxes", "scores", "classes", "count")),
}
