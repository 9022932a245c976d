"""Heads to detections, as functions of arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..families import NMSLike, box_format, head_format, peak_options, score_limit
from ..results import Detections
from ._cells import Grid, with_extras
from ._merging import Parts, decoded
from ._mirror import Stored
from ._placements import sizes_of
from ._wanted_extras import extra_heads, extras_among, wanted_extras


def decode_boxes(
    heatmap: Any,
    wh: Any,
    offset: Any = None,
    *,
    stride: float = 4,
    top_k: int = 100,
    score_threshold: float = 0.3,
    activation: str = "sigmoid",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = False,
    max_per_class: int | None = None,
    box_encoding: str = "wh",
    box_units: str = "cells",
    box_activation: str = "none",
    axes: str = "xy",
    center_shift: float | None = None,
    transform: Any = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    extras: Mapping[str, Any] | None = None,
    flip: bool = False,
    scales: Sequence[float] | None = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of a CenterNet-style detector into boxes.

    The defaults are those of "Objects as Points" (Zhou et al., 2019). For the
    options that are not explained here, see `find_peaks`.

    Args:
        heatmap: (C, H, W) or a batch of them, as in `find_peaks`.
        wh: the size head on the same grid, (2, H, W) or (4, H, W), see
            `box_encoding`; or class-specific with a group of channels for each
            class, (2 * C, H, W) or (4 * C, H, W).
        offset: (2, H, W), the shift of each center in cells; None: no such head.
        stride: input pixels per cell.
        score_threshold: inclusive lower bound on the score.
        box_encoding: "wh": width and height around the center. "ltrb": distances
            from the center to the left, top, right and bottom side. "corners": the
            corners x1 y1 x2 y2 as seen from the center, signed (CenterTrack).
        box_units: what the size head counts, "cells" or (input) "pixels".
        box_activation: applied to the size head: "none"; "exp" where it holds
            logarithms; "relu" where negative sizes mean zero.
        axes: "xy": width before height, left before top, x offset before y.
            "yx": the other way round (TensorFlow, CenterFace).
        center_shift: cells added to every center; None: 0 with an offset head,
            0.5 without.
        transform: (2, 3) affine matrix, or (B, 2, 3), from network input pixels
            to image pixels, applied to both corners.
        clip: (height, width) of the image, or one for each of a batch: boxes are
            cut there. None: they may leave the image.
        nms: what to do about boxes that overlap: "hard", "linear", "gaussian" or
            an `NMS`; None: nothing, as a peak is thought to be an object, or
            soft-NMS as in the reference (gaussian, sigma 0.5) of several scales.
        extras: other heads on the same grid, by name: what they say at the integer
            cell of each peak comes back in `Detections.extras` under that name. A
            head alone comes as it is, (n, C); `(head, Extra(...))` by that rule; an
            `Extra` alone where its frame reads no head.
        flip: the batch holds each image and behind it its mirror image, and there
            are half as many results. Scores, not logits, and sizes, as their head
            stores them, are the means of both, turned back; offset and extras are
            the image's. Peaks and ties are judged on these scores. This makes new
            maps of heatmap and sizes, and takes a sigmoid where a cell of either
            reaches score_threshold: everywhere, if that is 0.
        scales: what the images were resized by, of several test scales: every head
            is then a list of tensors, one for each, and `transform` a list or None.
            Coordinates of a scale without a transform are divided by it. The best
            top_k of all are kept, after `nms`.

    Returns:
        `Detections`, or a list of them for a batch, with xyxy in image pixels if
        a transform is given, else in network input pixels. Sizes are taken as
        they come: a negative one gives an inverted box.

    Raises:
        TypeError, ValueError: as `find_peaks`; and for heads whose grid, batch
            or number of channels does not fit.
    """
    wanted = wanted_extras(extras)
    form = head_format(layout, element_type)
    peaks = peak_options(
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        classes,
        best_class,
        max_per_class,
    )
    box = box_format(stride, box_encoding, box_units, box_activation, axes, center_shift)
    clips = sizes_of("clip", clip)

    def decode(
        heads: Mapping[str, Any], transforms: NDArray[np.float64] | None
    ) -> Parts[Detections]:
        options = peaks
        if flip:
            heads, options = Stored(form, peaks, box).merge(heads), peaks.of_scores()
        found = _core.decode_boxes(
            heads["heatmap"],
            heads["wh"],
            heads["offset"],
            form,
            options,
            box,
            transforms,
            clips,
            True,
        )
        many = found if isinstance(found, list) else [found]
        images = with_extras(
            [Detections(*arrays[:3]) for arrays in many],
            [arrays[3:5] for arrays in many],
            extras_among(heads, wanted),
            Grid(heads["heatmap"], form, stride, axes, transforms, clips),
        )
        return [[image] for image in images], isinstance(found, list)

    heads = {"heatmap": heatmap, "wh": wh, "offset": offset, **extra_heads(wanted)}
    return decoded(
        decode, heads, transform, scales, nms=nms, top_k=top_k, max_per_class=max_per_class
    )


def decode_detection_output(
    tensor: Any,
    *,
    image_size: ArrayLike,
    score_threshold: float = 0.5,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Read the rows of a model that ends in OpenVINO's DetectionOutput.

    Args:
        tensor: (1, 1, N, 7) rows of image_id, label, conf, x1, y1, x2, y2, the
            corners as fractions of the network input. The first row with a
            negative image_id ends the list; what stands behind it is not read.
        image_size: (height, width) that the fractions are of; or a list of them,
            one for each item of the batch, for a list of results.
        score_threshold: rows must score more than this (not inclusive, as in
            every reader of this output).
        element_type: as in `find_peaks`.

    Returns:
        `Detections` with xyxy in pixels, clipped to the image, and class_ids as
        the model's labels; or a list of them. Order: conf descending, then row.

    Raises:
        TypeError: another element type.
        ValueError: another shape.
    """
    sizes = sizes_of("image_size", image_size)
    if sizes is None:
        raise TypeError("image_size must be (height, width), got None")
    threshold = score_limit(score_threshold)
    found = [
        Detections(
            *_core.decode_detection_output(
                tensor, element_type or "", image_id, height, width, threshold
            )
        )
        for image_id, (height, width) in enumerate(sizes.tolist())
    ]
    return found if np.ndim(image_size) == 2 else found[0]
