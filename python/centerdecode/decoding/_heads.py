"""The outputs of a model, however they are handed in, matched to a family's heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ..families import Family


class TypedArray(NamedTuple):
    """An array that OpenVINO labelled by NumPy's nearest type, and its true type."""

    data: Any
    element_type: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.data.shape)


def base_names(names: Iterable[str]) -> frozenset[str]:
    """{"tower_0/hm:0"} -> {"tower_0/hm:0", "tower_0/hm", "hm"}: every tail of a path."""
    found = set()
    for name in names:
        stem = name.rpartition(":")[0] if name.rpartition(":")[2].isdigit() else name
        parts = stem.split("/")
        tails = {"/".join(parts[i:]) for i in range(len(parts))}
        found |= {name, *(tail for tail in tails if tail)}
    return frozenset(found)


def match_heads(family: Family, names: Sequence[frozenset[str]]) -> dict[str, int]:
    """Which output is which head: the one that has the head's first name that any
    output has. A name that several have tells nothing."""
    found = {}
    for head, wanted in family.heads.items():
        hits = [[i for i, own in enumerate(names) if name in own] for name in wanted]
        first = next(filter(None, hits), [])
        if len(first) == 1:
            found[head] = first[0]
    return found


class HeadFinder:
    """Finds the tensors of a family's heads among the outputs of a model.

    What a set of names means is worked out once: that takes longer than to decode.
    """

    def __init__(self, family: Family) -> None:
        self._family = family
        self._heads = tuple(family.heads)
        self._least = len(family.required)
        self._known: dict[tuple[Names, ...], dict[str, int]] = {}

    def __call__(self, outputs: Any) -> dict[str, Any]:
        """The tensors of `outputs` by head.

        Args:
            outputs: an InferRequest, an OVDict, a mapping from output name to tensor,
                or a sequence of tensors in the order of `family.heads`.

        Raises:
            TypeError: none of these.
            ValueError: a head is missing, or a sequence is too short or too long.
        """
        if isinstance(outputs, (list, tuple)):  # the cheapest to ask
            return self._by_position(outputs)
        if isinstance(outputs, Mapping):
            keys = [*outputs]
            places = self._places(tuple(map(_names_of, keys)))
            return {head: _tensor_of(keys[i], outputs[keys[i]]) for head, i in places.items()}
        if hasattr(outputs, "get_output_tensor") and hasattr(outputs, "model_outputs"):
            places = self._places(tuple(frozenset(port.names) for port in outputs.model_outputs))
            return {head: outputs.get_output_tensor(i) for head, i in places.items()}
        if isinstance(outputs, (str, bytes)) or not isinstance(outputs, Sequence):
            raise TypeError(
                "outputs must be an InferRequest, a mapping from output name to tensor, or a "
                f"sequence of tensors, got {type(outputs).__name__}"
            )
        return self._by_position(outputs)

    def _by_position(self, outputs: Sequence[Any]) -> dict[str, Any]:
        if not self._least <= len(outputs) <= len(self._heads):
            raise ValueError(
                f"outputs must be in the order {[*self._heads]} for family {self._family.name}, "
                f"got {len(outputs)} of them"
            )
        return dict(zip(self._heads, outputs, strict=False))

    def _places(self, names: tuple[Names, ...]) -> dict[str, int]:
        """Which output is which head."""
        places = self._known.get(names)
        if places is None:
            places = _match(self._family, names)
            if len(self._known) < _MOST_KNOWN:
                self._known[names] = places
        return places


# The name of an output, or all its names.
Names: TypeAlias = "str | frozenset[str]"

_MOST_KNOWN = 16  # models that one decoder serves, at most a few


def _names_of(key: Any) -> Names:
    return key if isinstance(key, str) else frozenset(key.names)


def _tensor_of(key: Any, tensor: Any) -> Any:
    # The keys of an OVDict are ports, and its values arrays that lost their type.
    if isinstance(key, str) or hasattr(tensor, "element_type"):
        return tensor
    return TypedArray(tensor, key.element_type)


def _match(family: Family, names: tuple[Names, ...]) -> dict[str, int]:
    sets = [frozenset([own]) if isinstance(own, str) else own for own in names]
    matched = match_heads(family, [base_names(own) for own in sets])
    missing = [head for head in family.required if head not in matched]
    if missing:
        wanted = {head: family.heads[head] for head in missing}
        have = [sorted(own) for own in sets]
        raise ValueError(f"outputs must have {wanted} for family {family.name}, got {have}")
    return matched
