"""Decoding from many threads at once, beside others, and as fast as it is promised."""

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import centerdecode as cd
import numpy as np
import pytest
from support.heads import arrays_of, assert_same, fill

THREADS = 16


def make_heads(seed=0, grid=(31, 47)):
    """Return heatmap, wh and offset."""
    return [fill("noise", (n, *grid), seed) for n in (5, 2, 2)]


def all_at_once(work):
    """Return work(0), work(1), ... from threads that start together."""
    barrier = threading.Barrier(THREADS)

    def start(i):
        barrier.wait()
        return work(i)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(start, range(THREADS)))


def test_threads_that_share_tensors_get_equal_results(isa):
    heads = make_heads()
    truth = arrays_of(cd.decode_boxes(*heads))
    for found in all_at_once(lambda _: [cd.decode_boxes(*heads) for _ in range(30)]):
        for detections in found:
            assert_same(arrays_of(detections), truth)


def test_threads_with_tensors_of_their_own_do_not_mix(isa):
    own = [make_heads(seed, (10 + 3 * seed, 90 - 4 * seed)) for seed in range(THREADS)]
    truth = [arrays_of(cd.decode_boxes(*heads)) for heads in own]
    decoder = cd.Decoder(cd.families.CENTERNET)
    found = all_at_once(lambda i: [decoder(own[(i + n) % THREADS])[0] for n in range(30)])
    for i in range(THREADS):
        for n in range(30):
            assert_same(arrays_of(found[i][n]), truth[(i + n) % THREADS])


def test_changing_the_isa_meanwhile_changes_no_result():
    heads = make_heads()
    truth = arrays_of(cd.decode_boxes(*heads))
    isas, former = cd.supported_isas(), cd.active_isa()

    def work(i):
        if i % 4 == 0:
            return [cd.use_isa(isas[n % len(isas)]) for n in range(100)] and []
        return [cd.decode_boxes(*heads) for _ in range(30)]

    try:
        for found in all_at_once(work):
            for detections in found:
                assert_same(arrays_of(detections), truth)
    finally:
        cd.use_isa(former)


class Finaliser:
    """Garbage that decodes something else while it is collected."""

    def __init__(self, other):
        self.itself, self.other = self, other

    def __del__(self):
        cd.find_peaks(self.other)


@pytest.mark.parametrize("threshold", [1, 5, 10, 20, 40, 60])
def test_a_finaliser_that_decodes_disturbs_no_result(threshold):
    batch, other = (fill("noise", (64, 2, 24, 24), seed) for seed in (0, 1))
    truth = [cd.find_peaks(image) for image in batch]
    former = gc.get_threshold()
    gc.collect()
    gc.disable()
    try:
        Finaliser(other)
        gc.set_threshold(gc.get_count()[0] + threshold)
        gc.enable()
        found = cd.find_peaks(batch)
    finally:
        gc.enable()
        gc.set_threshold(*former)
    for i in range(64):
        assert_same(found[i], truth[i])


GRID = 150_000, 32768  # of one row of memory; about half a second of scanning
ROW = fill("sparse", GRID[1:]) - 9
LONG_CALLS = {
    "find_peaks": lambda: cd.find_peaks(np.broadcast_to(ROW, (1, *GRID)), score_threshold=0.9),
    "decode_boxes": lambda: cd.decode_boxes(
        np.broadcast_to(ROW, (1, *GRID)), np.broadcast_to(ROW, (2, *GRID)), score_threshold=0.9
    ),
    "decode_detection_output": lambda: cd.decode_detection_output(
        np.broadcast_to(np.float32(0), (1, 1, 300_000_000, 7)), image_size=(1, 1)
    ),
}


@pytest.mark.parametrize("call", LONG_CALLS.values(), ids=LONG_CALLS)
def test_python_goes_on_while_a_decode_runs(call):
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    with cd.use_isa("scalar"):
        thread.start()
        begin = time.perf_counter()
        call()
        end = time.perf_counter()
        stop.set()
        thread.join()
    # One long silence is a GIL that was held; a busy machine makes many short ones.
    silence = np.diff([begin, *(t for t in ticks if begin < t < end), end]).max()
    assert end - begin > 0.1
    assert silence < (end - begin) / 2


def test_a_decode_takes_little_more_than_reading_its_heatmap():
    rng = np.random.default_rng(0)
    heatmap = rng.beta(0.5, 60, (80, 128, 128)).astype(np.float32)
    heatmap[tuple(rng.integers(heatmap.shape, size=(50, 3)).T)] = rng.uniform(0.3, 1, 50)
    wh, offset = rng.uniform(0, 20, (2, 2, 128, 128)).astype(np.float32)
    best = cd.supported_isas()[0]
    if best == "scalar":
        pytest.skip("this machine has no instruction set but scalar")
    options = {"activation": "none", "score_threshold": 0.1, "top_k": 100}
    read, decode = [], []
    with cd.use_isa(best):
        for _ in range(300):
            begin = time.perf_counter()
            heatmap.max()
            middle = time.perf_counter()
            cd.decode_boxes(heatmap, wh, offset, **options)
            read.append(middle - begin)
            decode.append(time.perf_counter() - middle)
    assert np.median(decode) <= 2 * np.median(read)
