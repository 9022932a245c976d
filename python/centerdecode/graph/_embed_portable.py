"""A decoder written into a model's graph, in operations that every runtime has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..families import Family
from ._model_heads import find_heads, replace_outputs
from .portable import OpenVINOOps, Value, decode, decoder_of, map_of

if TYPE_CHECKING:
    import openvino as ov


def embed_portable(
    model: str | Path | ov.Model,
    family: Family | None,
    *,
    heads: Sequence[str] | None = None,
    **options: Any,
) -> ov.Model:
    """As `embed`, by operations of opset 13 alone."""
    headed = find_heads(model, family, heads)
    decoder = decoder_of(headed.identity.family, options)
    ops = OpenVINOOps()
    shapes = {head: _shape_of(node) for head, node in headed.heads.items()}
    maps = {
        head: map_of(Value(ops, node, "f32"), head, shapes[head], decoder.family.layout)
        for head, node in headed.heads.items()
    }
    outputs = decode(ops, decoder, maps)
    return replace_outputs(headed, {name: value.node for name, value in outputs.items()}, decoder)


def _shape_of(node: ov.Output) -> list[int]:
    return [d.get_length() if d.is_static else -1 for d in node.get_partial_shape()]
