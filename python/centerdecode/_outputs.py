"""The outputs of a model, however they are handed in, matched to a family's heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ._families import Family


class NamedTensor(NamedTuple):
    """An output with all its names; none where it came in a plain sequence."""

    names: frozenset[str]
    tensor: Any


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


def heads_of(family: Family, outputs: Any) -> dict[str, Any]:
    """The tensors of `outputs` by head.

    Args:
        outputs: an InferRequest, an OVDict, a mapping from output name to tensor,
            or a sequence of tensors in the order of `family.heads`.

    Raises:
        TypeError: none of these.
        ValueError: a head is missing, or a sequence is too short or too long.
    """
    named = _named(outputs)
    if named is None:
        return _by_position(family, outputs)
    matched = match_heads(family, [base_names(output.names) for output in named])
    missing = [head for head in family.heads if head not in matched and head not in family.optional]
    if missing:
        wanted = {head: family.heads[head] for head in missing}
        have = [sorted(output.names) for output in named]
        raise ValueError(f"outputs must have {wanted} for family {family.name}, got {have}")
    return {head: named[i].tensor for head, i in matched.items()}


def _by_position(family: Family, outputs: Any) -> dict[str, Any]:
    if isinstance(outputs, (str, bytes)) or not isinstance(outputs, Sequence):
        raise TypeError(
            "outputs must be an InferRequest, a mapping from output name to tensor, or a "
            f"sequence of tensors, got {type(outputs).__name__}"
        )
    least = len(family.heads) - len(family.optional)
    if not least <= len(outputs) <= len(family.heads):
        raise ValueError(
            f"outputs must be in the order {list(family.heads)} for family {family.name}, "
            f"got {len(outputs)} of them"
        )
    return dict(zip(family.heads, outputs, strict=False))


def _named(outputs: Any) -> list[NamedTensor] | None:
    if hasattr(outputs, "get_output_tensor") and hasattr(outputs, "model_outputs"):
        return [
            NamedTensor(frozenset(port.names), outputs.get_output_tensor(i))
            for i, port in enumerate(outputs.model_outputs)
        ]
    if isinstance(outputs, Mapping):
        return [_from_item(key, tensor) for key, tensor in outputs.items()]
    return None


def _from_item(key: Any, tensor: Any) -> NamedTensor:
    if isinstance(key, str):
        return NamedTensor(frozenset([key]), tensor)
    # An OVDict: its keys are ports, and its values arrays that lost their type.
    if not hasattr(tensor, "element_type"):
        tensor = TypedArray(tensor, key.element_type)
    return NamedTensor(frozenset(key.names), tensor)
