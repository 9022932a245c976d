"""Heads of boxes, of every kind of number."""

import numpy as np
from support.heads import channels_last, fill

GRID = (5, 19)


def make_heads(classes=3, numbers=2, layout="NCHW", grid=GRID, seed=0):
    """Return heatmap, wh with that many numbers per cell, and offset."""
    heatmap = fill("plateaus", (classes, *grid), seed)
    wh = 3 * fill("noise", (numbers, *grid), seed)  # some negative
    wh.flat[::11] = np.resize([np.inf, -np.inf, np.nan, 0, 3e38], wh.flat[::11].size)
    offset = fill("noise", (2, *grid), seed + 1)
    heads = heatmap, wh, offset
    return heads if layout == "NCHW" else tuple(channels_last(head) for head in heads)
