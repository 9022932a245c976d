"""The families that come with centerdecode: one row each.

Where a row differs from its paper's program it says so. A new family is a row
here and a fixture in tests/families/test_families.py; no other code knows their names.
"""

from ._extras import Extra
from ._family import Family
from ._grouping import ExtremeRule, TripletRule
from ._keypoints import CENTERTRACK_REFINEMENT, TF_REFINEMENT, KeypointRule, Refinement
from ._nms import SOFT_NMS
from ._rules import (
    CENTERFACE_LANDMARKS,
    CENTERFACE_NMS,
    CENTERNET2_NMS,
    CENTERPOINT_NMS,
    DBFACE_LANDMARKS,
    DBFACE_NMS,
    BevRule,
    LevelRule,
    MaskRule,
)

_CTDET_MEAN = (104.04, 113.985, 119.85)
_CTDET_SCALE = (73.695, 69.87, 70.89)
_COCO_MEAN = (104.01362, 114.03423, 119.91659)
_COCO_SCALE = (73.60277, 69.89082, 70.91508)
_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_SCALE = (58.395, 57.12, 57.375)

# Zhou et al., "Objects as Points"; xingyizhou/CenterNet, ctdet.
CENTERNET = Family(
    name="CENTERNET",
    heads={
        "heatmap": ("hm", "heatmap", "heat"),
        "wh": ("wh",),
        "offset": ("reg", "offset"),
    },
    optional=("offset",),
    mean=_CTDET_MEAN,
    scale=_CTDET_SCALE,
)

# see--/keras-centernet: the same heads, channels last, of the second of its two stacks.
KERAS_CENTERNET = CENTERNET.replace(
    name="KERAS_CENTERNET",
    heads={head: (*names, f"{names[0]}.1.1") for head, names in CENTERNET.heads.items()},
    layout="NHWC",
    resize="affine_letterbox",
    mean=_COCO_MEAN,
    scale=_COCO_SCALE,
    optional=(),
)

# Open Model Zoo's ctdet_coco_dlav0_*, as trained; in its IR, mean and scale are in the
# graph, and the rt_info says so.
OPEN_MODEL_ZOO = CENTERNET.replace(
    name="OPEN_MODEL_ZOO",
    heads={
        "heatmap": ("center_heatmap",),
        "wh": ("width_height",),
        "offset": ("regression",),
    },
    optional=(),
)

_TF_TRACK_HEADS = {
    "embedding": ("track/reid", "track_reid"),
    "tracking": ("track/offset", "track_offset"),
}

# TensorFlow Object Detection API, cut at its head convolutions (hourglass input).
TF_CENTERNET = Family(
    name="TF_CENTERNET",
    heads={
        "heatmap": ("object_center",),
        "wh": ("box/scale", "scale", "box_scale"),
        "offset": ("box/offset", "offset", "box_offset"),
        **_TF_TRACK_HEADS,
    },
    extras={"embedding": Extra(normalize=True), "tracking": Extra(frame="displacement")},
    layout="NHWC",
    axes="yx",
    box_activation="relu",
    mean=_COCO_MEAN,
    scale=_COCO_SCALE,
    resize="corner",
)

# Star-Clouds/CenterFace. Its program takes all cells to box NMS, here the peaks go.
CENTERFACE = Family(
    name="CENTERFACE",
    decoder="faces",
    heads={
        "heatmap": ("537", "heatmap"),
        "wh": ("538", "scale"),
        "offset": ("539", "offset"),
        "landmarks": ("540", "landmarks"),
    },
    optional=("landmarks",),
    activation="none",
    axes="yx",
    box_activation="exp",
    center_shift=0.5,
    keypoints=CENTERFACE_LANDMARKS,
    nms=CENTERFACE_NMS,
    color="RGB",
    resize="stretch",
)

# dlunion/DBFace: distances to the sides, exp already in the graph.
DBFACE = Family(
    name="DBFACE",
    decoder="faces",
    heads={
        "heatmap": ("hm",),
        "wh": ("tlrb",),
        "landmarks": ("landmark", "landmarks"),
    },
    optional=("landmarks",),
    activation="none",
    box_encoding="ltrb",
    center_shift=0.0,
    keypoints=DBFACE_LANDMARKS,
    nms=DBFACE_NMS,
    resize="letterbox",
)

