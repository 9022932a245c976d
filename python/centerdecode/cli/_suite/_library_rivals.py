"""The same decode with one good call of a library in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._lazy import require
from ._numpy_rivals import by_falling_threshold, by_maximum
from ._workload import Decode, DecodedBoxes, Floats, Workload, above, boxes_at


def scipy_maximum_filter(work: Workload) -> Decode:
    ndimage = require("scipy.ndimage", "scipy", "rivals")
    return by_maximum(
        work, lambda heatmap: ndimage.maximum_filter(heatmap, (1, 3, 3), mode="nearest")
    )


def cv2_dilate(work: Workload) -> Decode:
    """All classes below each other in one image, each with a border of its own."""
    cv2 = require("cv2", "opencv-python-headless", "cli")
    window = np.ones((3, 3), np.uint8)

    def maximum(heatmap: Floats) -> Any:
        return np.stack([cv2.dilate(plane, window) for plane in heatmap])

    return by_maximum(work, maximum)


def numba_scan(work: Workload) -> Decode:
    """One compiled loop that asks the threshold of each cell, whole rows at a time."""
    scan = _compiled_scan()
    rows = work.heatmap.reshape(-1, work.heatmap.shape[-1])

    def decode() -> DecodedBoxes:
        free = work.score_threshold <= 0
        most = work.heatmap.max(axis=0).ravel() if free else work.heatmap[:0].ravel()
        return by_falling_threshold(work, most, lambda least: scan(rows, least))

    return decode


def _compiled_scan() -> Any:
    numba = require("numba", "numba", "rivals")

    @numba.njit(nogil=True)  # type: ignore[untyped-decorator]
    def scan(rows: Any, least: Any) -> Any:
        found = np.empty(1024, np.intp)
        count = 0
        width = rows.shape[1]
        for i in range(rows.shape[0]):
            row = rows[i]
            reaching = 0
            for x in range(width):  # without a branch, so that it becomes vectors
                reaching += row[x] >= least
            if reaching == 0:
                continue
            for x in range(width):
                if row[x] >= least:
                    if count == len(found):
                        larger = np.empty(2 * count, np.intp)
                        larger[:count] = found
                        found = larger
                    found[count] = i * width + x
                    count += 1
        return found[:count]

    return scan


def torch_reference(work: Workload) -> Decode:
    """The decoder of "Objects as Points" as it is published, on one thread: sigmoid,
    max_pool2d, equal, multiply, topk for each class, topk over all."""
    torch = require("torch", "torch", "rivals")
    torch.set_num_threads(1)
    heatmap = torch.from_numpy(work.heatmap)
    classes, height, width = work.heatmap.shape

    def decode() -> DecodedBoxes:
        with torch.inference_mode():
            scores = torch.sigmoid(heatmap) if work.activation == "sigmoid" else heatmap
            most = torch.nn.functional.max_pool2d(scores[None], 3, stride=1, padding=1)[0]
            peaks = (scores * (most == scores)).view(classes, -1)
            best, cells = torch.topk(peaks, min(work.top_k, height * width), dim=1)
            value, which = torch.topk(best.view(-1), min(work.top_k, best.numel()))
            plane = which // best.shape[1]
            index = plane * height * width + cells.view(-1)[which]
        xyxy, class_ids = boxes_at(work, index.numpy())
        return above(work, (xyxy, value.numpy(), class_ids))

    return decode
