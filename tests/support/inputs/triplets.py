"""Heads of triplets by the names of upstream and by ours."""

import numpy as np

NAMES = {
    "top_left": "tl_heat",
    "bottom_right": "br_heat",
    "top_left_tag": "tl_tag",
    "bottom_right_tag": "br_tag",
    "top_left_offset": "tl_regr",
    "bottom_right_offset": "br_regr",
    "center": "ct_heat",
    "center_offset": "ct_regr",
}
GRID = (16, 18)


def noise(rng, shape):
    return rng.normal(size=shape)


def plateaus(rng, shape):
    return rng.integers(-2, 3, shape)


def saturated(rng, shape):
    return rng.integers(10, 20, shape) * 1.5  # logits that a float32 sigmoid makes equal


def flat(rng, shape):
    return np.zeros(shape)


FILLS = [noise, plateaus, saturated, flat]


def make_heads(fill=noise, classes=2, grid=(7, 9), batch=2, seed=0):
    """Return the heads by upstream's names."""
    rng = np.random.default_rng([seed, classes, *grid])
    heads = {}
    for name in NAMES.values():
        if name.endswith("heat"):
            head = fill(rng, (batch, classes, *grid))
        else:
            head = rng.normal(size=(batch, 1 if name.endswith("tag") else 2, *grid)) / 2
        heads[name] = head.astype(np.float32)
    return heads


def heads_of(seed=0, batch=2, grid=GRID):
    """Return upstream's heads; the offsets are small, and tags often similar."""
    heads = make_heads(grid=grid, batch=batch, seed=seed)
    return heads | {name: heads[name] / 4 for name in ("tl_tag", "br_tag")}


def ours(heads, **changes):
    """Return upstream's heads by the names of decode_triplets."""
    return {name: heads[theirs] for name, theirs in NAMES.items()} | changes
