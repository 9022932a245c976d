"""A model that decodes in its own graph, made of one that does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..families import Family
from ._embed_native import embed_native
from ._embed_portable import embed_portable

if TYPE_CHECKING:
    import openvino as ov


def embed(
    model: str | Path | ov.Model,
    family: Family | None = None,
    *,
    native: bool = True,
    heads: Sequence[str] | None = None,
    **options: Any,
) -> ov.Model:
    """Put a decoder behind the heads of a model, inside its graph.

    The model keeps its inputs. For B images it gives K = top_k rows each, strongest first,
    and behind the last of them rows of zeros, and of class -1:

    - boxes (B, K, 4) float32, x1 y1 x2 y2 in pixels of the network input
    - scores (B, K) float32, class_ids (B, K) int32
    - counts (B,) int32, how many rows there are
    - keypoints (B, K, J, 2) float32 and keypoint_scores (B, K, J), where the family has some

    What the family says of the input, and the labels, go into its rt_info, so that a
    `Detector` takes it as it took the model. So do score_threshold and top_k: they are its
    defaults, and it refuses a lower threshold and a greater top_k.

    Args:
        model: path to an IR or ONNX file, or an `openvino.Model`, which is not changed.
        family: how it stores its heads; None: recognised, as by a `Detector`.
        native: by an operation of our own, which gives what `Decoder` gives, bit for bit, and
            as fast; for the CPU, and for programs that load its library (see `add_to`).
            False: by operations that all devices have, slower: the same peaks in the same
            order, and numbers that may be off by the rounding of float32.
        heads: which heads of the family to decode, for one that has some besides boxes and
            keypoints; None: all that the model has.
        top_k, score_threshold, plateaus, classes, best_class, max_per_class, nms: as in
            `Decoder`.

    Raises:
        FileNotFoundError: no such model.
        TypeError, ValueError: as `Decoder` and `Detector`; or what is asked for cannot be put
            into a graph, and the message names it.
        RuntimeError: the operation's library cannot be built: see `build_extension`.
    """
    if not native:
        return embed_portable(model, family, heads=heads, **options)
    return embed_native(model, family, heads=heads, **options)
