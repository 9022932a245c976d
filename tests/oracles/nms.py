"""What the oracles of upstream decoders share, in plain loops (specification 0.2 to 0.6).

The sigmoid, the 3x3 filter, top-K, the three soft NMS of XZ / DU / CO and two hard ones.
Rows begin with x1, y1, x2, y2, score. The soft NMS compute in float32, step by step as the
C code does, and change float32 rows in place. Arguments are taken to be valid.
"""
# ruff: noqa: N803  (upstream's own argument names)

import math

import numpy as np

F32 = np.float32
ONE = F32(1)


def sigmoid(logits):
    """Return 1 / (1 + exp(-logits)), each step in float32: exactly 1 from 16.64 on."""
    inverse = [math.exp(min(-value, 700.0)) for value in np.asarray(logits).ravel().tolist()]
    with np.errstate(over="ignore"):
        inverse = np.array(inverse).astype(np.float32)
    return (np.float32(1) / (np.float32(1) + inverse)).reshape(np.shape(logits))


def suppress(planes, kernel=3):
    """Return planes[c][y][x] with 0 for every cell below the maximum of its window."""
    pad = (kernel - 1) // 2
    kept = [[[0.0] * len(line) for line in plane] for plane in planes]
    for c, plane in enumerate(planes):
        for y, line in enumerate(plane):
            window = plane[max(0, y - pad) : y + pad + 1]
            for x, value in enumerate(line):
                if value == max(max(near[max(0, x - pad) : x + pad + 1]) for near in window):
                    kept[c][y][x] = value
    return kept


def top_k(planes, k, layout="NCHW"):
    """Return the k best cells [(score, c, y, x)]: score descending, then flat index."""
    channels, height, width = range(len(planes)), range(len(planes[0])), range(len(planes[0][0]))
    if layout == "NCHW":
        cells = [(c, y, x) for c in channels for y in height for x in width]
    else:
        cells = [(c, y, x) for y in height for x in width for c in channels]
    if k > len(cells):
        raise ValueError("k not in range")
    cells.sort(key=lambda cell: -planes[cell[0]][cell[1]][cell[2]])  # the sort is stable
    return [(planes[c][y][x], c, y, x) for c, y, x in cells[:k]]


def pixel_overlap(a, b):
    """Return the IoU of two float32 rows with the +1 pixel; None unless both sides overlap."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + ONE
    height = min(a[3], b[3]) - max(a[1], b[1]) + ONE
    if width <= 0 or height <= 0:
        return None
    area_a = (a[2] - a[0] + ONE) * (a[3] - a[1] + ONE)
    area_b = (b[2] - b[0] + ONE) * (b[3] - b[1] + ONE)
    return width * height / (area_a + area_b - width * height)


def plain_overlap(a, b):
    """Return the IoU of two boxes without the +1; 0 where it has no area to speak of."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    if area_a <= 0 or area_b <= 0:
        return 0.0
    return width * height / (area_a + area_b - width * height)


def decay(overlap, sigma, nt, method):
    """Return the factor of a score: linear (1), gaussian (2) or hard (0)."""
    if method == 2:
        return F32(math.exp(-(overlap * overlap) / F32(sigma)))
    if overlap > F32(nt):
        return ONE - overlap if method == 1 else F32(0)
    return ONE


def swap(boxes, i, j, columns):
    """Exchange the columns of the rows i and j."""
    for column in columns:
        boxes[i, column], boxes[j, column] = boxes[j, column], boxes[i, column]


def corner_terms(row, factor):
    """Return what a row adds to x1, y1, x2, y2, the tl and the br scores of a merged box."""
    x1, y1, x2, y2, _, tl, br = row
    return [number * factor for number in (x1 * tl, y1 * tl, x2 * br, y2 * br, tl, br)]


def merge_into(row, terms):
    """Write the weighted mean corners of the terms, a list of corner_terms, into the row."""
    total = terms[0]
    for term in terms[1:]:
        total = [total[j] + term[j] for j in range(6)]
    row[0], row[1] = total[0] / total[4], total[1] / total[4]
    row[2], row[3] = total[2] / total[5], total[3] / total[5]


