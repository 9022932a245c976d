"""Heads of keypoint triplets to decode, as 80 classes of COCO."""

import functools

import centerdecode as cd
import numpy as np
from centerdecode.cli._suite import synthetic

BUSY = 4  # the first classes have all that the top 70 can be


@functools.cache
def coco_triplets():
    """The eight heads of families.TRIPLETS, by name: 80 x 128 x 128 logits for each kind
    of point, made as `synthetic` makes objects, with 100 more peaks in the first classes.
    """
    rng = np.random.default_rng(3)
    made = {}
    for seed, kind in enumerate(("top_left", "bottom_right", "center"), start=1):
        heatmap, _, offset = synthetic(80, 128, 128, objects=0, seed=seed)
        at = tuple(rng.integers(1, (BUSY, 127, 127), (100, 3)).T)
        heatmap[at] = rng.uniform(-1, 3, 100)
        made[kind], made[f"{kind}_offset"] = heatmap, offset
        if kind != "center":
            made[f"{kind}_tag"] = rng.normal(0, 0.5, (1, 128, 128)).astype(np.float32)
    return {head: made[head] for head in cd.families.TRIPLETS.heads}


def triplet_decoder():
    """Without the family's soft-NMS, which is no part of reading heads."""
    family = cd.families.TRIPLETS.replace(nms=None)
    return cd.Decoder(family, score_threshold=0.1, plateaus="keep")
