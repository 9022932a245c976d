"""The families that come with centerdecode: one row each.

Where a row differs from its paper's program it says so. A new family is a row
here and a fixture in tests/test_families.py; no other code knows their names.
"""

from ._families import Family

_CTDET_MEAN = (104.04, 113.985, 119.85)
_CTDET_SCALE = (73.695, 69.87, 70.89)
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

# see--/keras-centernet: the same heads, channels last, letterboxed.
KERAS_CENTERNET = CENTERNET.replace(
    name="KERAS_CENTERNET", layout="NHWC", resize="letterbox", optional=()
)

# Open Model Zoo's ctdet_coco_dlav0_*: mean and scale are in the graph.
OPEN_MODEL_ZOO = CENTERNET.replace(
    name="OPEN_MODEL_ZOO",
    heads={
        "heatmap": ("center_heatmap",),
        "wh": ("width_height",),
        "offset": ("regression",),
    },
    optional=(),
    mean=0,
    scale=1,
)

# TensorFlow Object Detection API, cut at its head convolutions (hourglass input).
TF_CENTERNET = Family(
    name="TF_CENTERNET",
    heads={
        "heatmap": ("object_center",),
        "wh": ("scale", "box_scale"),
        "offset": ("offset", "box_offset"),
    },
    layout="NHWC",
    axes="yx",
    box_activation="relu",
    mean=(104.01362, 114.03423, 119.91659),
    scale=(73.60277, 69.89082, 70.91508),
    resize="letterbox",
)

# Star-Clouds/CenterFace. Its own decoder thins by box NMS; the window does here.
CENTERFACE = Family(
    name="CENTERFACE",
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
    color="RGB",
    resize="stretch",
)

# dlunion/DBFace: distances to the sides, exp already in the graph.
DBFACE = Family(
    name="DBFACE",
    heads={
        "heatmap": ("hm",),
        "wh": ("tlrb",),
        "landmarks": ("landmark", "landmarks"),
    },
    optional=("landmarks",),
    activation="none",
    box_encoding="ltrb",
    center_shift=0.0,
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

# ifzhang/FairMOT: distances in cells from the center, and an embedding.
FAIRMOT = Family(
    name="FAIRMOT",
    heads={
        "heatmap": ("hm",),
        "wh": ("wh",),
        "offset": ("reg",),
        "embedding": ("id",),
    },
    box_encoding="ltrb",
    color="RGB",
    scale=(255.0, 255.0, 255.0),
    resize="letterbox",
    pad_value=(127.5, 127.5, 127.5),
)

# xingyizhou/CenterTrack: sizes below zero count as zero; an offset to the last frame.
CENTERTRACK = CENTERNET.replace(
    name="CENTERTRACK",
    heads={**CENTERNET.heads, "tracking": ("tracking",)},
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

ALL: tuple[Family, ...] = tuple(value for value in vars().values() if isinstance(value, Family))
"""Every family above, in this order."""