def select(boxes, sigma, nt, threshold, method, joints=(), weight_exp=None):
    """Return the keep list of a soft NMS that changes the rows in place.

    joints are the columns after the score that travel with their row: exchanged where the
    score and box are exchanged, and exchanged too where those are copied (a discarded row).
    With weight_exp the corners are merged; the columns 5 and 6 stay where they are.
    """
    n = len(boxes)
    i = 0
    while i < n:
        best = i
        for pos in range(i + 1, n):
            if boxes[pos, 4] > boxes[best, 4]:
                best = pos
        if best != i:
            swap(boxes, i, best, [0, 1, 2, 3, 4, *joints])
        terms = [] if weight_exp is None else [corner_terms(boxes[i], ONE)]
        pos = i + 1
        while pos < n:
            overlap = pixel_overlap(boxes[i], boxes[pos])
            if overlap is not None:
                factor = decay(overlap, sigma, nt, method)
                if weight_exp is not None:
                    share = F32(math.pow(ONE - factor, weight_exp))
                    terms.append(corner_terms(boxes[pos], share))
                boxes[pos, 4] = factor * boxes[pos, 4]
                if boxes[pos, 4] < F32(threshold):
                    boxes[pos, :5] = boxes[n - 1, :5]
                    swap(boxes, pos, n - 1, joints)
                    n -= 1
                    continue
            pos += 1
        if weight_exp is not None:
            merge_into(boxes[i], terms)
        i += 1
    return list(range(n))


def soft_nms(boxes, sigma=0.5, Nt=0.3, threshold=0.001, method=0):
    """Decay rows (N, 5) in place; return the keep list 0..n-1, the rows from n on are stale."""
    return select(boxes, sigma, Nt, threshold, method)


def soft_nms_39(boxes, sigma=0.5, Nt=0.3, threshold=0.001, method=0):
    """Decay poses (N, 39) in place: like soft_nms, the columns 5..38 travel along."""
    return select(boxes, sigma, Nt, threshold, method, joints=range(5, 39))


def soft_nms_merge(boxes, sigma=0.5, Nt=0.3, threshold=0.001, method=0, weight_exp=6):
    """Decay rows (N, 7) in place and average the corners; columns 5, 6: tl and br scores."""
    return select(boxes, sigma, Nt, threshold, method, weight_exp=weight_exp)


def keep_only(soft, boxes, options):
    """Return a new array of the rows that a soft NMS keeps, without the stale ones."""
    rows = boxes.copy()
    return rows[: len(soft(rows, **options))]


def soft_nms_clean(boxes, **options):
    """Return the kept rows of soft_nms; the argument stays as it is."""
    return keep_only(soft_nms, boxes, options)


def soft_nms_39_clean(boxes, **options):
    """Return the kept rows of soft_nms_39; the argument stays as it is."""
    return keep_only(soft_nms_39, boxes, options)


def soft_nms_merge_clean(boxes, **options):
    """Return the kept rows of soft_nms_merge; the argument stays as it is."""
    return keep_only(soft_nms_merge, boxes, options)


def best_first(scores):
    """Return the indices by score descending, equal ones by index ascending."""
    return sorted(range(len(scores)), key=lambda i: -scores[i])


def nms(dets, thresh):
    """Return the kept indices of rows (N, 5), best first: +1 pixels, IoU >= thresh drops."""
    rows = np.asarray(dets, dtype=F32)
    kept = []
    for i in best_first(rows[:, 4].tolist()):
        overlaps = [pixel_overlap(rows[i], rows[j]) for j in kept]
        if not any(overlap is not None and overlap >= F32(thresh) for overlap in overlaps):
            kept.append(i)
    return kept


def nms_per_class(boxes, scores, class_ids, iou_threshold):
    """Return the kept indices, best first: plain IoU > iou_threshold within a class drops."""
    boxes, scores, class_ids = (np.asarray(a).tolist() for a in (boxes, scores, class_ids))
    kept = []
    for i in best_first(scores):
        rivals = [j for j in kept if class_ids[j] == class_ids[i]]
        if not any(plain_overlap(boxes[i], boxes[j]) > iou_threshold for j in rivals):
            kept.append(i)
    return kept


def keep_best(results, max_per_image=100):
    """Return {class: rows} with the scores >= the max_per_image-th best; ties may exceed it."""
    scores = sorted((row[4] for rows in results.values() for row in rows), reverse=True)
    if len(scores) <= max_per_image:
        return results
    limit = scores[max_per_image - 1]
    return {
        j: rows[[i for i, row in enumerate(rows) if row[4] >= limit]] for j, rows in results.items()
    }
