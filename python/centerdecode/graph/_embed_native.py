"""The operation `Decode` in models, and in the cores that read them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decoding import Decoder
from ..families import Family
from ..models import add_to, build_extension, default_core
from ._model_heads import HeadedModel, find_heads, replace_outputs

if TYPE_CHECKING:
    import openvino as ov

_OUTPUTS = ("boxes", "scores", "class_ids", "counts", "keypoints", "keypoint_scores")
"""What the operation gives first; the last two where there are keypoints."""


def embed_native(
    model: str | Path | ov.Model,
    family: Family | None,
    *,
    heads: Sequence[str] | None = None,
    **options: Any,
) -> ov.Model:
    """As `embed`, by an operation of our own."""
    if options.get("scales") is not None:
        raise ValueError("scales must be None for a graph, which has the heads of one input")
    headed = find_heads(model, family, heads)
    decoder = Decoder(headed.identity.family, **options)
    settings = decoder.settings([*headed.heads])
    columns = decoder.columns(_channels(headed, decoder))
    taken = [name for name in columns if name in _OUTPUTS]
    if taken:
        raise ValueError(
            f"heads must have other names than the outputs {[*_OUTPUTS]}, got the extras {taken}"
        )
    node = _factory().create("Decode", [*headed.heads.values()], {"settings": settings})
    node.set_friendly_name("centerdecode")
    common = _OUTPUTS[: node.get_output_size() - len(columns)]
    return replace_outputs(
        headed, dict(zip((*common, *columns), node.outputs(), strict=True)), decoder
    )


def _channels(headed: HeadedModel, decoder: Decoder) -> dict[str, int]:
    """How many channels each head has; 0: that is not known."""
    axis = decoder.family.layout.index("C")
    shapes = {head: tensor.get_partial_shape() for head, tensor in headed.heads.items()}
    return {
        head: shape[axis].get_length() if shape.rank.is_static and shape[axis].is_static else 0
        for head, shape in shapes.items()
    }


@functools.cache
def _factory() -> Any:
    """What makes operations. Those that it made live in its library, so that it is kept."""
    from openvino.utils.node_factory import NodeFactory

    library = build_extension()
    add_to(default_core(), library)  # which says what is wrong with it, if anything
    factory = NodeFactory()
    factory.add_extension(str(library))
    return factory
