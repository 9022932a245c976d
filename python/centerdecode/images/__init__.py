"""Images: read from files, and fitted into a network's input."""

from ._fitting import (
    Image,
    check_image,
    convert,
    embed,
    fit,
    is_scaled,
    largest_reduction,
    reduction,
    surround,
)
from ._geometry import Matrix, Placing, Size, inverse, letterbox, stretch, turned, zoomed
from ._reading import MAX_PIXELS, decode_image, read_image

__all__ = [
    "MAX_PIXELS",
    "Image",
    "Matrix",
    "Placing",
    "Size",
    "check_image",
    "convert",
    "decode_image",
    "embed",
    "fit",
    "inverse",
    "is_scaled",
    "largest_reduction",
    "letterbox",
    "read_image",
    "reduction",
    "stretch",
    "surround",
    "turned",
    "zoomed",
]
