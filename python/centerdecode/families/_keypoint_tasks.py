"""The keypoints of one class among several, as data that families share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ._checks import whole_number
from ._keypoints import KeypointRule


@dataclass(frozen=True, kw_only=True, slots=True)
class KeypointTask:
    """The keypoints of one class, of a model that has tasks for several (TensorFlow
    Object Detection API).

    class_id: the class whose detections have these keypoints.
    indices: which columns of `Detections.keypoints` they are, one for each; None: the
        first, in their order. A column that several tasks name is theirs in turn, as no
        detection is of two classes.
    rule: how they are stored and refined.

    Raises:
        TypeError, ValueError: a number that is no class or column, or no rule.
    """

    class_id: int = 0
    indices: tuple[int, ...] | None = None
    rule: KeypointRule = field(default_factory=KeypointRule)

    def __post_init__(self) -> None:
        whole_number("class_id", self.class_id, least=0)
        if self.indices is not None:
            numbers = [whole_number("indices", index, least=0) for index in self.indices]
            if len({*numbers}) < len(numbers):
                raise ValueError(f"indices must differ, got {numbers}")
            object.__setattr__(self, "indices", tuple(numbers))
        if isinstance(self.rule, Mapping):  # from JSON
            object.__setattr__(self, "rule", KeypointRule(**self.rule))
        if not isinstance(self.rule, KeypointRule):
            raise TypeError(f"rule must be a KeypointRule, got {self.rule!r}")

    def columns(self, count: int) -> list[int]:
        """Of each of `count` keypoints the column."""
        if self.indices is None:
            return list(range(count))
        if len(self.indices) != count:
            raise ValueError(
                f"indices must be one for each keypoint, got {self.indices} for {count}"
            )
        return list(self.indices)
