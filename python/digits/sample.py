"""The page that the demo reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pages

LINES = "31415", "92653", "58979"
_SEED = 13


def draw() -> tuple[pages.Image, dict[str, Any]]:
    """Held-out digits in three lines, and their truth as COCO has it.

    The page is twice as large as the network's input, so that there is room for
    labels between the digits.
    """
    rng = np.random.default_rng(_SEED)
    paper, ink = pages.background(rng)
    canvas = cv2.resize(paper, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    boxes, digits = [], []
    for line, text in enumerate(LINES):
        x = 40 + rng.uniform(0, 25)
        for digit in map(int, text):
            rows = [row for row in pages.ROWS["held-out"] if pages.digit(row) == digit]
            mask = pages.drawn(rng, rng.choice(rows), rng.uniform(66, 92))[0]
            height, width = mask.shape
            left, top = int(x), int(60 + 150 * line + rng.uniform(0, 24))
            part = canvas[top : top + height, left : left + width]
            pages.blend(part, mask, np.clip(ink + rng.normal(0, 12, 3), 0, 255))
            boxes.append((left, top, left + width, top + height))
            digits.append(digit)
            x += width + rng.uniform(18, 34)
    noise = rng.standard_normal(canvas.shape, np.float32) * 3
    image = np.clip(np.rint(canvas + noise), 0, 255).astype(np.uint8)
    page = pages.Page(image, np.array(boxes, np.float64), np.array(digits))
    return image, pages.truth({"page.jpg": page})


def write(folder: Path) -> None:
    image, truth = draw()
    cv2.imwrite(str(folder / "page.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 90])
    (folder / "page.json").write_text(json.dumps(truth, indent=1) + "\n")
