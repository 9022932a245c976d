"""A stream gives each frame's detections in order, and takes no more frames than it may."""

import resource
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from centerdecode.detector._pending import Pending
from centerdecode.detector._stream import in_order
from support.streams import NOISE, SEVERAL, TRUTH, all_scores, decoding, slowly, watch

pytestmark = pytest.mark.usefixtures("deadline")


class Later(Pending):
    """Something that is done when it is told so, in a thread of its own."""

    timings = None

    def __init__(self, item, seconds):
        self.item, self.over = item, threading.Event()
        threading.Timer(seconds, self.over.set).start()

    @property
    def done(self):
        return self.over.is_set()

    def result(self):
        assert self.over.wait(30)
        return self.item

    def drop(self):
        raise AssertionError("nothing was closed")

    settle = drop


@pytest.mark.parametrize("most", [1, 2, 7])
def test_what_is_done_early_waits_for_its_turn(most):
    delays = np.random.default_rng(most).uniform(0, 0.05, 40).tolist()
    told = []
    given = in_order(enumerate(delays), lambda pair: Later(*pair), most, told.append)
    assert list(given) == [*range(40)]
    assert [started.item for started in told] == [*range(40)]


@pytest.mark.parametrize("most", [None, 1, 2, 3, 100])
def test_results_come_in_order_whatever_is_done_first(most):
    detector = slowly(watch())
    assert all_scores(detector.stream(NOISE, max_in_flight=most)) == TRUTH
    assert all_scores(detector.predict(list(NOISE))) == TRUTH
    assert list(detector.stream([])) == []


@pytest.mark.parametrize("most", [1, 2, 5, None])
def test_frames_are_taken_as_they_are_needed(most):
    bound = most or SEVERAL["requests"] + 1  # all of them run, and one waits
    taken = given = ahead = 0

    def frames():
        nonlocal taken
        for frame in NOISE:
            taken += 1
            assert taken - given <= (most or 2 * SEVERAL["requests"])
            yield frame

    def decode(own, heads, places):
        (found,) = own(heads, places)
        until = time.monotonic() + 30 * (found.scores.tolist() == TRUTH[0])
        while taken < bound and time.monotonic() < until:
            time.sleep(0.005)
        return [found]

    stream = decoding(watch(), decode).stream(frames(), max_in_flight=most)
    assert taken == 0
    for _ in stream:
        given += 1
        ahead = max(ahead, taken - given + 1)
    assert taken == given == len(NOISE)
    assert ahead == bound if most else ahead >= bound


def test_a_slow_source_does_not_hold_back_results():
    events = []
    decoded = threading.Semaphore(0)

    def decode(own, heads, places):
        found = own(heads, places)
        decoded.release()
        return found

    def camera():
        for i, frame in enumerate(NOISE[:6]):
            if i > 0:
                decoded.acquire()
                time.sleep(0.2)  # and the callback ends
            events.append(f"take {i}")
            yield frame

    for i, _ in enumerate(decoding(watch(), decode).stream(camera(), max_in_flight=5)):
        events.append(f"give {i}")
    assert sorted(events) == sorted(f"{what} {i}" for what in ("give", "take") for i in range(6))
    at = {event: place for place, event in enumerate(events)}
    assert all(at[f"give {i}"] < at[f"take {i + 2}"] for i in range(4))


def test_a_source_may_reuse_its_frame():
    def frames():
        buffer = np.empty_like(NOISE[0])
        for frame in NOISE:
            buffer[:] = frame
            yield buffer
            buffer[:] = 0

    assert all_scores(slowly(watch()).stream(frames())) == TRUTH


def test_many_streams_and_calls_share_a_detector():
    detector = slowly(watch(), 0.003)
    found = {}

    def work(i):
        images = [*NOISE[i:], *NOISE[:i]]
        answers = map(detector, images) if i % 3 == 0 else detector.stream(images)
        found[i] = all_scores(answers)

    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {i: TRUTH[i:] + TRUTH[:i] for i in range(9)}


def test_the_options_of_a_stream_are_checked_when_it_is_made():
    with pytest.raises(ValueError, match="max_in_flight must be at least 1, got 0"):
        watch().stream(NOISE, max_in_flight=0)
    with pytest.raises(ValueError, match="requests must be at least 1, got 0"):
        watch(requests=0)
    with pytest.raises(ValueError, match='hint must be one of "latency", "throughput", got'):
        watch(hint="fast")
    hinted = watch(config=None, hint="throughput").compiled_model
    assert str(hinted.get_property("PERFORMANCE_HINT")).endswith("THROUGHPUT")


def test_memory_does_not_grow_with_the_frames():
    detector = watch()
    status = Path("/proc/self/statm")
    if not status.exists():
        pytest.skip("this system does not tell how much memory is resident")

    def run(count):
        for found in detector.stream(NOISE[i % len(NOISE)] for i in range(count)):
            assert len(found) == 192
        return int(status.read_text().split()[1]) * resource.getpagesize()

    before = run(1500)
    assert run(3000) - before < 3000 * 1000  # an image and its detections are 4 kB
