"""What a model's rt_info says: our family, and Intel's `model_info` section."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import openvino as ov

_FAMILY = ["centerdecode", "family"]
_RESIZES = {"standard": "stretch", "fit_to_window_letterbox": "letterbox"}


def stored_family(model: ov.Model | ov.CompiledModel) -> str | None:
    """The family as `Family.to_json` wrote it, if the model carries one."""
    return _text(model, _FAMILY)


def store_family(model: ov.Model, text: str) -> None:
    model.set_rt_info(text, _FAMILY)


def stored_labels(model: ov.Model | ov.CompiledModel) -> list[str] | None:
    text = _info(model, "labels")
    return text.split() if text else None


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


def _info(model: ov.Model | ov.CompiledModel, key: str) -> str | None:
    return _text(model, ["model_info", key])


def _text(model: Any, path: list[str]) -> str | None:
    if not hasattr(model, "has_rt_info") or not model.has_rt_info(path):
        return None
    return str(model.get_rt_info(path).astype(str))
