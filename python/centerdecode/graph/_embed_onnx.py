"""A decoder written into an ONNX model, for runtimes that are not OpenVINO."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import families
from .._lazy import require
from ..decoding import Decoder
from ..families import Family
from ..models import (
    INPUT_FIELDS,
    ONNX_EMBEDDED,
    ONNX_FAMILY,
    ONNX_LABELS,
    Identity,
    default_core,
    identify,
    names_of,
    outputs_of,
)
from ._model_heads import chosen_heads, made_with
from .portable import LEAST_OPSET, RANKS, OnnxOps, Value, decode, decoder_of, map_of


def embed_onnx(
    model: str | Path | Any,
    family: Family | None = None,
    *,
    heads: Sequence[str] | None = None,
    **options: Any,
) -> Any:
    """Put a decoder behind the heads of an ONNX model, in operations of ONNX alone.

        >>> onnx.save(graph.embed_onnx("centernet.onnx", score_threshold=0.1), "embedded.onnx")

    OpenVINO's models cannot be saved as ONNX, so that this is a function of its own; the
    graph is the one that `embed(..., native=False)` writes, and so are the outputs. Comes
    with the family in metadata_props, where a `Detector` finds it.

    Args:
        model: path to a file, or an `onnx.ModelProto` (not changed), of opset 13 or later.
        family, heads, options: as in `embed`.

    Returns:
        An `onnx.ModelProto`.

    Raises:
        ImportError: onnx is not installed: it is in the extra "onnx".
        FileNotFoundError, TypeError, ValueError: as `embed`; or an older opset, or a tensor
            inside the model that has the name of an output.
    """
    onnx = require("onnx", "onnx", "onnx")
    is_path = isinstance(model, (str, Path))
    if not is_path and not isinstance(model, onnx.ModelProto):
        raise TypeError(f"model must be a path or an onnx.ModelProto, got {type(model).__name__}")
    if is_path and not Path(model).exists():
        raise FileNotFoundError(f"model: no file {str(model)!r}")
    proto = onnx.load(model) if is_path else _copy_of(model)
    names = names_of(model) if is_path else []
    seen = default_core().read_model(proto.SerializeToString())
    identity = identify(seen, [*names, proto.graph.name], family, None, {})
    decoder = decoder_of(identity.family, options)
    ops = OnnxOps(_opset_of(proto))
    shapes = [output.shape for output in outputs_of(seen)]
    places = identity.recognition.heads
    maps = {
        head: map_of(
            Value(ops, proto.graph.output[places[head]].name, "f32"),
            head,
            shapes[places[head]],
            decoder.family.layout,
        )
        for head in chosen_heads(identity, heads)
    }
    outputs = decode(ops, decoder, maps)
    _replace_outputs(proto, ops, outputs, shapes[0][0])
    _store(proto, identity, decoder)
    onnx.checker.check_model(proto)
    return proto


def _copy_of(model: Any) -> Any:
    copy = type(model)()
    copy.CopyFrom(model)
    return copy


def _opset_of(model: Any) -> int:
    opset = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
    if opset < LEAST_OPSET:
        raise ValueError(
            f"model must be of opset {LEAST_OPSET} or later, got {opset}; "
            f"onnx.version_converter.convert_version(model, {LEAST_OPSET}) makes it so"
        )
    return int(opset)


def _replace_outputs(model: Any, ops: OnnxOps, outputs: Mapping[str, Value], batch: int) -> None:
    helper, types = require("onnx", "onnx", "onnx").helper, ops.types
    taken = {name for node in model.graph.node for name in node.output} & outputs.keys()
    if taken:
        raise ValueError(
            f"model must have no tensors of the names {sorted(taken)}, which the outputs get"
        )
    infos = []
    for name, value in outputs.items():
        kind = types.FLOAT if value.kind == "f32" else types.INT32
        ops.nodes.append(helper.make_node("Cast", [value.node], [name], to=kind))
        shape = ["batch" if batch == -1 else batch, *[None] * (RANKS[name] - 1)]
        infos.append(helper.make_tensor_value_info(name, kind, shape))
    del model.graph.output[:]
    model.graph.output.extend(infos)
    model.graph.node.extend(ops.nodes)
    model.graph.initializer.extend(ops.initializers)


def _store(model: Any, identity: Identity, decoder: Decoder) -> None:
    """What `replace_outputs` writes into OpenVINO's models, where OpenVINO reads it from ONNX."""
    fields = {field: getattr(identity.family, field) for field in INPUT_FIELDS}
    known = {one.key: one.value for one in model.metadata_props}
    known[ONNX_FAMILY] = families.EMBEDDED.replace(**fields).to_json()
    known[ONNX_EMBEDDED] = made_with(decoder).to_json()
    if identity.labels is not None:
        known[ONNX_LABELS] = json.dumps([*identity.labels])
    require("onnx", "onnx", "onnx").helper.set_model_props(model, known)
