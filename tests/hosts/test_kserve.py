"""examples/kserve/client.py, against KServe's own server where that is installed."""

import importlib.util
import subprocess
import sys

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from support.heads import store
from support.paths import ROOT
from support.photo_heads import SAMPLES, sample

CLIENT = ROOT / "examples" / "kserve" / "client.py"
SERVERS = {"kserve": "v2_server.py", "plain": "v2_plain.py"}

if not all(map(importlib.util.find_spec, ("tritonclient", "geventhttpclient"))):
    pytest.skip("needs centerdecode[kserve]", allow_module_level=True)
if not CLIENT.is_file():
    pytest.skip(f"no examples at {ROOT}", allow_module_level=True)


@pytest.fixture(scope="module", params=SERVERS)
def server(request, test_data):
    """The addresses of servers of f32 and f16 heads of the model that SAMPLES has."""
    if request.param == "kserve" and importlib.util.find_spec("kserve") is None:
        pytest.skip("KServe's server is not installed: pip install kserve")
    model = test_data / "models" / f"{SAMPLES['boxes'][0]}.xml"
    running = {}
    for element_type in ("f32", "f16"):
        command = [
            sys.executable,
            ROOT / "tests" / "support" / "servers" / SERVERS[request.param],
            model,
            element_type,
        ]
        running[element_type] = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    yield {kind: f"127.0.0.1:{int(one.stdout.readline())}" for kind, one in running.items()}
    for process in running.values():
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def photo(test_data):
    return sample(test_data, "boxes", score_threshold=0.1)


@pytest.fixture(scope="module")
def heads(test_data, photo):
    """The model's outputs for the very tensor that a client sends."""
    model = test_data / "models" / f"{SAMPLES['boxes'][0]}.xml"
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    outputs = compiled(photo.canvas[..., ::-1].astype(np.float32))
    return {port.any_name: np.array(values) for port, values in outputs.items()}


@pytest.mark.parametrize("element_type", ["f32", "f16"])
def test_the_client_prints_what_the_decoder_finds(element_type, server, test_data, photo, heads):
    image = test_data / "images" / SAMPLES["boxes"][1]
    options = [
        "--color",
        "RGB",
        "--mean",
        "0",
        "0",
        "0",
        "--scale",
        "1",
        "1",
        "1",
        "--score-threshold",
        "0.1",
    ]
    command = [sys.executable, CLIENT, server[element_type], "centernet", image, *options]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    rows = np.array([line.split() for line in shown.stdout.splitlines()], np.float32)
    decoder = cd.Decoder(photo.family, score_threshold=0.1, element_type=element_type)
    stored = {name: store(head, element_type) for name, head in heads.items()}
    (found,) = decoder(stored, transform=photo.transform)
    np.testing.assert_array_equal(rows[:, 0], found.class_ids)
    np.testing.assert_array_equal(rows[:, 1], found.scores)
    np.testing.assert_array_equal(rows[:, 2:], found.xyxy)
    if element_type == "f32":  # whose colors are turned inside the network, where it rounds
        assert len(found) == len(photo.found) > 10
        np.testing.assert_array_equal(found.class_ids, photo.found.class_ids)
        np.testing.assert_allclose(found.scores, photo.found.scores, rtol=0, atol=1e-6)
        np.testing.assert_allclose(found.xyxy, photo.found.xyxy, rtol=0, atol=1e-4)
