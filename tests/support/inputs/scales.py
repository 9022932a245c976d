"""Heads of boxes at several test scales."""

import numpy as np

SCALES = (0.5, 1, 1.5)
GRIDS = [(5, 9), (9, 17), (13, 26)]


def box_heads(images=2, classes=2):
    """Return for each scale heatmap, wh and offset of all images; boxes are large and overlap."""
    scaled = []
    for i, grid in enumerate(GRIDS):
        rng = np.random.default_rng([3, i])
        heads = [rng.random((images, count, *grid)) for count in (classes, 2, 2)]
        heads[1] = 2 + heads[1] * 9
        scaled.append([np.asarray(head, np.float32) for head in heads])
    return scaled


def lists_of(scaled):
    """Return for each head the tensors of all scales."""
    return [list(tensors) for tensors in zip(*scaled, strict=True)]
