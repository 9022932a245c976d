"""A family's decoder: options checked once, outputs in, detections out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from .. import _core
from ..families import (
    SIDES,
    SOFT_NMS,
    Family,
    NMSLike,
    ascending,
    box_format,
    head_format,
    nms_of,
    peak_options,
    score_limit,
)
from ..results import Detections
from ._bev import read_bev
from ._boxes3d import calibrations_of, read_boxes3d
from ._cells import read_extras
from ._decoded import read_detection_output, read_embedded, read_zoo
from ._extreme_points import read_extreme_points
from ._faces import read_faces
from ._heads import HeadFinder
from ._levels import read_levels
from ._limits import limited
from ._masks import with_masks
from ._merging import concat_scales, one_for_each, transforms_at, zooms_of
from ._mirror import keep_heads, merge_boxes, merge_poses, merged_family
from ._placements import Placements, sizes_of, transforms_of
from ._pose_tasks import read_pose_tasks
from ._poses import read_poses
from ._settings import settings_of
from ._triplets import read_triplets, read_triplets_at_scales, zooms_with_one


class Decoder:
    """Turns the outputs of a model into detections. Picklable, thread-safe. What it was
    made with stays as it is: for other options make another.

        >>> decoder = Decoder(families.CENTERNET, score_threshold=0.1)
        >>> detections = decoder(infer_request)[0]

    Args:
        family: how the model stores its heads.
        top_k, score_threshold, plateaus, classes, best_class, max_per_class, nms,
            element_type: as in `decode_boxes`. Models that decode in their own
            graph are only filtered by score, class and number, and thinned.
            nms=None does what the family's own program does.
        calibration: as in `decode_boxes3d`; for all images, or one for each of a batch.
        flip, scales: as in `decode_boxes`, or the decoder of the family's heads. With
            scales a call takes several outputs. Not for 3D boxes, nor for models that
            decode in their own graph.

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
        flip: bool = False,
        scales: Sequence[float] | None = None,
        element_type: str | None = None,
    ) -> None:
        if not isinstance(family, Family):
            raise TypeError(f"family must be a Family, got {type(family).__name__}")
        if family.decoder not in READERS:
            raise ValueError(f"family.decoder must be one of {[*READERS]}, got {family.decoder!r}")
        reader = READERS[family.decoder]
        lacking = [head for head in reader.needs if head not in family.required]
        if lacking:
            raise ValueError(
                f"family.heads must have {lacking} for decoder {family.decoder!r}, "
                f"got {dict(family.heads)}"
            )
        if family.masks is not None and "segmentation" not in family.heads:
            raise ValueError(
                f"family.heads must have 'segmentation' for masks, got {dict(family.heads)}"
            )
        if family.extras and "heatmap" not in reader.needs:
            raise ValueError(
                f"extras must be empty for decoder {family.decoder!r}, which has no cells, "
                f"got {[*family.extras]}"
            )
        if (flip or scales is not None) and reader.mirror is None:
            raise ValueError(f"flip and scales must be left out for decoder {family.decoder!r}")
        if scales is not None and family.masks is not None:
            raise ValueError("scales must be left out for a family with masks")
        self.family = family
        self.flip = bool(flip)
        self.scales = None if scales is None else tuple(reader.zooms(scales))
        self.score_threshold = score_limit(score_threshold)
        self.classes = None if classes is None else ascending(classes)
        self.top_k = top_k
        self.plateaus = plateaus
        self.best_class = best_class
        self.max_per_class = max_per_class
        self.nms = family.nms if nms is None else nms_of(nms)
        # Whether an object may be found several times.
        self._joins = len(self.scales or ()) > 1 or (self.flip and reader.mirror is keep_heads)
        if self._joins and self.nms is None:
            self.nms = SOFT_NMS
        # Whether there is anything to leave out of what is read.
        self._chooses = self.nms is not None or self._joins or not reader.is_limited
        self.calibration = calibrations_of(calibration)
        self.element_type = element_type
        self._find_heads = HeadFinder(family)
        self._read = reader.read
        self._merge = reader.mirror if self.flip else None
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
        # What reads heads that were merged: those of another family, which hold scores.
        self._of_merged: Decoder | None = None
        if self.flip and reader.mirror is not keep_heads:
            self._of_merged = Decoder(merged_family(family), **{**self.options, "flip": False})

    def __reduce__(self) -> tuple[Callable[..., Decoder], tuple[Family]]:
        return partial(Decoder, **self.options), (self.family,)

    @property
    def options(self) -> dict[str, Any]:
        """What it was made with, besides the family."""
        return {name: getattr(self, name) for name in _OPTIONS}

    settings = settings_of

    def __repr__(self) -> str:
        return (
            f"Decoder({self.family.name}, top_k={self.top_k}, "
            f"score_threshold={self.score_threshold})"
        )

    def __call__(
        self,
        outputs: Any,
        *,
        transform: Any = None,
        clip: ArrayLike | None = None,
        input_size: tuple[int, int] | None = None,
    ) -> list[Detections]:
        """Decode one inference, before the request that owns its tensors runs again.

        Args:
            outputs: an InferRequest, the result of a compiled model, a mapping
                from output name to tensor, or a sequence of tensors in the order
                of `family.heads`. Where the decoder has scales, a sequence of
                these, one for each, and transform a sequence or None.
            transform, clip: as in `decode_boxes`.
            input_size: (height, width) of the network input. Only for models
                whose boxes are fractions of it, and needed there.

        Returns:
            One `Detections` for each image of the batch.
        """
        clips = sizes_of("clip", clip)
        if self.scales is None:
            placements = _NOWHERE
            if transform is not None or clip is not None or input_size is not None:
                placements = Placements(transforms_of(transform), clips, input_size)
            return self.decode_heads(self._find_heads(outputs), placements)
        count = len(self.scales)
        inputs = [self._find_heads(one) for one in one_for_each("outputs", outputs, count)]
        matrices = one_for_each("transform", transform, count)
        return self.decode_scales(
            inputs,
            [
                Placements(transforms_at(matrix, zoom), clips, input_size)
                for matrix, zoom in zip(matrices, self.scales, strict=True)
            ],
        )

    def decode_heads(self, heads: Mapping[str, Any], placements: Placements) -> list[Detections]:
        """Decode tensors that are already told apart, by head."""
        heads = self._merged(heads)
        found = self._read(self._of_merged or self, heads, placements)
        if self._chooses:
            found = self._best(found)
        if self.family.masks is None:
            return found
        return with_masks(self, heads, placements, found, self.family.masks)

    def decode_scales(
        self, inputs: Sequence[Mapping[str, Any]], placements: Sequence[Placements]
    ) -> list[Detections]:
        """The same at every scale; then the best of what is found at all."""
        return self._best(READERS[self.family.decoder].scales(self, inputs, placements))

    def read(self, heads: Mapping[str, Any], placements: Placements) -> list[Detections]:
        """What is found at one scale, before NMS."""
        return self._read(self._of_merged or self, self._merged(heads), placements)

    def _merged(self, heads: Mapping[str, Any]) -> Mapping[str, Any]:
        return heads if self._merge is None else self._merge(self, heads)

    def _best(self, found: list[Detections]) -> list[Detections]:
        if self.nms is not None:
            found = [self.nms(detections) for detections in found]
        if self._joins:
            found = [limited(detections, self.max_per_class) for detections in found]
        return [one if len(one.scores) <= self.top_k else one[: self.top_k] for one in found]

    def box_heads(self, heads: Mapping[str, Any]) -> tuple[Any, Any, _core.BoxFormat]:
        """The size and the offset head and how they say a box: "corners" where the model
        has them, which count from the integer cell."""
        if "corners" in heads:
            return heads["corners"], None, self._corners
        return heads.get("wh"), heads.get("offset"), self._box


