"""KC (see--/keras-centernet) in plain loops: NHWC logits in, network input pixels out.

Specification 3 (and 2.2 for the joints). Probabilities are float32, all else float64, rounded
to float32 once. Everywhere: score descending, then flat index y, x, class ascending.
"""

import numpy as np
from oracles.centernet import corners, find_candidates, snap
from oracles.nms import sigmoid, suppress, top_k


def planes_of(logits):
    """Return the probabilities of logits (H, W, C) as planes[c][y][x]."""
    return np.moveaxis(sigmoid(logits), 2, 0).tolist()


def find_centers(hm, reg, k):
    """Return per image of hm (B, H, W, C) the rows (score, c, y, x, cx, cy) of k peaks."""
    images = []
    for b in range(len(hm)):
        images.append([])
        for score, c, y, x in top_k(suppress(planes_of(hm[b])), k, "NHWC"):
            dx, dy = reg[b, y, x].tolist()
            images[b].append((score, c, y, x, x + dx, y + dy))
    return images


def ctdet_decode(hm, reg, wh, k=100, output_stride=4):
    """Return (B, k, 6) rows [x1, y1, x2, y2, score, class] in input pixels, not clamped."""
    rows = []
    for b, centers in enumerate(find_centers(hm, reg, k)):
        for score, c, y, x, cx, cy in centers:
            box = corners(cx, cy, *wh[b, y, x].tolist())
            rows.append([*(v * output_stride for v in box), score, c])
    return np.array(rows, dtype=np.float32).reshape(-1, k, 6)


def hpdet_decode(hm, wh, kps, reg, hm_hp, hp_offset, k=100, output_stride=4):
    """Return (B, k, 6 + 2J) rows [x1, y1, x2, y2, score, J x values, J y values, class].

    kps is (B, H, W, 2J) as x0, y0, x1, ...; hm_hp (B, H, W, J) logits; hp_offset 2 channels.
    """
    rows = []
    for b, centers in enumerate(find_centers(hm, reg, k)):
        offsets = np.moveaxis(hp_offset[b], 2, 0)
        candidates = [find_candidates(plane, offsets, k) for plane in planes_of(hm_hp[b])]
        for score, c, y, x, cx, cy in centers:
            box = corners(cx, cy, *wh[b, y, x].tolist())
            numbers = kps[b, y, x].tolist()
            joints = []
            for j in range(len(candidates)):
                joint = [x + numbers[2 * j], y + numbers[2 * j + 1]]
                joints.append(snap(joint, box, candidates[j]))
            coordinates = [*box, *(joint[0] for joint in joints), *(joint[1] for joint in joints)]
            pixels = [v * output_stride for v in coordinates]
            rows.append([*pixels[:4], score, *pixels[4:], c])
    return np.array(rows, dtype=np.float32).reshape(-1, k, 6 + kps.shape[3])


def letterbox_size(image_size):
    """Return the (height, width) that the mode "testing" pads an image to."""
    return tuple(round(n / 128 + 0.51) * 128 for n in image_size)


def letterbox_transform(image_size, input_size=None):
    """Return the 2x3 matrix image -> input; sizes are (height, width).

    "training" with an input_size: one zoom, offsets of whole pixels. "testing" without: no
    zoom, padded to letterbox_size.
    """
    (h, w), (in_h, in_w) = image_size, input_size or letterbox_size(image_size)
    zoom = 1.0 if input_size is None else min(in_h / h, in_w / w)
    left, top = (in_w - round(w * zoom)) // 2, (in_h - round(h * zoom)) // 2
    return np.array([[zoom, 0.0, left], [0.0, zoom, top]])


def letterbox_inverse(image_size, input_size=None):
    """Return the 2x3 matrix input -> image, exactly the inverse."""
    (zoom, _, left), (_, _, top) = letterbox_transform(image_size, input_size).tolist()
    return np.array([[1 / zoom, 0.0, -left / zoom], [0.0, 1 / zoom, -top / zoom]])
