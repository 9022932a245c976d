"""What is timed: the heads of one image, and what is asked of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

Floats = NDArray[np.float32]
DecodedBoxes = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]  # xyxy (n, 4), scores, class_ids
Decode = Callable[[], DecodedBoxes]


@dataclass(frozen=True, eq=False)
class Workload:
    """One decode of the plainest kind, which every rival can do.

    heatmap: (C, H, W); wh, offset: (2, H, W), in cells; C-contiguous float32.
    activation: "sigmoid" where the heatmap holds logits, "none" where scores.
    score_threshold: inclusive; 0.0: none.
    """

    name: str
    heatmap: Floats
    wh: Floats
    offset: Floats
    activation: str = "sigmoid"
    score_threshold: float = 0.1
    top_k: int = 100
    stride: float = 4

    @property
    def heads(self) -> tuple[Floats, Floats, Floats]:
        return self.heatmap, self.wh, self.offset

    @property
    def least(self) -> np.float32:
        return least_of(self.score_threshold, self.activation)


def least_of(score_threshold: float, activation: str) -> np.float32:
    """The raw number whose score is the threshold."""
    if score_threshold <= 0:
        return np.float32(-math.inf)
    logit = math.log(score_threshold) - math.log1p(-score_threshold)
    return np.float32(logit if activation == "sigmoid" else score_threshold)


def decoder_of(work: Workload, **options: Any) -> cd.Decoder:
    """Ours for the work. plateaus="keep", because that is what the rivals do."""
    family = cd.families.CENTERNET.replace(
        activation=work.activation, stride=work.stride, layout=options.pop("layout", "NCHW")
    )
    asked = {"top_k": work.top_k, "score_threshold": work.score_threshold, "plateaus": "keep"}
    return cd.Decoder(family, **{**asked, **options})


def ours(work: Workload, element_type: str = "f32", layout: str = "NCHW") -> Decode:
    """Our decode of the heads as they are in another type or layout."""
    decoder = decoder_of(work, element_type=element_type, layout=layout)
    heads = [store(head, element_type) for head in work.heads]
    if layout == "NHWC":
        heads = [np.ascontiguousarray(np.moveaxis(head, 0, 2)) for head in heads]

    def decode() -> DecodedBoxes:
        (found,) = decoder(heads)
        return found.xyxy, found.scores, found.class_ids

    return decode


def store(head: Floats, element_type: str) -> NDArray[Any]:
    """float32 numbers in a type; bf16, which NumPy has not, as its 16 bits, cut off."""
    if element_type == "bf16":
        return (head.view(np.uint32) >> 16).astype(np.uint16)
    return head.astype(np.float16) if element_type == "f16" else head


def rounded(work: Workload, element_type: str) -> Workload:
    """The work with the numbers that the type can hold."""
    stored = [store(head, element_type) for head in work.heads]
    if element_type == "bf16":
        stored = [(head.astype(np.uint32) << 16).view(np.float32) for head in stored]
    heatmap, wh, offset = (head.astype(np.float32) for head in stored)
    return replace(work, heatmap=heatmap, wh=wh, offset=offset)


def scores_of(raw: NDArray[Any], activation: str) -> NDArray[np.float64]:
    raw = raw.astype(np.float64)
    return 1 / (1 + np.exp(-raw)) if activation == "sigmoid" else raw


def boxes_at(work: Workload, index: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[Any]]:
    """xyxy and class_ids of cells by their flat index into the heatmap."""
    class_ids, y, x = np.unravel_index(index, work.heatmap.shape)
    centers = np.stack([x, y], 1) + work.offset[:, y, x].T.astype(np.float64)
    half = work.wh[:, y, x].T.astype(np.float64) / 2
    return work.stride * np.concatenate([centers - half, centers + half], 1), class_ids


def strongest(work: Workload, index: NDArray[np.intp]) -> DecodedBoxes:
    """The decode, once the flat indices of the peaks are known."""
    value = work.heatmap.ravel()[index]
    if len(index) > work.top_k:
        kept = np.argpartition(-value, work.top_k - 1)[: work.top_k]
        index, value = index[kept], value[kept]
    order = np.lexsort((index, -value))
    xyxy, class_ids = boxes_at(work, index[order])
    return xyxy, scores_of(value[order], work.activation), class_ids


def above(work: Workload, found: DecodedBoxes) -> DecodedBoxes:
    """Without the filler of decoders that always give top_k rows."""
    xyxy, scores, class_ids = found
    kept = (scores >= np.float32(work.score_threshold)) & (scores > 0)
    return xyxy[kept], scores[kept], class_ids[kept].astype(np.int32)
