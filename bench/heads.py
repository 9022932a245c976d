"""Realistic inputs, named by the model whose heads they are: heatmap, wh, offset."""

import functools
import os
from pathlib import Path

import numpy as np

# (classes, height, width) of real models at stride 4.
SHAPES = {
    "centerface-640": (1, 120, 160),
    "fairmot-1088": (1, 152, 272),
    "coco-512": (80, 128, 128),
}

here = Path(__file__).resolve()
DATA = Path(os.environ.get("CENTERDECODE_TEST_DATA", here.parents[2] / "shared" / "data"))
MODEL = DATA / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
PHOTO = DATA / "images" / "deface_city.jpg"


def names():
    """Return the names of all heads that can be made here."""
    return [*SHAPES, *(["mb3-512"] if MODEL.is_file() and PHOTO.is_file() else [])]


@functools.cache
def make(name):
    """Return the heads of one image, and the activation of their heatmap."""
    return (real(), "sigmoid") if name == "mb3-512" else (synthetic(*SHAPES[name]), "none")


def synthetic(classes, height, width, objects=50):
    """A trained detector's output: almost nothing, and a few sharp bumps."""
    rng = np.random.default_rng(0)
    heatmap = rng.beta(0.5, 60, size=(classes, height, width)).astype(np.float32)
    at = tuple(rng.integers(heatmap.shape, size=(objects, 3)).T)
    heatmap[at] = rng.uniform(0.3, 1, size=objects)
    wh, offset = rng.uniform(0, 20, size=(2, 2, height, width)).astype(np.float32)
    return heatmap, wh, offset


def real():
    """The outputs of a trained MobileNetV3 CenterNet (80 x 128 x 128) for a photo."""
    import cv2
    import openvino

    image = cv2.imread(str(PHOTO))[..., ::-1]
    height, width = image.shape[:2]
    zoom = 512 / max(height, width)
    small = cv2.resize(image, (round(width * zoom), round(height * zoom)))
    top, left = (512 - small.shape[0]) // 2, (512 - small.shape[1]) // 2
    square = np.zeros((1, 512, 512, 3), np.float32)
    square[0, top : top + small.shape[0], left : left + small.shape[1]] = small
    compiled = openvino.Core().compile_model(MODEL, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    outputs = compiled(square)
    return tuple(outputs[head][0].copy() for head in ("hm", "wh", "reg"))
