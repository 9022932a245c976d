"""Heads of extreme points, and the rows that the oracle finds in them."""

import numpy as np
from oracles import extreme as oracle_extreme

RAW = {"activation": "none", "plateaus": "keep", "stride": 1, "score_threshold": 0}


def noise(rng, shape):
    return rng.random(shape)


def sparse(rng, shape):
    return np.where(rng.random(shape) < 0.15, rng.random(shape), 0)


def plateaus(rng, shape):
    return rng.integers(0, 5, shape) / 4


def above_one(rng, shape):
    return rng.integers(0, 9, shape) / 4


FILLS = [noise, sparse, plateaus, above_one]


def make_heads(fill=noise, classes=2, grid=(7, 9), batch=2, seed=0):
    """Return t, l, b, r, center (B, C, H, W), and four offsets (B, 2, H, W)."""
    rng = np.random.default_rng([seed, classes, *grid])
    maps = [fill(rng, (batch, classes, *grid)).astype(np.float32) for _ in range(4)]
    center = np.minimum(fill(rng, (batch, classes, *grid)), 1).astype(np.float32)
    offsets = [rng.normal(size=(batch, 2, *grid)).astype(np.float32) for _ in range(4)]
    return [*maps, center], offsets


def truth_of(heads, offsets=(), *, class_agnostic=False, top_k=6, **options):
    """Return for each image the oracle's rows that break no rule."""
    name = "agnex_ct_decode" if class_agnostic else "exct_decode"
    rows = getattr(oracle_extreme, name)(*heads, *offsets, K=top_k, num_dets=top_k**4, **options)
    return [image[image[:, 4] > 0] for image in rows]
