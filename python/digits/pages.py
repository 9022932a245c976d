"""Cluttered pages of handwritten digits, made on the fly, with their boxes.

The digits are scikit-learn's `load_digits`: 1797 images of 8 x 8, written by 13
people, one after the other. So the last rows are of other hands than the first,
and the split is by rows, not shuffled.

    python python/digits/pages.py held-out 500 FOLDER

writes the first 500 held-out pages and instances.json, as COCO has it.
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

SIDE = 256
SOURCE = (
    "Digits of E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, 1998, CC BY 4.0; drawn on other paper"
)
# Rows of load_digits: trained on, looked at while the recipe was made, held out.
ROWS = {"train": range(1257), "watch": range(1257, 1437), "held-out": range(1437, 1797)}
_SIZES = 20.0, 64.0  # pixels of a digit's height, before it is turned
_CLOSEST = 0.05  # IoU of two boxes
_INKED = 0.5  # a pixel with as much ink belongs to the digit
_SPLITS = {split: number for number, split in enumerate(ROWS)}

Image = NDArray[np.uint8]
Mask = NDArray[np.float32]


class Page(NamedTuple):
    """An image (SIDE, SIDE, 3), BGR, with its digits: (n, 4) xyxy in pixels, and (n,)."""

    image: Image
    boxes: NDArray[np.float64]
    digits: NDArray[np.int64]


def page(split: str, number: int) -> Page:
    """The page of that number, always the same one.

    Args:
        split: whose digits are on it, a key of `ROWS`.
    """
    rng = np.random.default_rng([_SPLITS[split], number])
    image, ink = background(rng)
    rows = rng.permutation(np.array(ROWS[split]))
    lay = _lines if rng.random() < 0.3 else _scattered
    boxes: list[tuple[int, ...]] = []
    digits = []
    for mask, which, corner in lay(rng, rows):
        box = _place(image, mask, corner, boxes, rng, ink)
        if box is not None:
            boxes.append(box)
            digits.append(which)
    image = _worn(rng, image)
    return Page(image, np.array(boxes, np.float64).reshape(-1, 4), np.array(digits, np.int64))


def background(rng) -> tuple[Mask, NDArray[np.float64]]:
    """Paper with its clutter, (SIDE, SIDE, 3), 0..255, and the color of the digits' ink."""
    image = _paper(rng)
    ink = _ink(rng, image)
    _clutter(rng, image, ink)
    return image, ink


def digit(row: int) -> int:
    """Which digit a row of `load_digits` is."""
    return int(_rows()[1][row])


@functools.cache
def _rows():
    found = load_digits()
    return found.images.astype(np.float32) / 16, found.target


def drawn(rng, row: int, height: float) -> tuple[Mask, int]:
    """One digit as ink of 0..1, cut to its box, and which it is."""
    images, _ = _rows()
    zoom = height / 8
    angle = np.deg2rad(rng.uniform(-15, 15))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = np.array([[rng.uniform(0.8, 1.25), rng.uniform(-0.2, 0.2)], [0, 1]])
    matrix = zoom * turn @ shape
    side = int(height * 2) + 8
    middle = np.array([side / 2, side / 2]) - matrix @ [3.5, 3.5]
    affine = np.column_stack([matrix, middle])
    gray = cv2.warpAffine(images[row], affine, (side, side), flags=cv2.INTER_CUBIC)
    # A pen's edge is sharp, whatever the zoom; the stroke is as thick as `level` is low.
    level = rng.uniform(0.35, 0.55)
    soft = rng.uniform(0.05, 0.15)
    mask = np.clip((gray - level) / (2 * soft) + 0.5, 0, 1).astype(np.float32)
    inside = mask >= _INKED
    ys, xs = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return mask[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1], digit(row)


def _scattered(rng, rows):
    """Digits anywhere, of any size."""
    for row in rows[: rng.integers(4, 22)]:
        mask, which = drawn(rng, row, np.exp(rng.uniform(*np.log(_SIZES))))
        room = SIDE - np.array(mask.shape[::-1])
        yield mask, which, rng.integers(0, room + 1)


def _lines(rng, rows):
    """Digits as one writes a number: side by side, of about one size."""
    rows = iter(rows)
    y = rng.uniform(4, 60)
    while True:
        height = np.exp(rng.uniform(*np.log((20, 44))))
        if y + 1.4 * height > SIDE:
            return
        x = rng.uniform(4, 80)
        for row in rows:
            mask, which = drawn(rng, row, height * rng.uniform(0.85, 1.15))
            if x + mask.shape[1] > SIDE - 4 or rng.random() < 0.1:
                break
            top = y + (1.2 * height - mask.shape[0]) / 2 + rng.uniform(-2, 2)
            yield mask, which, (int(x), max(0, int(top)))
            x += mask.shape[1] + height * rng.uniform(0.05, 0.4)
        y += height * rng.uniform(1.4, 2.2)


def _place(image, mask, corner, boxes, rng, ink):
    """Ink the digit on the page, unless another is there, and return its box."""
    x, y = (int(side) for side in corner)
    height, width = mask.shape
    box = (x, y, x + width, y + height)
    if box[2] > SIDE or box[3] > SIDE or any(_iou(box, other) > _CLOSEST for other in boxes):
        return None
    color = np.clip(ink + rng.normal(0, 12, 3), 0, 255)
    opacity = np.float32(rng.uniform(0.8, 1))
    blend(image[y : y + height, x : x + width], mask * opacity, color)
    return box


