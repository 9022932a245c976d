"""Heads to decode where there is no model at hand, with the numbers of trained ones."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ._workload import Floats, Workload

# Sizes of real heatmaps at stride 4: (classes, height, width).
SHAPES = {
    "coco-512": (80, 128, 128),
    "coco-384": (80, 96, 96),
    "fairmot-1088": (1, 152, 272),
    "centerface-640": (1, 120, 160),
    "lvis-512": (1203, 128, 128),
    "coco-1024": (80, 256, 256),
}


def workload_named(name: str, **options: Any) -> Workload:
    """The work of the size of that name."""
    return Workload(name, *synthetic(*SHAPES[name]), **options)


@functools.lru_cache(maxsize=4)
def synthetic(
    classes: int,
    height: int,
    width: int,
    objects: int = 40,
    background: str = "smooth",
    seed: int = 0,
) -> tuple[Floats, Floats, Floats]:
    """heatmap (logits), wh, offset of one image.

    The background has the mean (-7.8), the spread between classes (0.9) and within them
    of a MobileNetV3 CenterNet on a photo. "smooth": it changes over 4 cells, as it does
    behind a network's last upsampling; "noise": each cell on its own, which makes every
    ninth cell a peak. Objects are Gaussians of 0.5 to 4 cells whose scores are
    uniform in 0.1..0.9.
    """
    rng = np.random.default_rng([seed, classes, height, width])
    heatmap = rng.normal(-7.8, 0.9, (classes, 1, 1)).astype(np.float32)
    if background == "noise":
        heatmap = heatmap + rng.normal(0, 0.9, (classes, height, width)).astype(np.float32)
    else:
        heatmap = heatmap + _smooth(rng, classes, height, width)
    for score in rng.uniform(0.1, 0.9, objects):
        _add_object(heatmap, rng, np.log(score / (1 - score)))
    wh, offset = rng.uniform(0, 20, (2, height, width)), rng.random((2, height, width))
    return heatmap, wh.astype(np.float32), offset.astype(np.float32)


def _smooth(rng: np.random.Generator, classes: int, height: int, width: int) -> Floats:
    """Noise on every fourth cell, and straight lines between; no two cells are equal."""
    coarse = rng.normal(0, 1, (classes, height // 4 + 2, width // 4 + 2)).astype(np.float32)
    y, x = (np.arange(n, dtype=np.float32) / 4 for n in (height, width))
    i, j = y.astype(int), x.astype(int)
    v, u = (y % 1)[:, None], x % 1
    rows = coarse[:, i] * (1 - v) + coarse[:, i + 1] * v
    smooth = rows[..., j] * (1 - u) + rows[..., j + 1] * u
    noise = rng.normal(0, 0.02, smooth.shape).astype(np.float32)
    return np.ascontiguousarray(smooth + noise)  # NumPy's indexing turned the axes


def _add_object(heatmap: Floats, rng: np.random.Generator, logit: float) -> None:
    classes, height, width = heatmap.shape
    c, y, x = rng.integers(classes), rng.integers(height), rng.integers(width)
    sigma = rng.uniform(0.5, 4)
    top, left = max(0, int(y) - 12), max(0, int(x) - 12)
    plane = heatmap[c, top : y + 13, left : x + 13]
    dy = np.arange(top, top + plane.shape[0])[:, None] - y
    dx = np.arange(left, left + plane.shape[1]) - x
    bump = np.exp(-(dy**2 + dx**2) / (2 * sigma**2))
    np.maximum(plane, (plane + (logit - plane) * bump).astype(np.float32), out=plane)
