"""Models that decode in their own graph, as exporters write them, over heads that say BOX."""

import numpy as np
from openvino import opset1
from openvino import opset13 as ops
from support import models

K = 5
HEIGHT, WIDTH = 8, 12


def whole(*numbers):
    return np.array(numbers, np.int64)


def peaks(scores, window=3, epsilon=None):
    """Return (1, C, H, W) scores of which those that are beaten are 0."""
    reach = [window // 2] * 2
    pooled = opset1.max_pool(scores, [1, 1], reach, reach, [window] * 2)
    if epsilon is None:
        kept = ops.equal(scores, pooled)
    else:
        kept = ops.less(ops.abs(ops.subtract(scores, pooled)), np.float32(epsilon))
    return ops.multiply(scores, ops.convert(kept, "f32"))


def image_and_heads(family, layout, split=False, batch=1):
    """Return the image, and the heads of a family as nodes that it feeds.

    split: the heads are the outputs of one node.
    """
    parameter, pixels = models.image_input((batch, *models.NETWORK, 3))
    nothing = ops.multiply(ops.reduce_max(pixels, np.arange(4)), np.float32(0))
    arrays = models.heads(family, layout)
    arrays = [arrays[name] for name in ("heatmap", "wh", "offset") if name in arrays]
    if not split:
        return parameter, [ops.add(ops.constant(array), nothing) for array in arrays]
    axis = layout.index("C")
    whole_map = ops.add(ops.constant(np.concatenate(arrays, axis)), nothing)
    counts = whole(*(array.shape[axis] for array in arrays))
    return parameter, ops.variadic_split(whole_map, np.int64(axis), counts).outputs()


def zoo(family, gather="Gather", window=3):
    """Return a model with the tail of TensorFlow's detection zoo: channels last, one TopK of
    all, y before x, boxes as parts of the input, classes from 1 on."""
    parameter, (logits, wh, offset) = image_and_heads(family, "NHWC")
    scores = ops.transpose(ops.sigmoid(logits), whole(0, 3, 1, 2))
    kept = ops.transpose(peaks(scores, window, epsilon=1e-6), whole(0, 2, 3, 1))
    best = ops.topk(ops.reshape(kept, whole(1, -1), False), np.int64(K), 1, "max", "value")
    index = best.output(1)
    cells = ops.divide(index, np.int32(3))
    columns, rows = ops.floor_mod(cells, np.int32(WIDTH)), ops.divide(cells, np.int32(WIDTH))

    def at_peaks(head):
        flat = ops.reshape(head, whole(HEIGHT * WIDTH, 2), False)
        if gather == "Gather":
            return ops.unsqueeze(ops.gather(flat, ops.squeeze(cells, whole(0)), whole(0)), whole(0))
        places = [ops.unsqueeze(ops.multiply(cells, np.int32(0)), whole(2))]
        places += [ops.unsqueeze(axis, whole(2)) for axis in (rows, columns)]
        return ops.gather_nd(head, ops.concat(places, 2))

    ends = [ops.unsqueeze(ops.convert(axis, "f32"), whole(2)) for axis in (rows, columns)]
    center = ops.add(ops.concat(ends, 2), at_peaks(offset))
    half = ops.divide(ops.relu(at_peaks(wh)), np.float32(2))
    boxes = ops.concat([ops.subtract(center, half), ops.add(center, half)], 2)
    parts = ops.divide(ops.multiply(boxes, np.float32(4)), np.float32([*models.NETWORK] * 2))
    classes = ops.add(ops.convert(ops.floor_mod(index, np.int32(3)), "f32"), np.float32(1))
    number = ops.reduce_sum(
        ops.convert(ops.less(np.float32(0), best.output(0)), "f32"), whole(1), False
    )
    outputs = {
        "detection_boxes": ops.clamp(parts, 0, 1),
        "detection_scores": ops.multiply(best.output(0), np.float32(1)),
        "detection_classes": classes,
        "num_detections": number,
    }
    return models.named(outputs, parameter)


def rows(
    family,
    scale=1.0,
    gathered=True,
    ranked=True,
    split=False,
    offset_at=None,
    scored=None,
    read_again=False,
    best_class=False,
    batch=1,
):
    """Return a model with rows x1 y1 x2 y2 score class: channels first, the best of each
    class and then of all, boxes in cells times scale.

    split: as in `image_and_heads`. offset_at: what the offset of cells (1, K) is, (1, 2, K),
    by the image and them. scored: what becomes of scores (1, K), by the image, them, their
    classes and the function that reads heads at their cells. read_again: scores are read from
    the map of peaks where they were found. best_class: of each cell.
    """
    parameter, (logits, wh, offset) = image_and_heads(family, "NCHW", split, batch)
    found = peaks(ops.sigmoid(logits))
    if best_class:
        best = ops.equal(found, ops.reduce_max(found, whole(1), True))
        found = ops.multiply(found, ops.convert(best, "f32"))
    kept = ops.reshape(found, whole(1, 3, -1), False)
    if not ranked:
        return models.named({"kept": kept}, parameter)
    each = ops.topk(kept, np.int64(K), 2, "max", "value")
    best = ops.topk(
        ops.reshape(each.output(0), whole(1, -1), False), np.int64(K), 1, "max", "value"
    )
    cells = ops.gather_elements(ops.reshape(each.output(1), whole(1, -1), False), best.output(1), 1)
    both = ops.broadcast(ops.unsqueeze(cells, whole(1)), whole(1, 2, K))

    def at_peaks(head):
        if not gathered:
            return ops.slice(ops.reshape(head, whole(1, 2, -1), False), *map(whole, (0, K, 1, 2)))
        return ops.gather_elements(ops.reshape(head, whole(1, 2, -1), False), both, 2)

    ends = [ops.floor_mod(cells, np.int32(WIDTH)), ops.divide(cells, np.int32(WIDTH))]
    ends = [ops.unsqueeze(ops.convert(axis, "f32"), whole(1)) for axis in ends]
    moved = at_peaks(offset) if offset_at is None else offset_at(parameter, cells)
    center = ops.add(ops.concat(ends, 1), moved)
    half = ops.divide(at_peaks(wh), np.float32(2))
    boxes = ops.concat([ops.subtract(center, half), ops.add(center, half)], 1)
    boxes = ops.multiply(ops.transpose(boxes, whole(0, 2, 1)), np.float32(scale))
    classes = ops.convert(ops.divide(best.output(1), np.int32(K)), "f32")
    scores = best.output(0)
    if read_again:
        places = ops.add(
            ops.multiply(ops.divide(best.output(1), np.int32(K)), np.int32(HEIGHT * WIDTH)), cells
        )
        scores = ops.gather_elements(ops.reshape(found, whole(1, -1), False), places, 1)
    if scored is not None:
        scores = scored(parameter, scores, classes, at_peaks)
    columns = [ops.unsqueeze(column, whole(2)) for column in (scores, classes)]
    return models.named({"rows": ops.concat([boxes, *columns], 2)}, parameter)


def thinned(family):
    """Return a model as `rows`, with an NMS of boxes behind it."""
    model = rows(family)
    found = model.output("rows").get_node().input_value(0)
    sides = [ops.slice(found, whole(i), whole(j), whole(1), whole(2)) for i, j in ((0, 4), (4, 5))]
    limits = map(ops.constant, (np.int64(K), np.float32(0.5), np.float32(0)))
    chosen = ops.non_max_suppression(
        sides[0], ops.transpose(sides[1], whole(0, 2, 1)), *limits, box_encoding="corner"
    )
    places = ops.gather(chosen.output(0), np.int64(2), np.int64(1))
    ends = {"rows": ops.gather(found, places, np.int64(1))}
    found.set_names(set())
    return models.named(ends, model.get_parameters()[0])


def brightness(image):
    """Return the first two channels of an image (B, H, W, 3) at cells, (B, 2, h, w): a head
    that is nothing where the image is black."""
    channels = ops.transpose(image, whole(0, 3, 1, 2))
    cells = opset1.avg_pool(channels, [4, 4], [0, 0], [0, 0], [4, 4], True)
    return ops.gather(cells, whole(0, 1), whole(1))


def one_hot_offset(image, cells):
    """Return what a head holds at cells, which is multiplied and not gathered."""
    chosen = ops.one_hot(cells, np.int64(HEIGHT * WIDTH), np.float32(1), np.float32(0), -1)
    head = ops.reshape(brightness(image), whole(1, 2, -1), False)
    return ops.transpose(ops.matmul(chosen, head, False, True), whole(0, 2, 1))


def weighted(image, scores, classes, at_peaks):
    """Return scores of which those of the first class are halved."""
    return ops.multiply(
        scores, ops.select(ops.equal(classes, np.float32(0)), *map(np.float32, (0.5, 1)))
    )


def times_a_head(image, scores, classes, at_peaks):
    """Return scores times what a head that is gathered holds there."""
    first = ops.gather(at_peaks(brightness(image)), whole(0), whole(1))
    return ops.multiply(scores, ops.squeeze(first, whole(1)))


def times_the_image(image, scores, classes, at_peaks):
    """Return scores that are smaller where the image is bright."""
    return ops.divide(scores, ops.add(ops.reduce_max(ops.abs(image), np.arange(4)), np.float32(1)))