# ZJULearning/ttfnet: distances in input pixels from the integer cell.
TTFNET = Family(
    name="TTFNET",
    heads={"heatmap": ("hm", "heatmap"), "wh": ("ltrb", "wh")},
    box_encoding="ltrb",
    box_units="pixels",
    center_shift=0.0,
    color="RGB",
    mean=_IMAGENET_MEAN,
    scale=_IMAGENET_SCALE,
    resize="stretch",
)

# ifzhang/FairMOT: distances in cells from the center, and an embedding. Its tracker
# takes the 500 strongest that score more than 0.4.
FAIRMOT = Family(
    name="FAIRMOT",
    heads={
        "heatmap": ("hm",),
        "wh": ("wh",),
        "offset": ("reg",),
        "embedding": ("id",),
    },
    extras={"embedding": Extra(normalize=True)},
    box_encoding="ltrb",
    color="RGB",
    scale=(255.0, 255.0, 255.0),
    resize="letterbox",
    pad_value=(127.5, 127.5, 127.5),
)

# The same trained without --ltrb: widths and heights.
FAIRMOT_WH = FAIRMOT.replace(name="FAIRMOT_WH", box_encoding="wh")

_CENTERTRACK_HEADS = {
    "tracking": ("tracking",),
    "velocity": ("velocity",),
    "attributes": ("nuscenes_att",),
}
_CENTERTRACK_EXTRAS = {
    "centers": Extra(frame="cell"),
    "tracking": Extra(frame="displacement"),
    "velocity": Extra(),
    "attributes": Extra(),
    "amodal_box": Extra(frame="box", replaces_box=True),
}

# xingyizhou/CenterTrack: sizes below zero count as zero. An object was `tracking` away
# from its `centers` in the frame before. Boxes are the amodal ones where there are such.
CENTERTRACK = CENTERNET.replace(
    name="CENTERTRACK",
    heads={
        **CENTERNET.heads,
        **_CENTERTRACK_HEADS,
        "depth": ("dep",),
        "rotation": ("rot",),
        "dimensions": ("dim",),
        "amodal_offset": ("amodel_offset",),
        "amodal_box": ("ltrb_amodal",),
        "corners": ("ltrb",),
    },
    optional=("offset", "corners"),
    extras={
        **_CENTERTRACK_EXTRAS,
        "depth": Extra(activation="inverse_sigmoid"),
        "rotation": Extra(),
        "dimensions": Extra(),
        "amodal_offset": Extra(frame="displacement"),
    },
    box_activation="relu",
)

# open-mmlab/mmdetection CenterNetHead: the sigmoid is in the graph.
MMDET = Family(
    name="MMDET",
    heads={
        "heatmap": ("center_heatmap_pred", "center_heatmap_preds"),
        "wh": ("wh_pred", "wh_preds"),
        "offset": ("offset_pred", "offset_preds"),
    },
    activation="none",
    color="RGB",
    mean=_IMAGENET_MEAN,
    scale=_IMAGENET_SCALE,
    resize="letterbox",
)

# xingyizhou/CenterNet, multi_pose.
CENTERNET_POSE = CENTERNET.replace(
    name="CENTERNET_POSE",
    decoder="poses",
    heads={
        **CENTERNET.heads,
        "keypoints": ("hps", "kps"),
        "keypoint_heatmap": ("hm_hp",),
        "keypoint_offset": ("hp_offset",),
    },
    optional=("offset", "keypoint_heatmap", "keypoint_offset"),
    keypoints=KeypointRule(),
)

# see--/keras-centernet, hpdet: interleaved in the heads; planar in its rows only.
KERAS_POSE = KERAS_CENTERNET.replace(
    name="KERAS_POSE",
    decoder="poses",
    heads={head: (*names, f"{names[0]}.1.1") for head, names in CENTERNET_POSE.heads.items()},
    keypoints=KeypointRule(),
)

# xingyizhou/CenterTrack, multi_pose: peaks without an offset of their own take the boxes'.
CENTERTRACK_POSE = CENTERTRACK.replace(
    name="CENTERTRACK_POSE",
    decoder="poses",
    heads={
        **CENTERNET_POSE.heads,
        "keypoint_offset": ("hp_offset", "reg"),
        **_CENTERTRACK_HEADS,
        "amodal_box": ("ltrb_amodal",),
        "corners": ("ltrb",),
    },
    optional=(*CENTERNET_POSE.optional, "corners"),
    extras=_CENTERTRACK_EXTRAS,
    keypoints=KeypointRule(refinement=CENTERTRACK_REFINEMENT),
)

