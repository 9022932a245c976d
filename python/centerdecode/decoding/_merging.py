"""What was found in several inputs of one image, at its scales and in its mirror images,
put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..families import SOFT_NMS, NMSLike, nms_of, real_number, thinned
from ..results import Detections
from ._limits import limited
from ._placements import transforms_of

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements

T = TypeVar("T")

# For each image what was found in each of its inputs; and whether it is a batch.
Parts: TypeAlias = "tuple[list[list[T]], bool]"


class Input(NamedTuple):
    """The heads of all images at one scale, and where what is found there goes."""

    heads: dict[str, Any]
    transforms: NDArray[np.float64] | None
    zoom: float


def decoded(
    decode: Callable[[Mapping[str, Any], NDArray[np.float64] | None], Parts[Detections]],
    heads: Mapping[str, Any],
    transform: Any,
    scales: Sequence[float] | None,
    *,
    nms: NMSLike,
    top_k: int,
    max_per_class: int | None = None,
) -> Detections | list[Detections]:
    """`decode` of heads and transforms, at every scale; then what is found at all."""
    if scales is None:
        images, batched = decode(heads, transforms_of(transform))
    else:
        inputs = inputs_of(heads, transform, scales)
        scaled, batched = together([decode(one.heads, one.transforms) for one in inputs])
        images = [[*chain(*image)] for image in scaled]
    found = [joined(parts, nms, top_k, max_per_class) for parts in images]
    return found if batched else found[0]


def zooms_of(scales: Sequence[float]) -> list[float]:
    """Scales as numbers.

    Raises:
        TypeError, ValueError: one that is none, or not positive; or there are none.
    """
    zooms = [real_number("scales", scale) for scale in scales]
    if not zooms or not 0 < min(zooms) <= max(zooms) < np.inf:
        raise ValueError(f"scales must be positive, got {zooms}")
    return zooms


def inputs_of(
    heads: Mapping[str, Any], transform: Any, scales: Sequence[float] | None
) -> list[Input]:
    """Heads by name, or with `scales` for each a list of tensors, to the inputs."""
    if scales is None:
        return [Input(dict(heads), transforms_of(transform), 1.0)]
    zooms = zooms_of(scales)
    transforms = one_for_each("transform", transform, len(zooms))
    lists = {name: one_for_each(name, head, len(zooms)) for name, head in heads.items()}
    return [
        Input(
            {name: tensors[i] for name, tensors in lists.items()},
            transforms_at(transforms[i], zoom),
            zoom,
        )
        for i, zoom in enumerate(zooms)
    ]


def one_for_each(name: str, values: Any, count: int) -> list[Any]:
    """A list of one for each scale; None: a list of None.

    Raises:
        ValueError: no list, or one of another length.
    """
    if values is None:
        return [None] * count
    indexed = hasattr(values, "__len__") and not isinstance(values, (str, bytes, Mapping))
    if not indexed or len(values) != count:
        what = f"{len(values)}" if indexed else type(values).__name__
        raise ValueError(f"{name} must be a list of {count}, one for each scale, got {what}")
    return list(values)


def transforms_at(transform: Any, zoom: float) -> NDArray[np.float64] | None:
    """From the input at a scale to the image. None: coordinates are divided by the scale."""
    if transform is not None or zoom == 1.0:
        return transforms_of(transform)
    return np.array([[[1 / zoom, 0, 0], [0, 1 / zoom, 0]]])


def together(scales: Sequence[Parts[T]]) -> tuple[list[list[list[T]]], bool]:
    """For each image, at each scale, its parts; and whether it is a batch.

    Raises:
        ValueError: not as many images at every scale.
    """
    counts = [len(images) for images, _ in scales]
    if len(set(counts)) > 1:
        raise ValueError(f"heads must hold as many images at every scale, got {counts}")
    by_image = zip(*(images for images, _ in scales), strict=True)
    return [list(image) for image in by_image], scales[0][1]


def joined(
    parts: Sequence[Detections], nms: NMSLike, top_k: int, max_per_class: int | None = None
) -> Detections:
    """The detections of one image. Where there are several parts, the best of all, after
    NMS, which is `SOFT_NMS` then unless it is given."""
    if len(parts) == 1:
        return thinned(parts[0], nms)
    found = thinned(Detections.concat(parts), nms_of(nms) or SOFT_NMS)
    return limited(found, max_per_class)[:top_k]


def concat_scales(
    decoder: Decoder, inputs: Sequence[Mapping[str, Any]], placements: Sequence[Placements]
) -> list[Detections]:
    """What a decoder finds in each image at any scale, before NMS."""
    found: list[Parts[Detections]] = [
        ([[one] for one in decoder.read(heads, place)], True)
        for heads, place in zip(inputs, placements, strict=True)
    ]
    images, _ = together(found)
    return [Detections.concat(chain(*image)) for image in images]
