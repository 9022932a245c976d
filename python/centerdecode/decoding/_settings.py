"""A decoder as text, for the C++ and C libraries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..families import NMS, Family, KeypointRule, extents_of

if TYPE_CHECKING:
    from ._decoder import Decoder

Entry: TypeAlias = tuple[str, Any]

_MOST = 2**62  # greater numbers are as good as this

_CELLS = ("heatmap", "wh", "offset", "corners")
_POSES = (*_CELLS, "keypoints", "keypoint_heatmap", "keypoint_offset")

# What the text has for each way to read heads, and the heads that it knows.
_KINDS = {
    "boxes": ("boxes", _CELLS),
    "poses": ("poses", _POSES),
    "faces": ("poses", _POSES),
    "detection_output": ("detection_output", ("rows",)),
}


def settings_of(
    decoder: Decoder,
    heads: Sequence[str] | None = None,
    *,
    input_size: tuple[int, int] | None = None,
) -> str:
    """This decoder as text, which `centerdecode::Decoder` of the C++ library and
    `centerdecode_decoder_create` of the C library take. They give the same detections,
    bit for bit, without extras.

    Args:
        heads: the heads that the model has, in the order in which their tensors will be
            handed over; None: all of the family. Landmarks are called keypoints there.
        input_size: (height, width) of the network input; None: the family's. Only for
            models whose boxes are fractions of it, and needed there.

    Returns:
        `key=value` entries, separated by `;`.

    Raises:
        ValueError: what the text has no words for: other decoders than those of boxes,
            poses, faces and [1, 1, N, 7] rows, heads of extras, masks, flip, scales, NMS
            of other shapes than boxes; heads that the family lacks or needs; or names
            with "," or ";".
    """
    family = decoder.family
    _require_sayable(decoder)
    names = _heads_of(family, [*family.heads] if heads is None else [*heads])
    kind = _kind_of(family, names)[0]
    entries: list[Entry] = [("decoder", kind), ("heads", [*names.values()])]
    entries += [(f"names.{own}", _names(family, head)) for head, own in names.items()]
    entries += [("top_k", decoder.top_k), ("score_threshold", decoder.score_threshold)]
    entries += [("classes", decoder.classes)]
    if kind == "detection_output":
        entries += [("input_size", _size(input_size or family.size))]
    else:
        entries += _cells(decoder)
    if kind == "poses":
        entries += _keypoints(family.keypoints or KeypointRule())
    if decoder.nms is not None:
        entries += _nms(decoder.nms)
    return ";".join(f"{key}={_text(value)}" for key, value in entries if value is not None)


def _kind_of(family: Family, heads: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    if family.decoder not in _KINDS:
        raise ValueError(
            f"family.decoder must be one of {[*_KINDS]} to be said as text, got {family.decoder!r}"
        )
    plain_faces = family.decoder == "faces" and "landmarks" not in heads
    return _KINDS["boxes" if plain_faces else family.decoder]


def _heads_of(family: Family, heads: list[str]) -> dict[str, str]:
    """What the text calls each head.

    Raises:
        ValueError: the family has no such head, or needs another; the text has none.
    """
    known = _kind_of(family, heads)[1]
    unknown = [head for head in heads if head not in family.heads]
    lacking = [head for head in family.required if head not in heads]
    if unknown or lacking or len({*heads}) < len(heads):
        raise ValueError(
            f"heads must be of {[*family.heads]}, with {[*family.required]}, each once, got {heads}"
        )
    renamed = {"landmarks": "keypoints"} if family.decoder == "faces" else {}
    names = {head: renamed.get(head, head) for head in heads}
    unsayable = [head for head, own in names.items() if own not in known]
    if unsayable:
        fine = [head for head in heads if head not in unsayable]
        raise ValueError(
            f"heads must be without {unsayable}, which cannot be said as text; "
            f"to decode the rest give heads={fine}"
        )
    return names


def _require_sayable(decoder: Decoder) -> None:
    given = {
        "flip": decoder.flip,
        "scales": decoder.scales is not None,
        "family.masks": decoder.family.masks is not None,
        "nms.shape": decoder.nms is not None and decoder.nms.shape != "box",
    }
    for name in (name for name, is_given in given.items() if is_given):
        raise ValueError(f"{name} cannot be said as text: make a decoder without")


def _names(family: Family, head: str) -> list[str]:
    names = [*family.heads[head]]
    if not names or any(
        set(name) & set(",;\n") or name != name.strip() or not name for name in names
    ):
        raise ValueError(f'a head must have names, without ",", ";" and white space, got {names}')
    return names


def _size(size: tuple[int, int] | None) -> list[float] | None:
    if size is None:
        return None
    return [*extents_of("input_size", size)]


def _cells(decoder: Decoder) -> Iterator[Entry]:
    family = decoder.family
    yield from ((name, getattr(family, name)) for name in ("layout", "activation"))
    yield "window", min(family.window, 2**31 - 1)
    yield from (
        (name, getattr(decoder, name)) for name in ("plateaus", "best_class", "max_per_class")
    )
    yield "stride", float(family.stride)
    boxes = ("box_encoding", "box_units", "box_activation", "axes", "center_shift")
    yield from ((name, getattr(family, name)) for name in boxes)


def _keypoints(rule: KeypointRule) -> Iterator[Entry]:
    names = ("order", "axes", "frame", "activation", "heatmap_activation", "single")
    yield from ((f"keypoints.{name}", getattr(rule, name)) for name in names)
    for name in rule.refinement.__dataclass_fields__:
        value = getattr(rule.refinement, name)
        yield f"refinement.{name}", "none" if value is None else value


def _nms(rule: NMS) -> Iterator[Entry]:
    for name in rule.__dataclass_fields__:
        if name not in ("shape", "radius"):
            yield f"nms.{name}", getattr(rule, name)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return ",".join(map(_text, value))
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, Integral):
        return str(min(int(value), _MOST))
    return repr(float(value))
