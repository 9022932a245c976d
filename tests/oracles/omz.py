"""Open Model Zoo's Python wrappers of CenterNet and SSD in plain loops (semantics.md 1.2, 6).

Heads are NCHW, sizes (height, width), a detection is a tuple (xmin, ymin, xmax, ymax, score,
id). All arithmetic is done in float64; scores and thresholds are compared as float32.
"""

import numpy as np
from oracles.families import around, at, require_plane, top_k
from oracles.tf.boxes import f32, sigmoid


def clip_detection(box, size):
    """Return integers, truncated toward zero; x1, y1 at least 0, x2, y2 at most the size."""
    x1, y1, x2, y2 = (int(side) for side in box)
    return [max(x1, 0), max(y1, 0), min(x2, size[1]), min(y2, size[0])]


def affine_back(box, original_shape, grid):
    """Return a box of feature cells in the image: one zoom, centre on centre.

    The zoom is max(original_shape) / grid width; the shape's channel count takes part.
    """
    (h, w), scale = original_shape[:2], max(original_shape)
    zoom = scale / grid[1]
    result = []
    for i, side in enumerate(box):
        middle, center = (grid[1] / 2, w / 2) if i % 2 == 0 else (grid[0] / 2, h / 2)
        result.append((side - middle) * zoom + center)
    return result


def stretch_back(box, original_shape, grid):
    """Return a box of feature cells in the image: each axis by its own ratio."""
    zooms = (original_shape[1] / grid[1], original_shape[0] / grid[0]) * 2
    return [side * zoom for side, zoom in zip(box, zooms, strict=True)]


def postprocess(outputs, meta, *, confidence_threshold=0.5, bugs=False, count=100):
    """Return CenterNet.postprocess: detections of batch item 0, best first, integer boxes.

    outputs: name -> (1, C, H, W), sorted by name: heatmap logits, offsets, sizes. meta has
    original_shape (h, w, channels) of an image that was stretched to the input. Right: mapped
    back by the stretch. With bugs: by the affine. The id is an integer either way.
    """
    heat, reg, wh = (np.asarray(outputs[name])[0] for name in sorted(outputs))
    require_plane(heat, count)
    shape, grid = meta["original_shape"], heat.shape[1:]
    detections = []
    for score, c, y, x in top_k(sigmoid(heat), count):
        if score >= f32(confidence_threshold):
            dx, dy = at(reg, y, x)
            box = around(x + dx, y + dy, *at(wh, y, x))
            box = (affine_back if bugs else stretch_back)(box, shape, grid)
            detections.append((*clip_detection(box, shape[:2]), score, c))
    return detections


def parse_single(tensor, *, bugs=False):
    """Return SingleOutputParser's detections, normalised, of a tensor (1, 1, N, 7).

    Right: the first negative image_id ends the rows and only image_id 0 counts.
    With bugs: image_id is not looked at.
    """
    detections = []
    for image_id, label, score, *box in np.asarray(tensor)[0][0].tolist():
        if image_id < 0 and not bugs:
            break
        if bugs or image_id == 0:
            detections.append((*box, score, int(label)))
    return detections


def parse_multiple(bboxes, scores, labels):
    """Return MultipleOutputParser's detections, normalised: (1, N, 4), (1, N), (1, N)."""
    rows = zip(np.asarray(bboxes)[0], np.asarray(scores)[0], np.asarray(labels)[0], strict=True)
    return [(*box.tolist(), float(score), int(label)) for box, score, label in rows]


def parse_boxes_labels(boxes, input_size, labels=None, default_label=0):
    """Return BoxesLabelsParser's detections, normalised: (N, 5) of x1, y1, x2, y2, score.

    The boxes are in input pixels. The tensor is left as it is (upstream divides it in place).
    """
    sizes = (input_size[1], input_size[0]) * 2
    detections = []
    for n, (*box, score) in enumerate(np.asarray(boxes).tolist()):
        label = default_label if labels is None else int(np.ravel(labels)[n])
        normalised = [side / size for side, size in zip(box, sizes, strict=True)]
        detections.append((*normalised, score, label))
    return detections


def find_output(outputs, part):
    """Return the first output whose name contains the part, or None."""
    return next((outputs[name] for name in outputs if part in name), None)


def parse(outputs, input_size, *, bugs=False):
    """Return the normalised detections of outputs {name: array}; the parser is found by shape."""
    found = [find_output(outputs, part) for part in ("bboxes", "scores", "labels")]
    tensors = [np.asarray(tensor) for tensor in outputs.values()]
    if len(tensors) == 1 and tensors[0].shape[-1] == 7:
        return parse_single(tensors[0], bugs=bugs)
    if all(tensor is not None for tensor in found):
        return parse_multiple(*found)
    flat = [tensor for tensor in tensors if tensor.ndim == 2 and tensor.shape[1] == 5]
    if len(flat) != 1:
        raise ValueError("no parser for these outputs")
    return parse_boxes_labels(flat[0], input_size, found[2])


def ssd_postprocess(outputs, meta, input_size, *, confidence_threshold=0.5, bugs=False):
    """Return SSD.postprocess of a stretched image: score > threshold, the rows in their order."""
    size = meta["original_shape"][:2]
    detections = []
    for *box, score, label in parse(outputs, input_size, bugs=bugs):
        if score > f32(confidence_threshold):
            pixels = stretch_back(box, size, (1, 1))
            detections.append((*clip_detection(pixels, size), score, label))
    return detections
