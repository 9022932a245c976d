"""Heads to decode: of real models for real photos, and synthetic ones.

Real ones need the test data (CENTERDECODE_TEST_DATA, or ../shared/data); where there is
none, those tests are skipped. Synthetic ones are made by `cli/_suite`.
"""

import functools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from centerdecode.cli._suite import SHAPES, Workload, synthetic, workload_named

here = Path(__file__).resolve()
DATA = Path(os.environ.get("CENTERDECODE_TEST_DATA", here.parents[3] / "shared" / "data"))
PLAIN = {"resize": "letterbox", "color": "RGB", "mean": 0, "scale": 1}
HAND_MEAN = (124.95, 115.005, 109.395)
HAND = {"resize": "letterbox", "color": "RGB", "mean": HAND_MEAN, "scale": (64.0, 63.5, 61.7)}


def infer(model, photo, **wishes):
    """Return the heads that a trained model has for a photo, by name, without the batch."""
    import centerdecode as cd
    import cv2

    if not (DATA / "models" / model).is_file():
        pytest.skip(f"no test data at {DATA}; set CENTERDECODE_TEST_DATA")
    detector = cd.Detector(DATA / "models" / model, **wishes)
    network = detector._open()
    tensor, _, _ = network.prepare(cv2.imread(str(DATA / "images" / photo)))
    found = network.compiled(tensor)
    heads = {head: found[i][0].copy() for head, i in network.recognition.heads.items()}
    if detector.family.layout == "NHWC":
        heads = {head: np.moveaxis(array, 2, 0).copy() for head, array in heads.items()}
    return heads


def mb3():
    """A MobileNetV3 CenterNet, 80 classes: a street."""
    heads = infer("mb3-centernet/mb3_ctdet_logits.xml", "deface_city.jpg", **PLAIN)
    return Workload("mb3-512", heads["heatmap"], heads["wh"], heads["offset"])


def hourglass():
    """An hourglass-104, 80 classes: logits from -1585 to 1.5."""
    path = DATA / "heads" / "hourglass_ctdet_heads.npz"
    if not path.is_file():
        pytest.skip(f"no test data at {DATA}; set CENTERDECODE_TEST_DATA")
    with np.load(path) as found:
        heads = [np.moveaxis(found[name][0], 2, 0).copy() for name in ("hm", "wh", "reg")]
    return Workload("hourglass-256", *heads)


def hand():
    """A detector of hands, one class."""
    heads = infer("hand/hand_d1.xml", "hagrid_heart_tile.png", **HAND)
    scores = heads["heatmap"].min() >= 0
    activation = "none" if scores else "sigmoid"
    return Workload("hand-256", heads["heatmap"], heads["wh"], heads["offset"], activation)


def faces(name, **wishes):
    """A detector of faces, in a street; its scores, and its sizes as if they were plain."""
    model = "dbface/dbface_mb2_as_centerface.xml"
    heads = infer(model, "deface_city.jpg", resize="letterbox", **wishes)
    return Workload(name, heads["heatmap"], heads["wh"], heads["offset"], "none")


def noise(height, width):
    return Workload(f"noise-{4 * height}", *synthetic(80, height, width, background="noise"))


MAKERS = {
    "mb3-512": mb3,
    "hourglass-256": hourglass,
    "hand-256": hand,
    "dbface-640": functools.partial(faces, "dbface-640"),
    "faces-480x640": functools.partial(faces, "faces-480x640", size=(480, 640)),
    "noise-512": functools.partial(noise, 128, 128),
    "noise-384": functools.partial(noise, 96, 96),
    **{name: functools.partial(workload_named, name) for name in SHAPES},
}
THRESHOLDS = [0.1, 0.0]  # 0.0: none


@functools.cache
def _make(name):
    return MAKERS[name]()


def make(name, threshold=0.1):
    """Return the work of the name."""
    return replace(_make(name), score_threshold=threshold)


def channels_last(head):
    """Return a head as NHWC memory."""
    return np.ascontiguousarray(np.moveaxis(head, 0, 2))


def one_cell(classes=1, **options):
    """Return the smallest work there is."""
    cell = np.zeros((classes, 1, 1), np.float32)
    return Workload("one-cell", cell, *np.ones((2, 2, 1, 1), np.float32), **options)


def in_a_row(work):
    """Return the peaks of a work's heatmap as one of a single row, with low cells between,
    in the order in which they are there."""
    import centerdecode as cd

    threshold, activation = work.score_threshold, work.activation
    peaks = cd.find_peaks(work.heatmap, score_threshold=threshold, activation=activation)
    cells = np.ravel_multi_index((peaks.class_ids, peaks.ys, peaks.xs), work.heatmap.shape)
    row = np.full((1, 1, 2 * len(cells) + 1), work.heatmap.min(), np.float32)
    row[0, 0, 1::2] = work.heatmap.ravel()[np.sort(cells)]
    return replace(work, heatmap=row)


def batch(count=8):
    """Return works of the size of coco-512, and the heads of all of them together."""
    shape = SHAPES["coco-512"]
    works = [Workload("batch", *synthetic(*shape, seed=seed)) for seed in range(count)]
    return works, [np.stack(own) for own in zip(*(work.heads for work in works), strict=True)]
