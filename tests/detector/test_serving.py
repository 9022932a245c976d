"""Many threads and tasks at one detector: each gets its own answer, in its turn, and what waits is small."""

import asyncio
import threading
import time
import weakref

import numpy as np
import pytest
from support.streams import FATAL, NOISE, TRUTH, decoding, watch

pytestmark = pytest.mark.usefixtures("deadline")
CLOSED = "this Detector is closed"


def blocked(detector):
    """Return the detector, and what lets it decode."""
    gate = threading.Event()

    def decode(own, heads, places):
        assert gate.wait(50)
        return own(heads, places)

    return decoding(detector, decode), gate


def beside(work, *arguments):
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def until(condition):
    """Wait for what other threads do."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


class BrightError(Exception):
    pass


def refusing(detector):
    """Let the detector raise where it would find what is in FATAL."""

    def decode(own, heads, places):
        time.sleep(0.0005)
        if heads["heatmap"].data.min() == 255:
            raise BrightError
        return own(heads, places)

    return decoding(detector, decode)


def truth_of(i):
    """Return what comes of the image of `asked_by(i)`."""
    return BrightError if i % 7 == 3 else TRUTH[i % len(NOISE)]


def asked_by(i):
    return FATAL if i % 7 == 3 else NOISE[i % len(NOISE)]


def told(outcome):
    return type(outcome) if isinstance(outcome, Exception) else outcome.scores.tolist()


def test_each_of_64_threads_and_500_tasks_gets_its_own_answer_or_error():
    detector, found = refusing(watch()), {}

    def call(i):
        try:
            found[i] = told(detector(asked_by(i)))
        except BrightError as error:
            found[i] = told(error)

    threads = [beside(call, i) for i in range(64)]

    async def tasks():
        asked = (detector.apredict(lambda i=i: asked_by(i)) for i in range(64, 564))
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = asyncio.run(tasks())
    for thread in threads:
        thread.join(50)
    found |= {i: told(outcome) for i, outcome in enumerate(outcomes, 64)}
    assert found == {i: truth_of(i) for i in range(564)}


def test_who_asks_first_is_served_first_by_whatever_way():
    detector, gate = blocked(watch(requests=1))
    turns, order = detector._waiting()._slots, []

    def reading(i):
        def read():
            order.append(i)
            time.sleep(0.02)  # a thread that wakes late is not passed by several
            return NOISE[0]

        return read

    async def ask():
        asked = []
        for i in range(0, 60, 2):
            asked.append(asyncio.create_task(detector.apredict(reading(i))))
            await asyncio.sleep(0)  # until it asks
            beside(detector.submit, reading(i + 1))
            until(lambda i=i: len(turns._waiting) == i)  # two more, but for the first two
        gate.set()
        await asyncio.gather(*asked)

    asyncio.run(ask())
    until(lambda: len(order) == 60)
    # Two are on their way at once.
    assert max(abs(place - i) for place, i in enumerate(order)) < 2


def test_images_of_tasks_are_read_when_their_turn_comes():
    detector, lock = watch(), threading.Lock()
    held = most = 0

    def read(i):
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        return NOISE[i % len(NOISE)]

    def decode(own, heads, places):
        nonlocal held
        time.sleep(0.001)
        with lock:
            held -= 1
        return own(heads, places)

    async def tasks():
        asked = (detector.apredict(lambda i=i: read(i)) for i in range(500))
        return await asyncio.gather(*asked)

    decoding(detector, decode)
    found = [one.scores.tolist() for one in asyncio.run(tasks())]
    assert found == [TRUTH[i % len(NOISE)] for i in range(500)]
    assert most <= 8


def test_tensors_are_made_of_few_images_at_a_time(monkeypatch):
    detector, gate = blocked(watch(requests=2))
    (runner,) = detector._pipeline._runners
    prepared, prepare = [], runner._prepare
    monkeypatch.setattr(runner, "_prepare", lambda *a: prepared.append(1) or prepare(*a))
    threads = [beside(detector, NOISE[0]) for _ in range(16)]
    until(lambda: len(runner.requests.entry._waiting) == 12)
    time.sleep(0.1)
    assert len(prepared) == 4  # two are inferred, and two wait for that
    gate.set()
    for thread in threads:
        thread.join(50)
    assert len(prepared) == 16


def test_a_cancelled_task_leaves_its_place_and_nothing_behind():
    detector, gate = blocked(watch(requests=1))
    turns = detector._waiting()._slots

    async def work():
        images = [NOISE[i % 40].copy() for i in range(102)]
        alive = [weakref.ref(image) for image in images]
        tasks = [asyncio.create_task(detector.apredict(image)) for image in images]
        del images
        await asyncio.sleep(0.05)
        assert len(turns._waiting) == 100
        for task in tasks[2:100]:
            task.cancel()
        await asyncio.wait(tasks[2:100])
        assert all(task.cancelled() for task in tasks[2:100])
        del task, tasks[2:100]
        left = [i for i, image in enumerate(alive) if image() is not None]
        waiting = len(turns._waiting)
        gate.set()
        return left, waiting, await asyncio.gather(*tasks)

    left, waiting, found = asyncio.run(work())
    assert (left, waiting) == ([0, 1, 100, 101], 2)
    assert [one.scores.tolist() for one in found] == [TRUTH[i] for i in (0, 1, 20, 21)]
    until(lambda: turns._free == 2)


def test_closing_answers_what_was_begun_and_refuses_what_waits():
    detector, gate = blocked(watch(requests=1))
    turns, blocked_in = detector._waiting()._slots, []

    def submit():
        try:
            detector.submit(NOISE[0])
        except RuntimeError as error:
            blocked_in.append(str(error))

    async def work():
        tasks = [asyncio.create_task(detector.apredict(NOISE[i % 40])) for i in range(2000)]
        await asyncio.sleep(0.05)
        thread = beside(submit)
        until(lambda: len(turns._waiting) == 1999)
        closing = beside(detector.close)
        await asyncio.sleep(0.05)
        gate.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        closing.join(30)
        thread.join(30)
        return ends

    ends = asyncio.run(work())
    begun = [end.scores.tolist() for end in ends if not isinstance(end, Exception)]
    assert begun == TRUTH[:2]
    assert {str(end) for end in ends[2:]} == {CLOSED} == {*blocked_in}
    assert len(blocked_in) == 1


def test_the_size_of_the_picture_may_be_given_to_tasks_and_futures():
    detector = watch(clip=True)
    small, size = np.ascontiguousarray(NOISE[0]), (16, 16)
    whole = detector(small, original_size=size).xyxy
    assert whole.max() > detector(small).xyxy.max()
    np.testing.assert_array_equal(detector.submit(small, original_size=size).result(50).xyxy, whole)
    found = asyncio.run(detector.apredict(lambda: small, original_size=size))
    np.testing.assert_array_equal(found.xyxy, whole)


def test_what_reading_an_image_raises_comes_to_who_asked():
    detector = watch()

    def read():
        raise FileNotFoundError("gone.jpg")

    async def work():
        asked = (detector.apredict(read), detector.apredict(NOISE[1]))
        return await asyncio.gather(*asked, return_exceptions=True)

    failed, found = asyncio.run(work())
    assert repr(failed) == "FileNotFoundError('gone.jpg')"
    assert found.scores.tolist() == TRUTH[1]
    assert isinstance(detector.submit(read).exception(50), FileNotFoundError)
