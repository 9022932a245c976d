"""examples/serving/server.py, asked by many at once."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from support.command_line import photo
from support.models import BOX, SCORE
from support.paths import ROOT

SERVER = ROOT / "examples" / "serving" / "server.py"

if not SERVER.is_file():
    pytest.skip(f"no examples at {ROOT}", allow_module_level=True)


@pytest.fixture
def address(model):
    command = [sys.executable, SERVER, model[1], "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


def test_each_of_many_clients_gets_what_its_own_image_holds(address, tmp_path):
    def ask(i):
        content = b"no image" if i == 7 else (tmp_path / f"{i % 3}.png").read_bytes()
        try:
            with urlopen(address, content, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    for i in range(3):  # pictures of 1, 2 and 3 times the size of the network's input
        photo(tmp_path / f"{i}.png", 32 * (i + 1), 48 * (i + 1))
    with ThreadPoolExecutor(32) as clients:
        answers = list(clients.map(ask, range(96)))
    assert answers.pop(7) == (400, {"error": "not an image that OpenCV can read"})
    zooms = [i % 3 + 1 for i in range(96) if i != 7]
    for zoom, (status, found) in zip(zooms, answers, strict=True):
        box = [edge * zoom for edge in BOX]
        assert (status, found) == (200, [{"class_id": 1, "score": SCORE, "xyxy": box}])
