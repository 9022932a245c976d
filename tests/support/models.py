"""Tiny OpenVINO models whose answer is known, and heads that hold one known box."""

import math

import centerdecode as cd
import numpy as np
import openvino as ov
from openvino import opset13 as ops

NETWORK = (32, 48)  # (height, width) of the input, 8 x 12 cells of 4 pixels
BOX = [15.0, 10.0, 27.0, 18.0]  # what all of VALUES say, in input pixels
SCORE = 0.75  # sigmoid(log(3))

# Where a head has its peak (row, column), and where the heads that belong to it are read.
CENTER = {"heatmap": (3, 5)}  # BOX has its center 1 pixel to the right, 2 below
SIDES = {"top": (2, 5), "left": (3, 3), "bottom": (4, 5), "right": (3, 6), "center": (3, 4)}
CORNERS = {"top_left": (2, 3), "bottom_right": (4, 6)}
LEVELS = range(5)  # of a pyramid, all on one grid here; each of them says BOX
PEAKS = {
    "EXTREMENET": SIDES,
    "TRIPLETS": CORNERS | {"center": (3, 5)},
    "CORNERNET": CORNERS,
    "CENTERNET2": {f"{head}_{i}": (3, 5) for head in ("heatmap", "agnostic") for i in LEVELS},
}

