"""A model taken at its heads, and given other outputs."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import families
from ..decoding import Decoder
from ..families import Family
from ..models import (
    INPUT_FIELDS,
    EmbeddedDecoder,
    Identity,
    default_core,
    identify,
    names_of,
    read,
    store,
    store_decoder,
)

if TYPE_CHECKING:
    import openvino as ov


class HeadedModel(NamedTuple):
    """A copy of a model, what is known of it, and the tensors of heads to be decoded, by head."""

    model: ov.Model
    identity: Identity
    heads: Mapping[str, ov.Output]


def find_heads(
    model: str | Path | ov.Model, family: Family | None, wanted: Sequence[str] | None = None
) -> HeadedModel:
    """The heads of `model`, which is not changed.

    Args:
        wanted: which of them; None: all that it has.

    Raises:
        FileNotFoundError, TypeError, ValueError: as `Detector`; or it has not what is wanted,
            or no heatmap.
    """
    import openvino as ov

    if family is not None and not isinstance(family, Family):
        raise TypeError(f"family must be a Family, got {family!r}")
    own = model.clone() if isinstance(model, ov.Model) else read(model, default_core())
    names = [] if isinstance(model, ov.Model) else names_of(model)
    identity = identify(own, [*names, own.get_friendly_name()], family, None, {})
    places = identity.recognition.heads
    chosen = chosen_heads(identity, wanted)
    heads = {head: own.output(places[head]).get_node().input_value(0) for head in chosen}
    return HeadedModel(own, identity, heads)


def chosen_heads(identity: Identity, wanted: Sequence[str] | None) -> list[str]:
    """Which heads are to be decoded, in the order of the family, or of what is wanted.

    Raises:
        ValueError: the model has not what is wanted, or no heatmap.
    """
    places = identity.recognition.heads
    if "heatmap" not in places:
        raise ValueError(
            f"family {identity.family.name} has no heatmap: there is nothing to decode, or no "
            "way to do so in a graph"
        )
    chosen = [head for head in identity.family.heads if head in places]
    if wanted is None:
        return chosen
    if not {*wanted} <= {*chosen}:
        raise ValueError(f"heads must be some of {chosen}, got {[*wanted]}")
    return [*wanted]


def made_with(decoder: Decoder) -> EmbeddedDecoder:
    """What is to be known of a decoder once it is in a graph."""
    return EmbeddedDecoder(decoder.score_threshold, operator.index(decoder.top_k))


def replace_outputs(
    headed: HeadedModel, outputs: Mapping[str, ov.Output], decoder: Decoder
) -> ov.Model:
    """The model with these outputs alone, under these names, and in its rt_info a family
    that says how its input is made and that it is decoded, and by what decoder."""
    from openvino import opset13

    model = headed.model
    for node in model.get_ops():
        for tensor in node.outputs():
            if not tensor.get_names().isdisjoint(outputs):  # a name is of one tensor
                tensor.set_names(tensor.get_names() - outputs.keys())
    for name, tensor in outputs.items():
        tensor.set_names({name})
    for result in model.get_results():
        model.remove_result(result)
    model.add_results([opset13.result(tensor) for tensor in outputs.values()])
    model.validate_nodes_and_infer_types()
    family = headed.identity.family
    fields = {field: getattr(family, field) for field in INPUT_FIELDS}
    store(model, families.EMBEDDED.replace(**fields), headed.identity.labels)
    store_decoder(model, made_with(decoder))
    return model
