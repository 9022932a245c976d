"""The operation `Decode` in models, and in the cores that read them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decoding import Decoder
from ..families import Family
from ..models import add_to, build_extension, default_core
from ._model_heads import find_heads, replace_outputs

if TYPE_CHECKING:
    import openvino as ov

_OUTPUTS = ("boxes", "scores", "class_ids", "counts", "keypoints", "keypoint_scores")


def embed_native(
    model: str | Path | ov.Model,
    family: Family | None,
    *,
    heads: Sequence[str] | None = None,
    **options: Any,
) -> ov.Model:
    """As `embed`, by an operation of our own."""
    headed = find_heads(model, family, heads)
    decoder = Decoder(headed.identity.family, **options)
    settings = decoder.settings([*headed.heads])
    node = _factory().create("Decode", [*headed.heads.values()], {"settings": settings})
    node.set_friendly_name("centerdecode")
    return replace_outputs(headed, dict(zip(_OUTPUTS, node.outputs(), strict=False)), decoder)


@functools.cache
def _factory() -> Any:
    """What makes operations. Those that it made live in its library, so that it is kept."""
    from openvino.utils.node_factory import NodeFactory

    library = build_extension()
    add_to(default_core(), library)  # which says what is wrong with it, if anything
    factory = NodeFactory()
    factory.add_extension(str(library))
    return factory
