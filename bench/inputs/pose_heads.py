"""Heads of pose estimators to decode: one real, one of the size of COCO's."""

import centerdecode as cd
import numpy as np
from centerdecode.cli._suite import synthetic

from . import heads

JOINTS = 17
PEOPLE = 4  # COCO's training images with people have 4.1 of them (262,465 in 64,115)
CROWD = 30


def coco_pose(people=PEOPLE):
    """heatmap, wh, offset, keypoints, keypoint_heatmap, keypoint_offset: so many people of
    128 x 128 cells and their joints, made as `synthetic` makes objects."""
    heatmap, wh, offset = synthetic(1, 128, 128, objects=people)
    joints, _, shift = synthetic(JOINTS, 128, 128, objects=people * JOINTS, seed=1)
    steps = np.random.default_rng(2).normal(0, 5, (2 * JOINTS, 128, 128)).astype(np.float32)
    return heatmap, wh, offset, steps, joints, shift


def movenet():
    """MoveNet's heads for a photo, by name."""
    return heads.infer("movenet/movenet_heads.xml", "squat.png", resize="letterbox", color="RGB")


def movenet_decoder():
    return cd.Decoder(cd.families.MOVENET, score_threshold=0.1)


def pose_decoder(**options):
    return cd.Decoder(cd.families.CENTERNET_POSE, top_k=100, **options)
