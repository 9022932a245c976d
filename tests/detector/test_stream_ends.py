"""However a stream ends, by an error or early, nothing is lost, left running, or waited for in vain."""

import gc
import subprocess
import sys
import threading
import time
import traceback
import weakref

import numpy as np
import pytest
from centerdecode.detector import _requests
from support import models
from support.paths import ROOT
from support.streams import FATAL, NOISE, TRUTH, all_scores, decoding, slowly, watch

pytestmark = pytest.mark.usefixtures("deadline")


class UnpluggedError(Exception):
    pass


def until_it_raises(stream):
    """Return what a stream gives, and what it raises at last."""
    found = []
    with pytest.raises(Exception) as raised:  # noqa: PT011, PT012
        for one in stream:
            found.append(one.scores.tolist())
    return found, raised.value


def test_what_the_source_raises_comes_after_the_results_of_its_frames():
    def frames():
        yield from NOISE[:5]
        raise error

    error = UnpluggedError("camera")
    found, raised = until_it_raises(slowly(watch()).stream(frames()))
    assert found == TRUTH[:5]
    assert raised is error
    assert "frames" in [frame.name for frame in traceback.extract_tb(raised.__traceback__)]


BAD = {
    "no image": ("cat.jpg", TypeError, "image must be a NumPy array, got str"),
    "floats": (NOISE[0] / 2, TypeError, "image must be uint8"),
    "no pixels": (NOISE[0][:0], ValueError, "image must be of shape"),
}


@pytest.mark.parametrize(("frame", "kind", "message"), BAD.values(), ids=BAD)
def test_a_bad_frame_raises_where_its_result_would_come(frame, kind, message):
    detector = slowly(watch())
    found, raised = until_it_raises(detector.stream([*NOISE[:3], frame, *NOISE[3:]]))
    assert found == TRUTH[:3]
    assert type(raised) is kind
    assert message in str(raised)
    assert all_scores(detector.stream(NOISE)) == TRUTH


def test_what_decoding_raises_comes_as_it_is_and_without_tensors():
    tensors = []

    def decode(own, heads, places):
        if len(tensors) == 3:
            tensors.append(weakref.ref(heads["heatmap"]))
            raise error
        tensors.append(None)
        return own(heads, places)

    error = UnpluggedError("decoder")
    detector = decoding(watch(requests=1), decode)
    found, raised = until_it_raises(detector.stream(NOISE))
    assert found == TRUTH[:3]
    assert raised is error
    assert "decode" in [frame.name for frame in traceback.extract_tb(raised.__traceback__)]
    assert tensors[3]() is None
    detector.close()


def test_a_failed_inference_raises_in_its_place_and_spoils_no_other():
    detector = slowly(watch(models.fragile()))
    for requests in range(1, 12):
        found, raised = until_it_raises(detector.stream([*NOISE[:requests], FATAL, *NOISE]))
        assert found == TRUTH[:requests]
        assert type(raised) is RuntimeError
        assert "Reshape" in str(raised)
    with pytest.raises(RuntimeError, match="Reshape"):
        next(detector.stream([FATAL] * 20, max_in_flight=20))
    assert all_scores(detector.stream(NOISE)) == TRUTH
    with pytest.raises(RuntimeError, match="Reshape"):
        detector(FATAL)
    assert detector(NOISE[0]).scores.tolist() == TRUTH[0]


def test_failed_inferences_that_nobody_asks_for_give_back_their_requests():
    detector = watch(models.fragile())
    paused = detector.stream([NOISE[0], *[FATAL] * 9], max_in_flight=4)
    next(paused)
    assert detector(NOISE[1]).scores.tolist() == TRUTH[1]
    paused.close()


def test_an_inference_that_cannot_start_costs_no_request():
    detector = watch()
    requests = detector._pipeline._runners[0].requests
    for _ in range(10):
        with pytest.raises(RuntimeError):
            requests.start(np.zeros((1, 3, 3, 3), np.uint8), print)
    assert all_scores(detector.stream(NOISE)) == TRUTH


