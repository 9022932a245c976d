"""The custom-postproc-lib of DL Streamer, in what stands for it: see gst_host.py."""

import json
import shutil
import subprocess
import sys

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from support.heads import store
from support.paths import ROOT
from support.photo_heads import SAMPLES, sample
from support.servers.gst_host import ConvertError, Host

LIBRARY = cd.get_library("dlstreamer")
HEADS = {
    "boxes": ["heatmap", "wh", "offset"],
    "faces": ["heatmap", "wh", "offset", "landmarks"],
}
COCO = [f"label {i}" for i in range(80)]


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    if shutil.which("c++") is None:
        pytest.skip("needs a C++ compiler")
    return Host(tmp_path_factory.mktemp("host"))


@pytest.fixture(scope="module", params=HEADS)
def photo(request, test_data):
    """A sample, and a model-proc file's output_postproc for it."""
    given = sample(test_data, request.param, score_threshold=0.1)
    text = cd.Decoder(given.family).settings(HEADS[request.param])
    return given, {"settings": text, "labels": COCO}


def pixels(values):
    """The nearest whole numbers, of two that are as near the larger in size."""
    return np.trunc(values.astype(float) + np.copysign(0.5, values)).astype(int)


def objects_of(found, labels=COCO):
    """What Python finds, in whole pixels."""
    corners = pixels(found.xyxy)
    for i, (x1, y1, x2, y2) in enumerate(corners.tolist()):
        points = []
        if found.keypoints is not None:
            places = pixels(found.keypoints[i]).tolist()
            scores = found.keypoint_scores[i].tolist()
            points = [(x, y, score) for (x, y), score in zip(places, scores, strict=True)]
        place = x1, y1, max(x2 - x1, 1), max(y2 - y1, 1)
        yield labels[found.class_ids[i]], place, found.scores[i].item(), points


def test_finds_on_a_photo_what_the_decoder_finds(photo, host):
    given, network = photo
    (found,) = cd.Decoder(given.family, score_threshold=0.1)(given.heads)
    objects = host(LIBRARY, given.heads, network, {"confidence_threshold": 0.1})
    assert len(objects) == len(given.found) > 5
    assert objects == [*objects_of(found)]
    np.testing.assert_array_equal([one.score for one in objects], given.found.scores)
    # Network pixels, rounded, lie on the photo where the Detector's boxes are.
    corners = [(x, y, x + w, y + h) for _, (x, y, w, h), *_ in objects]
    zoom, shift = np.diag(given.transform), given.transform[:, 2]
    placed = np.reshape(corners, (-1, 2, 2)) * zoom + shift
    assert np.abs(placed.reshape(-1, 4) - given.found.xyxy).max() <= 1.001 * max(zoom)


def test_opens_and_closes_for_every_frame_without_an_end(photo, host):
    given, network = photo
    params = {"confidence_threshold": 0.1}
    first = host(LIBRARY, given.heads, network, params)
    assert all(host(LIBRARY, given.heads, network, params) == first for _ in range(50))


@pytest.mark.parametrize("element_type", ["f16", "bf16"])
def test_reads_halves(element_type, photo, host):
    given, network = photo
    heads = {name: store(head, element_type) for name, head in given.heads.items()}
    decoder = cd.Decoder(given.family, score_threshold=0.1, element_type=element_type)
    objects = host(LIBRARY, heads, network, {"confidence_threshold": 0.1})
    assert objects == [*objects_of(decoder(heads)[0])]


TEXT = (
    "decoder=boxes;heads=heatmap,wh;names.heatmap=hm;names.wh=wh;stride=4;activation=none;"
    "center_shift=0;score_threshold=0.9"
)


def cells(width=2.0, height=3.0):
    """Heads of a box around cell (1, 2), of class 1."""
    hm, wh = np.zeros((1, 2, 4, 5), np.float32), np.zeros((1, 2, 4, 5), np.float32)
    hm[0, 1, 1, 2], wh[0, :, 1, 2] = 0.75, (width, height)
    return {"wh": wh, "hm": hm, "other": np.zeros((1, 3), np.float32)}


def test_the_elements_threshold_wins_over_that_of_the_settings(host):
    network = {"settings": TEXT, "labels": ["cat", "dog"]}
    assert host(LIBRARY, cells(), network, {}) == []
    assert host(LIBRARY, cells(), network, {"confidence_threshold": 0.76}) == []
    assert host(LIBRARY, cells(), network, {"confidence_threshold": 0.75}) == [
        ("dog", (4, -2, 8, 12), 0.75, [])
    ]


