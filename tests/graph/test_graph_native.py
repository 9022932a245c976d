"""The operation in OpenVINO's graph gives what `Decoder` gives, bit for bit."""

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from openvino import opset13 as ops
from support import graphs, models
from support.heads import ELEMENT_TYPES, FILLS, assert_same, fill, tensor_of

pytestmark = pytest.mark.usefixtures("extension")

# Every row that text can say; of those with extras what is left without them.
SAID = "CENTERNET KERAS_CENTERNET OPEN_MODEL_ZOO TF_CENTERNET CENTERFACE DBFACE TTFNET FAIRMOT"
SAID += " FAIRMOT_WH CENTERTRACK MMDET CENTERNET_POSE KERAS_POSE CENTERTRACK_POSE TF_POSE MOVENET"
FAMILIES = [getattr(families, name) for name in SAID.split()]
BY_NAME = {"argvalues": FAMILIES, "ids": [family.name for family in FAMILIES]}
OPTIONS = [
    {},
    {"top_k": 3},
    {"top_k": 0},
    {"top_k": 500, "score_threshold": 0.0},
    {"score_threshold": 1.0},
    {"plateaus": "keep", "score_threshold": 0.1},
    {"classes": [2, 0]},
    {"classes": []},
    {"best_class": True, "max_per_class": 2},
    {"nms": cd.NMS(iou_threshold=0.2), "score_threshold": 0.1},
    {"nms": cd.NMS("gaussian", score_threshold=0.4), "top_k": 7},
]


def embedded(family, heads, element_type="f32", dynamic=False, **options):
    model = graphs.head_model(family, heads, element_type, dynamic)
    return graph.embed(model, family, **options)


def check(family, heads, found, tensors=None, **options):
    """Assert that these outputs are what `Decoder` makes of the heads."""
    images = graphs.images_of(found)
    truth = graphs.decoded(family, tensors or heads, **options)
    assert len(images) == len(truth)
    for own, expected in zip(images, truth, strict=True):
        assert_same(own, expected)
    return [len(own[0]) for own in images]


@pytest.mark.parametrize("family", **BY_NAME)
def test_every_family(family):
    heads = graphs.head_arrays(family, batch=2)
    network = graphs.compiled(embedded(family, heads, score_threshold=0.6))
    found = graphs.infer(network, heads.values())
    counts = check(family, heads, found, score_threshold=0.6)
    assert min(counts) > 0
    assert {name: array.shape[:2] for name, array in found.items() if name != "counts"} == (
        dict.fromkeys(found.keys() - {"counts"}, (2, 100))
    )
    assert (found["class_ids"].dtype, found["counts"].dtype) == (np.int32, np.int32)


@pytest.mark.parametrize("family", **BY_NAME)
def test_a_box_that_is_known(family):
    """models.BOX is worked out from each family's formulas, by hand."""
    known = models.heads(family)
    heads = {head: known[head] for head in graphs.head_arrays(family)}
    found = graphs.infer(graphs.compiled(embedded(family, heads)), heads.values())
    assert found["counts"].tolist() == [1]
    np.testing.assert_allclose(found["boxes"][0, 0], models.BOX, rtol=1e-6)
    assert found["scores"][0, 0] == pytest.approx(models.SCORE)
    assert found["class_ids"][0, :2].tolist() == [models.class_id(family), -1]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("family", [families.CENTERNET, families.CENTERNET_POSE],
                         ids=lambda family: family.name)  # fmt: skip
def test_every_option(family, options):
    heads = graphs.head_arrays(family, batch=2)
    heads["wh"] = 4 * abs(heads["wh"])  # boxes that overlap
    found = graphs.infer(graphs.compiled(embedded(family, heads, **options)), heads.values())
    assert found["scores"].shape == (2, options.get("top_k", 100))
    check(family, heads, found, **options)


@pytest.mark.parametrize("name", FILLS)
@pytest.mark.parametrize("family", [families.CENTERNET, families.TF_POSE],
                         ids=lambda family: family.name)  # fmt: skip
