"""Heads that trained models give for photos, and what a `Detector` finds there."""

from typing import NamedTuple

import centerdecode as cd
import cv2
import numpy as np
from centerdecode import families
from oracles import specification as oracle

# The folder and form of a model, a photo, and what its input is.
SAMPLES = {
    "boxes": (
        "mb3-centernet/mb3_ctdet_logits",
        "cn_33887522274_eebd074106_k.jpg",
        families.CENTERNET.replace(
            color="RGB", mean=(0, 0, 0), scale=(1, 1, 1), resize="letterbox", size=(512, 512)
        ),
    ),
    "faces": (
        "dbface/dbface_mb2_as_centerface",
        "deface_city.jpg",
        families.CENTERFACE.replace(color="BGR", resize="letterbox", size=(480, 640)),
    ),
}


class Sample(NamedTuple):
    """canvas: the photo, letterboxed; heads: of it, by the names of the outputs; transform:
    network pixels to those of the photo; found: by a Detector on the photo itself."""

    canvas: np.ndarray
    heads: dict[str, np.ndarray]
    transform: np.ndarray
    family: cd.Family
    found: cd.Detections


def sample(test_data, name, **options):
    """What a model gives for a photo that is letterboxed by hand."""
    form, photo, family = SAMPLES[name]
    image = cv2.imread(str(test_data / "images" / photo))
    matrix = oracle.letterbox_matrix(image.shape[:2], family.size)
    height, width = (np.diag(matrix)[::-1] * image.shape[:2]).round().astype(int)
    left, top = matrix[:, 2].astype(int)
    canvas = np.zeros((1, *family.size, 3), np.uint8)
    resized = cv2.resize(image, (int(width), int(height)), interpolation=cv2.INTER_LINEAR)
    canvas[0, top : top + height, left : left + width] = resized
    detector = cd.Detector(test_data / "models" / f"{form}.xml", family=family, **options)
    outputs = detector.compiled_model(canvas)  # colors, mean and scale are inside
    heads = {port.any_name: np.array(values) for port, values in outputs.items()}
    linear = np.linalg.inv(matrix[:, :2])
    transform = np.hstack([linear, -linear @ matrix[:, 2:]])
    return Sample(canvas, heads, transform, family, detector(image))
