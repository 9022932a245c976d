"""Maps of 80 x 128 x 128 scores that are as hard as can be, by what is hard about them."""

import functools

import numpy as np
from centerdecode.cli._suite import Workload, expected

from . import heads

SHAPE = (80, 128, 128)


def rising_peaks():
    """Every fourth cell is a peak, and beats all before it."""
    heatmap = np.zeros(SHAPE, np.float32)
    peaks = heatmap[:, ::2, ::2]
    peaks[...] = np.linspace(0.2, 0.9, peaks.size, dtype=np.float32).reshape(peaks.shape)
    return heatmap


def ramp(first, last):
    return np.linspace(first, last, np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)


def rising_plateaus():
    """Squares of 4 x 4 equal cells, each above those before it."""
    tiles = np.linspace(0.2, 0.9, 80 * 32 * 32, dtype=np.float32).reshape(80, 32, 32)
    return tiles.repeat(4, axis=1).repeat(4, axis=2)


def checkerboard():
    _, y, x = np.indices(SHAPE)
    return np.where((y + x) % 2, np.float32(0.9), np.float32(0.2))


MAPS = {
    "rising-peaks": rising_peaks,
    "rising-ramp": functools.partial(ramp, 0.2, 0.9),
    "falling-ramp": functools.partial(ramp, 0.9, 0.2),
    "one-plateau": lambda: np.full(SHAPE, 0.5, np.float32),
    "rising-plateaus": rising_plateaus,
    "checkerboard": checkerboard,
    "all-nan": lambda: np.full(SHAPE, np.nan, np.float32),
}


@functools.lru_cache(maxsize=2)
def make(name):
    """Return the work: no threshold, so that nothing can be left out."""
    _, wh, offset = heads.make("coco-512").heads
    return Workload(name, MAPS[name](), wh, offset, "none", 0.0)


def wanted(work, plateaus):
    """Return what is to be found. "first" takes from the plateaus that "keep" keeps all
    cells that have an equal one before them, in the four directions where it can be."""
    if plateaus == "keep":
        return expected(work)
    heatmap = work.heatmap
    later = np.zeros(heatmap.shape, bool)
    later[:, :, 1:] |= heatmap[:, :, 1:] == heatmap[:, :, :-1]
    later[:, 1:] |= heatmap[:, 1:] == heatmap[:, :-1]
    later[:, 1:, 1:] |= heatmap[:, 1:, 1:] == heatmap[:, :-1, :-1]
    later[:, 1:, :-1] |= heatmap[:, 1:, :-1] == heatmap[:, :-1, 1:]
    return expected(work, besides=later)
