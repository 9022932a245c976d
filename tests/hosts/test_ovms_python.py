"""The Python node of Model Server, in what stands for the server: see ovms_graph.py."""

import json
import re
from pathlib import Path

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from centerdecode.adapters import ovms
from support.heads import store
from support.models import BOX
from support.paths import ROOT
from support.photo_heads import sample
from support.servers import ovms_graph
from support.servers.ovms_host import Node as CustomNode
from support.servers.ovms_host import check

EXAMPLE = ROOT / "examples" / "model_server"
GRAPH = EXAMPLE / "graph.pbtxt"
pyovms = ovms_graph.pyovms()

if not EXAMPLE.is_dir():
    pytest.skip(f"no examples at {ROOT}", allow_module_level=True)


@pytest.fixture(scope="module")
def photo(test_data):
    return sample(test_data, "boxes", score_threshold=0.1)


def handler(**fields):
    return type("OvmsPythonModel", (ovms.OvmsPythonModel,), fields)


def tensors(arrays):
    return {name: pyovms.Tensor(name, array) for name, array in arrays.items()}


def test_the_examples_graph_finds_what_a_detector_finds(photo):
    node = ovms_graph.Node(GRAPH)
    check(node(tensors({**photo.heads, "transform": photo.transform})), 0, photo.found)
    node.close()


def test_the_examples_pipeline_finds_what_a_detector_finds(photo):
    (pipeline,) = json.loads((EXAMPLE / "pipeline.json").read_text())["pipeline_config_list"]
    _, decode = pipeline["nodes"]
    (library,) = json.loads((EXAMPLE / "pipeline.json").read_text())[
        "custom_node_library_config_list"
    ]
    assert library["name"] == decode["library_name"]
    node = CustomNode(cd.get_library("ovms"), decode["params"])
    sources = {
        name: source["data_item"] for one in decode["inputs"] for name, source in one.items()
    }
    assert sources.keys() == node.inputs().keys()
    assert {one["data_item"] for one in decode["outputs"]} == node.outputs().keys()
    given = {**photo.heads, "transform": photo.transform[None]}
    check(node(**{name: given[source] for name, source in sources.items()}), 0, photo.found)
    node.close()


@pytest.mark.parametrize("element_type", ["f16", "bf16"])
def test_reads_halves_of_a_batch_in_pixels_of_the_network(element_type, photo):
    heads = {name: np.concatenate([head, head[..., ::-1]]) for name, head in photo.heads.items()}
    heads = {name: store(head, element_type) for name, head in heads.items()}
    decoder = cd.Decoder(families.CENTERNET, element_type=element_type, top_k=4)
    given = tensors(heads)
    if element_type == "bf16":  # no buffer says so, hence bytes
        given = {
            name: pyovms.Tensor(name, head.tobytes(), shape=head.shape, datatype="BF16")
            for name, head in heads.items()
        }
    node = ovms_graph.Node(GRAPH, handler(family=families.CENTERNET, top_k=4))
    outputs = node(given)
    assert outputs["boxes"].shape == (2, 4, 4)
    for i, found in enumerate(decoder(heads)):
        check(outputs, i, found)


def graph_of(streams, folder):
    """Write the example's graph with other streams of its Python node."""
    text = GRAPH.read_text()
    start = text.index('name: "centerdecode"')
    kept = re.sub(r' *(in|out)put_stream: ".*"\n', "", text[start:])
    lines = [f'  {kind}_stream: "{name.upper()}:{name}"\n' for kind, name in streams]
    path = folder / "graph.pbtxt"
    path.write_text(text[:start] + "".join(lines) + kept)
    return path


FACES = ("boxes", "scores", "class_ids", "counts", "keypoints", "keypoint_scores")


def test_gives_what_its_output_streams_are_named_after(test_data, tmp_path):
    faces = sample(test_data, "faces", score_threshold=0.1)
    streams = [("input", name) for name in faces.heads] + [("output", name) for name in FACES]
    fields = {"family": faces.family, "options": {"score_threshold": 0.1}}
    node = ovms_graph.Node(graph_of(streams, tmp_path), handler(**fields))
    (found,) = cd.Decoder(faces.family, score_threshold=0.1)(faces.heads)
    check(node(tensors(faces.heads)), 0, found)


def test_detects_on_images(model):
    path = Path(model[1])
    streams = [("input", "image"), ("output", "boxes"), ("output", "counts")]
    graph = graph_of(streams, path.parent)  # whose folder paths count from
    node = ovms_graph.Node(graph, handler(model=path.name, top_k=4))
    images = np.zeros((2, 32, 48, 3), np.uint8)
    for given, count in ((images, 2), (images[0], 1)):
        outputs = node(tensors({"image": given}))
        assert outputs["counts"].tolist() == [1] * count
        expected = [[BOX, *[[0] * 4] * 3]] * count
        np.testing.assert_allclose(outputs["boxes"], expected, rtol=0, atol=1e-4)
    node.close()


def test_is_made_for_a_family_or_for_a_model():
    for fields in ({}, {"family": families.CENTERNET, "model": "model.xml"}):
        with pytest.raises(ValueError, match="must have a family or a model"):
            ovms_graph.Node(GRAPH, handler(**fields))


def test_says_which_streams_there_may_be(photo, tmp_path):
    streams = [("input", name) for name in photo.heads] + [("output", "bboxes")]
    node = ovms_graph.Node(graph_of(streams, tmp_path), handler(family=families.CENTERNET))
    with pytest.raises(ValueError, match=r"some of \['counts', 'boxes'.*got \['bboxes'\]"):
        node(tensors(photo.heads))


def test_refuses_two_kinds_of_halves_and_two_streams_of_images(photo, model):
    node = ovms_graph.Node(GRAPH, handler(family=families.CENTERNET))
    given = tensors({name: head.astype(np.float16) for name, head in photo.heads.items()})
    wh = photo.heads["wh"]
    given["wh"] = pyovms.Tensor("wh", wh.tobytes()[: wh.nbytes // 2], wh.shape, "BF16")
    with pytest.raises(ValueError, match="got both at once"):
        node(given)
    detect = ovms_graph.Node(GRAPH, handler(model=model[1]))
    with pytest.raises(ValueError, match="one stream of images, got 3"):
        detect(given)
    detect.close()
