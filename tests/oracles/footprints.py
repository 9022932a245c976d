"""What turned boxes cover, how much they share, and NMS by that, in plain loops.

The region that two convex quadrilaterals share has its corners where a corner of one lies
in the other, and where their sides cross. All arithmetic is done in float64.
"""

import math

import numpy as np


def corners_of(x, y, along, across, yaw, clockwise):
    """Return the corners [(x, y)] of a box, first (+, +), then (-, +), in the order around.

    along and across are its extents along x and y where yaw is 0; clockwise: yaw turns x
    towards -y.
    """
    turn = -yaw if clockwise else yaw
    right, up = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    found = []
    for a, b in ((0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5), (0.5, -0.5)):
        step = [a * along * right[i] + b * across * up[i] for i in (0, 1)]
        found.append((x + step[0], y + step[1]))
    return found


def sides_of(corners):
    """Return the sides [(from, to)] of a polygon."""
    return [(corners[i], corners[(i + 1) % len(corners)]) for i in range(len(corners))]


def turn_of(a, b, c):
    """Return the cross product of b - a and c - a: positive for a turn to the left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def contains(corners, point):
    """Return whether a point is in a convex polygon, its border included."""
    turns = [turn_of(a, b, point) for a, b in sides_of(corners)]
    return all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns)


def crossing(first, second):
    """Return where two sides cross, as a list of none or one."""
    (a, b), (c, d) = first, second
    along = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if along == 0:
        return []
    way = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / along
    other = ((c[0] - a[0]) * (b[1] - a[1]) - (c[1] - a[1]) * (b[0] - a[0])) / along
    if not (0 <= way <= 1 and 0 <= other <= 1):
        return []
    return [(a[0] + way * (b[0] - a[0]), a[1] + way * (b[1] - a[1]))]


def area(points):
    """Return the area of a convex polygon whose corners come in any order."""
    if len(points) < 3:
        return 0.0
    middle = [sum(point[i] for point in points) / len(points) for i in (0, 1)]
    around = sorted(points, key=lambda p: math.atan2(p[1] - middle[1], p[0] - middle[0]))
    return sum(turn_of(middle, a, b) for a, b in sides_of(around)) / 2


def iou(first, second):
    """Return the shared part of what two convex quadrilaterals (4 corners) cover."""
    for one, other in ((first, second), (second, first)):
        if any(max(p[i] for p in one) <= min(p[i] for p in other) for i in (0, 1)):
            return 0.0
    shared = [p for p in first if contains(second, p)] + [p for p in second if contains(first, p)]
    for side in sides_of(first):
        for other in sides_of(second):
            shared += crossing(side, other)
    both = area(shared)
    either = area(first) + area(second) - both
    return both / either if either > 0 else 0.0


def kept_rows(scores, class_ids, drops, class_agnostic):
    """Return the rows that stay, best first; drops(i, j): does row i, which stays, drop j?"""
    kept = []
    for j in sorted(range(len(scores)), key=lambda row: -scores[row]):
        rivals = [i for i in kept if class_agnostic or class_ids[i] == class_ids[j]]
        if not any(drops(i, j) for i in rivals):
            kept.append(j)
    return kept


def footprint_nms(corners, scores, class_ids, iou_threshold, class_agnostic=True):
    """Return the rows of corners (n, 4, 2) that stay; an IoU > iou_threshold drops."""
    quads = [[tuple(point) for point in quad] for quad in np.asarray(corners, float).tolist()]
    return kept_rows(
        scores, class_ids, lambda i, j: iou(quads[i], quads[j]) > iou_threshold, class_agnostic
    )


def circle_nms(centers, scores, class_ids, radius, class_agnostic=True):
    """Return the rows of centers (n, 2) that stay; a distance <= radius drops."""
    points = np.asarray(centers, float).tolist()
    return kept_rows(
        scores, class_ids, lambda i, j: math.dist(points[i], points[j]) <= radius, class_agnostic
    )