# What upstream's training would put there for BOX, by the formulas of each decoder;
# keypoints are two corners of BOX, which their own heatmaps know, too.
SIZE_AND_OFFSET = {"wh": (3, 2), "offset": (0.25, 0.5)}
POSE = {"keypoints": (-1.25, -0.5, 1.75, 1.5), "keypoint_offset": (0.75, 0.5)}
POSE_YX = {"keypoints": (-0.5, -1.25, 1.5, 1.75), "keypoint_offset": (0.5, 0.75) * 2}
LANDMARKS = {"landmarks": (0,) * 10}
SURFACE = {"parts": (0, 1), "surface_coords": (0, 0, 0.25, 0.75)}  # wherever one looks
CORNER_PAIR = {f"{corner}_tag": (1.5,) for corner in CORNERS} | {
    f"{corner}_offset": (0.75, 0.5) for corner in CORNERS
}
SEEN_FROM_CELL = (-1.25, -0.5, 1.75, 1.5)  # the corners of BOX
TRACK = {
    "tracking": (0.5, -1),
    "velocity": (1, 2, 3),
    "attributes": (0,) * 8,
    "amodal_box": SEEN_FROM_CELL,
}
SPACE = {"rotation": (0, 0, 0, 1, 0, 0, 0, 1), "depth": (0,), "dimensions": (1, 2, 3)}
TF_TRACK = {"embedding": (3, 0, 4, 0), "tracking": (-1, 0.5)}
# The distances to BOX from the middle of cell (3, 5) in cells of 8, 16, ... pixels.
PYRAMID = {
    f"wh_{i}": (5.5 - 15 / 2**i / 8, 3.5 - 10 / 2**i / 8, 27 / 2**i / 8 - 5.5, 18 / 2**i / 8 - 3.5)
    for i in LEVELS
}
# BOX in meters: cells of 0.8 m from -51.2 m on, which are not where CENTER says.
BIRDS_EYE = {
    "offset": (85.25, 78.5),
    "height": (1,),
    "dimensions": (math.log(12), math.log(8), 0),
    "heading": (0, 1),
    "velocity": (3, 4),
}
VALUES = {
    "CENTERNET": SIZE_AND_OFFSET,
    "KERAS_CENTERNET": SIZE_AND_OFFSET,
    "OPEN_MODEL_ZOO": SIZE_AND_OFFSET,
    "TF_CENTERNET": {"wh": (2, 3), "offset": (0.5, 0.25)} | TF_TRACK,
    "CENTERFACE": {"wh": (math.log(2), math.log(3)), "offset": (0, -0.25)} | LANDMARKS,
    "DBFACE": {"wh": (1.25, 0.5, 1.75, 1.5)} | LANDMARKS,
    "TTFNET": {"wh": (5, 2, 7, 6)},
    "FAIRMOT": {"wh": (1.5, 1, 1.5, 1), "offset": (0.25, 0.5), "embedding": (0.5,) * 16},
    "FAIRMOT_WH": SIZE_AND_OFFSET | {"embedding": (0.5,) * 16},
    "CENTERTRACK": SIZE_AND_OFFSET
    | TRACK
    | SPACE
    | {"amodal_offset": (0.25, 0.5), "corners": SEEN_FROM_CELL},
    "MMDET": SIZE_AND_OFFSET,
    "CENTERNET_POSE": SIZE_AND_OFFSET | POSE,
    "KERAS_POSE": SIZE_AND_OFFSET | POSE,
    "TF_MASKS": {"wh": (2, 3), "offset": (0.5, 0.25)} | TF_TRACK,
    "TF_DENSEPOSE": {"wh": (2, 3), "offset": (0.5, 0.25)} | TF_TRACK | SURFACE,
    "CENTERTRACK_POSE": SIZE_AND_OFFSET | POSE | TRACK | {"corners": SEEN_FROM_CELL},
    "TF_POSE": {"wh": (2, 3), "offset": (0.5, 0.25)}
    | POSE_YX
    | {"keypoint_depth": (7,)}
    | TF_TRACK,
    "MOVENET": POSE_YX,
    "CENTERNET_3D": SIZE_AND_OFFSET | SPACE,
    "CENTERTRACK_3D": SIZE_AND_OFFSET
    | SPACE
    | TRACK
    | {"amodal_offset": (0.25, 0.5), "corners": SEEN_FROM_CELL},
    "EXTREMENET": {
        "top_offset": (0.25, 0.5),
        "left_offset": (0.75, 0.5),
        "bottom_offset": (0.25, 0.5),
        "right_offset": (0.75, 0.5),
    },
    "TRIPLETS": CORNER_PAIR | {"center_offset": (0.25, 0.5)},
    "CORNERNET": CORNER_PAIR,
    "CENTERNET2": PYRAMID,
    "CENTERPOINT": BIRDS_EYE,
}
LEFT, TOP, RIGHT, BOTTOM = 0.3125, 0.3125, 0.5625, 0.5625  # BOX as fractions of NETWORK
ROWS = {
    "DETECTION_OUTPUT": {
        "rows": [[[[0, 1, 0.75, LEFT, TOP, RIGHT, BOTTOM], [-1] + [0] * 6, [0, 1, 0.9] + [0] * 4]]]
    },
    "TF_ZOO": {
        "boxes": [[[TOP, LEFT, BOTTOM, RIGHT], [0, 0, 1, 1]]],
        "scores": [[0.75, 0.7]],
        "classes": [[2, 1]],
        "count": [1],
        "keypoints": [[[[TOP, LEFT], [BOTTOM, RIGHT]], [[0, 0], [1, 1]]]],
        "keypoint_scores": [[[0.5, 0.25], [0, 0]]],
    },
    "EMBEDDED": {
        "boxes": [[BOX, [0] * 4]],
        "scores": [[0.75, 0]],
        "class_ids": [[1, -1]],
        "counts": [1],
        "keypoints": [[[BOX[:2], BOX[2:]], [[0, 0], [0, 0]]]],
        "keypoint_scores": [[[0.5, 0.25], [0, 0]]],
    },
}

FAMILIES = [getattr(cd.families, name) for name in [*VALUES, *ROWS]]
WITH_HEADS = FAMILIES[: len(VALUES)]

# A model that shows what it was fed: every number of its input is a peak of mirror().
MIRROR = cd.Family(
    name="MIRROR",
    heads={"heatmap": ("hm",), "wh": ("wh",)},
    activation="none",
    window=1,
    stride=1,
    center_shift=0,
    resize="stretch",
)
ALL_CELLS = {"score_threshold": -math.inf, "top_k": 10**6}


def class_id(family):
    """Return the class of BOX: the second of three, or the first, if no other can be."""
    return 0 if family.name in ("MOVENET", "TF_DENSEPOSE") else 1


