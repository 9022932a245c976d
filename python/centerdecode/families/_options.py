"""Options as the core takes them: its keys, and values as texts.

The core lists the keys once, with what each holds; what is checked here goes by that list.
Python checks types, the core ranges and words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from .. import _core
from ._checks import ascending, real_number, whole_number

Entry: TypeAlias = tuple[str, str]

_MOST = 2**62  # greater numbers are as good as this
_KINDS = {key: (kind, may_be_none) for key, kind, may_be_none, _ in _core.option_keys()}
# Keys that are none unless they are given. There "none" may be a word with another meaning.
_LEFT_OUT = {
    key for key, _, may_be_none, value in _core.option_keys() if may_be_none and value == "none"
}
_LEAST = {"window": 1, "height": 1, "width": 1}


def entry(key: str, value: Any, known_as: str | None = None) -> Entry:
    """A key of the core and its value, which must be of the key's type.

    Args:
        known_as: the key in the core's list, where that has "*" for a name.

    Raises:
        TypeError: a value of another type.
        ValueError: a number that is none, or less than there can be.
    """
    name = key.rpartition(".")[2]
    kind, may_be_none = _KINDS[known_as or key]
    if value is None and may_be_none:
        return key, "none"
    if kind == "number":
        return key, repr(real_number(name, value))
    if kind == "count":
        return key, str(min(whole_number(name, value, least=_LEAST.get(name, 0)), _MOST))
    if kind == "flag":
        return key, str(int(bool(value)))
    if kind == "word":
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a word, got {value!r}")
        return key, value
    return key, list_text(value)


def list_text(values: Iterable[Any]) -> str:
    """A list, whose items may be lists, as the core reads it."""
    texts = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, Iterable):
            texts.append(list_text(value))
        else:
            texts.append(repr(value) if isinstance(value, int) else repr(float(value)))
    return ",".join(texts)


def options(**values: Any) -> list[Entry]:
    """Options under their own names."""
    return [
        entry(name, value)
        for name, value in values.items()
        if value is not None or name not in _LEFT_OUT
    ]


def rule_entries(prefix: str, rule: Any, known_as: str | None = None) -> Iterator[Entry]:
    """The fields of a rule that the core has keys for; those that are rules have keys of
    their own."""
    for name in rule.__dataclass_fields__:
        known = f"{known_as or prefix}.{name}"
        value = getattr(rule, name)
        if known in _KINDS and (value is not None or known not in _LEFT_OUT):
            yield entry(f"{prefix}.{name}", value, known)


def check(entries: Iterable[Entry]) -> None:
    """
    Raises:
        ValueError: a value that the core does not take.
    """
    _core.check_options([*entries])


def peak_options(
    top_k: int,
    score_threshold: float,
    activation: str,
    window: int,
    plateaus: str,
    classes: Iterable[int] | None,
    best_class: bool = False,
    max_per_class: int | None = None,
    tolerance: float = 0.0,
) -> _core.PeakOptions:
    """How peaks of one heatmap are found; a neighbour must be greater by `tolerance` to beat
    a cell."""
    values = (
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        None if classes is None else tuple(ascending(classes)),
        best_class,
        max_per_class,
        tolerance,
    )
    try:
        return _peak_options(*values)
    except TypeError:  # an option that has no hash, or is none
        return _peak_options.__wrapped__(*values)


@lru_cache(maxsize=64, typed=True)
def _peak_options(*values: Any) -> _core.PeakOptions:
    own = dict(zip(_PEAK_OPTIONS, values[:-1], strict=True))
    return _core.PeakOptions(options(**own), values[-1])


_PEAK_OPTIONS = (
    "top_k",
    "score_threshold",
    "activation",
    "window",
    "plateaus",
    "classes",
    "best_class",
    "max_per_class",
)
