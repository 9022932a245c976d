"""The custom node of Model Server, in what stands for the server: see ovms_host.py."""

import ctypes
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import centerdecode as cd
import numpy as np
import pytest
from support.photo_heads import sample
from support.servers.ovms_host import FUNCTIONS, Node, NodeError, check

LIBRARY = cd.get_library("ovms")
HEADS = {
    "boxes": {"heatmap": "hm", "wh": "wh", "offset": "reg"},
    "faces": {"heatmap": "heatmap", "wh": "scale", "offset": "offset", "keypoints": "landmarks"},
}


@pytest.fixture(scope="module", params=HEADS)
def photo(request, test_data):
    """A sample, and its heads as inputs of the node."""
    given = sample(test_data, request.param, score_threshold=0.1)
    names = HEADS[request.param]
    return given, {head: given.heads[output] for head, output in names.items()}


@pytest.fixture
def opened():
    """Load nodes that are unloaded at the end."""
    nodes = []

    def open_node(**params):
        nodes.append(Node(LIBRARY, params))
        return nodes[-1]

    yield open_node
    for node in nodes:
        node.close()


def settings(family, heads, **options):
    names = ["landmarks" if head == "keypoints" and "landmarks" in family.heads else head
             for head in heads]  # fmt: skip
    return cd.Decoder(family, **options).settings(names)


def test_finds_on_a_photo_what_a_detector_finds(photo, opened):
    given, heads = photo
    node = opened(settings=settings(given.family, heads, score_threshold=0.1), transform="1")
    check(node(transform=given.transform[None], **heads), 0, given.found)


def test_gives_pixels_of_the_network_unless_told(photo, opened):
    given, heads = photo
    node = opened(settings=settings(given.family, heads, score_threshold=0.1))
    (found,) = cd.Decoder(given.family, score_threshold=0.1)(given.heads)
    check(node(**heads), 0, found)


def test_decodes_batches_of_fp16_with_options_of_their_own(photo, opened):
    given, heads = photo
    pair = {name: np.concatenate([head, head[..., ::-1]]) for name, head in heads.items()}
    pair = {name: head.astype(np.float16) for name, head in pair.items()}
    options = {"top_k": 20, "score_threshold": 0.25}
    expected = cd.Decoder(given.family, element_type="f16", **options)(
        [*pair.values()], transform=np.stack([given.transform, 2 * given.transform])
    )
    node = opened(
        settings=settings(given.family, heads),
        precision="FP16",
        transform="1",
        **{name: str(value) for name, value in options.items()},
    )
    outputs = node(transform=np.stack([given.transform, 2 * given.transform]), **pair)
    assert outputs["scores"].shape == (2, 20)
    for i, found in enumerate(expected):
        check(outputs, i, found)


def test_says_what_goes_in_and_what_comes_out(photo, opened):
    given, heads = photo
    node = opened(settings=settings(given.family, heads, top_k=7), precision="FP16", transform="1")
    expected = {head: ([0, 0, 0, 0], "float16") for head in heads}
    assert node.inputs() == expected | {"transform": ([0, 2, 3], "float64")}
    expected = {
        "boxes": ([0, 7, 4], "float32"),
        "scores": ([0, 7], "float32"),
        "class_ids": ([0, 7], "int32"),
        "counts": ([0], "int32"),
    }
    if "keypoints" in heads:
        expected["keypoints"] = [0, 7, 0, 2], "float32"
        expected["keypoint_scores"] = [0, 7, 0], "float32"
    assert node.outputs() == expected


@pytest.mark.parametrize("text", ["top_k=9", " top_k = 9 ", "top_k=9\n", "max_per_class=3;top_k=9"])
def test_an_option_replaces_that_of_the_text_however_it_is_written(text, opened):
    parts = "decoder=boxes;heads=heatmap,wh", text, "stride=4"
    for separator in ";", "\n":
        node = opened(settings=separator.join(parts), top_k="5")
        assert node.outputs()["scores"] == ([0, 5], "float32")


