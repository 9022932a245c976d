"""The flip test and several test scales of XZ (and DU, MM) in plain loops: specification 2.4 to 2.5.

Heads are NCHW float32, (2B, C, H, W): each image and behind it its mirror image. What is merged
is (B, C, H, W), computed in float64 and rounded once. A mirror image has at column x what the
image has at column W - 1 - x, and its points at W - x.
"""

import numpy as np
from oracles import specification as oracle
from oracles.nms import select

SIDES = {"xy": ["left", "top", "right", "bottom"], "yx": ["top", "left", "bottom", "right"]}
OPPOSITE = {"left": "right", "right": "left", "top": "top", "bottom": "bottom"}


def other_of(keypoint, pairs):
    """Return the keypoint that has its place in a mirror image."""
    for a, b in pairs:
        if keypoint in (a, b):
            return a + b - keypoint
    return keypoint


# A rule is a function of a channel c and of value_of(channel), which reads a cell of one image;
# it returns what channel c of the other image says in the mirrored cell.
def heatmap_rule(pairs=()):
    """Return the rule of scores; the channels of each pair change places."""
    return lambda c, value_of: value_of(other_of(c, pairs))


def sizes_rule(encoding="wh", axes="xy", gap=0.0):
    """Return the rule of sizes, one group of channels or one for each class.

    gap: how far W less the center of the mirrored cell lies right of the center of the cell,
    in the units of the head: 0 for the true center. That is less to the left, more to the right;
    corners are where the sides are, seen from the center, instead of how far away.
    """
    if encoding == "wh":
        return heatmap_rule()
    names = SIDES[axes]

    def mirrored(c, value_of):
        name = names[c % 4]
        value = value_of(c // 4 * 4 + names.index(OPPOSITE[name]))
        if encoding == "corners":
            return gap - value if name in ("left", "right") else value
        return value + {"left": -gap, "right": gap}.get(name, 0.0)

    return mirrored


def keypoints_rule(count, pairs, order="interleaved", axes="xy", frame="cell"):
    """Return the rule of keypoints: x is negated, or, as a part of the box, 1 less it."""

    def channel(keypoint, axis):
        place = axes.index(axis)
        return 2 * keypoint + place if order == "interleaved" else place * count + keypoint

    other, is_x = {}, {}
    for j in range(count):
        for axis in "xy":
            other[channel(j, axis)] = channel(other_of(j, pairs), axis)
            is_x[channel(j, axis)] = axis == "x"

    def mirrored(c, value_of):
        value = value_of(other[c])
        if not is_x[c]:
            return value
        return 1 - value if frame == "box" else -value

    return mirrored


def offsets_rule():
    """Return the rule of the (dx, dy) of points at W - x, which lie in the mirrored cell."""
    return lambda c, value_of: 1 - value_of(c) if c == 0 else value_of(c)


def mirror_of(image, rule):
    """Return the head (C, H, W) that a perfect network makes of the mirror image."""
    planes, (channels, height, width) = image.tolist(), image.shape
    values = [
        rule(c, lambda k, y=y, x=x: planes[k][y][width - 1 - x])
        for c in range(channels)
        for y in range(height)
        for x in range(width)
    ]
    return oracle.round32(values, image.shape)


def mean_of_pairs(head, rule):
    """Return (B, C, H, W), the means of each image and the mirror of its mirror image."""
    merged = []
    for b in range(0, len(head), 2):
        mirrored = mirror_of(head[b + 1], rule).ravel().tolist()
        merged += [(a + m) / 2 for a, m in zip(head[b].ravel().tolist(), mirrored, strict=True)]
    return oracle.round32(merged, (len(head) // 2, *head.shape[1:]))


def merge_scores(heatmap, activation="none", pairs=()):
    """Return the mean scores; the channels of each pair change places."""
    scores = [oracle.activate(value, activation) for value in heatmap.ravel().tolist()]
    return mean_of_pairs(oracle.round32(scores, heatmap.shape), heatmap_rule(pairs))


def merge_sizes(wh, *stored):
    """Return the mean sizes; stored: encoding, axes and gap of sizes_rule."""
    return mean_of_pairs(wh, sizes_rule(*stored))


def merge_keypoints(keypoints, pairs, *stored):
    """Return the mean keypoints; stored: order, axes and frame of keypoints_rule."""
    return mean_of_pairs(keypoints, keypoints_rule(keypoints.shape[1] // 2, pairs, *stored))


def images_of(head):
    """Return what is taken from the images alone."""
    return None if head is None else head[::2]


def turn_extreme_rows(rows, width):
    """Return rows [box, score, tx, ty, lx, ly, bx, by, rx, ry, class] of a mirror image turned."""
    turned = rows.copy()
    for row, (x1, _, x2, _, _, tx, _, lx, ly, bx, _, rx, ry, _) in zip(turned, rows, strict=True):
        row[0], row[2] = width - x2, width - x1
        row[5], row[9] = width - tx, width - bx
        row[7], row[8] = width - rx, ry
        row[11], row[12] = width - lx, ly
    return turned


def merge_rows(parts, class_column, max_per_image):
    """Return the best rows [x1, y1, x2, y2, score, ...] of all parts, after soft-NMS by class.

    The other columns travel with their row. Gaussian, sigma 0.5, without stale rows.
    """
    rows = np.concatenate(parts).astype(np.float32)
    kept = []
    for class_id in sorted(set(rows[:, class_column].tolist())):
        own = rows[rows[:, class_column] == class_id]
        count = len(select(own, 0.5, 0.5, 0.001, 2, joints=range(5, rows.shape[1])))
        kept += list(own[:count])
    kept.sort(key=lambda row: -row[4])
    return np.array(kept[:max_per_image], np.float32).reshape(-1, rows.shape[1])
