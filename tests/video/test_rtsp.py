"""Cameras: a real RTSP server on loopback that is slow, killed, stalled and restarted."""

import json
import logging
import signal
import subprocess
import threading
import time
from pathlib import Path

import centerdecode as cd
import openvino as ov
import pytest
from centerdecode import cli
from centerdecode.video import Camera, Video
from support.models import constant, outputs
from support.paths import ROOT

SERVER = ROOT / "tests" / "support" / "servers" / "rtsp_server.py"
PYTHON = "/usr/bin/python3"  # Debian's, which has what apt installs
TIMEOUT = 2.0


@pytest.fixture(scope="module")
def gstreamer():
    """Skip where there is no GStreamer's RTSP server with the plugins that it needs."""
    check = "import gi; gi.require_version('Gst', '1.0')\n"
    check += "gi.require_version('GstRtspServer', '1.0')\n"
    check += "from gi.repository import Gst, GstRtspServer; Gst.init(None)\n"
    check += "assert all(map(Gst.ElementFactory.find, ('openh264enc', 'rtph264pay')))"
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", check], check=False).returncode:
        pytest.skip("needs gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, python3-gi")


class Server:
    """The server as a process that can be ended and begun again at the same port."""

    def __init__(self):
        self.port = "0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [PYTHON, str(SERVER), self.port], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.port = self.process.stdout.readline().decode().strip()
        assert self.port, "the server has not started"

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    @property
    def address(self):
        return f"rtsp://127.0.0.1:{self.port}/camera"


@pytest.fixture
def server(gstreamer):
    """A camera that gives 25 frames a second."""
    server = Server()
    yield server
    server.send(signal.SIGCONT)
    server.kill()


def bits(image):
    """Return the number that the server wrote into a frame, modulo 256."""
    assert image.shape == (64, 160, 3)
    return sum(int(image[32, 10 + 20 * bit].mean() > 128) << bit for bit in range(8))


def take(frames, count):
    """Return the next frames."""
    return [next(frames) for _ in range(count)]


def test_frames_come_in_order_and_in_time(server):
    with Camera(server.address, timeout=10, queue=100) as camera:
        frames = take(camera.frames(), 30)
    numbers = [bits(frame.image) for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + 30))
    assert [frame.number for frame in frames] == list(range(30))
    assert frames[0].time == 0
    assert 29 / 25 - 0.3 < frames[-1].time < 29 / 25 + 0.3
    assert (camera.dropped, camera.reconnects, camera.problem) == (0, 0, None)


def test_a_slow_program_gets_what_is_new(server):
    with Camera(server.address, timeout=10, queue=3) as camera:
        frames = camera.frames()
        before = next(frames)
        time.sleep(1.5)
        first, second, third, after = take(frames, 4)
        dropped = camera.dropped
    lost = first.number - before.number - 1
    assert 10 < lost <= dropped
    assert [second.number, third.number] == [first.number + 1, first.number + 2]
    assert after.number - third.number < 5
    for frame in (first, second, third, after):
        assert (bits(frame.image) - bits(before.image)) % 256 == frame.number - before.number


def test_a_killed_camera_is_found_again(server, caplog):
    caplog.set_level(logging.INFO, "centerdecode.video")
    with Camera(server.address, timeout=10) as camera:
        frames = camera.frames()
        take(frames, 5)
        server.kill()
        threading.Timer(0.5, server.start).start()
        before = take(frames, 1)[0].number
        after = take(frames, 5)
    assert camera.reconnects == 1
    assert after[-1].number > before
    assert bits(after[-1].image) < 200  # the server counts from 0 again
    assert "trying again in 0.5 s" in caplog.text
    assert "frames again" in caplog.text


def test_a_stalled_camera_is_noticed_and_found_again(server, caplog):
    with Camera(server.address, timeout=TIMEOUT) as camera:
        frames = camera.frames()
        take(frames, 5)
        server.send(signal.SIGSTOP)
        begun = time.monotonic()
        while "trying again" not in caplog.text:
            time.sleep(0.05)
            assert time.monotonic() < begun + 4 * TIMEOUT
        assert time.monotonic() > begun + TIMEOUT - 0.5
        server.send(signal.SIGCONT)
        last = take(frames, 5)[-1]
    assert camera.reconnects == 1
    assert last.time > TIMEOUT
    assert "no frame for 2 s" in caplog.text


def test_closing_a_stalled_camera_takes_no_longer_than_the_timeout(server):
    camera = Camera(server.address, timeout=TIMEOUT)
    frames = camera.frames()
    next(frames)
    server.send(signal.SIGSTOP)
    begun = time.monotonic()
    threading.Timer(0.2, camera.close).start()
    assert len(list(frames)) < 20  # those that were on their way
    camera.close()
    assert time.monotonic() - begun < 2 * TIMEOUT
    assert not camera._thread.is_alive()


def test_the_command_line_records_a_camera(server, tmp_path, capsys):
    ov.save_model(constant(outputs(cd.families.CENTERNET)), tmp_path / "tiny.xml")
    model = [
        "--model",
        str(tmp_path / "tiny.xml"),
        "--resize",
        "stretch",
        "--score-threshold",
        "0.9",
    ]
    output = ["--output", str(tmp_path / "out"), "--format", "jsonl", "--frames", "20"]
    assert cli.main(["detect", server.address, *model, *output]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.startswith(f"{server.address}: 160 x 64, 20 frames, ")
    assert " dropped, 0 reconnections, nothing found" in captured.out
    rows = [json.loads(line) for line in (tmp_path / "out/camera.jsonl").read_text().splitlines()]
    written = list(Video(tmp_path / "out" / "camera.mp4").frames())
    shown = [bits(frame.image) for frame in written]
    assert len(rows) == len(written) == 20
    for row, frame, number in zip(rows, written, shown, strict=True):
        assert row["file"] == server.address
        assert row["time"] == pytest.approx(frame.time, abs=1e-3)
        assert (number - shown[0]) % 256 == row["frame"] - rows[0]["frame"]
