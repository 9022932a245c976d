"""Drop-in for the decoders and the letterbox of see--/keras-centernet.

    - from keras_centernet.models.decode import CtDetDecode
    + from centerdecode.compat.keras_centernet import ctdet_decode

>>> import numpy as np
>>> from centerdecode.compat.keras_centernet import ctdet_decode
>>> hm = np.full((1, 16, 16, 80), -9, np.float32)
>>> hm[0, 5, 6, 3] = 0
>>> reg, wh = np.full((1, 16, 16, 2), 0.5, "f4"), np.full((1, 16, 16, 2), 4, "f4")
>>> ctdet_decode(hm, reg, wh)[0, 0].tolist()
[18.0, 14.0, 34.0, 30.0, 0.5, 3.0]

Upstream's layers call these functions on the outputs of the network, which are NHWC logits.
Boxes are in pixels of the network's input; the letterbox takes them back to the image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._lazy import require
from ..images import inverse
from ._centernet import hpdet_decode
from ._shared import (
    as_numpy,
    boxes_around,
    cells_of,
    gather,
    like,
    require_channels,
    rows_of,
    top_k_of_logits,
)

__all__ = ["LetterboxTransformer", "ctdet_decode", "hpdet_decode"]


def ctdet_decode(hm: Any, reg: Any, wh: Any, k: int = 100, output_stride: float = 4) -> Any:
    """Decode boxes, as the layer `CtDetDecode` does.

    Args:
        hm: (B, H, W, C) logits.
        reg, wh: (B, H, W, 2) in cells, x before y.
        k: how many rows.
        output_stride: input pixels per cell.

    Returns:
        (B, k, 6) float32 in input pixels: x1 y1 x2 y2, score, class; always k rows, of
        score 0 where peaks run out; of equal scores the lower (y, x, class) first.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: more rows than the maps have cells, or heads that do not fit.
    """
    heatmap = as_numpy(hm)
    found = top_k_of_logits(heatmap, k, layout="NHWC")
    shift, sizes = (gather(as_numpy(head), found, heatmap.shape, "NHWC") for head in (reg, wh))
    require_channels("reg", shift, 2)
    require_channels("wh", sizes, 2)
    boxes = boxes_around(cells_of(found) + shift, sizes) * output_stride
    return like(hm, rows_of(boxes, found))


class LetterboxTransformer:
    """Places an image in the network's input, and boxes back in the image.

    Args:
        height, width: of the input, in mode "training".
        mode: "training": one zoom, the rest padded, whole pixels on the left and at the
            top. "testing": no zoom, padded to the next size that is a multiple of
            `max_stride` and larger by at least 1.

    Attributes:
        M, M_inv: (2, 3) float64, image -> input and back, of the image last given.

    Raises:
        ValueError: another mode, or "training" without a size.
    """

    def __init__(
        self,
        height: int | None = None,
        width: int | None = None,
        mode: str = "training",
        max_stride: int = 128,
    ) -> None:
        if mode not in ("training", "testing"):
            raise ValueError(f"mode must be 'training' or 'testing', got {mode!r}")
        if mode == "training" and (height is None or width is None):
            raise ValueError("height and width must be given in mode 'training'")
        self.height = height
        self.width = width
        self.mode = mode
        self.max_stride = max_stride
        self.M: NDArray[np.float64] | None = None
        self.M_inv: NDArray[np.float64] | None = None

    def __call__(self, image: NDArray[Any]) -> NDArray[Any]:
        """The image (H, W, C) in the input; needs OpenCV (the extra "cli").

        Raises:
            ImportError: no OpenCV.
        """
        cv2 = require("cv2", "opencv-python-headless", "cli")
        height, width = self.place(image.shape[0], image.shape[1])
        placed: NDArray[Any] = cv2.warpAffine(image, self.M, (width, height))
        return placed

    def place(self, height: int, width: int) -> tuple[int, int]:
        """Set M and M_inv for an image of this size; returns (height, width) of the input."""
        zoom = 1.0
        if self.mode == "training" and self.height is not None and self.width is not None:
            size = self.height, self.width
            zoom = min(size[0] / height, size[1] / width)
        else:
            size = self._padded(height), self._padded(width)
        left = (size[1] - round(width * zoom)) // 2
        top = (size[0] - round(height * zoom)) // 2
        self.M = np.array([[zoom, 0, left], [0, zoom, top]], np.float64)
        self.M_inv = inverse(self.M)
        return size

    def correct_box(self, x1: float, y1: float, x2: float, y2: float) -> tuple[float, ...]:
        """Corners in the input -> x1, y1, x2, y2 in the image."""
        corners = self.correct_coords(np.array([[x1, x2], [y1, y2]]))
        return tuple(float(number) for number in corners.T.ravel())

    def correct_coords(self, coords: NDArray[Any]) -> NDArray[np.float64]:
        """Points (2, N), x before y, in the input -> points in the image.

        Raises:
            RuntimeError: no image was placed before.
        """
        if self.M_inv is None:
            raise RuntimeError("an image must be placed before points are taken back to it")
        return self.M_inv[:, :2] @ np.asarray(coords, np.float64) + self.M_inv[:, 2:]

    def _padded(self, pixels: int) -> int:
        return round(pixels / self.max_stride + 0.51) * self.max_stride