def test_a_closed_stream_waits_for_what_runs_and_decodes_nothing_more():
    decoded = []

    def decode(own, heads, places):
        time.sleep(0.05)
        decoded.append(1)
        return own(heads, places)

    detector = decoding(watch(config={"NUM_STREAMS": 1}), decode)
    stream = detector.stream(NOISE, max_in_flight=4)
    next(stream)
    assert next(stream).scores.tolist() == TRUTH[1]
    stream.close()
    count = len(decoded)
    assert count < 5
    assert not detector._pipeline._runners[0].requests._running.inferences
    time.sleep(0.2)
    assert len(decoded) == count
    assert all_scores(detector.stream(NOISE)) == TRUTH


def test_a_stream_collected_in_its_own_callback_waits_for_nothing():
    def decode(own, heads, places):
        gc.collect()
        return own(heads, places)

    detector = decoding(watch(), decode)
    gc.disable()
    try:
        for _ in range(5):
            cycle = [detector.stream(NOISE, max_in_flight=8)]
            cycle.append(cycle)
            next(cycle[0])
            del cycle
            assert detector(NOISE[0]).scores.tolist() == TRUTH[0]
    finally:
        gc.enable()


@pytest.mark.parametrize("last", ["stream", "callback"])
def test_a_detector_left_while_it_infers_is_freed(last):
    detector = slowly(watch(), 0.05)
    compiled = weakref.ref(detector.compiled_model)
    if last == "stream":
        stream = detector.stream(NOISE)
        next(stream)
        del detector, stream
    else:
        detector._start(NOISE[0])
        del detector
    until = time.monotonic() + 30
    while compiled() is not None and time.monotonic() < until:
        time.sleep(0.01)
        gc.collect()
    assert compiled() is None


def test_a_detector_called_while_it_decodes_says_so():
    seen = []

    def decode(own, heads, places):
        with pytest.raises(RuntimeError, match="cannot be called while it decodes") as raised:
            detector(NOISE[0])
        seen.append(raised.type)
        return own(heads, places)

    detector = decoding(watch(), decode)
    assert all_scores(detector.stream(NOISE[:3])) == TRUTH[:3]
    assert seen == [RuntimeError] * 3


def test_a_detector_closed_meanwhile_ends_its_streams():
    detector = slowly(watch(), 0.05)
    stream = detector.stream(NOISE, max_in_flight=4)
    assert next(stream).scores.tolist() == TRUTH[0]
    detector.close()
    found, raised = until_it_raises(stream)
    assert found == TRUTH[1 : 1 + len(found)]
    assert 1 <= len(found) <= 4
    assert str(raised) == "this Detector is closed"
    with pytest.raises(RuntimeError, match="this Detector is closed"):
        detector.stream(NOISE)


def test_a_detector_goes_when_its_callbacks_have_returned(monkeypatch):
    own, go_on, returned = _requests._call_back, threading.Event(), []

    def call_back(request, inference):
        own(request, inference)  # and so the result is there
        assert go_on.wait(60)
        returned.append(1)

    monkeypatch.setattr(_requests, "_call_back", call_back)
    detector = watch(requests=1)
    assert detector(NOISE[0]).scores.tolist() == TRUTH[0]
    threading.Timer(0.2, go_on.set).start()
    del detector
    gc.collect()
    assert returned == [1]


EXIT = """
import sys
sys.path.insert(0, {tests!r})
from support.streams import NOISE, slowly, watch
detector = slowly(watch(), 0.3)
stream = detector.stream(NOISE)
next(stream)
detector.submit(NOISE[0])
print("left")
"""


def test_a_program_may_end_while_it_infers():
    code = EXIT.format(tests=str(ROOT / "tests"))
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "left\n", "")
