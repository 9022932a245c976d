"""Futures and tasks get what a call would give, wait their turn, and never wait for themselves."""

import asyncio
import pickle
import threading
import time

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from support import models
from support.streams import FATAL, NOISE, SEVERAL, TRUTH, beside, blocked, slowly, watch

pytestmark = pytest.mark.usefixtures("deadline")


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
    waiting = detector._waiting()._slots
    assert waiting._free == 0
    extra = detector._waiting().enqueue(lambda: detector(NOISE[3]))
    assert extra.cancel()
    gate.set()
    assert [future.result(60).scores.tolist() for future in first] == TRUTH[:2]
    while waiting._free < 2:
        time.sleep(0.01)
    assert detector.submit(NOISE[4]).result(60).scores.tolist() == TRUTH[4]


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
