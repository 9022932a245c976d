"""Cameras without a server: files that end, peers that are silent, wrong numbers."""

import itertools
import socket
import threading
import time

import pytest
from centerdecode.video import Camera, _camera, _connection, _sources
from support.clips import COUNT, clip, number_of


def test_a_stream_that_ends_is_begun_again_until_retries_are_used_up(tmp_path, caplog):
    path = clip(tmp_path / "a.mp4", sound=())
    with Camera(path, retries=0, queue=2, drop_oldest=False) as camera:
        first = list(camera.frames())
    assert [number_of(frame.image) for frame in first] == list(range(COUNT))
    assert [frame.time for frame in first] == pytest.approx([n / 10 for n in range(COUNT)])
    assert camera.dropped == 0
    assert camera.problem == "the stream ended; given up after 1 attempts without a frame"
    with Camera(path, retries=None, queue=2, drop_oldest=False) as camera:
        frames = list(itertools.islice(camera.frames(), 2 * COUNT))
    assert [number_of(frame.image) for frame in frames] == [*range(COUNT), *range(COUNT)]
    assert [frame.number for frame in frames] == list(range(2 * COUNT))
    assert frames[COUNT].time > frames[COUNT - 1].time
    for connection in (frames[:COUNT], frames[COUNT:]):
        steps = [b.time - a.time for a, b in itertools.pairwise(connection)]
        assert steps == pytest.approx([0.1] * (COUNT - 1))
    assert (camera.reconnects, camera.problem) == (1, None)
    assert "the stream ended; trying again in 0.5 s" in caplog.text


def test_a_slow_program_is_no_stall(tmp_path):
    path = clip(tmp_path / "a.mp4", sound=())
    with Camera(path, retries=0, timeout=0.3, drop_oldest=False) as camera:
        shown = []
        for image in camera:
            shown.append(number_of(image))
            time.sleep(0.5 if len(shown) in (1, 8) else 0)
    assert shown == list(range(COUNT))


def test_nobody_there(caplog):
    with Camera("rtsp://user:secret@127.0.0.1:1/x", retries=1) as camera:
        assert list(camera) == []
    assert camera.problem == "connection refused; given up after 2 attempts without a frame"
    assert "rtsp://127.0.0.1:1/x: connection refused; trying again in 0.5 s" in caplog.text
    assert "secret" not in caplog.text


def test_a_peer_that_never_answers_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as peer:
        begun = time.monotonic()
        address = f"rtsp://127.0.0.1:{peer.getsockname()[1]}/x"
        with Camera(address, retries=0, timeout=0.5) as camera:
            assert list(camera) == []
        assert 0.4 < time.monotonic() - begun < 3
        assert camera.problem.startswith("no frame for 0.5 s")


def test_packets_without_frames_are_a_stall(monkeypatch, tmp_path):
    monkeypatch.setattr(_connection, "_decoded", lambda packet: time.sleep(0.05) or [])
    path = clip(tmp_path / "a.mp4", sound=())
    with Camera(path, retries=0, timeout=0.3) as camera:
        assert list(camera) == []
    assert camera.problem.startswith("no frame for 0.3 s")


def test_an_error_of_ours_is_loud_and_ends_the_waiting(monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    monkeypatch.setattr(_connection, "_decoded", lambda packet: 1 // 0)
    with Camera(clip(tmp_path / "a.mp4", sound=())) as camera:
        assert list(camera) == []
    assert [args.exc_type for args in told] == [ZeroDivisionError]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (0, ("/dev/video0", "v4l2", {})),
        ("camera:2", ("/dev/video2", "v4l2", {})),
        ("/dev/video1", ("/dev/video1", "v4l2", {})),
        ("rtsp://a/b", ("rtsp://a/b", None, {"rtsp_transport": "tcp"})),
        ("udp://@:5000", ("udp://@:5000", None, {})),
    ],
)
def test_what_ffmpeg_is_asked_for(source, expected):
    assert _sources.of_camera(source) == expected


def test_waits_between_attempts_grow_to_a_bound():
    waits = [_camera._wait(failures) for failures in (1, 2, 3, 4, 5, 6, 7, 1000)]
    assert waits == [0.5, 1, 2, 4, 8, 10, 10, 10]


def test_a_closed_camera_gives_nothing():
    camera = Camera("rtsp://127.0.0.1:1/x")
    camera.close()
    assert list(camera) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timeout": 0}, "timeout must be greater than 0, got 0"),
        ({"timeout": float("nan")}, "timeout must be greater than 0, got nan"),
        ({"retries": -1}, "retries must be 0 or more, or None, got -1"),
        ({"queue": 0}, "queue must be 1 or more, got 0"),
    ],
)
def test_wrong_numbers(wrong, message):
    with pytest.raises(ValueError, match=message):
        Camera(0, **wrong)
