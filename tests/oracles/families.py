"""FairMOT, TTFNet and mmdetection's CenterNet in plain loops (semantics.md 8).

Heads are NCHW. All arithmetic is done in float64 (python floats), results are rounded to
float32 once. Scores, overlaps and their thresholds are compared as float32, as upstream.
"""

import math

import numpy as np
from oracles.specification import clamp, round32
from oracles.tf.boxes import f32, sigmoid
from oracles.tf.postprocess import iou


def suppress(plane, kernel=3):
    """Return a plane [y][x] where a cell below its window's maximum is 0; plateaus stay."""
    reach = (kernel - 1) // 2
    result = []
    for y, line in enumerate(plane):
        kept = []
        for x, value in enumerate(line):
            best = value
            for ny in range(max(0, y - reach), min(len(plane), y + reach + 1)):
                for nx in range(max(0, x - reach), min(len(line), x + reach + 1)):
                    best = max(best, plane[ny][nx])
            kept.append(value if value == best else 0.0)
        result.append(kept)
    return result


def top_k(heatmap, count, kernel=3):
    """Return the `count` best cells (score, c, y, x) of a map (C, H, W), filtered.

    Order: score descending, then c, y, x. It is the same set for two stages and for one.
    """
    if count > np.size(heatmap):
        raise ValueError("k not in range")
    cells = []
    for c, plane in enumerate(np.asarray(heatmap).tolist()):
        for y, line in enumerate(suppress(plane, kernel)):
            for x, score in enumerate(line):
                cells.append((-score, c, y, x))
    return [(0.0 - score, c, y, x) for score, c, y, x in sorted(cells)[:count]]


def require_plane(heatmap, count):
    """Raise ValueError if a class plane has fewer cells than the first of two stages takes."""
    if count > np.shape(heatmap)[-1] * np.shape(heatmap)[-2]:
        raise ValueError("k not in range")


def at(head, y, x):
    """Return the channels of a head (C, H, W) at a cell."""
    return [float(number) for number in np.asarray(head)[:, y, x]]


def around(cx, cy, w, h):
    """Return the box (x1, y1, x2, y2) of a centre and a size."""
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]


def mot_decode(heat, wh, reg=None, ltrb=False, K=100):  # noqa: N803
    """Return FairMOT's rows (B, K, 6) of x1, y1, x2, y2, score, class and cells y*W + x (B, K).

    heat (B, C, H, W) probabilities, wh (B, 2, ...) or, with ltrb, 4 channels; reg (B, 2, ...),
    without it +0.5. In feature cells, sizes as they are.
    """
    rows, cells = [], []
    require_plane(heat, K)
    for b in range(len(heat)):
        for score, c, y, x in top_k(heat[b], K):
            dx, dy = (0.5, 0.5) if reg is None else at(reg[b], y, x)
            numbers = at(wh[b], y, x)
            box = around(x + dx, y + dy, *numbers[:2])
            if ltrb:
                left, top, right, bottom = numbers
                box = [x + dx - left, y + dy - top, x + dx + right, y + dy + bottom]
            rows.append([*box, score, c])
            cells.append(y * np.shape(heat)[3] + x)
    shape = (len(heat), K)
    return round32(rows, (*shape, 6)), np.array(cells, np.int64).reshape(shape)


def embeddings(head, cells):
    """Return FairMOT's (B, K, E): the id head (B, E, H, W) at the cells (B, K), of length 1."""
    width = np.shape(head)[3]
    result = np.zeros((*np.shape(cells), np.shape(head)[1]), np.float32)
    for b, k in np.ndindex(*np.shape(cells)):
        vector = at(head[b], *divmod(int(cells[b][k]), width))
        length = math.sqrt(sum(number * number for number in vector))
        result[b, k] = [number / length if length else 0.0 for number in vector]
    return result


def ttfnet_get_bboxes(
    pred_heatmap, pred_wh, img_metas, cfg, rescale=False, *, down_ratio=4, wh_agnostic=True
):
    """Return per image (rows (n, 5) of x1, y1, x2, y2, score, float32 labels (n,)).

    pred_heatmap (B, C, H, W) logits; pred_wh l, t, r, b in input pixels, (B, 4, H, W) or,
    class by class, (B, 4C, H, W). Score > cfg.score_thr; clamped to [0, pad - 1].
    """
    results = []
    require_plane(pred_heatmap, cfg.max_per_img)
    for heatmap, wh, meta in zip(pred_heatmap, pred_wh, img_metas, strict=True):
        rows, labels = [], []
        pad_h, pad_w = meta["pad_shape"][:2]
        for score, c, y, x in top_k(sigmoid(heatmap), cfg.max_per_img):
            if score > f32(cfg.score_thr):
                first = 0 if wh_agnostic else 4 * c
                left, top, right, bottom = at(wh, y, x)[first : first + 4]
                cx, cy = x * down_ratio, y * down_ratio
                box = [
                    clamp(cx - left, pad_w - 1),
                    clamp(cy - top, pad_h - 1),
                    clamp(cx + right, pad_w - 1),
                    clamp(cy + bottom, pad_h - 1),
                ]
                if rescale:
                    factors = np.broadcast_to(meta["scale_factor"], 4).tolist()
                    box = [side / factor for side, factor in zip(box, factors, strict=True)]
                rows.append([*box, score])
                labels.append(c)
        results.append((round32(rows, (-1, 5)), np.array(labels, np.float32)))
    return results


def class_nms(rows, threshold):
    """Return the rows (score, class, box, ...) kept by NMS within each class, best first.

    An overlap (plain areas) > threshold drops; of equal scores the first row is better.
    """
    kept = []
    for row in sorted(rows, key=lambda row: -row[0]):
        same = [other for other in kept if other[1] == row[1]]
        if not any(iou(other[2], row[2]) > f32(threshold) for other in same):
            kept.append(row)
    return kept


def mmdet_get_bboxes(
    center_heatmap_preds,
    wh_preds,
    offset_preds,
    img_metas,
    rescale=True,
    with_nms=False,
    *,
    topk=100,
    local_maximum_kernel=3,
    nms_iou=0.5,
    max_per_img=100,
):
    """Return per image (rows (n, 5) of x1, y1, x2, y2, score, int64 labels (n,)).

    Each head is a list of one map (B, *, H, W), the first probabilities. Metas: the input's
    batch_input_shape (h, w), border (top, bottom, left, right), scale_factor (4 values).
    """
    results = []
    heats, whs, offsets = center_heatmap_preds[0], wh_preds[0], offset_preds[0]
    height, width = np.shape(heats)[2:]
    for heat, wh, offset, meta in zip(heats, whs, offsets, img_metas, strict=True):
        zoom_y, zoom_x = (meta["batch_input_shape"][i] / (height, width)[i] for i in (0, 1))
        rows = []
        for score, c, y, x in top_k(heat, topk, local_maximum_kernel):
            (dx, dy), (w, h) = at(offset, y, x), at(wh, y, x)
            box = around((x + dx) * zoom_x, (y + dy) * zoom_y, w * zoom_x, h * zoom_y)
            box = [side - meta["border"][(2, 0, 2, 0)[i]] for i, side in enumerate(box)]
            if rescale:
                box = [side / float(meta["scale_factor"][i]) for i, side in enumerate(box)]
            rows.append((score, c, box))
        if with_nms:
            rows = class_nms(rows, nms_iou)[:max_per_img]
        labels = np.array([c for _, c, _ in rows], np.int64)
        results.append((round32([[*box, score] for score, _, box in rows], (-1, 5)), labels))
    return results