_NOWHERE = Placements()

_OPTIONS = (
    "top_k",
    "score_threshold",
    "plateaus",
    "classes",
    "best_class",
    "max_per_class",
    "nms",
    "calibration",
    "flip",
    "scales",
    "element_type",
)


def _read_boxes(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    wh, offset, box = decoder.box_heads(heads)
    given = (
        heads["heatmap"],
        wh,
        offset,
        decoder._format,
        decoder._peaks,
        box,
        placements.transforms,
        placements.clips,
    )
    if not decoder.family.extras:
        rows = _core.decode_boxes(*given, False)
        if isinstance(rows, tuple):
            return [Detections(*rows)]
        return [Detections(*arrays) for arrays in rows]
    found = _core.decode_boxes(*given, True)
    images = found if isinstance(found, list) else [found]
    return read_extras(
        decoder,
        heads,
        placements,
        [Detections(*arrays[:3]) for arrays in images],
        [arrays[3:] for arrays in images],
    )


def _read_faces(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    read = read_faces if "landmarks" in heads else _read_boxes
    return read(decoder, heads, placements)


class Reader(NamedTuple):
    """A way to read heads, and those that it cannot do without.

    mirror: heads of images and their mirror images to those that it reads; None: it
        knows of neither mirror images nor several scales.
    scales: what is found at all of them.
    zooms: scales as numbers.
    is_limited: it gives no more than the decoder's top_k.
    """

    read: Callable[[Decoder, Mapping[str, Any], Placements], list[Detections]]
    needs: tuple[str, ...]
    mirror: Callable[[Decoder, Mapping[str, Any]], Mapping[str, Any]] | None = None
    scales: Callable[
        [Decoder, Sequence[Mapping[str, Any]], Sequence[Placements]], list[Detections]
    ] = concat_scales
    zooms: Callable[[Sequence[float]], list[float]] = zooms_of
    is_limited: bool = True


READERS: dict[str, Reader] = {
    "boxes": Reader(_read_boxes, ("heatmap", "wh"), merge_boxes),
    "poses": Reader(read_poses, ("heatmap", "keypoints"), merge_poses),
    "pose_tasks": Reader(read_pose_tasks, ("heatmap", "wh"), merge_poses),
    "faces": Reader(_read_faces, ("heatmap", "wh"), merge_poses),
    "boxes3d": Reader(read_boxes3d, ("heatmap", "rotation", "depth", "dimensions")),
    "extreme_points": Reader(read_extreme_points, (*SIDES, "center"), keep_heads, is_limited=False),
    "triplets": Reader(
        read_triplets,
        ("top_left", "bottom_right"),
        keep_heads,
        read_triplets_at_scales,
        zooms_with_one,
        is_limited=False,
    ),
    "levels": Reader(read_levels, ("wh_0",), is_limited=False),
    "bev": Reader(read_bev, ("heatmap", "height", "dimensions", "heading"), is_limited=False),
    "detection_output": Reader(read_detection_output, ("rows",)),
    "zoo": Reader(read_zoo, ("boxes", "scores", "classes", "count")),
    "embedded": Reader(read_embedded, ("boxes", "scores", "class_ids", "counts")),
}
