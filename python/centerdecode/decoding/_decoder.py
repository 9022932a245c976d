"""A family's decoder: options checked once, outputs in, detections out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import (
    SOFT_NMS,
    Entry,
    Family,
    NMSLike,
    ascending,
    extents_of,
    nms_of,
    options,
    rule_entries,
    score_limit,
)
from ..results import Detections
from ._entries import family_entries
from ._heads import HeadFinder
from ._levels import name_of_level
from ._placements import (
    Placements,
    calibrations_of,
    one_for_each,
    sizes_of,
    transforms_of,
    zooms_of,
)


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
        _require_heads(family)
        self.family = family
        self.top_k = top_k
        self.score_threshold = score_limit(score_threshold)
        self.plateaus = plateaus
        self.classes = None if classes is None else ascending(classes)
        self.best_class = best_class
        self.max_per_class = max_per_class
        self.flip = bool(flip)
        self.scales = None if scales is None else tuple(zooms_of(scales))
        self.calibration = calibrations_of(calibration)
        self.element_type = element_type
        self.nms = family.nms if nms is None else nms_of(nms)
        self._find_heads = HeadFinder(family)
        heads = self._find_heads.names
        self._core = self._make(family.decoder, heads)
        if self.nms is None and self._core.joins:
            self.nms = SOFT_NMS
            self._core = self._make(family.decoder, heads)

    def _make(
        self,
        kind: str,
        heads: Sequence[str],
        more: Iterable[Entry] = (),
    ) -> _core.Decoder:
        """The core's decoder of these heads."""
        family = self.family
        names = ("top_k", "score_threshold", "plateaus", "classes", "best_class", "max_per_class")
        own = {name: getattr(self, name) for name in names}
        if kind == "bev":
            if family.bev is None:
                raise ValueError(f"family.bev must say where cells lie for decoder {kind!r}")
            own["best_class"] = True  # boxes of a task are alike, and none are in one place
        entries = [
            ("decoder", kind),
            ("heads", ",".join(heads)),
            *family_entries(family),
            *options(**own),
            *options(flip=self.flip, scales=self.scales),
            *more,
        ]
        if self.calibration is not None:
            entries += options(calibration=self.calibration.flat)
        if self.nms is not None:
            entries += rule_entries("nms", self.nms)
        called = [*map(name_of_level, heads)] if kind == "levels" else [*heads]
        return _core.Decoder(entries, called, self.element_type or "")

    def __reduce__(self) -> tuple[Callable[..., Decoder], tuple[Family, dict[str, Any]]]:
        return _rebuild, (self.family, self.options)

    @property
    def options(self) -> dict[str, Any]:
        """What it was made with, besides the family."""
        return {name: getattr(self, name) for name in _OPTIONS}

    def settings(
        self,
        heads: Sequence[str] | None = None,
        *,
        input_size: tuple[int, int] | None = None,
    ) -> str:
        """This decoder as text, which `centerdecode::Decoder` of the C++ library and
        `centerdecode_decoder_create` of the C library take. They give the same detections,
        bit for bit.

        Args:
            heads: the heads that the model has, in the order in which their tensors will be
                handed over; None: all of the family. Landmarks are called keypoints there.
            input_size: (height, width) of the network input; None: the family's. Only for
                models whose boxes are fractions of it, and needed there.

        Returns:
            `key=value` entries, separated by `;`.

        Raises:
            ValueError: heads that the family lacks or needs; or names with "," or ";".
        """
        size = input_size or self.family.size
        more = [] if size is None else options(input_size=extents_of("input_size", size))
        return self._with_heads(heads, more).settings()

    def columns(self, channels: Mapping[str, int]) -> list[str]:
        """Names of what this decoder finds besides boxes, scores, classes and keypoints, in the
        order of `extras`.

        Args:
            channels: of each head that the model has; 0: that is not known.

        Raises:
            ValueError: as `settings`.
        """
        return self._with_heads([*channels]).column_names([*channels.values()])

    def _with_heads(self, heads: Sequence[str] | None, more: Iterable[Entry] = ()) -> _core.Decoder:
        """The core's decoder for a model that has these heads."""
        family = self.family
        known = [*family.heads]
        wanted = known if heads is None else [*heads]
        lacking = [head for head in family.required if head not in wanted]
        if lacking or len({*wanted}) < len(wanted) or any(head not in known for head in wanted):
            raise ValueError(
                f"heads must be of {known}, with {[*family.required]}, each once, got {wanted}"
            )
        own = [self._find_heads.names[known.index(head)] for head in wanted]
        names = [
            (f"names.{name}", _names(family, head)) for name, head in zip(own, wanted, strict=True)
        ]
        kind = family.decoder
        if kind == "faces":  # a text has the heads that there are
            kind = "poses" if "keypoints" in own else "boxes"
        return self._make(kind, own, [*names, *more])

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
        if self.scales is None and transform is None and clip is None and input_size is None:
            found = self._core(self._find_heads(outputs), None, None, None, None, False)
            return [Detections(*columns) for columns in found]
        clips = sizes_of("clip", clip)
        if self.scales is None:
            return self._decode(
                self._find_heads(outputs), Placements(transforms_of(transform), clips, input_size)
            )
        inputs = one_for_each("outputs", outputs, len(self.scales))
        matrices = one_for_each("transform", transform, len(self.scales))
        heads = [head for one in inputs for head in self._find_heads.padded(one)]
        transforms = [transforms_of(matrix) for matrix in matrices]
        return _detections(self._core.decode_scales(heads, transforms, clips, False))

    def decode_heads(self, heads: Mapping[str, Any], placements: Placements) -> list[Detections]:
        """Decode tensors that are already told apart, by head."""
        return self._decode([heads.get(head) for head in self.family.heads], placements)

    def decode_scales(
        self, inputs: Sequence[Mapping[str, Any]], placements: Sequence[Placements]
    ) -> list[Detections]:
        """The same at every scale; then the best of what is found at all."""
        heads = [one.get(head) for one in inputs for head in self.family.heads]
        transforms = [one.transforms for one in placements]
        return _detections(self._core.decode_scales(heads, transforms, placements[0].clips, False))

    def _decode(self, heads: Sequence[Any], placements: Placements) -> list[Detections]:
        transforms, clips, size = placements
        sizes = None if size is None else sizes_of("input_size", extents_of("input_size", size))
        return _detections(self._core(heads, transforms, clips, sizes, None, False))


def _detections(found: Iterable[Any]) -> list[Detections]:
    return [Detections(*columns) for columns in found]


def _require_heads(family: Family) -> None:
    """
    Raises:
        ValueError: no such decoder, or a family that may lack heads that it needs.
    """
    try:
        needed = _core.needed_heads(family.decoder)
    except ValueError as error:
        raise ValueError(f"family.{error}") from None
    lacking = [any_of[0] for any_of in needed if not {*any_of} & {*family.required}]
    if lacking:
        raise ValueError(
            f"family.heads must have {lacking} for decoder {family.decoder!r}, "
            f"got {dict(family.heads)}"
        )
    if family.masks is not None and "segmentation" not in family.heads:
        raise ValueError(
            f"family.heads must have 'segmentation' for masks, got {dict(family.heads)}"
        )


def _names(family: Family, head: str) -> str:
    names = [*family.heads[head]]
    if not names or any(
        set(name) & set(",;\n") or name != name.strip() or not name for name in names
    ):
        raise ValueError(f'a head must have names, without ",", ";" and white space, got {names}')
    return ",".join(names)


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


def _rebuild(family: Family, options: dict[str, Any]) -> Decoder:
    return Decoder(family, **options)
