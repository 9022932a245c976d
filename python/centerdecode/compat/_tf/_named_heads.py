"""The heads of TensorFlow's CenterNet, by their names there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy


class Heads:
    """The last stage of each, on the grid of the object centers.

    Raises:
        KeyError: a head that is not there.
        TypeError: one that would have to be converted.
        ValueError: one on another grid.
    """

    def __init__(self, prediction_dict: Mapping[str, Sequence[Any]]) -> None:
        self._stages = prediction_dict
        self.shape = as_numpy(prediction_dict["object_center"][-1]).shape
        if len(self.shape) != 4:
            raise ValueError(f"object_center must be maps (B, H, W, C), got {self.shape}")

    def __contains__(self, name: str) -> bool:
        return name in self._stages

    def __getitem__(self, name: str) -> NDArray[Any]:
        head = as_numpy(self._stages[name][-1])
        if head.ndim != 4 or head.shape[:3] != self.shape[:3]:
            raise ValueError(
                f"{name} must be maps on the grid of object_center {self.shape}, got {head.shape}"
            )
        return head

    def get(self, name: str) -> NDArray[Any] | None:
        if name not in self:
            return None
        return self[name]


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float32]:
    """Scores, rounded once."""
    with np.errstate(over="ignore"):
        scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return np.asarray(scores, np.float32)
