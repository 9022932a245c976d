"""The specification of centerdecode in plain loops, to compare the product with.

A head of one image has the shape (C, H, W) in the layout "NCHW" or (H, W, C) in "NHWC".
All arithmetic is done in float64 (python floats), results are rounded to float32 once.
Sizes are (height, width); matrices are 2x3. Arguments are taken to be valid.
"""

import math

import numpy as np


def to_planes(head, layout):
    """Return a head as nested lists of python floats, read as planes[c][y][x]."""
    return (head if layout == "NCHW" else np.moveaxis(head, 2, 0)).tolist()


def round32(values, shape):
    """Round python floats to a float32 array of the shape; too large becomes infinite."""
    with np.errstate(over="ignore"):
        return np.array(values, dtype=np.float64).astype(np.float32).reshape(shape)


def activate(value, activation):
    """Return a number after "none", "sigmoid", "exp" or "relu"; NaN stays NaN."""
    if activation == "sigmoid":
        return 1.0 / (1.0 + activate(-value, "exp"))
    if activation == "exp":
        try:
            return math.exp(value)
        except OverflowError:
            return math.inf
    return 0.0 if activation == "relu" and value < 0.0 else value


def is_beaten(plane, y, x, window, plateaus):
    """Tell whether a neighbour in the window is greater, or equal and earlier ("first")."""
    reach = window // 2
    for ny in range(max(0, y - reach), min(len(plane), y + reach + 1)):
        for nx in range(max(0, x - reach), min(len(plane[ny]), x + reach + 1)):
            earlier = plateaus == "first" and (ny, nx) < (y, x)
            if plane[ny][nx] > plane[y][x] or (earlier and plane[ny][nx] == plane[y][x]):
                return True
    return False


def find_peaks(
    heatmap,
    *,
    top_k=100,
    score_threshold=0.0,
    activation="sigmoid",
    window=3,
    plateaus="first",
    layout="NCHW",
    classes=None,
):
    """Return (scores float32, class_ids int32, ys int32, xs int32), each of shape (n,).

    A peak reaches the threshold and is beaten by no cell of its window in its class plane.
    Order: raw value descending, then flat index in the layout: c, y, x or y, x, c.
    """
    planes = to_planes(heatmap, layout)
    rows = []
    for c in sorted(set(range(len(planes)) if classes is None else classes)):
        for y, line in enumerate(planes[c]):
            for x, raw in enumerate(line):
                score = float(round32(activate(raw, activation), ()))
                if score >= np.float32(score_threshold) and not is_beaten(
                    planes[c], y, x, window, plateaus
                ):
                    flat_order = (c, y, x) if layout == "NCHW" else (y, x, c)
                    rows.append((-raw, flat_order, score, c, y, x))
    rows = sorted(rows)[:top_k]
    class_ids, ys, xs = (np.array([row[i] for row in rows], dtype=np.int32) for i in (3, 4, 5))
    return round32([row[2] for row in rows], -1), class_ids, ys, xs


def sides(numbers, encoding, axes):
    """Return the distances (left, top, right, bottom) from the centre to the box sides."""
    if encoding == "wh":
        numbers = [numbers[0] / 2.0, numbers[1] / 2.0, numbers[0] / 2.0, numbers[1] / 2.0]
    first, second, third, fourth = numbers
    return (first, second, third, fourth) if axes == "xy" else (second, first, fourth, third)


def clamp(value, limit):
    """Return the value brought into [0, limit]; NaN stays NaN."""
    if value < 0.0:
        return 0.0
    return float(limit) if value > limit else value


def product(a, v):
    """Return a * v; a coefficient of zero leaves v out even where it is infinite."""
    return 0.0 if a == 0 else a * v


def place(x, y, transform, clip):
    """Return a corner [x, y] after the optional 2x3 transform, then the optional clip."""
    if transform is not None:
        (a, b, c), (d, e, f) = np.asarray(transform, dtype=np.float64).tolist()
        x, y = product(a, x) + product(b, y) + c, product(d, x) + product(e, y) + f
    if clip is not None:
        x, y = clamp(x, clip[1]), clamp(y, clip[0])
    return [x, y]