# TensorFlow Object Detection API with a keypoint task, cut at its head convolutions.
TF_POSE = TF_CENTERNET.replace(
    name="TF_POSE",
    decoder="poses",
    heads={
        "heatmap": TF_CENTERNET.heads["heatmap"],
        "wh": TF_CENTERNET.heads["wh"],
        "offset": ("box/offset", "box_offset"),
        "keypoints": ("keypoint/regression", "keypoint_regression"),
        "keypoint_heatmap": ("keypoint/heatmap", "keypoint_heatmap"),
        "keypoint_offset": ("keypoint/offset", "keypoint_offset"),
        "keypoint_depth": ("keypoint/depth", "keypoint_depth"),
        **_TF_TRACK_HEADS,
    },
    optional=("keypoint_depth",),
    keypoints=KeypointRule(refinement=TF_REFINEMENT),
)

# The same API with masks, and with DensePose, whose parts are those of persons.
TF_MASKS = TF_CENTERNET.replace(
    name="TF_MASKS",
    heads={**TF_CENTERNET.heads, "segmentation": ("segmentation/heatmap", "segmentation_heatmap")},
    masks=MaskRule(),
)
TF_DENSEPOSE = TF_MASKS.replace(
    name="TF_DENSEPOSE",
    heads={
        **TF_MASKS.heads,
        "parts": ("densepose/heatmap", "densepose_heatmap"),
        "surface_coords": ("densepose/regression", "densepose_regression"),
    },
    masks=MaskRule(part_class=0),
)

# Google's MoveNet single pose, cut at its heads: no boxes, y before x, and the
# distances of its graph are widened by 1.8 cells. Sampled as by cv2.warpAffine its
# joints come closest to those of its own graph.
MOVENET = Family(
    name="MOVENET",
    decoder="poses",
    heads={
        "heatmap": ("hm",),
        "keypoints": ("hps",),
        "keypoint_heatmap": ("hm_hp",),
        "keypoint_offset": ("hp_offset",),
    },
    axes="yx",
    keypoints=KeypointRule(single=True, refinement=Refinement(distance_offset=1.8)),
    color="RGB",
)

# xingyizhou/CenterNet, ddd: ImageNet's mean and scale, but on BGR.
CENTERNET_3D = CENTERNET.replace(
    name="CENTERNET_3D",
    decoder="boxes3d",
    heads={
        "heatmap": ("hm", "heatmap"),
        "rotation": ("rot", "rotation"),
        "depth": ("dep", "depth"),
        "dimensions": ("dim", "dimension", "dimensions"),
        "wh": ("wh",),
        "offset": ("reg", "offset"),
    },
    optional=("wh", "offset"),
    mean=_IMAGENET_MEAN,
    scale=_IMAGENET_SCALE,
)

# xingyizhou/CenterTrack, ddd: the middle of an object is seen `amodal_offset` away from
# that of its box.
CENTERTRACK_3D = CENTERTRACK.replace(
    name="CENTERTRACK_3D",
    decoder="boxes3d",
    heads={
        **CENTERNET_3D.heads,
        "amodal_offset": ("amodel_offset",),
        **_CENTERTRACK_HEADS,
        "amodal_box": ("ltrb_amodal",),
        "corners": ("ltrb",),
    },
    optional=("wh", "offset", "amodal_offset", "corners"),
    extras=_CENTERTRACK_EXTRAS,
)

# xingyizhou/ExtremeNet and CenterNet, exdet.
EXTREMENET = CENTERNET.replace(
    name="EXTREMENET",
    decoder="extreme_points",
    heads={
        "top": ("hm_t",),
        "left": ("hm_l",),
        "bottom": ("hm_b",),
        "right": ("hm_r",),
        "center": ("hm_c",),
        "top_offset": ("reg_t",),
        "left_offset": ("reg_l",),
        "bottom_offset": ("reg_b",),
        "right_offset": ("reg_r",),
    },
    optional=("top_offset", "left_offset", "bottom_offset", "right_offset"),
    extreme_points=ExtremeRule(),
    nms=SOFT_NMS,
)

