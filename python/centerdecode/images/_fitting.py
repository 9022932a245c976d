"""An image becomes the network's input: resized outside the graph by OpenCV,
converted inside it by OpenVINO's PrePostProcessor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..families import Family
from . import _geometry
from ._geometry import Matrix, Placing, Size

if TYPE_CHECKING:
    import openvino as ov

Image = NDArray[np.uint8]

_LARGEST_WARP = 32766  # cv2.warpAffine counts in 16 bits

_PLACINGS: dict[str, Callable[[Size, Size], Placing]] = {
    "affine": _geometry.affine,
    "affine_letterbox": _geometry.affine_letterbox,
    "letterbox": _geometry.letterbox,
    "corner": _geometry.corner,
    "stretch": _geometry.stretch,
    "none": _geometry.stretch,  # to the image's own size, unless the network has one
}
_MADE_BGR = {  # by what an image has behind (H, W)
    (): "; cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) has three channels",
    (1,): "; image.repeat(3, axis=2) has three channels",
    (4,): "; image[..., :3] is without its alpha channel",
}
_WARPED = ("affine", "affine_letterbox")  # by cv2.warpAffine, the others by cv2.resize


def check_image(image: Any) -> Image:
    """Raises:
    TypeError: no NumPy array, or not of uint8.
    ValueError: not (H, W, 3), or no pixels.
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image must be a NumPy array, got {type(image).__name__}")
    if image.dtype != np.uint8:
        advice = "; (image >> 8).astype(np.uint8) has its upper bits" * (image.dtype == np.uint16)
        raise TypeError(f"image must be uint8, got {image.dtype} {image.shape}{advice}")
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        advice = _MADE_BGR.get(image.shape[2:], "")
        raise ValueError(f"image must be of shape (H, W, 3), got {image.shape}{advice}")
    return image


def reduction(image: Image, original: Size) -> int:
    """The n for which `image` is a picture of `original` size at 1/n, as JPEG decoders
    reduce one: a pixel for each block of n x n, the last ones cut off by the border.

    Raises:
        ValueError: there is none; the message says which size it would be of.
    """
    height, width = image.shape[:2]
    n: int = max(1, round(original[0] / height), round(original[1] / width))
    if (height, width) != (-(-original[0] // n), -(-original[1] // n)):
        raise ValueError(
            f"original_size must be (height, width) of a picture whose copy at 1/n is the image "
            f"of {image.shape}, got {original}"
        )
    return n


def largest_reduction(size: Size, family: Family, network: Size) -> int:
    """The largest n that leaves a picture of `size` no smaller, at 1/n, than in the
    network's input; 1, 2, 4 or 8."""
    zoom = float(_PLACINGS[family.resize](size, network).matrix[:, :2].max())
    return max(n for n in (1, 2, 4, 8) if n == 1 or n * zoom <= 1)


def fit(image: Image, family: Family, network: Size, n: int = 1) -> tuple[Image, Matrix]:
    """The image at the size of the network, and the map from there to the picture that
    it shows at 1/n.

    `pad_value` is in the model's order of channels, the image is BGR.
    """
    cv2 = require("cv2", "opencv-python-headless", "cli")
    height, width = image.shape[:2]
    pad = family.pad_value if family.color == "BGR" else family.pad_value[::-1]
    placing = _PLACINGS[family.resize]((n * height, n * width), network)
    back = _geometry.inverse(placing.matrix)
    if family.resize in _WARPED:
        if max(height, width) > _LARGEST_WARP:
            raise ValueError(
                f"image must have no side over {_LARGEST_WARP} for resize={family.resize!r}, got "
                f'{image.shape}; resize="letterbox" takes it'
            )
        # cv2.warpAffine maps the middles of pixels: that of the first block is (n - 1) / 2.
        linear = placing.matrix[:, :2]
        shift = placing.matrix[:, 2:] + linear @ np.full((2, 1), (n - 1) / 2)
        matrix = np.hstack([n * linear, shift])
        flags = cv2.INTER_LINEAR
        placed = cv2.warpAffine(image, matrix, network[::-1], flags=flags, borderValue=pad)
        return placed, back
    if placing.resized != (height, width):
        image = cv2.resize(image, placing.resized[::-1], interpolation=cv2.INTER_LINEAR)
    if placing.resized != network:
        bottom = network[0] - placing.top - placing.resized[0]
        right = network[1] - placing.left - placing.resized[1]
        image = cv2.copyMakeBorder(
            image, placing.top, bottom, placing.left, right, cv2.BORDER_CONSTANT, value=pad
        )
    return image, back


def surround(placed: Image, back: Matrix, family: Family, network: Size) -> tuple[Image, Matrix]:
    """What `fit` gave for a smaller network, in the middle of this one."""
    height, width = placed.shape[:2]
    top, left = (network[0] - height) // 2, (network[1] - width) // 2
    pad = family.pad_value if family.color == "BGR" else family.pad_value[::-1]
    around = np.empty((*network, 3), np.uint8)
    around[:] = np.rint(pad)
    around[top : top + height, left : left + width] = placed
    shifted = back.copy()
    shifted[:, 2] -= back[:, :2] @ [left, top]
    return around, shifted


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
    height, width = image.shape[:2]
    tensor = np.empty((1, 3, height, width) if layout == "NCHW" else (1, height, width, 3), dtype)
    planes = tensor[0] if layout == "NCHW" else tensor[0].transpose(2, 0, 1)
    pixels = (image if family.color == "BGR" else image[..., ::-1]).transpose(2, 0, 1)
    if not np.issubdtype(dtype, np.floating):
        planes[:] = pixels
        return tensor
    # A plane at a time: NumPy is 20 times slower where means lie along the last axis.
    mean, scale = np.array([family.mean, family.scale], np.float32)
    for i in range(3):
        centered = np.subtract(pixels[i], mean[i], dtype=np.float32)
        np.divide(centered, scale[i], out=planes[i], casting="same_kind")
    return tensor
