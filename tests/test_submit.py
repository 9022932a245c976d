"""Futures and tasks get what a call would give, wait their turn, and never wait for themselves."""

import asyncio
import itertools
import pickle
import threading
import time

import centerdecode as cd
import models
import numpy as np
import openvino as ov
import pytest
from centerdecode._turns import Turns
from streams import FATAL, NOISE, SEVERAL, TRUTH, decoding, slowly, watch

pytestmark = pytest.mark.usefixtures("deadline")


def blocked(detector):
    """Return the detector, and what lets it decode."""
    gate = threading.Event()

    def decode(own, heads, places):
        assert gate.wait(60)
        return own(heads, places)

    return decoding(detector, decode), gate


def beside(work):
    """Return a thread that does the work."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_futures_hold_what_is_found():
    detector = slowly(watch())
    futures = [detector.submit(image) for image in NOISE]
    assert [future.result(60).scores.tolist() for future in futures] == TRUTH


def test_futures_hold_what_was_raised():
    detector = watch(models.fragile())
    kinds = {RuntimeError: FATAL, TypeError: "cat.jpg", ValueError: NOISE[0][0]}
    for _ in range(10):
        futures = {kind: detector.submit(image) for kind, image in kinds.items()}
        assert {kind: type(future.exception(60)) for kind, future in futures.items()} == {
            kind: kind for kind in kinds
        }
    assert detector.submit(NOISE[0]).result(60).scores.tolist() == TRUTH[0]


def test_every_inference_that_fails_is_told():
    detector = watch(models.fragile())
    submitted = [FATAL, FATAL, *NOISE, FATAL, NOISE[0]] * 5
    futures = [detector.submit(image) for image in submitted]
    failed = [type(future.exception(60)) is RuntimeError for future in futures]
    assert failed == [image is FATAL for image in submitted]


def test_who_submits_too_much_waits():
    detector, gate = blocked(watch())
    submitted = []
    thread = beside(lambda: submitted.extend(detector.submit(image) for image in NOISE))
    thread.join(1)
    assert thread.is_alive()
    assert len(submitted) == 2 * SEVERAL["requests"]
    gate.set()
    thread.join(60)
    assert [future.result(60).scores.tolist() for future in submitted] == TRUTH


def test_a_callback_of_a_future_may_call_and_submit():
    detector = watch(requests=1)
    found, futures = [], []

    def follow(future):
        found.append(detector(NOISE[1]).scores.tolist())
        futures.append(detector.submit(NOISE[2]))

    first = [detector.submit(NOISE[0]) for _ in range(20)]
    for future in first:
        future.add_done_callback(follow)
    for future in first:
        assert future.result(60).scores.tolist() == TRUTH[0]
    while len(futures) < 20:
        time.sleep(0.01)
    assert [future.result(60).scores.tolist() for future in futures] == [TRUTH[2]] * 20
    assert found == [TRUTH[1]] * 20


def test_callbacks_that_submit_wait_for_nobody_who_waits_for_them():
    detector, gate = blocked(watch(requests=1))
    futures = []

    def follow(_):
        time.sleep(0.3)  # until those below have taken the turns
        futures.append(detector.submit(NOISE[1]))

    for _ in range(2):
        detector.submit(NOISE[0]).add_done_callback(follow)
    thread = beside(lambda: [futures.append(detector.submit(NOISE[2])) for _ in range(2)])
    time.sleep(0.1)
    gate.set()
    thread.join(30)
    until = time.monotonic() + 30
    while len(futures) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    found = sorted(future.result(30).scores.tolist() for future in futures)
    assert found == sorted([TRUTH[1], TRUTH[1], TRUTH[2], TRUTH[2]])


def test_a_cancelled_future_gives_back_its_turn():
    detector, gate = blocked(watch(requests=1))
    first = [detector.submit(image) for image in NOISE[:2]]
    waiting = detector._waiting()._turns
    assert waiting._free == 0
    extra = detector._waiting().enqueue(lambda: detector(NOISE[3]))
    assert extra.cancel()
    gate.set()
    assert [future.result(60).scores.tolist() for future in first] == TRUTH[:2]
    while waiting._free < 2:
        time.sleep(0.01)
    assert detector.submit(NOISE[4]).result(60).scores.tolist() == TRUTH[4]


def test_where_no_thread_is_left_that_is_said_and_no_turn_is_given_twice(monkeypatch):
    detector, gate = blocked(watch(requests=1))
    futures, waiting = [detector.submit(NOISE[0])], detector._waiting()._turns

    own = threading.Thread.start

    def start(thread):
        if thread.name.startswith("centerdecode"):
            raise error
        own(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        # Ctrl-C may come there, too.
        for error in (MemoryError("full"), KeyboardInterrupt("stop"), RuntimeError("no thread")):
            with pytest.raises(type(error), match=str(error)):
                detector.submit(NOISE[1])
            assert waiting._free == 1
        futures.append(detector._waiting().enqueue(lambda: detector(NOISE[2])))
        assert str(futures[1].exception(60)) == "no thread"
    gate.set()
    assert futures[0].result(60).scores.tolist() == TRUTH[0]
    assert detector.submit(NOISE[3]).result(60).scores.tolist() == TRUTH[3]
    detector.close()
    assert waiting._free == 2


def test_an_inference_that_did_not_start_gives_its_turn_once():
    detector = watch(requests=2)
    requests = detector._pipeline._lanes[0].requests

    class Queue:
        def __init__(self, looked):
            self.looked = looked

        def get_idle_request_id(self):
            return 0

        def start_async(self, tensor, inference, share_inputs):
            if self.looked:
                inference.end(OSError("seen by another thread"))
            raise OSError("not started")

    for looked in (False, True):
        own, requests._queue, requests._spoilt = requests._queue, Queue(looked), False
        with pytest.raises(OSError, match="not started"):
            detector(NOISE[0])
        requests._queue = own
        assert (requests._running.turns._free, requests.entry._free) == (2, 2)
        assert detector(NOISE[1]).scores.tolist() == TRUTH[1]


def test_closing_waits_for_what_was_submitted():
    detector = slowly(watch(), 0.05)
    futures = [detector.submit(image) for image in NOISE[:8]]
    detector.close()
    assert all(future.done() for future in futures)
    assert [future.result().scores.tolist() for future in futures] == TRUTH[:8]
    with pytest.raises(RuntimeError, match="this Detector is closed"):
        detector.submit(NOISE[0])


def test_a_callback_may_close_the_detector():
    detector = slowly(watch())
    closed = threading.Event()
    future = detector.submit(NOISE[0])
    future.add_done_callback(lambda _: (detector.close(), closed.set()))
    assert future.result(60).scores.tolist() == TRUTH[0]
    assert closed.wait(60)


def test_tasks_get_what_is_found_and_leave_the_loop_alone():
    detector = slowly(watch(), 0.02)

    async def work():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        ticking = asyncio.create_task(tick())
        found = await asyncio.gather(*(detector.apredict(image) for image in NOISE))
        ticking.cancel()
        return [one.scores.tolist() for one in found], ticks

    found, ticks = asyncio.run(work())
    assert found == TRUTH
    assert ticks > 10


def test_tasks_raise_what_a_call_raises():
    detector = watch(models.fragile())

    async def work():
        images = (FATAL, "cat.jpg", NOISE[0])
        return await asyncio.gather(*map(detector.apredict, images), return_exceptions=True)

    failed, refused, found = asyncio.run(work())
    assert (type(failed), type(refused)) == (RuntimeError, TypeError)
    assert found.scores.tolist() == TRUTH[0]


def test_a_task_that_is_cancelled_is_forgotten():
    detector, gate = blocked(watch(requests=1))

    async def work():
        tasks = [asyncio.create_task(detector.apredict(image)) for image in NOISE[:10]]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        gate.set()
        return ends, await detector.apredict(NOISE[1])

    ends, found = asyncio.run(work())
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 10
    assert found.scores.tolist() == TRUTH[1]


def test_turns_come_in_the_order_of_asking():
    turns, order = Turns(2), []
    turns.take()
    turns.take()

    def ask(i):
        turns.take()
        order.append(i)
        turns.give()

    threads = []
    for i in range(20):
        threads.append(beside(lambda i=i: ask(i)))
        while len(turns._waiting) <= i:
            time.sleep(0.001)
    turns.give()
    for thread in threads:
        thread.join(60)
    assert order == [*range(20)]
    assert turns._free == 1


def test_who_stops_waiting_for_a_turn_takes_none():
    turns = Turns(1)
    turns.take()

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turns.take(stop)
    turns.give()
    turns.take()
    assert (turns._free, len(turns._waiting)) == (0, 0)


def test_a_greedy_stream_starves_nobody():
    detector = slowly(watch(requests=1, config={"NUM_STREAMS": 1}), 0.004)
    stop = threading.Event()

    def greedy():
        for _ in detector.stream(itertools.repeat(NOISE[0]), max_in_flight=20):
            if stop.is_set():
                break

    threads = [beside(greedy) for _ in range(3)]
    begin = time.monotonic()
    for image, truth in zip(NOISE[:20], TRUTH, strict=False):
        assert detector(image).scores.tolist() == truth
    each = (time.monotonic() - begin) / 20
    stop.set()
    for thread in threads:
        thread.join(60)
    assert each < 1  # four share what takes 4 ms; a starved one waits for ever


def test_many_threads_share_few_requests():
    detector = slowly(watch(requests=2), 0.002)
    most, running = 0, detector._pipeline._lanes[0].requests._running.inferences
    wrong = []

    def work(i):
        nonlocal most
        for k in range(20):
            j = (i + k) % len(NOISE)
            if detector(NOISE[j]).scores.tolist() != TRUTH[j]:
                wrong.append(j)
            most = max(most, len(running))

    threads = [beside(lambda i=i: work(i)) for i in range(16)]
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []
    assert most <= 2


def test_a_detector_made_of_a_pickle_streams_alike(tmp_path):
    ov.save_model(models.mirror(), tmp_path / "m.xml", compress_to_fp16=False)
    options = models.ALL_CELLS | {"hint": "throughput", "requests": 3, "tile": 8, "flip": True}
    detector = cd.Detector(tmp_path / "m.xml", family=models.MIRROR, **options)
    again = pickle.loads(pickle.dumps(detector))
    assert again._pipeline.count == detector._pipeline.count == 3
    large = np.concatenate([NOISE[0], NOISE[1]])
    for ours, theirs in zip(again.stream([large] * 3), detector.predict([large] * 3), strict=True):
        np.testing.assert_array_equal(ours.scores, theirs.scores)
        np.testing.assert_array_equal(ours.xyxy, theirs.xyxy)
        assert len(ours) > 192