def decode_boxes(
    heatmap,
    wh,
    offset=None,
    *,
    stride=4,
    score_threshold=0.3,
    layout="NCHW",
    box_encoding="wh",
    box_units="cells",
    box_activation="none",
    axes="xy",
    class_specific=False,
    center_shift=None,
    transform=None,
    clip=None,
    **peak_options,
):
    """Return (xyxy float32 (n, 4), scores float32 (n,), class_ids int32 (n,)).

    The heads share layout and grid: wh has 2 or 4 channels (times C if class_specific,
    class by class), offset has 2. peak_options and the order of rows are find_peaks'.
    """
    scores, class_ids, ys, xs = find_peaks(
        heatmap, score_threshold=score_threshold, layout=layout, **peak_options
    )
    if center_shift is None:
        center_shift = 0.5 if offset is None else 0.0
    wh_planes = to_planes(wh, layout)
    offset_planes = None if offset is None else to_planes(offset, layout)
    count = 2 if box_encoding == "wh" else 4
    scale = stride if box_units == "cells" else 1.0
    boxes = []
    for c, y, x in np.stack([class_ids, ys, xs], axis=1).tolist():
        dx, dy = (0.0, 0.0) if offset is None else [plane[y][x] for plane in offset_planes]
        if axes == "yx":
            dx, dy = dy, dx
        px, py = (x + dx + center_shift) * stride, (y + dy + center_shift) * stride
        group = wh_planes[c * count : (c + 1) * count] if class_specific else wh_planes
        numbers = [activate(plane[y][x], box_activation) * scale for plane in group]
        left, top, right, bottom = sides(numbers, box_encoding, axes)
        corner = place(px - left, py - top, transform, clip)
        boxes.append(corner + place(px + right, py + bottom, transform, clip))
    return round32(boxes, (-1, 4)), scores, class_ids


def decode_detection_output(tensor, *, image_size, score_threshold=0.5):
    """Return (xyxy (n, 4), scores, class_ids) of a [1, 1, N, 7] tensor, or a list of them.

    Rows are (image_id, label, conf, x_min, y_min, x_max, y_max), normalised; the first
    negative image_id ends them. A list of image sizes gives a list of results, one per image_id.
    Rows above the threshold are kept, conf descending; boxes are pixels, clipped to the image.
    """
    rows = []
    for row in tensor[0][0].tolist():
        if row[0] < 0:
            break
        rows.append(row)
    single = np.shape(image_size) == (2,)
    results = []
    for image_id, size in enumerate([image_size] if single else image_size):
        kept = [row for row in rows if row[0] == image_id and row[2] > np.float32(score_threshold)]
        kept.sort(key=lambda row: -row[2])
        boxes = []
        for _, _, _, x1, y1, x2, y2 in kept:
            corner = place(x1 * size[1], y1 * size[0], None, size)
            boxes.append(corner + place(x2 * size[1], y2 * size[0], None, size))
        class_ids = np.array([int(row[1]) for row in kept], dtype=np.int32)
        results.append((round32(boxes, (-1, 4)), round32([row[2] for row in kept], -1), class_ids))
    return results[0] if single else results


def affine_matrix(image_size, input_size):
    """Return the 2x3 matrix image -> input: one zoom, centre on centre."""
    (h, w), (in_h, in_w) = image_size, input_size
    f = min(in_w / w, in_h / h)
    return np.array([[f, 0.0, in_w / 2 - w / 2 * f], [0.0, f, in_h / 2 - h / 2 * f]])


def letterbox_matrix(image_size, input_size):
    """Return the 2x3 matrix image -> input: resized to whole pixels, whole-pixel border."""
    (h, w), (in_h, in_w) = image_size, input_size
    f = min(in_w / w, in_h / h)
    rw, rh = max(1, round(w * f)), max(1, round(h * f))
    return np.array([[rw / w, 0.0, (in_w - rw) // 2], [0.0, rh / h, (in_h - rh) // 2]])


def affine_letterbox_matrix(image_size, input_size):
    """Return the 2x3 matrix image -> input: the one zoom of both axes, whole-pixel border."""
    (h, w), (in_h, in_w) = image_size, input_size
    f = min(in_w / w, in_h / h)
    left, top = (in_w - max(1, round(w * f))) // 2, (in_h - max(1, round(h * f))) // 2
    return np.array([[f, 0.0, left], [0.0, f, top]])


def corner_matrix(image_size, input_size):
    """Return the 2x3 matrix image -> input: resized to whole pixels, all border right and below."""
    (h, w), (in_h, in_w) = image_size, input_size
    f = min(in_w / w, in_h / h)
    return np.array([[max(1, round(w * f)) / w, 0.0, 0.0], [0.0, max(1, round(h * f)) / h, 0.0]])


def stretch_matrix(image_size, input_size):
    """Return the 2x3 matrix image -> input: each axis scaled on its own."""
    (h, w), (in_h, in_w) = image_size, input_size
    return np.array([[in_w / w, 0.0, 0.0], [0.0, in_h / h, 0.0]])


def invert(matrix):
    """Return the 2x3 inverse of a 2x3 matrix, float64."""
    (a, b, c), (d, e, f) = np.asarray(matrix, dtype=np.float64).tolist()
    det = a * e - b * d
    return np.array([[e, -b, b * f - c * e], [-d, a, c * d - a * f]]) / det
