"""Heads of a corner detector to boxes: CornerNet's pairs, CenterNet's triplets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..families import (
    NMSLike,
    TripletRule,
    box_format,
    head_format,
    peak_options,
    real_number,
    thinned,
)
from ..results import Detections
from ._corner_pairs import Heads, Setup, join
from ._limits import limited
from ._merging import inputs_of, together, zooms_of
from ._placements import sizes_of

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements


def decode_triplets(
    top_left: Any,
    bottom_right: Any,
    top_left_tag: Any,
    bottom_right_tag: Any,
    top_left_offset: Any = None,
    bottom_right_offset: Any = None,
    center: Any = None,
    center_offset: Any = None,
    *,
    stride: float = 4,
    top_k: int = 70,
    tag_threshold: float = 0.5,
    score_threshold: float = 0.3,
    max_detections: int = 1000,
    margin: float | None = 5.0,
    area_limit: float = 22500.0,
    flip: bool = False,
    scales: Sequence[float] | None = None,
    activation: str = "sigmoid",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    transform: Any = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Pair corners into boxes, and keep those with a center inside.

    A top left and a bottom right corner make a pair if they are of one class, their
    tags are similar, and neither is on the wrong side of the other; it scores the mean
    of theirs ("CornerNet", Law and Deng, 2018). Where there is a center head, a pair
    needs a center of its class strictly inside its middle third, or its middle fifth
    if it is large, and scores (2 * pair + center) / 3 with the first of those: the
    image's before its mirror image's, the strongest before the others ("CenterNet:
    Keypoint Triplets for Object Detection", Duan et al., 2019). For options that are
    not explained here, see `decode_boxes`.

    Args:
        top_left, bottom_right: (C, H, W) heatmaps of the corners, or a batch of them.
        top_left_tag, bottom_right_tag: (1, H, W), what tells objects apart.
        top_left_offset, bottom_right_offset: (2, H, W), the shifts of the corners in
            cells, both or neither.
        center, center_offset: the same for centers; None: CornerNet.
        stride: upstream's programs divide by the exact ratio of an input of n to its
            grid of (n + 1) / 4: pass n / grid for that.
        top_k: keep at most this many corners of each head, and centers.
        tag_threshold: the greatest difference of similar tags.
        score_threshold: inclusive lower bound on the score of the object.
        max_detections: keep at most this many pairs of each input, and objects.
        margin: drop boxes a side of which lies this many pixels or more beyond `clip`;
            None: keep them. Without `clip`, or a center head, none is dropped.
        area_limit: large are boxes with a larger area, in the pixels of `transform`.
        flip: the batch holds each image and behind it its mirror image; what is found
            in both counts, and there are half as many results.
        scales: what the images were resized by, of several test scales, 1 among them:
            every head is then a list of tensors, one for each, and `transform` a list
            or None. Coordinates of a scale without a transform are divided by it.
            Centers are those of scale 1. `margin` is as large at every scale.
        transform, clip: as in `decode_boxes`; one for each image, mirrored or not.

    Returns:
        `Detections`, or a list of them for a batch, with the extra corner_scores
        (n, 2), those of the top left and the bottom right corner. Of equal scores the
        large boxes are first, where there are centers.

    Raises:
        TypeError, ValueError: as `decode_boxes`.
    """
    rule = TripletRule(
        top_k=top_k,
        tag_threshold=tag_threshold,
        max_pairs=max_detections,
        margin=margin,
        area_limit=area_limit,
    )
    heads = {
        "top_left": top_left,
        "top_left_tag": top_left_tag,
        "top_left_offset": top_left_offset,
        "bottom_right": bottom_right,
        "bottom_right_tag": bottom_right_tag,
        "bottom_right_offset": bottom_right_offset,
        "center": center,
        "center_offset": center_offset,
    }
    setup = Setup(
        head_format(layout, element_type),
        peak_options(top_k, -np.inf, activation, window, plateaus, classes),
        box_format(stride, "wh", "cells", "none", "xy", None),
        rule,
        bool(flip),
        sizes_of("clip", clip),
    )
    zooms = [1.0] if scales is None else zooms_with_one(scales)
    inputs = inputs_of(heads, transform, scales)
    images, batched = together(
        [setup.find(_kinds(one.heads), one.transforms, one.zoom) for one in inputs]
    )
    least = real_number("score_threshold", score_threshold)
    found = [
        thinned(join(image, zooms.index(1.0), rule, least, max_detections), nms) for image in images
    ]
    return found if batched else found[0]


def read_triplets(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Triplets, or pairs, by the rule of the decoder's family."""
    return read_triplets_at_scales(decoder, [heads], [placements])


def read_triplets_at_scales(
    decoder: Decoder, inputs: Sequence[Mapping[str, Any]], placements: Sequence[Placements]
) -> list[Detections]:
    """The same of several test scales, the centers of which are those of scale 1."""
    family = decoder.family
    rule = family.triplets or TripletRule()
    zooms = decoder.scales or (1.0,)
    setup = Setup(
        decoder._format,
        peak_options(
            rule.top_k,
            -np.inf,
            family.activation,
            family.window,
            decoder.plateaus,
            decoder.classes,
            decoder.best_class,
        ),
        decoder._box,
        rule,
        decoder.flip,
        placements[0].clips,
    )
    images, _ = together(
        [
            setup.find(_kinds(heads), place.transforms, zoom)
            for heads, place, zoom in zip(inputs, placements, zooms, strict=True)
        ]
    )
    least = decoder.score_threshold
    found = [join(image, zooms.index(1.0), rule, least, rule.max_pairs) for image in images]
    return [limited(image, decoder.max_per_class) for image in found]


def _kinds(heads: Mapping[str, Any]) -> list[Heads]:
    """The heads of both corners, and of centers."""
    return [
        (heads.get(name), heads.get(f"{name}_tag"), heads.get(f"{name}_offset"))
        for name in ("top_left", "bottom_right", "center")
    ]


def zooms_with_one(scales: Sequence[float]) -> list[float]:
    """Scales as numbers.

    Raises:
        TypeError, ValueError: as `zooms_of`; or none is 1, that of the centers.
    """
    zooms = zooms_of(scales)
    if 1.0 not in zooms:
        raise ValueError(f"scales must be positive, 1 among them, got {zooms}")
    return zooms
