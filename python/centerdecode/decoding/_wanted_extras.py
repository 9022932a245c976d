"""The option `extras=` of a decoder, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..families import Extra

Wanted: TypeAlias = Mapping[str, tuple[Any, Extra]]


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


def extras_among(heads: Mapping[str, Any], wanted: Wanted) -> Wanted:
    """What is wanted, of the heads under those names."""
    return {name: (heads[_name(name)], rule) for name, (_, rule) in wanted.items()}


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
