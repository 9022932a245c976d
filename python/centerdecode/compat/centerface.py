"""Drop-in for the decoder of Star-Clouds/CenterFace, a method there and a function here.

    + from centerdecode.compat.centerface import decode
    - dets, lms = self.decode(heatmap, scale, offset, lms, size, threshold=threshold)
    + dets, lms = decode(heatmap, scale, offset, lms, size, threshold=threshold)

>>> import numpy as np
>>> from centerdecode.compat.centerface import decode
>>> heatmap = np.zeros((1, 1, 8, 8), np.float32)
>>> heatmap[0, 0, 4, 3] = 0.9
>>> scale, offset = np.zeros((2, 1, 2, 8, 8), np.float32)
>>> landmark = np.full((1, 10, 8, 8), 0.5, np.float32)
>>> dets, lms = decode(heatmap, scale, offset, landmark, (32, 32), threshold=0.5)
>>> dets[:, :4].tolist(), lms.tolist()
([[12.0, 16.0, 16.0, 20.0]], [[14.0, 18.0, 14.0, 18.0, 14.0, 18.0, 14.0, 18.0, 14.0, 18.0]])
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..decoding import find_peaks
from ..families import CENTERFACE_NMS
from ..results import Detections, Peaks
from ._shared import as_numpy, like

STRIDE = 4


def decode(
    heatmap: Any,
    scale: Any,
    offset: Any,
    landmark: Any,
    size: tuple[int, int],
    threshold: float = 0.1,
) -> Any:
    """Decode the faces of one image, as the method of `CenterFace` does.

    Args:
        heatmap: (1, 1, H, W) scores; of a batch the first image is decoded.
        scale, offset: (1, 2, H, W), y before x.
        landmark: (1, 2 * J, H, W), y before x, as parts of the box; or None.
        size: (height, width) of the network input. Boxes are cut there: the first
            corner, and then the second, which counts from where the first came to be.
        threshold: faces score more than this.

    Returns:
        (n, 5) float32 rows x1 y1 x2 y2 score, in input pixels, best first, after hard
        NMS (IoU 0.3, whole pixels); and (n, 2 * J) landmarks x0 y0 x1 y1 ..., unless
        landmark is None. Of equal scores the first cell in row-major order comes first.

    Raises:
        TypeError, ValueError: heads that would have to be converted, or do not fit.
    """
    peaks = _cells_above(as_numpy(heatmap), threshold)
    ys, xs = peaks.ys, peaks.xs
    heights, widths = np.exp(_gather(scale, ys, xs)) * STRIDE
    shift_y, shift_x = _gather(offset, ys, xs)
    x1 = np.clip((xs + shift_x + 0.5) * STRIDE - widths / 2, 0, size[1])
    y1 = np.clip((ys + shift_y + 0.5) * STRIDE - heights / 2, 0, size[0])
    x2 = np.minimum(x1 + widths, size[1])
    y2 = np.minimum(y1 + heights, size[0])
    corners = np.stack([x1, y1, x2, y2], axis=1).astype(np.float32)
    faces = Detections(corners, peaks.scores, np.zeros(len(peaks.scores), np.int32))
    if landmark is not None:
        parts = _gather(landmark, ys, xs)
        points = np.stack([parts[1::2] * widths + x1, parts[0::2] * heights + y1], axis=2)
        faces = replace(faces, keypoints=points.swapaxes(0, 1).astype(np.float32))
    kept = CENTERFACE_NMS(faces)
    rows = np.hstack([kept.xyxy, kept.scores[:, None]])
    if kept.keypoints is None:
        return like(heatmap, rows)
    count = 2 * kept.keypoints.shape[1]
    return like(heatmap, rows), like(heatmap, kept.keypoints.reshape(len(kept), count))


def _cells_above(heatmap: NDArray[Any], threshold: float) -> Peaks:
    """Every cell of the first image that is above the threshold, strongest first."""
    plane = heatmap.reshape((-1, 1, *heatmap.shape[-2:]))[0]
    peaks = find_peaks(
        plane,
        top_k=plane.size,
        score_threshold=float(np.nextafter(np.float32(threshold), np.float32(np.inf))),
        activation="none",
        window=1,
        plateaus="keep",
        element_type="f16" if plane.dtype == np.float16 else None,
    )
    assert isinstance(peaks, Peaks)
    return peaks


def _gather(head: Any, ys: NDArray[Any], xs: NDArray[Any]) -> NDArray[np.float64]:
    """(channels, n) at the cells of the first image."""
    return np.asarray(as_numpy(head)[0][:, ys, xs], np.float64)
