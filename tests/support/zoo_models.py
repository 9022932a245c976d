"""Published models: what the program of each feeds it, and a model of the same ports.

The programs' steps are written down from their sources with NumPy and OpenCV alone.
"""

import math

import cv2
import numpy as np
from openvino import opset13 as ops
from support import models

PHOTO = np.random.default_rng(0).integers(0, 256, (75, 100, 3), np.uint8)
PHOTO = cv2.GaussianBlur(PHOTO, (0, 0), 3)  # BGR, and not square


def ctdet(image, side):
    """Feed as xingyizhou's get_affine_transform and pre_process do: by three points."""
    height, width = image.shape[:2]
    middle, reach = np.float32([width / 2, height / 2]), max(height, width)
    there = np.float32([middle, middle - [0, reach / 2], middle - [reach / 2, reach / 2]])
    half = side / 2
    here = np.float32([[half, half], [half, 0], [0, 0]])
    placed = cv2.warpAffine(image, cv2.getAffineTransform(there, here), (side, side))
    mean, std = np.float32([0.408, 0.447, 0.470]), np.float32([0.289, 0.274, 0.278])
    return (placed / 255 - mean) / std


def keras(image, side):
    """Feed as keras-centernet's LetterboxTransformer and normalize_image do."""
    height, width = image.shape[:2]
    scale = min(side / height, side / width)
    top, left = (side - round(height * scale)) // 2, (side - round(width * scale)) // 2
    matrix = np.float32([[scale, 0, left], [0, scale, top]])
    placed = cv2.warpAffine(image, matrix, (side, side))
    mean, std = (0.40789655, 0.44719303, 0.47026116), (0.2886383, 0.27408165, 0.27809834)
    return (placed / 255 - np.array(mean)) / np.array(std)


def resized_in_the_corner(image, side):
    """Feed as TensorFlow's keep_aspect_ratio_resizer does, RGB."""
    height, width = image.shape[:2]
    zoom = side / max(height, width)
    size = (round(width * zoom), round(height * zoom))
    padded = np.zeros((side, side, 3))
    padded[: size[1], : size[0]] = cv2.resize(image, size)[..., ::-1]
    return padded


def hourglass(image, side):
    bgr = resized_in_the_corner(image, side)[..., ::-1]
    means, stds = [104.01362025, 114.03422265, 119.9165958], [73.6027665, 69.89082075, 70.9150767]
    return (bgr - np.array(means)) / np.array(stds)


def caffe(image, side):  # keras.applications.resnet.preprocess_input
    return resized_in_the_corner(image, side)[..., ::-1] - np.array([103.939, 116.779, 123.68])


def minus_one_to_one(image, side):  # that of resnet_v2 and mobilenet_v2
    return resized_in_the_corner(image, side) / 127.5 - 1


def stretched(image, side):
    return cv2.resize(image, (side, side)).astype(float)


# Of each name: the side of its input, what its program feeds, how many classes, keypoints?
CUT = {
    "ctdet_coco_dlav0_384": (384, ctdet, 80, False),
    "ctdet_coco_dlav0_512": (512, ctdet, 80, False),
    "centernet_hg104_512x512_coco17_tpu-8": (512, hourglass, 90, False),
    "centernet_hg104_512x512_kpts_coco17_tpu-32": (512, hourglass, 90, True),
    "centernet_hg104_1024x1024_coco17_tpu-32": (1024, hourglass, 90, False),
    "centernet_hg104_1024x1024_kpts_coco17_tpu-32": (1024, hourglass, 90, True),
    "centernet_resnet50_v1_fpn_512x512_coco17_tpu-8": (512, caffe, 90, False),
    "centernet_resnet50_v1_fpn_512x512_kpts_coco17_tpu-8": (512, caffe, 90, True),
    "centernet_resnet101_v1_fpn_512x512_coco17_tpu-8": (512, caffe, 90, False),
    "centernet_resnet50_v2_512x512_coco17_tpu-8": (512, minus_one_to_one, 90, False),
    "centernet_resnet50_v2_512x512_kpts_coco17_tpu-8": (512, minus_one_to_one, 90, True),
    "centernet_mobilenetv2fpn_512x512_coco17_od": (512, minus_one_to_one, 90, False),
    "centernet_mobilenetv2fpn_512x512_coco17_kpts": (512, minus_one_to_one, 1, True),
    "ctdet_coco_hg": (512, keras, 80, False),
    "hpdet_coco_hg": (512, keras, 1, True),
}
ZOO = [name for name in CUT if name.startswith("centernet_")]


def heads_of(name):
    """Return the heads of a preset's model, by the names of its outputs: one box of the last
    class, 20 x 30 cells around cell (30, 40), and what keypoints there are."""
    side, _, classes, posed = CUT[name]
    grid = side // 4
    if name in ZOO:
        heads = {"object_center": classes, "box/scale": (30, 20), "box/offset": (0.5, 0.25)}
        if posed:
            task = {"regression": (1, 2) * 17, "heatmap": 17, "offset": (0.5, 0.5) * 17}
            heads |= {f"human_pose/keypoint/{head}": value for head, value in task.items()}
    elif name.startswith("ctdet_coco_dlav0"):
        heads = {"center_heatmap": classes, "width_height": (20, 30), "regression": (0.25, 0.5)}
    else:
        heads = {"hm": classes, "wh": (20, 30), "reg": (0.25, 0.5)}
        if posed:
            heads |= {"hm_hp": 17, "hp_offset": (0.5, 0.5), "hps": (2, 1) * 17}
        stacks = [{f"{h}.{i}.1": value for h, value in heads.items()} for i in range(2)]
        heads = stacks[0] | stacks[1]
    found = {}
    for head, value in heads.items():
        array = np.full((1, grid, grid, value if isinstance(value, int) else len(value)), -9.0)
        if isinstance(value, int):
            is_first_stack = head.endswith(".0.1")
            array[0, 30, 40, -1] = -9 if is_first_stack or value == 17 else math.log(3)
        else:
            array[:] = value
        array = array.astype(np.float32)
        found[head] = np.moveaxis(array, 3, 1).copy() if "dlav0" in name else array
    return found


def model_of(name):
    """Return such a model; one output more is what it was fed."""
    side = CUT[name][0]
    nchw = "dlav0" in name
    parameter, pixels = models.image_input((1, 3, side, side) if nchw else (1, side, side, 3))
    nothing = ops.multiply(ops.reduce_max(pixels, np.arange(4)), np.float32(0))
    nodes = {head: ops.add(ops.constant(array), nothing) for head, array in heads_of(name).items()}
    fed = ops.multiply(pixels, np.float32(1))
    return models.named(nodes | {"fed": fed}, parameter)


def fed(detector, image):
    """Return what the network is fed for an image, (H, W, 3)."""
    tensor, _, _ = detector._open().prepare(image)
    found = detector.compiled_model(tensor)["fed"][0]
    return found.transpose(1, 2, 0) if found.shape[0] == 3 else found