def blend(under: Mask, mask: Mask, color) -> None:
    """Cover `under` with `color` as far as `mask` says, in place."""
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(ys) > 0:
        part = slice(ys[0], ys[-1] + 1), slice(xs[0], xs[-1] + 1)
        under[part] += (np.asarray(color, np.float32) - under[part]) * mask[part][..., None]


def _iou(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    shared = np.clip(high - low, 0, None).prod()
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / (sum(areas) - shared)


def _paper(rng):
    """Light or dark, tinted, unevenly lit, grained."""
    base = rng.uniform(25, 80) if rng.random() < 0.2 else rng.uniform(150, 245)
    tint = (rng.uniform(-1, 1, 3) * rng.choice([4, 25])).astype(np.float32)
    ramp = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)
    light = rng.uniform(-50, 50) * ramp[:, None] + rng.uniform(-50, 50) * ramp
    coarse = rng.normal(0, rng.uniform(0, 12), (9, 9)).astype(np.float32)
    light = light + cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.float32(base) + tint + light.astype(np.float32)[..., None], 0, 255)


def _ink(rng, image):
    """A color that can be read on this paper."""
    mean = image.mean(axis=(0, 1))
    darker = mean.mean() > 115
    level = mean.mean() - rng.uniform(80, 150) if darker else mean.mean() + rng.uniform(90, 150)
    return np.clip(level + rng.uniform(-1, 1, 3) * rng.choice([5, 60]), 0, 255)


def _clutter(rng, image, ink):
    """Ruled lines, blots, arcs and scribbles, in any color and in that of the digits."""
    if rng.random() < 0.4:
        _ruled(rng, image)
    for _ in range(rng.integers(0, 9)):
        layer = np.zeros((SIDE, SIDE), np.uint8)
        rng.choice([_stroke, _arc, _blot, _scribble])(rng, layer)
        mask = cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.4, 1.2)).astype(np.float32) / 255
        color = ink if rng.random() < 0.5 else rng.uniform(0, 255, 3)
        blend(image, mask * np.float32(rng.uniform(0.2, 0.9)), color)


def _ruled(rng, image):
    layer = np.zeros((SIDE, SIDE), np.float32)
    step = rng.integers(14, 48)
    layer[rng.integers(0, step) :: step] = 1
    if rng.random() < 0.4:
        layer[:, rng.integers(0, step) :: step] = 1
    blend(image, layer * np.float32(rng.uniform(0.1, 0.6)), rng.uniform(0, 255, 3))


def _points(rng, count):
    return rng.integers(-20, SIDE + 20, (count, 2)).astype(np.int32)


def _stroke(rng, layer):
    start, end = (tuple(map(int, point)) for point in _points(rng, 2))
    cv2.line(layer, start, end, 255, int(rng.integers(1, 6)), cv2.LINE_AA)


def _arc(rng, layer):
    center = tuple(map(int, _points(rng, 1)[0]))
    axes = tuple(map(int, rng.integers(30, 150, 2)))
    start = rng.uniform(0, 360)
    end = start + rng.uniform(40, 200)
    thick = int(rng.integers(1, 5))
    cv2.ellipse(layer, center, axes, rng.uniform(0, 360), start, end, 255, thick, cv2.LINE_AA)


def _blot(rng, layer):
    center = tuple(map(int, _points(rng, 1)[0]))
    axes = tuple(map(int, rng.integers(2, 40, 2)))
    cv2.ellipse(layer, center, axes, rng.uniform(0, 360), 0, 360, 255, -1, cv2.LINE_AA)


def _scribble(rng, layer):
    """A line that wanders: sharp corners, no loop that a pen would close to a digit."""
    steps = rng.normal(0, 22, (rng.integers(4, 12), 2))
    points = np.cumsum(steps, axis=0) + _points(rng, 1)
    cv2.polylines(layer, [points.astype(np.int32)], False, 255, int(rng.integers(1, 4)), 16)


def _worn(rng, image):
    """A camera's blur and noise."""
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.9))
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(0, 9))
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def truth(made: Mapping[str, Page]) -> dict[str, Any]:
    """The annotations of pages by file name, as COCO has them; category 1 is a zero."""
    images, annotations = [], []
    for number, (name, page) in enumerate(made.items(), start=1):
        height, width = page.image.shape[:2]
        images.append({"id": number, "file_name": name, "height": height, "width": width})
        for (x1, y1, x2, y2), which in zip(page.boxes.tolist(), page.digits.tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": which + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                }
            )
    categories = [{"id": which + 1, "name": str(which)} for which in range(10)]
    return {
        "info": {"description": SOURCE},
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", choices=ROWS)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    made = {f"{number:06}.png": page(args.split, number) for number in range(args.count)}
    for name, own in made.items():
        cv2.imwrite(str(args.folder / name), own.image)
    (args.folder / "instances.json").write_text(json.dumps(truth(made)))


if __name__ == "__main__":
    main()
