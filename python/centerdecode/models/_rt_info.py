"""What a model's rt_info says: our family, Intel's `model_info`, and its conversion."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ..families import Family
from ._embedded import EmbeddedDecoder

if TYPE_CHECKING:
    import openvino as ov

_FAMILY = ["centerdecode", "family"]
_LABELS = ["centerdecode", "labels"]
_EMBEDDED = ["centerdecode", "embedded"]
# The same in the metadata_props of an ONNX model, which OpenVINO keeps under this heading.
ONNX_FAMILY, ONNX_LABELS = "centerdecode.family", "centerdecode.labels"
ONNX_EMBEDDED = "centerdecode.embedded"
_ONNX = "framework"
_RESIZES = {
    "standard": "stretch",
    "fit_to_window_letterbox": "letterbox",
    "fit_to_window": "corner",
}
_CONVERSIONS = ("mean_values", "scale_values", "scale", "reverse_input_channels")


def stored_family(model: ov.Model | ov.CompiledModel) -> str | None:
    """The family as `Family.to_json` wrote it, if the model carries one."""
    return _text(model, _FAMILY) or _text(model, [_ONNX, ONNX_FAMILY])


def store_family(model: ov.Model, text: str) -> None:
    model.set_rt_info(text, _FAMILY)


def store(model: ov.Model, family: Family, labels: Sequence[str] | None) -> None:
    """Write into the model what a `Detector` looks for: all of the family and the labels,
    and in Intel's section what that has words for."""
    store_family(model, family.to_json())
    info = {
        "reverse_input_channels": "YES" if family.color == "RGB" else "NO",
        "mean_values": _spaced(family.mean),
        "scale_values": _spaced(family.scale),
        "resize_type": next((k for k, v in _RESIZES.items() if v == family.resize), ""),
    }
    if len({*family.pad_value}) == 1 and family.pad_value[0].is_integer():
        info["pad_value"] = str(int(family.pad_value[0]))
    if labels is not None:
        model.set_rt_info(json.dumps([*labels]), _LABELS)
        # Between spaces there, so that none may be in a name, and none be empty.
        names = [name.replace(" ", "_") or str(i) for i, name in enumerate(labels)]
        info["labels"] = " ".join(names)
    if _is_true(_info(model, "embedded_processing")):  # it is not for us to do, nor to say
        info = {key: value for key, value in info.items() if key == "labels"}
    for key, value in info.items():
        if value or _info(model, key) is not None:
            model.set_rt_info(value, ["model_info", key])


def stored_labels(model: ov.Model | ov.CompiledModel) -> list[str] | None:
    own = _text(model, _LABELS) or _text(model, [_ONNX, ONNX_LABELS])
    if own is not None:
        return [str(name) for name in json.loads(own)]
    text = _info(model, "labels")
    return text.split() if text else None


def stored_decoder(model: ov.Model | ov.CompiledModel) -> EmbeddedDecoder | None:
    """What the decoder in the graph was made with, if `store_decoder` or `embed_onnx` did say."""
    text = _text(model, _EMBEDDED) or _text(model, [_ONNX, ONNX_EMBEDDED])
    return EmbeddedDecoder.from_json(text) if text else None


def store_decoder(model: ov.Model, decoder: EmbeddedDecoder) -> None:
    model.set_rt_info(decoder.to_json(), _EMBEDDED)


def conversion(model: ov.Model | ov.CompiledModel) -> dict[str, Any]:
    """Fields of a family that Model Optimizer has put into the graph: it takes pixels
    from which no mean was taken, that were not scaled, or BGR where RGB was wanted."""
    given = {key: _text(model, ["conversion_parameters", key]) for key in _CONVERSIONS}
    done: dict[str, Any] = {}
    if any(_converted(given["mean_values"])):
        done["mean"] = 0.0
    if {1.0, *_converted(given["scale_values"]), *_converted(given["scale"])} != {1.0}:
        done["scale"] = 1.0
    if _is_true(given["reverse_input_channels"]):
        done["color"] = "BGR"
    return done


def stored_input(
    model: ov.Model | ov.CompiledModel, *, besides: Collection[str] = ()
) -> dict[str, Any]:
    """Fields of a family from `model_info`, but those in `besides`.

    Raises:
        ValueError: a resize_type that has no counterpart here.
    """
    found: dict[str, Any] = {}
    if _is_true(_info(model, "embedded_processing")):  # the graph does already what it says
        plain = {"color": "BGR", "mean": 0, "scale": 1}
        return {field: value for field, value in plain.items() if field not in besides}
    swap = _info(model, "reverse_input_channels")
    if swap is not None:
        found["color"] = "RGB" if _is_true(swap) else "BGR"
    for key, field in {"mean_values": "mean", "scale_values": "scale"}.items():
        numbers = _numbers(_info(model, key))
        if numbers:
            found[field] = numbers * 3 if len(numbers) == 1 else numbers
    pad = _numbers(_info(model, "pad_value"))
    if pad:
        found["pad_value"] = pad * 3 if len(pad) == 1 else pad
    resize = _info(model, "resize_type")
    if resize and "resize" not in besides:
        if resize not in _RESIZES:
            raise ValueError(
                f"the model's rt_info has resize_type {resize!r}, known are {[*_RESIZES]}; "
                "pass resize="
            )
        found["resize"] = _RESIZES[resize]
    return {field: value for field, value in found.items() if field not in besides}


def _is_true(text: str | None) -> bool:
    return text is not None and text.lower() in ("yes", "true", "1")


def _numbers(text: str | None) -> tuple[float, ...]:
    if text == "None":
        return ()
    return tuple(float(part) for part in (text or "").strip("[]()").replace(",", " ").split())


def _converted(text: str | None) -> list[float]:
    """The numbers in "image[123.7,116.3,103.5]", in "[255.0]", or in "255"."""
    numbers = (text or "").rpartition("[")[2]
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d*)?(?:e-?\d+)?", numbers)]


def _spaced(numbers: Sequence[float]) -> str:
    return " ".join(f"{number:.9g}" for number in numbers)


def _info(model: ov.Model | ov.CompiledModel, key: str) -> str | None:
    return _text(model, ["model_info", key])


def _text(model: Any, path: list[str]) -> str | None:
    if not hasattr(model, "has_rt_info") or not model.has_rt_info(path):
        return None
    return str(model.get_rt_info(path).astype(str))
