"""The first stage of every decoder: the peaks of a heatmap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import _core
from ..families import head_format, peak_options
from ..results import Peaks


def find_peaks(
    heatmap: Any,
    *,
    top_k: int = 100,
    score_threshold: float = 0.0,
    activation: str = "sigmoid",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = False,
    max_per_class: int | None = None,
    element_type: str | None = None,
) -> Peaks | list[Peaks]:
    """Find the cells of a heatmap that no neighbour beats, strongest first.

    The tensor is read in place and never written: float32, float16 or bfloat16,
    any strides, aligned or not. While this runs the GIL is released, so the
    infer request that owns the tensor must not run meanwhile.

    Args:
        heatmap: (C, H, W), or (B, C, H, W) for a list of results; (H, W, C) and
            (B, H, W, C) with layout="NHWC". A NumPy array, an `ov.Tensor`, or
            anything with DLPack or the buffer protocol.
        top_k: keep at most this many, over all classes.
        score_threshold: inclusive lower bound on the score.
        activation: "sigmoid" where the heatmap holds logits, "none" where it
            holds scores. Peaks, ties and order are judged on the raw numbers.
        window: a peak is the greatest of window x window cells of its own class;
            odd; 1 makes every cell a peak.
        plateaus: "first": of two equal neighbours only the first in row-major
            order is a peak. "keep": both are, as in max-pooling decoders.
        layout: "NCHW" or "NHWC".
        classes: the channels to look at; the others are not read.
        best_class: of several classes that peak at one cell keep the strongest.
        max_per_class: keep at most this many of each class.
        element_type: "f32", "f16" or "bf16". Needed for a bare float16 array,
            which may hold either (NumPy sees OpenVINO's bf16 as float16).

    Returns:
        `Peaks`, or a list of them for a batch. Order: raw value descending, then
        flat index in the tensor's own layout. A NaN is never a peak and never
        beats one. Fewer peaks than top_k give fewer rows.

    Raises:
        TypeError: what would have to be converted: another element type, another
            byte order, a bare float16 array, an object that is no tensor.
        ValueError: a wrong rank, an unknown option, a class that does not exist.
    """
    found = _core.find_peaks(
        heatmap,
        head_format(layout, element_type),
        peak_options(
            top_k,
            score_threshold,
            activation,
            window,
            plateaus,
            classes,
            best_class,
            max_per_class,
        ),
    )
    if isinstance(found, list):
        return [Peaks(*arrays) for arrays in found]
    return Peaks(*found)
