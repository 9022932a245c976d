"""The boxes of the TF Object Detection API's CenterNet in plain loops (semantics.md 4.1-4.3).

Tensors are NHWC, points (y, x), sizes (height, width), boxes (ymin, xmin, ymax, xmax).
All arithmetic is done in float64 (python floats), results are rounded to float32 once.
Scores, overlaps and their thresholds are compared as float32, as upstream. Values are finite.
"""

import math

import numpy as np
from oracles.specification import activate, clamp, round32


def f32(value):
    """Return a number as float32 holds it."""
    return float(np.float32(value))


def sigmoid(logits):
    """Return float32 probabilities in the shape of the logits."""
    numbers = np.asarray(logits).ravel().tolist()
    return round32([activate(number, "sigmoid") for number in numbers], np.shape(logits))


def suppress(plane, kernel):
    """Return a plane [y][x] where a cell 1e-6 or more below its window's maximum is 0.

    Cells outside the map do not count; a kernel of None or 1 leaves the plane as it is.
    """
    if kernel is None or kernel == 1:
        return plane
    before, after = (kernel - 1) // 2, kernel // 2
    result = []
    for y, line in enumerate(plane):
        kept = []
        for x, value in enumerate(line):
            best = value
            for ny in range(max(0, y - before), min(len(plane), y + after + 1)):
                for nx in range(max(0, x - before), min(len(line), x + after + 1)):
                    best = max(best, plane[ny][nx])
            kept.append(value if abs(value - best) < 1e-6 else 0.0)
        result.append(kept)
    return result


def sorted_cells(image, kernel):
    """Return every cell (-value, y, x, channel) of a map (H, W, C), the best value first."""
    cells = []
    for c in range(image.shape[2]):
        for y, line in enumerate(suppress(image[:, :, c].tolist(), kernel)):
            for x, value in enumerate(line):
                cells.append((-value, y, x, c))
    return sorted(cells)


def top_k_feature_map_locations(feature_map, max_pool_kernel_size=3, k=100, per_channel=False):
    """Return (scores, y, x, channel) of the best cells of a map (B, H, W, C).

    Flat: (B, min(k, H*W*C)), equal values in the order y, x, channel. Per channel: (B, C*k),
    channel after channel; a channel of fewer cells is filled with score 0 at y = x = 0.
    """
    feature_map = np.asarray(feature_map)
    rows = []
    for image in feature_map:
        cells = sorted_cells(image, max_pool_kernel_size)
        if per_channel:
            found = []
            for c in range(image.shape[2]):
                own = [cell for cell in cells if cell[3] == c][:k]
                found += own + [(0.0, 0, 0, c)] * (k - len(own))
        else:
            found = cells[:k]
        rows.append(found)
    shape = (len(rows), -1)
    scores = round32([[0.0 - cell[0] for cell in row] for row in rows], shape)
    y, x, channel = (
        np.array([[cell[i] for cell in row] for row in rows], dtype=np.int32).reshape(shape)
        for i in (1, 2, 3)
    )
    return scores, y, x, channel


def row_col_channel_indices_from_flattened_indices(indices, num_cols, num_channels):
    """Return int32 (rows, columns, channels) of NHWC flat indices, each in their shape."""
    flat = np.asarray(indices).ravel().tolist()
    rows = [i // num_channels // num_cols for i in flat]
    cols = [i // num_channels % num_cols for i in flat]
    channels = [i % num_channels for i in flat]
    shape = np.shape(indices)
    return tuple(np.array(part, dtype=np.int32).reshape(shape) for part in (rows, cols, channels))


def flattened_indices_from_row_col_indices(row_indices, col_indices, num_cols):
    """Return int32 row * num_cols + column, in the shape of the indices."""
    rows, cols = np.asarray(row_indices).ravel().tolist(), np.asarray(col_indices).ravel().tolist()
    flat = [row * num_cols + col for row, col in zip(rows, cols, strict=True)]
    return np.array(flat, dtype=np.int32).reshape(np.shape(row_indices))


def gather(head, y_indices, x_indices):
    """Return the values of a head (B, H, W, D) at cells (B, N) as lists [b][n][d]."""
    result = []
    for image, ys, xs in zip(np.asarray(head), y_indices, x_indices, strict=True):
        result.append([image[int(y), int(x)].tolist() for y, x in zip(ys, xs, strict=True)])
    return result


def prediction_tensors_to_boxes(
    y_indices, x_indices, height_width_predictions, offset_predictions, *, clip=True
):
    """Return boxes (B, N, 4) in cells: centre = cell + offset, negative sizes count as 0.

    Cells are (B, N), predictions (B, H, W, 2): (h, w) and (dy, dx). With clip the boxes end
    at the borders of the feature map; without, they are those of July 2020.
    """
    rows, cols = np.shape(height_width_predictions)[1:3]
    sizes = gather(height_width_predictions, y_indices, x_indices)
    offsets = gather(offset_predictions, y_indices, x_indices)
    batch, count = np.shape(y_indices)
    boxes = np.empty((batch, count, 4), dtype=np.float32)
    for b, n in np.ndindex(batch, count):
        h, w = (max(size, 0.0) for size in sizes[b][n])
        cy = int(y_indices[b][n]) + offsets[b][n][0]
        cx = int(x_indices[b][n]) + offsets[b][n][1]
        box = [cy - h / 2, cx - w / 2, cy + h / 2, cx + w / 2]
        if clip:
            box = [clamp(box[i], (rows, cols, rows, cols)[i]) for i in range(4)]
        boxes[b, n] = box
    return boxes


def prediction_tensors_to_temporal_offsets(y_indices, x_indices, offset_predictions):
    """Return the (y, x) offsets (B, N, 2) found at the cells (B, N)."""
    return round32(gather(offset_predictions, y_indices, x_indices), (*np.shape(y_indices), 2))


def predicted_embeddings_at_object_centers(embedding_predictions, y_indices, x_indices):
    """Return the embeddings (B, N, E) found at the cells (B, N), not normalised."""
    shape = (*np.shape(y_indices), np.shape(embedding_predictions)[3])
    return round32(gather(embedding_predictions, y_indices, x_indices), shape)


def l2_normalize(vectors):
    """Return vectors (B, N, E) of length 1; a zero vector stays zero."""
    result = np.zeros(np.shape(vectors), dtype=np.float32)
    for b, n in np.ndindex(*result.shape[:2]):
        vector = [float(number) for number in vectors[b][n]]
        length = math.sqrt(sum(number * number for number in vector))
        if length > 0.0:
            result[b, n] = [number / length for number in vector]
    return result


def convert_strided_predictions_to_normalized_boxes(boxes, stride, true_image_shapes):
    """Return boxes (B, N, 4) of cells as parts of the true image (B, 3), clipped to [0, 1]."""
    result = np.empty(np.shape(boxes), dtype=np.float32)
    for b, n in np.ndindex(*result.shape[:2]):
        height, width = int(true_image_shapes[b][0]), int(true_image_shapes[b][1])
        for i, size in enumerate((height, width, height, width)):
            result[b, n, i] = clamp(float(boxes[b][n][i]) * stride / size, 1)
    return result
