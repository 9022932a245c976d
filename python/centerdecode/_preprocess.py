"""An image becomes the network's input: resized outside the graph by OpenCV,
converted inside it by OpenVINO's PrePostProcessor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _geometry
from ._families import Family
from ._geometry import Matrix, Placing, Size
from ._lazy import require

if TYPE_CHECKING:
    import openvino as ov

Image = NDArray[np.uint8]

_LARGEST_WARP = 32766  # cv2.warpAffine counts in 16 bits

_PLACINGS: dict[str, Callable[[Size, Size], Placing]] = {
    "affine": _geometry.affine,
    "letterbox": _geometry.letterbox,
    "stretch": _geometry.stretch,
    "none": _geometry.stretch,  # to the image's own size, unless the network has one
}


def check_image(image: Any) -> Image:
    """Raises:
    TypeError: no NumPy array, or not of uint8.
    ValueError: not (H, W, 3), or no pixels.
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image must be a NumPy array, got {type(image).__name__}")
    if image.dtype != np.uint8:
        raise TypeError(f"image must be uint8, got {image.dtype} {image.shape}")
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"image must be of shape (H, W, 3), got {image.shape}")
    return image


def fit(image: Image, family: Family, network: Size) -> tuple[Image, Matrix]:
    """The image at the size of the network, and the map from there back to it.

    `pad_value` is in the model's order of channels, the image is BGR.
    """
    cv2 = require("cv2", "opencv-python-headless", "cli")
    height, width = image.shape[:2]
    pad = family.pad_value if family.color == "BGR" else family.pad_value[::-1]
    placing = _PLACINGS[family.resize]((height, width), network)
    if family.resize == "affine":
        if max(height, width) > _LARGEST_WARP:
            raise ValueError(
                f'image must have no side over {_LARGEST_WARP} for resize="affine", got '
                f'{image.shape}; resize="letterbox" takes it'
            )
        placed = cv2.warpAffine(
            image, placing.matrix, network[::-1], flags=cv2.INTER_LINEAR, borderValue=pad
        )
        return placed, _geometry.inverse(placing.matrix)
    if placing.resized != (height, width):
        image = cv2.resize(image, placing.resized[::-1], interpolation=cv2.INTER_LINEAR)
    if placing.resized != network:
        bottom = network[0] - placing.top - placing.resized[0]
        right = network[1] - placing.left - placing.resized[1]
        image = cv2.copyMakeBorder(
            image, placing.top, bottom, placing.left, right, cv2.BORDER_CONSTANT, value=pad
        )
    return image, _geometry.inverse(placing.matrix)


def is_scaled(model: ov.Model | ov.CompiledModel, family: Family) -> bool:
    """Does the family want a mean or scale?

    Raises:
        ValueError: it does, and the model takes whole numbers.
    """
    if not any(family.mean) and set(family.scale) == {1.0}:
        return False
    kind = model.input().element_type
    if kind.is_integral():
        raise ValueError(
            f"mean and scale must be 0 and 1 for a model whose input is {kind.get_type_name()}, "
            f"got {family.mean} and {family.scale}"
        )
    return True


def embed(model: ov.Model, layout: str, family: Family) -> ov.Model:
    """`model` with its conversion inside: it then takes BGR bytes, NHWC.

    Raises:
        ValueError: as `is_scaled`.
    """
    import openvino as ov
    from openvino.preprocess import ColorFormat, PrePostProcessor

    processor = PrePostProcessor(model)
    image = processor.input()
    image.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    image.tensor().set_color_format(ColorFormat.BGR)
    image.model().set_layout(ov.Layout(layout))
    steps = image.preprocess()
    if family.color == "RGB":
        steps.convert_color(ColorFormat.RGB)
    if is_scaled(model, family):
        steps.convert_element_type(ov.Type.f32).mean([*family.mean]).scale([*family.scale])
    return processor.build()


def convert(image: Image, layout: str, dtype: np.dtype[Any], family: Family) -> NDArray[Any]:
    """The same conversion on the host, for a model that is already compiled."""
    pixels: NDArray[Any] = image if family.color == "BGR" else image[..., ::-1]
    if np.issubdtype(dtype, np.floating):
        mean, scale = np.array([family.mean, family.scale], np.float32)
        pixels = (pixels.astype(np.float32) - mean) / scale
    if layout == "NCHW":
        pixels = pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(pixels[None], dtype)
