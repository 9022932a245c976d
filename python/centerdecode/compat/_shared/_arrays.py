"""NumPy in, NumPy out; torch in, torch out. Heads are never copied."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_numpy(tensor: Any) -> NDArray[Any]:
    """A view of `tensor` as a NumPy array.

    Raises:
        TypeError: neither an array nor a tensor with DLPack, or of a type that
            NumPy lacks (bfloat16).
    """
    if isinstance(tensor, np.ndarray):
        return tensor
    if not hasattr(tensor, "__dlpack__"):
        raise TypeError(f"expected an array or a tensor, got {type(tensor).__name__}")
    return np.from_dlpack(tensor.detach() if hasattr(tensor, "detach") else tensor)


def like(reference: Any, array: NDArray[Any]) -> Any:
    """`array` as what `reference` is: itself, or a torch tensor that shares its memory."""
    if isinstance(reference, np.ndarray):
        return array
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))
