"""What tests of the command line share: models, photos, and what is found in them."""

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
from support.models import BOX, SCORE, class_id, constant, outputs

CENTERNET = outputs(cd.families.CENTERNET)
CLASS_ID = class_id(cd.families.CENTERNET)
BOX2 = [2 * corner for corner in BOX]  # in a picture twice the size of the network's input
PLAIN = ["--resize", "stretch", "--mean", "0", "--scale", "1"]
LETTERBOX = ["--resize", "letterbox", "--color", "RGB", "--mean", "0", "--scale", "1"]
REAL = [*LETTERBOX, "--labels", "coco", "--model"]
NAMES = ["cat", "traffic light", "dog"]
CATEGORIES = [{"id": number, "name": name} for number, name in zip([9, 5, 7], NAMES, strict=True)]


def save(arrays, path, *, labels=None):
    """Write a model that answers with the arrays, and return the arguments that name it."""
    model = constant(arrays)
    if labels:
        model.set_rt_info(labels, ["model_info", "labels"])
    ov.save_model(model, path, compress_to_fp16=False)
    return ["--model", str(path), *PLAIN]


def photo(path, height=64, width=96):
    """Write a gray image with its folder, and return its path as an argument."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((height, width, 3), 100, np.uint8)
    path.write_bytes(cv2.imencode(path.suffix or ".png", pixels)[1].tobytes())
    return str(path)


def files(folder):
    """Return the paths of all files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def records(path, labels):
    """Return what json holds of one image."""
    found = {"class_id": CLASS_ID, "score": SCORE, "xyxy": BOX2}
    found = found if labels is None else {"label": labels[CLASS_ID]} | found
    return {"file": path, "width": 96, "height": 64, "detections": [found]}
