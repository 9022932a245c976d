"""The decoders of xingyizhou/CenterNet and their rows, which `compat.centernet` exports."""

from ._affine import get_affine_transform, transform_preds
from ._ctdet import ctdet_decode
from ._ddd import ddd_decode, ddd_post_process, get_alpha
from ._extreme import agnex_ct_decode, exct_decode
from ._flip import flip_lr, flip_lr_off, flip_tensor
from ._keras_poses import hpdet_decode
from ._multi_pose import multi_pose_decode
from ._post_process import ctdet_post_process, multi_pose_post_process
from ._soft_nms import soft_nms, soft_nms_39, soft_nms_merge

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
    "hpdet_decode",
    "multi_pose_decode",
    "multi_pose_post_process",
    "soft_nms",
    "soft_nms_39",
    "soft_nms_merge",
    "transform_preds",
]
