"""Heads of a corner detector to boxes: CornerNet's pairs, CenterNet's triplets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import NMS, NMSLike, TripletRule, ascending, nms_of, rule_entries
from ..results import Detections
from ._call import decode, make_decoder, remembered
from ._placements import zooms_of

_HEADS = (
    *("top_left", "top_left_tag", "top_left_offset"),
    *("bottom_right", "bottom_right_tag", "bottom_right_offset"),
    *("center", "center_offset"),
)
# The rule's top_k counts corners, the decoder's objects.
_RULE = ("top_k", "tag_threshold", "max_pairs", "margin", "area_limit")
_OPTIONS = (
    "stride",
    "top_k",
    "score_threshold",
    "flip",
    "scales",
    "activation",
    "window",
    "plateaus",
    "layout",
    "classes",
)


@remembered
def _decoder(nms: NMS | None, element_type: str | None, *values: Any) -> _core.Decoder:
    rule = TripletRule(**dict(zip(_RULE, values, strict=False)))
    own = dict(zip(_OPTIONS, values[len(_RULE) :], strict=True))
    entries = rule_entries("triplets", rule)
    return make_decoder("triplets", _HEADS, (), element_type, nms, entries, **own)


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
    decoder = _decoder(
        nms_of(nms),
        element_type,
        top_k,
        tag_threshold,
        max_detections,
        margin,
        area_limit,
        stride,
        max_detections,
        score_threshold,
        flip,
        None if scales is None else tuple(zooms_of(scales)),
        activation,
        window,
        plateaus,
        layout,
        None if classes is None else tuple(ascending(classes)),
    )
    heads = {
        "top_left": top_left,
        "top_left_tag": top_left_tag,
        "top_left_offset": top_left_offset,
        "bottom_right": bottom_right,
        "bottom_right_tag": bottom_right_tag,
        "bottom_right_offset": bottom_right_offset,
        "center": center,
        "center_offset": None if center is None else center_offset,
    }
    return decode(decoder, heads, transform, clip, scales)