@pytest.mark.parametrize(
    ("size", "place"),
    [
        ((0.0, 0.01), (8, 4, 1, 1)),  # an object of no pixel is none to the element
        ((0.8, 3.2), (6, -2, 4, 12)),  # 6.4 .. 9.6, -2.4 .. 10.4
        ((1e30, 3), (-(2**29), -2, 2**30, 12)),
    ],
)
def test_says_boxes_in_whole_pixels(size, place, host):
    network = {"settings": TEXT}
    found = host(LIBRARY, cells(*size), network, {"confidence_threshold": 0.5})
    assert found == [("1", place, 0.75, [])]  # without labels a class is its number


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_leaves_out_what_no_pixel_can_say(value, host):
    network = {"settings": TEXT}
    assert host(LIBRARY, cells(value), network, {"confidence_threshold": 0.5}) == []


BAD = {
    "there are no settings": ({"settings": None}, {}, {}, "there must be settings"),
    "a setting is unknown": ({"settings": TEXT + ";colour=red"}, {}, {}, "colour"),
    "a class has no label": ({"labels": ["cat"]}, {}, {}, "class 1 has no label, there are 1"),
    "a head is missing": ({}, {"hm": None}, {}, "no output is the head heatmap"),
    "a head is double": ({}, {"wh": np.zeros((1, 2, 4, 5))}, {}, "wh must be float32"),
    "grids differ": ({}, {"wh": np.zeros((1, 2, 4, 4), np.float32)}, {}, "wh"),
    "columns come first": ({}, {}, {"column_major": True}, "row-major"),
}


@pytest.mark.parametrize("why", BAD)
def test_throws_what_is_wrong(why, host):
    changes, heads, options, words = BAD[why]
    network = {"settings": TEXT, "labels": ["cat", "dog"], **changes}
    network = {name: field for name, field in network.items() if field is not None}
    heads = {name: head for name, head in {**cells(), **heads}.items() if head is not None}
    with pytest.raises(ConvertError, match=words):
        host(LIBRARY, heads, network, {"confidence_threshold": 0.5}, **options)


EXAMPLE = ROOT / "examples" / "dl_streamer"
needs_examples = pytest.mark.skipif(not EXAMPLE.is_dir(), reason=f"no examples at {ROOT}")


@needs_examples
@pytest.mark.parametrize("name", HEADS)
def test_the_examples_model_tells_how_it_is_decoded(name, host, test_data, tmp_path):
    """As DL Streamer reads a model's rt_info: its type is what the converter is called."""
    given = sample(test_data, name, score_threshold=0.1)
    form, _, family = SAMPLES[name]
    described, labels = tmp_path / "described.xml", tmp_path / "labels.txt"
    labels.write_text("\n".join(COCO))
    command = [sys.executable, EXAMPLE / "describe.py", test_data / "models" / f"{form}.xml"]
    command += [described, "--family", family.name, "--labels", labels]
    command += ["--resize", family.resize, "--color", family.color]
    command += ["--mean", *map(str, family.mean), "--scale", *map(str, family.scale)]
    subprocess.run(command, check=True)
    model = ov.Core().read_model(described)

    def info(key):
        return model.get_rt_info(["model_info", key]).astype(str)

    assert info("reverse_input_channels") == str(family.color == "RGB").lower()
    assert info("resize_type") == "fit_to_window_letterbox"
    assert info("iou_threshold") == "1"  # which leaves all boxes alone
    network = {"converter": info("model_type"), "labels": info("labels").split(" ")}
    objects = host(LIBRARY, given.heads, network, {"confidence_threshold": 0.1})
    (found,) = cd.Decoder(given.family, score_threshold=0.1)(given.heads)
    assert objects == [*objects_of(found, [label.replace(" ", "_") for label in COCO])]


@needs_examples
def test_the_examples_model_proc_file_says_how_it_is_decoded(host, test_data):
    given = sample(test_data, "boxes", score_threshold=0.1)
    (network,) = json.loads((EXAMPLE / "model_proc.json").read_text())["output_postproc"]
    assert network["iou_threshold"] == 1  # which leaves all boxes alone
    objects = host(LIBRARY, given.heads, {**network, "labels": COCO}, {"confidence_threshold": 0.1})
    (found,) = cd.Decoder(given.family, score_threshold=0.1)(given.heads)
    assert objects == [*objects_of(found)]