def test_serves_many_requests_at_once_and_only_reads(photo, opened, tmp_path):
    given, heads = photo
    guarded = {}
    for name, head in heads.items():  # a write would end the process
        np.save(tmp_path / name, head)
        guarded[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    node = opened(settings=settings(given.family, heads, score_threshold=0.1), transform="1")
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(node, transform=given.transform[None], **guarded) for _ in range(24)]
        for job in jobs:
            check(job.result(), 0, given.found)


TINY = "decoder=boxes;heads=heatmap,wh;stride=4"
CELLS = {
    "heatmap": np.zeros((1, 2, 4, 4), np.float32),
    "wh": np.zeros((1, 2, 4, 4), np.float32),
}
BAD_LOADS = {
    "there is no decoder": ({}, "decoder"),
    "a setting is unknown": ({"settings": TINY + ";colour=red"}, "colour"),
    "an option has no such value": ({"settings": TINY, "top_k": "many"}, "top_k"),
    "precision": ({"settings": TINY, "precision": "BF16"}, "must be FP32 or FP16, got BF16"),
    "transform": ({"settings": TINY, "transform": "yes"}, "must be 0 or 1, got yes"),
}


@pytest.mark.parametrize("why", BAD_LOADS)
def test_refuses_to_load_and_logs_why(why, capfd):
    params, words = BAD_LOADS[why]
    with pytest.raises(NodeError, match="initialize gave 1"):
        Node(LIBRARY, params)
    assert words in capfd.readouterr().err


BAD_INPUTS = {
    "a head is missing": ({"wh": None}, "there must be an input wh"),
    "a head is half": ({"wh": CELLS["wh"].astype(np.float16)}, "must be of the precision"),
    "grids differ": ({"wh": np.zeros((1, 2, 4, 5), np.float32)}, "wh"),
    "there is no transform": ({"transform": None}, "there must be an input transform"),
    "a transform is no matrix": ({"transform": np.eye(3)[None]}, "got (1, 3, 3)"),
    "a transform is too many": ({"transform": np.ones((2, 2, 3))}, "got (2, 2, 3)"),
    "a transform is not finite": ({"transform": np.full((1, 2, 3), np.nan)}, "finite"),
}


@pytest.mark.parametrize("why", BAD_INPUTS)
def test_refuses_a_request_and_serves_the_next(why, capfd, opened):
    node = opened(settings=TINY, transform="1", score_threshold="0")
    good = {**CELLS, "transform": np.array([[[1.0, 0, 0], [0, 1, 0]]])}
    changes, words = BAD_INPUTS[why]
    bad = {name: array for name, array in {**good, **changes}.items() if array is not None}
    with pytest.raises(NodeError, match="execute gave 1"):
        node(**bad)
    assert words in capfd.readouterr().err
    assert node(**good)["counts"] == [2]  # a flat plane has one peak, and there are two


@pytest.mark.skipif(not shutil.which("nm"), reason="needs nm of binutils")
def test_has_the_functions_that_the_server_looks_for_and_no_other():
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {line.split()[2] for line in listed} == {*FUNCTIONS}


def test_refuses_to_work_before_it_is_initialized():
    library = ctypes.CDLL(LIBRARY)
    for function in ("getInputsInfo", "getOutputsInfo"):  # before initialize
        info, count = ctypes.c_void_p(), ctypes.c_int()
        assert getattr(library, function)(
            ctypes.byref(info), ctypes.byref(count), None, 0, None
        ) == 1  # fmt: skip
    assert library.deinitialize(None) == 0


def test_lies_beside_the_library_that_it_needs():
    assert Path(LIBRARY).parent == Path(cd.get_library()).parent
    with pytest.raises(ValueError, match='must be one of "ovms", "dlstreamer", got'):
        cd.get_library("triton")