# Duankaiwen/CenterNet: pairs of corners with a center. The stride is 4 less a little:
# upstream divides by the ratio of an input of n to its grid of (n + 1) / 4.
TRIPLETS = CENTERNET.replace(
    name="TRIPLETS",
    decoder="triplets",
    heads={
        "top_left": ("tl_heat",),
        "bottom_right": ("br_heat",),
        "top_left_tag": ("tl_tag",),
        "bottom_right_tag": ("br_tag",),
        "top_left_offset": ("tl_regr",),
        "bottom_right_offset": ("br_regr",),
        "center": ("ct_heat",),
        "center_offset": ("ct_regr",),
    },
    optional=("top_left_offset", "bottom_right_offset", "center_offset"),
    triplets=TripletRule(),
    mean=_COCO_MEAN,
    scale=_COCO_SCALE,
    nms=SOFT_NMS,
)

# princeton-vl/CornerNet: the same without centers.
CORNERNET = TRIPLETS.replace(
    name="CORNERNET",
    heads={head: names for head, names in TRIPLETS.heads.items() if not head.startswith("center")},
    optional=("top_left_offset", "bottom_right_offset"),
    triplets=TripletRule(top_k=100),
)

# xingyizhou/CenterNet2, first stage: five levels of a pyramid, the agnostic map optional.
CENTERNET2 = Family(
    name="CENTERNET2",
    decoder="levels",
    heads={
        f"{head}_{level}": (f"{name}_{level}",)
        for head, name in (("heatmap", "clss"), ("wh", "bbox_reg"), ("agnostic", "agn_hms"))
        for level in range(5)
    },
    optional=tuple(f"agnostic_{level}" for level in range(5)),
    window=1,
    box_encoding="ltrb",
    center_shift=0.5,
    levels=LevelRule(),
    nms=CENTERNET2_NMS,
    mean=_IMAGENET_MEAN[::-1],
    resize="corner",
    pad_value=_IMAGENET_MEAN[::-1],
)

# tianweiy/CenterPoint on nuScenes by pillars, one of its tasks: other tasks have other
# names, other data sets other voxels. Its input is no image, so this is for a Decoder.
CENTERPOINT = Family(
    name="CENTERPOINT",
    decoder="bev",
    heads={
        "heatmap": ("hm",),
        "offset": ("reg",),
        "height": ("height",),
        "dimensions": ("dim",),
        "heading": ("rot",),
        "velocity": ("vel",),
    },
    optional=("velocity",),
    window=1,
    box_activation="exp",
    bev=BevRule((0.2, 0.2), (-51.2, -51.2), (-61.2, -61.2, -10, 61.2, 61.2, 10)),
    nms=CENTERPOINT_NMS,
)

# Models that end in OpenVINO's DetectionOutput, as person-detection-0202.
DETECTION_OUTPUT = Family(
    name="DETECTION_OUTPUT",
    decoder="detection_output",
    heads={"rows": ("detection_out",)},
    resize="stretch",
)

# TF2 detection zoo SavedModels: boxes as fractions, classes from 1 on.
TF_ZOO = Family(
    name="TF_ZOO",
    decoder="zoo",
    heads={
        "boxes": ("detection_boxes",),
        "scores": ("detection_scores",),
        "classes": ("detection_classes",),
        "count": ("num_detections",),
        "keypoints": ("detection_keypoints",),
        "keypoint_scores": ("detection_keypoint_scores",),
    },
    optional=("keypoints", "keypoint_scores"),
    first_class=1,
    color="RGB",
    resize="none",
)

# Models that `centerdecode.graph.embed` gave a decoder. It stores this row in the model, with
# what the family before it says of the input; by its outputs' names alone that is not known.
EMBEDDED = Family(
    name="EMBEDDED",
    decoder="embedded",
    heads={
        "boxes": ("boxes",),
        "scores": ("scores",),
        "class_ids": ("class_ids",),
        "counts": ("counts",),
        "keypoints": ("keypoints",),
        "keypoint_scores": ("keypoint_scores",),
    },
    optional=("keypoints", "keypoint_scores"),
)

ALL: tuple[Family, ...] = tuple(value for value in vars().values() if isinstance(value, Family))
"""Every family above, in this order."""