def planes(family, head):
    """Return one head (1, channels, 8, 12), with 77 where nobody has to look."""
    peak, ground = (SCORE, 0.0) if family.activation == "none" else (math.log(3), -9.0)
    cells = PEAKS.get(family.name, CENTER)
    if head in cells:
        agnostic = head.startswith("agnostic")
        alone = agnostic or family.name == "MOVENET"
        found = np.full((1, 1 if alone else 3, 8, 12), ground, np.float32)
        found[0, 0 if agnostic else class_id(family)][cells[head]] = peak
    elif head == "keypoint_heatmap":
        found = np.full((1, 2, 8, 12), ground, np.float32)
        found[0, 0][CORNERS["top_left"]] = found[0, 1][CORNERS["bottom_right"]] = peak
    elif head == "segmentation":  # what is left of the fifth column is foreground
        found = np.full((1, 3, 8, 12), -9, np.float32)
        found[0, class_id(family), :, :5] = 9
    elif head in SURFACE:
        found = np.zeros((1, len(SURFACE[head]), 8, 12), np.float32)
        found += np.float32(SURFACE[head]).reshape(1, -1, 1, 1)
    else:
        values = VALUES[family.name][head]
        found = np.full((1, len(values), 8, 12), 77, np.float32)
        rows = [cells.get(head.rpartition("_")[0], CENTER["heatmap"])]
        at_keypoints = head in ("keypoint_offset", "keypoint_depth")
        for row, column in CORNERS.values() if at_keypoints else rows:
            found[0, :, row, column] = values
    return found


def heads(family, layout=None):
    """Return the heads, float32 by name of head, with which a family says BOX and no more."""
    if family.name in ROWS:
        return {head: np.array(rows, np.float32) for head, rows in ROWS[family.name].items()}
    found = {head: planes(family, head) for head in family.heads}
    if (layout or family.layout) == "NHWC":
        found = {head: np.moveaxis(array, 1, 3).copy() for head, array in found.items()}
    return found


def outputs(family, layout=None):
    """Return the same by the name that the model's output has."""
    return {family.heads[head][0]: array for head, array in heads(family, layout).items()}


def image_input(shape, element_type="f32"):
    """Return a parameter of the shape (-1: any), and its pixels as f32."""
    parameter = ops.parameter(
        ov.PartialShape(list(shape)), getattr(ov.Type, element_type), name="image"
    )
    parameter.output(0).set_names({"image"})
    return parameter, parameter if element_type == "f32" else ops.convert(parameter, "f32")


def named(nodes, parameter):
    """Return the model of the nodes by name; a name may be a tuple of several, or empty."""
    for names, node in nodes.items():
        node.output(0).set_names(set([names] if isinstance(names, str) else names))
    return ov.Model(list(nodes.values()), [parameter], "tiny")


def constant(arrays, *, shape=(1, 3, *NETWORK), element_type="f32", tails=None):
    """Return a model that answers with the arrays, by output name, whatever the image.

    tails: what else an output goes through, as a function of nodes, by its name.
    """
    parameter, pixels = image_input(shape, element_type)
    brightest = ops.reduce_max(pixels, np.arange(len(shape)))
    nothing = ops.multiply(brightest, np.float32(0))
    nodes = {}
    for names, array in arrays.items():
        node = ops.add(ops.constant(array), nothing)
        nodes[names] = (tails or {}).get(names, lambda node: node)(node)
    return named(nodes, parameter)


def mirror(shape=(1, 3, 8, 8), *, layout="NCHW", element_type="f32", output_type="f32"):
    """Return a model whose heatmap is its input, and whose boxes are points."""
    parameter, pixels = image_input(shape, element_type)
    channel = layout.index("C")
    heatmap = ops.multiply(pixels, np.float32(1))
    points = ops.multiply(ops.gather(pixels, np.array([0, 1]), np.array(channel)), np.float32(0))
    nodes = {"hm": heatmap, "wh": points}
    if output_type != "f32":
        nodes = {name: ops.convert(node, output_type) for name, node in nodes.items()}
    return named(nodes, parameter)


