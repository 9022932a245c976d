"""What the operation says of inputs and settings that other programs than `embed` give it."""

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from openvino import opset13 as ops
from openvino.utils.node_factory import NodeFactory
from support import graphs
from support.heads import assert_same

BOXES = cd.Decoder(families.CENTERNET.replace(optional=())).settings(["heatmap", "wh", "offset"])
SHAPES = {"heatmap": (2, 3, 7, 9), "wh": (2, 2, 7, 9), "offset": (2, 2, 7, 9)}


@pytest.fixture(scope="module")
def factory(extension):
    factory = NodeFactory()
    factory.add_extension(str(extension))
    return factory


def parameters(shapes, element_type="f32"):
    kind = getattr(ov.Type, element_type)
    return [ops.parameter(ov.PartialShape(shape), kind) for shape in shapes]


def decoding(factory, inputs, settings=BOXES):
    """Return a model that hands its inputs to the operation."""
    node = factory.create("Decode", [own.output(0) for own in inputs], {"settings": settings})
    return ov.Model(node.outputs(), inputs, "decoding")


def shapes_of(model):
    return [str(port.partial_shape) for port in model.outputs]


@pytest.mark.parametrize(("change", "message"), [
    ({"offset": None}, "takes 3 heads, got 2"),
    ({"more": (2, 2, 7, 9)}, "takes 3 heads, got 4"),
    ({"wh": (2, 2, 9)}, r"wh must be of rank 4, got \[2,2,9\]"),
    ({"offset": (3, 2, 7, 9)}, r"offset must be of as many images .* got \[3,2,7,9\]"),
    ({"offset": (2, 2, 7, 8)}, r"offset must .* \(2, 2, 7, 8\)"),
])  # fmt: skip
def test_heads_that_do_not_fit_are_told_when_the_graph_is_made(factory, change, message):
    shapes = [shape for shape in (SHAPES | change).values() if shape is not None]
    with pytest.raises((RuntimeError, ValueError), match=message):
        decoding(factory, parameters(shapes))


def test_heads_of_whole_numbers_are_refused(factory):
    with pytest.raises(RuntimeError, match="heatmap must be f32, f16 or bf16, got i32"):
        decoding(factory, parameters(SHAPES.values(), "i32"))


@pytest.mark.parametrize(("settings", "message"), [
    ("", "settings must not be empty"),
    ("decoder=boxes; heads=heatmap,wh; colour=red", 'keys that decoder "boxes" .* got "colour"'),
    ("decoder=detection_output; heads=rows; input_size=32,48",
     "settings must not say detection_output"),
])  # fmt: skip
def test_settings_that_say_no_decoder_are_refused(factory, settings, message):
    with pytest.raises((RuntimeError, ValueError), match=message):
        decoding(factory, parameters([(1, 1, 5, 7)]), settings)


def test_what_is_not_known_yet_is_left_open(factory):
    unknown = parameters([(-1, 3, -1, -1)] * 3, "dynamic")
    assert shapes_of(decoding(factory, unknown)) == ["[?,100,4]", "[?,100]", "[?,100]", "[?]"]
    ranks = [ops.parameter(ov.PartialShape.dynamic(), np.float32) for _ in SHAPES]
    assert shapes_of(decoding(factory, ranks)) == ["[?,100,4]", "[?,100]", "[?,100]", "[?]"]
    one_known = [*parameters([(-1, 3, -1, -1)] * 2), *parameters([(4, 2, -1, -1)])]
    assert shapes_of(decoding(factory, one_known))[0] == "[4,100,4]"


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_the_number_of_keypoints_is_known_from_the_channels(factory, layout):
    family = families.CENTERNET_POSE.replace(layout=layout)
    model = graphs.head_model(family, graphs.head_arrays(family), dynamic=True)
    assert shapes_of(graph.embed(model, family))[4:] == ["[?,100,5,2]", "[?,100,5]"]


def test_outputs_say_their_element_types(factory):
    types = [port.element_type.get_type_name()
             for port in decoding(factory, parameters(SHAPES.values())).outputs]  # fmt: skip
    assert types == ["f32", "f32", "i32", "i32"]


def test_settings_may_be_changed_and_copied(factory):
    model = decoding(factory, parameters(SHAPES.values()))
    (node,) = [own for own in model.get_ordered_ops() if own.get_type_name() == "Decode"]
    assert node.get_attributes() == {"settings": BOXES}
    node.set_attribute("settings", BOXES.replace("top_k=100", "top_k=7"))
    model.validate_nodes_and_infer_types()
    assert shapes_of(model)[0] == "[2,7,4]"
    copy = model.clone()
    (node,) = [own for own in copy.get_ordered_ops() if own.get_type_name() == "Decode"]
    assert "top_k=7;" in node.get_attributes()["settings"]
    heads = [np.full(shape, 9, np.float32) for shape in SHAPES.values()]
    found = graphs.infer(graphs.compiled(copy), heads)
    assert next(iter(found.values())).shape == (2, 7, 4)


def test_heads_of_keypoints_that_do_not_fit_are_told_then_too(factory):
    family = families.CENTERNET_POSE
    heads = graphs.head_arrays(family)
    shapes = {head: array.shape for head, array in heads.items()}
    settings = cd.Decoder(family).settings([*heads])
    assert len(decoding(factory, parameters(shapes.values()), settings).outputs) == 6
    shapes["keypoint_heatmap"] = (1, 4, 7, 9)
    with pytest.raises((RuntimeError, ValueError), match="keypoint_heatmap must"):
        decoding(factory, parameters(shapes.values()), settings)


def evaluated(model, tensors):
    """Return the outputs by name, without a plugin, into tensors that have no room yet."""
    outputs = [ov.Tensor(port.element_type, ov.Shape([0])) for port in model.outputs]
    assert model.evaluate(outputs, tensors)
    names = [port.get_any_name() for port in model.outputs]
    return dict(zip(names, (own.data for own in outputs), strict=True))


def test_tensors_with_gaps_are_read_in_place(extension):
    family = families.CENTERNET_POSE
    heads = graphs.head_arrays(family, batch=3)
    model = graph.embed(graphs.head_model(family, heads, dynamic=True), family)
    parts = []
    for array in heads.values():
        around = np.full([n + 2 for n in array.shape], 99, np.float32)
        around[1:-1, 1:-1, 1:-1, 1:-1] = array
        begin, end = [1] * 4, [n + 1 for n in array.shape]
        parts.append(ov.Tensor(ov.Tensor(around), ov.Coordinate(begin), ov.Coordinate(end)))
    images = graphs.images_of(evaluated(model, parts))
    for own, expected in zip(images, graphs.decoded(family, heads), strict=True):
        assert len(own[0]) > 0
        assert_same(own, expected)
