"""Masks and DensePose of the TF Object Detection API's CenterNet in plain loops (4.6).

Layout, order of axes and arithmetic are those of tf/boxes.py. Mask scores are probabilities.
"""

import math

import numpy as np
from oracles.specification import round32
from oracles.tf.boxes import f32


def sample_positions(low, high, length, count):
    """Return where `count` samples of a box side [low, high] lie on an axis of `length` cells.

    Corners are aligned: low * (length - 1) first, high * (length - 1) last; one sample: middle.
    """
    if count == 1:
        return [(low + high) / 2 * (length - 1)]
    last = count - 1
    return [(low * (last - i) + high * i) * (length - 1) / last for i in range(count)]


def bilinear(plane, y, x):
    """Return the value of a plane [y][x] between its four cells; 0 outside of the plane."""
    if not (0 <= y <= len(plane) - 1 and 0 <= x <= len(plane[0]) - 1):
        return 0.0
    top, bottom = plane[math.floor(y)], plane[math.ceil(y)]
    left, right = math.floor(x), math.ceil(x)
    upper = top[left] + (top[right] - top[left]) * (x - left)
    lower = bottom[left] + (bottom[right] - bottom[left]) * (x - left)
    return upper + (lower - upper) * (y - math.floor(y))


def crop_plane(plane, box, size):
    """Return a crop [y][x] of a size (height, width) of a plane (H, W); the box is in [0, 1]."""
    plane = np.asarray(plane).tolist()
    ys = sample_positions(box[0], box[2], len(plane), size[0])
    xs = sample_positions(box[1], box[3], len(plane[0]), size[1])
    return [[bilinear(plane, y, x) for x in xs] for y in ys]


def crop_and_threshold_masks(
    elems,
    input_height,
    input_width,
    mask_height=256,
    mask_width=256,
    score_threshold=0.5,
    densepose_class_index=-1,
):
    """Return (masks uint8 (N, mh, mw), surface coordinates float32 (N, mh, mw, 2) or None).

    elems of one image: boxes (N, 4) normalised by the true shape, classes (N,), masks
    (H, W, C), part_heatmap (H, W, P) and surf_coords (H, W, 2P) or None, true_height,
    true_width. A pixel is foreground (1) from the threshold on; in the DensePose class it
    is its best part + 1 and carries that part's (v, u).
    """
    boxes, classes, masks, part_heatmap, surf_coords, true_height, true_width = elems
    size, count = (mask_height, mask_width), len(boxes)
    ratios = (true_height / input_height, true_width / input_width) * 2
    cropped = np.zeros((count, *size), dtype=np.uint8)
    surface = None
    if part_heatmap is not None and surf_coords is not None:
        surface = np.zeros((count, *size, 2), dtype=np.float32)
    for n in range(count):
        box = [float(boxes[n][i]) * float(ratios[i]) for i in range(4)]
        scores = crop_plane(masks[:, :, int(classes[n])], box, size)
        parts, coords = None, None
        if surface is not None and int(classes[n]) == densepose_class_index:
            parts = [crop_plane(plane, box, size) for plane in np.moveaxis(part_heatmap, 2, 0)]
            coords = [crop_plane(plane, box, size) for plane in np.moveaxis(surf_coords, 2, 0)]
        for y, x in np.ndindex(*size):
            if f32(scores[y][x]) >= f32(score_threshold):
                cropped[n, y, x] = 1
                if parts is not None:
                    numbers = [part[y][x] for part in parts]
                    best = numbers.index(max(numbers))
                    cropped[n, y, x] = best + 1
                    surface[n, y, x] = [coords[2 * best][y][x], coords[2 * best + 1][y][x]]
    return cropped, surface


def convert_strided_predictions_to_instance_masks(
    boxes,
    classes,
    masks,
    true_image_shapes,
    densepose_part_heatmap=None,
    densepose_surface_coords=None,
    stride=4,
    mask_height=256,
    mask_width=256,
    score_threshold=0.5,
    densepose_class_index=-1,
):
    """Return crop_and_threshold_masks of every image: (B, N, mh, mw) and (B, N, mh, mw, 2).

    boxes (B, N, 4) are normalised by true_image_shapes (B, 3), classes are (B, N), the maps
    (B, H, W, *); the padded input has H * stride by W * stride pixels.
    """
    masks = np.asarray(masks)
    batch, height, width = masks.shape[:3]
    with_parts = densepose_part_heatmap is not None and densepose_surface_coords is not None
    mask_rows, surface_rows = [], []
    for b in range(batch):
        elems = (
            boxes[b],
            classes[b],
            masks[b],
            np.asarray(densepose_part_heatmap[b]) if with_parts else None,
            np.asarray(densepose_surface_coords[b]) if with_parts else None,
            int(true_image_shapes[b][0]),
            int(true_image_shapes[b][1]),
        )
        cropped, surface = crop_and_threshold_masks(
            elems,
            height * stride,
            width * stride,
            mask_height,
            mask_width,
            score_threshold,
            densepose_class_index,
        )
        mask_rows.append(cropped)
        surface_rows.append(surface)
    stacked = np.stack(mask_rows)
    return stacked, round32(surface_rows, (*stacked.shape, 2)) if with_parts else None
