"""The heatmap of an image, laid over it, for people to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..images import Image, Matrix, Size, inverse
from ..models import Network

# Which heads tell where objects are, the first of these that a model has.
_KINDS = ("heatmap", "center", "top_left")


def heatmap_of(network: Network, image: Image) -> NDArray[np.float32]:
    """The highest score of all classes at each pixel of an image.

    Between cells it is bilinear, and a cell's middle lies at the middle of its pixels.

    Returns:
        (H, W) float32 in 0..1, that of `image`.

    Raises:
        ValueError: the model gives no heatmap, because it decodes in its own graph.
    """
    family = network.recognition.family
    heads = network.recognition.heads
    names = next((found for kind in _KINDS if (found := _of_kind(kind, heads))), None)
    if names is None:
        raise ValueError(f"the model must have a heatmap, got heads {[*heads]}")
    tensor, back, size = network.prepare(image)
    # A flip test has room for two images; what is in the second place is not looked at.
    batch = network.compiled.input().partial_shape[0]
    if batch.is_static and batch.get_length() > 1:
        tensor = np.concatenate([tensor] * batch.get_length())
    request = network.compiled.create_infer_request()
    request.infer([tensor], share_inputs=True)
    tensors = [request.get_output_tensor(heads[name]) for name in names]
    scores = [_strongest(tensor, family.layout, family.activation) for tensor in tensors]
    placed = [_place(cells, back, size, (image.shape[0], image.shape[1])) for cells in scores]
    highest: NDArray[np.float32] = np.maximum.reduce(placed)
    return highest


def _of_kind(kind: str, heads: Any) -> list[str]:
    """heatmap, or heatmap_0, heatmap_1, ... of a pyramid."""
    return [head for head in heads if head == kind or head.rstrip("0123456789") == f"{kind}_"]


def _strongest(tensor: Any, layout: str, activation: str) -> NDArray[np.float32]:
    """(H, W) scores, the highest of the classes; NaN counts as nothing."""
    values = tensor.data
    if tensor.element_type.get_type_name() == "bf16":  # NumPy has it as float16
        values = (values.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    cells = np.fmax.reduce(values[0], axis=layout.index("C") - 1).astype(np.float32)
    if activation == "sigmoid":
        with np.errstate(over="ignore"):
            cells = 1 / (1 + np.exp(-cells))
    scores: NDArray[np.float32] = np.clip(np.nan_to_num(cells), 0, 1)
    return scores


def _place(cells: NDArray[np.float32], back: Matrix, network: Size, image: Size) -> Any:
    """Cells resampled at the pixels of the image."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    to_cells = np.divide(cells.shape, network)[::-1, None] * inverse(back)
    # From the middle of a pixel to that of a cell, which OpenCV both counts from.
    to_cells[:, 2] += to_cells[:, :2].sum(axis=1) / 2 - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        cells, to_cells, image[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
