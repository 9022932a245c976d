"""What the `decode_*` functions share: a decoder that is remembered, and a call of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from numpy.typing import ArrayLike

from .. import _core
from ..families import NMS, SOFT_NMS, Entry, Extra, NMSLike, nms_of, options, rule_entries
from ..results import Detections
from ._entries import extra_entries
from ._placements import one_for_each, sizes_of, transforms_of

# Heads of extras with their rules, by the names of the extras.
Wanted: TypeAlias = Mapping[str, tuple[Any, Extra]]

Make = TypeVar("Make", bound=Callable[..., Any])


def remembered(make: Make) -> Make:
    """A maker of decoders, or of their rules, that makes each once: to make one takes longer
    than to decode."""
    cached = lru_cache(maxsize=64, typed=True)(make)

    def maker(*options: Any) -> Any:
        try:
            return cached(*options)
        except TypeError:  # an option that has no hash, or is none
            return make(*options)

    return maker  # type: ignore[return-value]


def nms_or_soft(nms: NMSLike, several: bool) -> NMS | None:
    """The option `nms=`, which is `SOFT_NMS` where an object may be found several times, unless
    it is given."""
    rule = nms_of(nms)
    return SOFT_NMS if rule is None and several else rule


def make_decoder(
    kind: str,
    heads: Sequence[str],
    extras: Sequence[tuple[str, Extra]],
    element_type: str | None,
    nms: NMS | None,
    entries: Iterable[Entry] = (),
    names: Sequence[str] | None = None,
    **own: Any,
) -> _core.Decoder:
    """The core's decoder of these heads, and behind them those of extras.

    Args:
        names: what messages call the heads; None: the same, without their task.
    """
    rules = {f"extra_{i}": rule for i, (_, rule) in enumerate(extras)}
    return _core.Decoder(
        [
            ("decoder", kind),
            ("heads", ",".join([*heads, *rules])),
            *extra_entries(rules),
            *([] if nms is None else rule_entries("nms", nms)),
            *options(**own),
            *entries,
        ],
        [
            *(names or (head.rpartition("/")[2] for head in heads)),
            *(name for name, _ in extras),
        ],
        element_type or "",
    )


def decode(
    decoder: _core.Decoder,
    heads: Mapping[str, Any],
    transform: Any,
    clip: ArrayLike | None,
    scales: Sequence[float] | None = None,
    extras: Sequence[tuple[str, Extra]] = (),
    calibrations: Any = None,
) -> Detections | list[Detections]:
    """What a decoder finds: `Detections`, or a list of them for a batch.

    Args:
        heads: in the decoder's order; of several scales each a list of tensors.
        extras: those of `make_decoder`, whose columns get their own names.

    Raises:
        ValueError: no list of one for each scale; or an extra with another's name.
    """
    clips = None if clip is None else sizes_of("clip", clip)
    if scales is None:
        found = decoder(
            [*heads.values()], transforms_of(transform), clips, None, calibrations, True
        )
    else:
        count = len(scales)
        lists = [one_for_each(name, head, count) for name, head in heads.items()]
        transforms = [transforms_of(one) for one in one_for_each("transform", transform, count)]
        tensors = [head for one in zip(*lists, strict=True) for head in one]
        found = decoder.decode_scales(tensors, transforms, clips, True)
    if isinstance(found, tuple):
        return _detections(found, extras)
    return [_detections(columns, extras) for columns in found]


def _detections(columns: Any, extras: Sequence[tuple[str, Extra]]) -> Detections:
    if not extras:
        return Detections(*columns)
    named = dict(columns[5] or {})
    for i, (name, rule) in enumerate(extras):
        column = "visible_box" if rule.replaces_box else f"extra_{i}"
        if not rule.replaces_box:
            if name in named:
                raise ValueError(f"extras must have names of their own, got another {name!r}")
            named[name] = named.pop(column)
    xyxy, scores, class_ids, keypoints, keypoint_scores, _ = columns
    return Detections(xyxy, scores, class_ids, keypoints, keypoint_scores, named)


def wanted_extras(extras: Mapping[str, Any] | None) -> Wanted:
    """An option `extras=` of a decoder, as heads with their rules.

    Raises:
        TypeError: no mapping; or an `Extra` without the head that it needs.
    """
    if extras is None:
        return {}
    if not isinstance(extras, Mapping):
        raise TypeError(f"extras must map names to heads, got {type(extras).__name__}")
    return {name: _pair(name, value) for name, value in extras.items()}


def extra_heads(wanted: Wanted) -> dict[str, Any]:
    """The heads of extras under names that no other head has."""
    return {_name(name): head for name, (head, _) in wanted.items()}


def _name(extra: str) -> str:
    return f"extras[{extra!r}]"


def _pair(name: str, value: Any) -> tuple[Any, Extra]:
    if isinstance(value, Extra):
        head, rule = None, value
    elif isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Extra):
        head, rule = value
    else:
        head, rule = value, Extra()
    if (head is None) != (rule.channels == 0):
        raise TypeError(f'extras must be heads, or none for frame "cell", got {name}: {value!r}')
    return head, rule