def fragile():
    """Return a model like mirror(), whose inference fails if a pixel is 255.

    It asks for 192 numbers in some other number of rows each time: the CPU would not look
    again at a shape that it saw in the inference before.
    """
    parameter, pixels = image_input((1, 3, 8, 8))
    brightest = ops.reduce_max(pixels, np.arange(4), keep_dims=False)
    fatal = ops.convert(ops.floor(ops.divide(brightest, np.float32(255))), "i64")
    many = ops.random_uniform(np.array([1]), np.int64(193), np.int64(2**40), "i64")
    rows = ops.add(ops.multiply(fatal, many), np.int64(1))
    shape = ops.concat([rows, np.array([-1])], 0)
    heatmap = ops.reshape(ops.reshape(pixels, shape, False), np.array([1, 3, 8, 8]), False)
    points = ops.multiply(ops.gather(pixels, np.array([0, 1]), np.array(1)), np.float32(0))
    return named({"hm": heatmap, "wh": points}, parameter)


def finder(size, first_pixel):
    """Return a CENTERNET model whose one box lies around the center of brightness.

    first_pixel: the coordinate of the middle of the first pixel, 0 or 0.5.
    """
    height, width = size
    parameter, pixels = image_input((1, 3, height, width))
    xs = np.arange(width, dtype=np.float32).reshape(1, 1, 1, width) + np.float32(first_pixel)
    ys = np.arange(height, dtype=np.float32).reshape(1, 1, height, 1) + np.float32(first_pixel)
    axes = np.array([1, 2, 3])
    mass = ops.reduce_sum(pixels, axes, keep_dims=True)
    center = ops.concat(
        [
            ops.divide(ops.reduce_sum(ops.multiply(pixels, way), axes, keep_dims=True), mass)
            for way in (xs, ys)
        ],
        1,
    )
    grid = (height // 4, width // 4)
    heatmap = np.full((1, 1, *grid), -9, np.float32)
    heatmap[0, 0, 0, 0] = 9  # at cell (0, 0) the offset alone says where
    sizes = np.broadcast_to(np.float32([3, 2]).reshape(1, 2, 1, 1), (1, 2, *grid))
    offsets = ops.broadcast(ops.divide(center, np.float32(4)), np.array([1, 2, *grid]))
    nothing = ops.multiply(mass, np.float32(0))
    return named(
        {
            "hm": ops.add(ops.constant(heatmap), nothing),
            "wh": ops.add(ops.constant(sizes.copy()), nothing),
            "reg": offsets,
        },
        parameter,
    )


def zoo_outputs(keypoints):
    """Return what a TF2 detection zoo model answers: three rows count, the fourth is filler."""
    arrays = {
        "detection_boxes": [[[0.5, 0, 1, 0.25], [0, 0.25, 0.5, 0.75], [0, 0, 1, 1], [0] * 4]],
        "detection_scores": [[0.5, 0.875, 0.25, 0.9]],
        "detection_classes": [[1, 90, 3, 1]],
        "num_detections": [3],
        "detection_multiclass_scores": [[[0] * 90] * 4],
        "raw_detection_boxes": [[[0] * 4] * 9],
    }
    if keypoints:
        points = [[[0.5, 0.25], [1, 0.125]], [[0.25, 0.5], [0, 0]], [[0, 0]] * 2, [[0, 0]] * 2]
        arrays["detection_keypoints"] = [points]
        arrays["detection_keypoint_scores"] = [[[0.75, 0.5], [0.25, 0], [0, 0], [0, 0]]]
    return {f"{name}:0": np.array(array, np.float32) for name, array in arrays.items()}


def save_onnx(onnx, arrays, path):
    """Write `constant(arrays)` as an ONNX file."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    constants = [numpy_helper.from_array(array, f"{name}_is") for name, array in arrays.items()]
    constants += [numpy_helper.from_array(np.float32(0), "zero")]
    nodes = [
        helper.make_node("ReduceMax", ["input.1"], ["brightest"], keepdims=0),
        helper.make_node("Mul", ["brightest", "zero"], ["nothing"]),
        *(helper.make_node("Add", [f"{name}_is", "nothing"], [name]) for name in arrays),
    ]
    info = helper.make_tensor_value_info
    image = info("input.1", onnx.TensorProto.FLOAT, (1, 3, *NETWORK))
    ends = [info(name, onnx.TensorProto.FLOAT, array.shape) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "tiny", [image], ends, constants)
    opset = helper.make_opsetid("", 13)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