def test_every_map(family, name):
    heads = graphs.head_arrays(family, batch=3)
    heads["heatmap"] = graphs.head_arrays(family, name, batch=3)["heatmap"]
    found = graphs.infer(graphs.compiled(embedded(family, heads, top_k=20)), heads.values())
    check(family, heads, found, top_k=20)


@pytest.mark.parametrize("precision", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_element_type_whatever_the_precision(element_type, precision):
    family = families.CENTERNET
    heads = graphs.head_arrays(family, "plateaus", batch=2)  # numbers that all types hold
    tensors = {head: tensor_of(array, element_type) for head, array in heads.items()}
    network = graphs.compiled(
        embedded(family, heads, element_type), INFERENCE_PRECISION_HINT=precision
    )
    assert min(check(family, heads, graphs.infer(network, tensors.values()), tensors)) > 0


def test_any_number_of_images_of_any_size():
    family = families.CENTERNET_POSE
    model = embedded(family, graphs.head_arrays(family), dynamic=True)
    assert [str(port.partial_shape) for port in model.outputs] == [
        "[?,100,4]", "[?,100]", "[?,100]", "[?]", "[?,100,5,2]", "[?,100,5]",
    ]  # fmt: skip
    network = graphs.compiled(model)
    for batch, grid in [(1, (7, 9)), (4, (7, 9)), (2, (16, 5)), (3, (1, 1)), (1, (7, 9))]:
        heads = graphs.head_arrays(family, batch=batch, grid=grid)
        assert len(check(family, heads, graphs.infer(network, heads.values()))) == batch


def test_no_image_gives_nothing():
    family = families.CENTERNET
    heads = graphs.head_arrays(family, batch=0)
    network = graphs.compiled(embedded(family, heads, dynamic=True))
    found = graphs.infer(network, heads.values())
    assert {name: array.shape for name, array in found.items()} == {
        "boxes": (0, 100, 4), "scores": (0, 100), "class_ids": (0, 100), "counts": (0,),
    }  # fmt: skip


def test_it_is_evaluated_without_a_plugin():
    family = families.KERAS_CENTERNET
    heads = graphs.head_arrays(family, batch=2)
    model = embedded(family, heads)
    tensors = [ov.Tensor(port.element_type, port.shape) for port in model.outputs]
    assert model.evaluate(tensors, [ov.Tensor(array) for array in heads.values()])
    names = [port.get_any_name() for port in model.outputs]
    check(family, heads, dict(zip(names, (own.data for own in tensors), strict=True)))


def convolved(channels):
    """Return a model whose heads are convolutions, which lie in memory as its kernels like."""
    image = ops.parameter([2, 16, 20, 31], np.float32, name="image")
    heads = []
    for seed, (name, count) in enumerate(channels.items()):
        kernels = fill("noise", (count, 16, 3, 3), seed)
        heads.append(ops.convolution(image, kernels, [1, 1], [1, 1], [1, 1], [1, 1]).output(0))
        heads[-1].set_names({name})
    return ov.Model(heads, [image], "convolved")


def test_heads_of_convolutions():
    model, image = convolved({"hm": 5, "wh": 2, "reg": 2}), fill("noise", (2, 16, 20, 31))
    truth = cd.Decoder(families.CENTERNET)(graphs.compiled(model)([image]))
    found = graphs.infer(graphs.compiled(graph.embed(model)), [image])
    for own, expected in zip(graphs.images_of(found), truth, strict=True):
        assert len(expected) > 10
        assert_same(own, graphs.columns_of(expected))


def test_heads_that_do_not_fit_are_told_when_they_come():
    family = families.CENTERNET
    heads = graphs.head_arrays(family)
    network = graphs.compiled(embedded(family, heads, dynamic=True))
    heads["offset"] = heads["offset"][..., 1:].copy()
    with pytest.raises(RuntimeError, match=r"offset must .* got f32 \(1, 2, 7, 8\)"):
        network([*heads.values()])
