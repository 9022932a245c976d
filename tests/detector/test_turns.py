"""Turns come in the order of asking, and are given back once, whatever happens meanwhile."""

import itertools
import threading
import time

import pytest
from centerdecode.detector._semaphore import FairSemaphore
from support.streams import NOISE, TRUTH, beside, blocked, slowly, watch

pytestmark = pytest.mark.usefixtures("deadline")


def test_turns_come_in_the_order_of_asking():
    turns, order = FairSemaphore(2), []
    turns.acquire()
    turns.acquire()

    def ask(i):
        turns.acquire()
        order.append(i)
        turns.release()

    threads = []
    for i in range(20):
        threads.append(beside(lambda i=i: ask(i)))
        while len(turns._waiting) <= i:
            time.sleep(0.001)
    turns.release()
    for thread in threads:
        thread.join(60)
    assert order == [*range(20)]
    assert turns._free == 1


def test_who_stops_waiting_for_a_turn_takes_none():
    turns = FairSemaphore(1)
    turns.acquire()

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turns.acquire(stop)
    turns.release()
    turns.acquire()
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
    most, running = 0, detector._pipeline._runners[0].requests._running.inferences
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


def test_where_no_thread_is_left_that_is_said_and_no_turn_is_given_twice(monkeypatch):
    detector, gate = blocked(watch(requests=1))
    futures, waiting = [detector.submit(NOISE[0])], detector._waiting()._slots

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
    requests = detector._pipeline._runners[0].requests

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
        assert (requests._running.slots._free, requests.entry._free) == (2, 2)
        assert detector(NOISE[1]).scores.tolist() == TRUTH[1]
