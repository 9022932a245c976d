"""Heads of pose estimators, and what is hard about them."""

import numpy as np

JOINTS = 5
GRIDS = [(9, 14), (1, 1), (16, 5)]
# Scores, as after a sigmoid; by name of what is hard about them.
MAPS = {
    "noise": lambda rng, shape: rng.random(shape),
    "plateaus": lambda rng, shape: rng.integers(0, 4, shape) / 4,
    "few": lambda rng, shape: np.where(rng.random(shape) < 0.05, rng.random(shape), 0),
    "zeros": lambda rng, shape: np.zeros(shape),
    "at the threshold": lambda rng, shape: rng.choice(np.float32([0.1, 0.05, 0.1000001]), shape),
}


def pose_heads(name, grid, batch=2, seed=0):
    """Return heat, wh, kps, reg, hm_hp, hp_offset, float32 NCHW; some sizes are negative."""
    rng = np.random.default_rng([seed, *grid])
    heads = [
        MAPS[name](rng, (batch, 1, *grid)),
        rng.normal(4, 4, (batch, 2, *grid)),
        rng.normal(0, 2, (batch, 2 * JOINTS, *grid)),
        rng.random((batch, 2, *grid)),
        MAPS[name](rng, (batch, JOINTS, *grid)),
        rng.random((batch, 2, *grid)),
    ]
    if name == "plateaus":  # and on a coarse lattice, so that distances tie
        heads = [np.round(head * 2) / 2 if i in (1, 2) else head for i, head in enumerate(heads)]
        heads[3] = heads[5] = np.zeros_like(heads[3])
    return [np.asarray(head, np.float32) for head in heads]


def ordered(heat, wh, kps, reg=None, hm_hp=None, hp_offset=None):
    """Return the heads of upstream's order in that of decode_poses."""
    return [heat, wh, reg, kps, hm_hp, hp_offset]
