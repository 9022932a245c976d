"""Drop-in for the decoders and the post-processing of xingyizhou/CenterNet.

    - from models.decode import ctdet_decode
    + from centerdecode.compat.centernet import ctdet_decode

>>> import numpy as np
>>> from centerdecode.compat.centernet import ctdet_decode
>>> heat, wh = np.zeros((1, 80, 16, 16), np.float32), np.full((1, 2, 16, 16), 8, np.float32)
>>> heat[0, 2, 5, 6] = 0.75
>>> reg = np.full((1, 2, 16, 16), 0.25, np.float32)
>>> ctdet_decode(heat, wh, reg=reg, K=100)[0, 0].tolist()
[2.25, 1.25, 10.25, 9.25, 0.75, 2.0]

Names, arguments, defaults, rows and their number are upstream's; torch tensors are read in
place and give torch tensors. Rows that a soft NMS discards do not come back with their old
score, unless `upstream_bugs=True`: see `soft_nms`.
"""

from ._centernet import (
    agnex_ct_decode,
    ctdet_decode,
    ctdet_post_process,
    ddd_decode,
    ddd_post_process,
    exct_decode,
    flip_lr,
    flip_lr_off,
    flip_tensor,
    get_affine_transform,
    get_alpha,
    multi_pose_decode,
    multi_pose_post_process,
    soft_nms,
    soft_nms_39,
    soft_nms_merge,
    transform_preds,
)

__all__ = [
    "agnex_ct_decode",
    "ctdet_decode",
    "ctdet_post_process",
    "ddd_decode",
    "ddd_post_process",
    "exct_decode",
    "flip_lr",
    "flip_lr_off",
    "flip_tensor",
    "get_affine_transform",
    "get_alpha",
    "multi_pose_decode",
    "multi_pose_post_process",
    "soft_nms",
    "soft_nms_39",
    "soft_nms_merge",
    "transform_preds",
]
