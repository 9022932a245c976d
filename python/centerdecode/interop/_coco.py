"""COCO's results: boxes, keypoints, and masks as run lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..results import Detections


def to_coco(
    detections: Detections,
    image_id: int,
    category_ids: Sequence[int] | Mapping[int, int] | None = None,
    image_size: tuple[int, int] | None = None,
) -> list[dict[str, Any]]:
    """Rows of COCO's results format, as `pycocotools.COCO.loadRes` reads them.

    Args:
        image_id: the image's number in the annotations.
        category_ids: the category of each class_id; None: class_id + 1, because
            COCO counts from 1. The 80 classes of COCO itself have gaps in theirs.
        image_size: (height, width) of the image; masks need it. None: without them.

    Returns:
        Dicts of image_id, category_id, bbox (x, y, width, height) and score; then
        keypoints (x, y, 1, x, y, 1, ...) and segmentation (as `to_rle`), where the
        detections have them. Floats are not rounded.

    Raises:
        ValueError: a class that has no category.
    """
    records = []
    for row in detections:
        x1, y1, x2, y2 = row.xyxy.tolist()
        record = {
            "image_id": image_id,
            "category_id": _category(row.class_id, category_ids),
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "score": row.score,
        }
        if row.keypoints is not None:
            record["keypoints"] = [n for x, y in row.keypoints.tolist() for n in (x, y, 1)]
        records.append(record)
    if image_size is not None and "masks" in detections.extras:
        for record, mask in zip(records, to_rle(detections, image_size), strict=True):
            record["segmentation"] = mask
    return records


def to_rle(detections: Detections, image_size: tuple[int, int]) -> list[dict[str, Any]]:
    """The masks of `MaskRule` on the image, in COCO's compressed run lengths.

    A pixel is foreground where the mask has it at the place nearest to the pixel's
    middle. Of a mask that shows parts, all parts are foreground.

    Args:
        image_size: (height, width) of the image that xyxy is in pixels of.

    Returns:
        For each detection a dict of size ([height, width]) and counts (str), as
        `pycocotools.mask` reads it.

    Raises:
        ValueError: the detections have no masks.
    """
    masks = detections.extras.get("masks")
    if masks is None:
        raise ValueError(f"detections must have extras['masks'], got {[*detections.extras]}")
    height, width = image_size
    return [
        {"size": [height, width], "counts": _compressed(_runs(mask != 0, box, height, width))}
        for mask, box in zip(masks, detections.xyxy.tolist(), strict=True)
    ]


def _category(class_id: int, category_ids: Sequence[int] | Mapping[int, int] | None) -> int:
    if category_ids is None:
        return class_id + 1
    try:
        return category_ids[class_id]
    except LookupError:
        raise ValueError(f"category_ids must have one for class {class_id}, got none") from None


def _runs(mask: NDArray[np.bool_], box: Sequence[float], height: int, width: int) -> list[int]:
    """How many pixels are background, then foreground, and so on, column by column."""
    ys, rows = _nearest(box[1], box[3], mask.shape[0], height)
    xs, columns = _nearest(box[0], box[2], mask.shape[1], width)
    # Columns first, and background at both their ends, so that each run has two.
    region = np.pad(mask[np.ix_(rows, columns)].T.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(region, axis=1)
    starts, ends = (
        (xs[column] * height + ys[0] + row).tolist() if len(column) else []
        for column, row in (np.nonzero(steps == 1), np.nonzero(steps == -1))
    )
    counts: list[int] = []
    end = 0
    for start, stop in zip(starts, ends, strict=True):
        if counts and start == end:  # the last column ended in foreground
            counts[-1] += stop - start
        else:
            counts += [start - end, stop - start]
        end = stop
    return [*counts, height * width - end] if end < height * width else counts


def _nearest(
    first: float, last: float, count: int, extent: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pixels of an image between two coordinates, and where each is in a mask whose
    outermost pixels lie on them."""
    begin, end = max(0, math.ceil(first - 0.5)), min(extent, math.floor(last - 0.5) + 1)
    pixels = np.arange(begin, max(begin, end))
    places = (pixels + 0.5 - first) / max(last - first, 1e-9) * (count - 1)
    return pixels, np.clip(np.rint(places), 0, count - 1).astype(np.int64)


def _compressed(counts: Sequence[int]) -> str:
    """Five bits a character from "0" on, the lowest first, the sixth where more follow;
    from the fourth count on it is the difference to the last but one."""
    text = bytearray()
    for i, count in enumerate(counts):
        rest = count - counts[i - 2] if i > 2 else count
        while True:
            low, rest = rest & 31, rest >> 5
            done = rest == (-1 if low & 16 else 0)  # the fifth bit is the sign
            text.append(48 + (low if done else low | 32))
            if done:
                break
    return text.decode("ascii")
