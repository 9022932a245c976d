"""What speed is promised, as data: a line for each promise.

A line measures two calls that take turns in the same run, and holds the quotient of
their medians, or what the first takes longer, against a number.
"""

import functools
import time
from collections.abc import Callable
from typing import NamedTuple

import centerdecode as cd
from centerdecode import supported_isas, use_isa
from centerdecode.cli._suite import decoder_of, ours
from inputs import adversaries, frames, fresh, heads, pose_heads, threads, triplet_heads


class Limit(NamedTuple):
    """pair: makes the two calls; most: the limit; unit: "x", of the second, or "us" or
    "ms" longer than the second; rounds: how often the two take turns; clock: the seconds
    of a call, or of all threads."""

    what: str
    pair: Callable
    most: float
    unit: str = "x"
    rounds: int = 400
    clock: Callable = time.perf_counter


def over_read(name, threshold, element_type="f32", layout="NCHW"):
    """A decode, and the read of the f32 heatmap."""
    work = heads.make(name, threshold)
    return ours(work, element_type, layout), work.heatmap.max


def over_nothing(name, threshold):
    """A decode, and nothing."""
    return ours(heads.make(name, threshold)), int


def kernel(name, threshold):
    """The peaks of a heatmap, and the same peaks in a row with nothing else around: what
    is left is the kernel's."""
    work = heads.make(name, threshold)
    return functools.partial(peaks_of, work), functools.partial(peaks_of, heads.in_a_row(work))


def peaks_of(work):
    return cd.find_peaks(
        work.heatmap, score_threshold=work.score_threshold, activation=work.activation
    )


def one_class():
    """One class of 80, and one of 80 that are a cell each."""
    work, least = heads.make("mb3-512"), heads.one_cell(80, score_threshold=0.6)
    decoders = [decoder_of(own, classes=[0]) for own in (work, least)]
    return lambda: decoders[0](work.heads), lambda: decoders[1](least.heads)


def batch():
    works, stacked = heads.batch()
    decoder = decoder_of(works[0])
    return lambda: decoder(stacked), stacked[0].max


def poses():
    tensors = pose_heads.coco_pose()
    decoder = pose_heads.pose_decoder(score_threshold=0.1)
    heatmap, joints = tensors[0], tensors[4]
    return lambda: decoder(tensors), lambda: (heatmap.max(), joints.max())


def triplets():
    found = triplet_heads.coco_triplets()
    decoder, tensors = triplet_heads.triplet_decoder(), list(found.values())
    heatmaps = [found[kind] for kind in ("top_left", "bottom_right", "center")]
    return lambda: decoder(tensors), lambda: [heatmap.max() for heatmap in heatmaps]


def over_typical(name, plateaus):
    """An adversary, and the same number of cells as a detector gives them."""
    work, typical = adversaries.make(name), ours(heads.make("mb3-512"))
    decoder = decoder_of(work, plateaus=plateaus)
    return lambda: decoder(work.heads), typical


def two_threads():
    pair = threads.Pair(heads.make("mb3-512"))
    return pair.at_once, pair.in_turn


def stream(name):
    """A stream that is decoded, and one that is not."""
    own = frames.make(name)
    return own.decoded, own.not_decoded


def isas(slower, faster):
    decode = ours(heads.make("mb3-512"))

    def on(isa):
        def call():
            with use_isa(isa):
                decode()

        return call

    return lambda: (on(slower), on(faster))


REAL = "mb3-512"
SPEED = [
    Limit("real heads, threshold 0.1", lambda: over_read(REAL, 0.1), 1.15),
    Limit("real heads, no threshold", lambda: over_read(REAL, 0.0), 1.5),
    Limit("noise 80x128x128, threshold 0.1", lambda: over_read("noise-512", 0.1), 1.3),
    Limit("noise 80x128x128, no threshold", lambda: over_read("noise-512", 0.0), 2.0),
    Limit("noise 80x96x96, threshold 0.1", lambda: over_read("noise-384", 0.1), 1.3),
    Limit("noise 80x96x96, no threshold", lambda: over_read("noise-384", 0.0), 2.5),
    Limit("real heads in f16", lambda: over_read(REAL, 0.1, "f16"), 0.75),
    Limit("real heads in bf16", lambda: over_read(REAL, 0.1, "bf16"), 0.75),
    Limit("real heads in NHWC", lambda: over_read(REAL, 0.1, "f32", "NHWC"), 1.3),
    Limit("1x152x272", lambda: over_nothing("fairmot-1088", 0.1), 12, "us", 2000),
    Limit("1x152x272, the kernel", lambda: kernel("fairmot-1088", 0.1), 4, "us", 2000),
    Limit("1x120x160", lambda: over_nothing("faces-480x640", 0.1), 8, "us", 2000),
    Limit("1x120x160, the kernel", lambda: kernel("faces-480x640", 0.1), 1.5, "us", 2000),
    Limit("one class of 80", one_class, 5, "us", 2000),
    Limit("1203x128x128", lambda: over_read("lvis-512", 0.1), 1.15, rounds=60),
    Limit("8 of 80x128x128", batch, 1.15, rounds=100),
    Limit("80x256x256", lambda: over_read("coco-1024", 0.1), 1.15, rounds=150),
    Limit("poses of 4 people, 1 and 17 x 128x128", poses, 2.0),
    Limit("triplets, 3 x 80x128x128", triplets, 1.5, rounds=150),
    Limit("two threads for one", two_threads, 1 / 1.8, rounds=40),
    # All cores are busy, so that images a second go by the time of all threads, which
    # those who share the machine do not lengthen.
    Limit("a stream of mb3-512", lambda: stream("mb3-512"), 1 / 0.98, "x", 60, time.process_time),
    Limit("a stream of hand-256", lambda: stream("hand-256"), 1 / 0.98, "x", 60, time.process_time),
    Limit(
        "import, over NumPy's",
        lambda: (fresh.importing("centerdecode"), fresh.importing("numpy")), 80, "ms", 15,
    ),
]  # fmt: skip
SPEED += [
    Limit(f"{name}, plateaus {rule}, over typical", make, 10, rounds=50)
    for name in adversaries.MAPS
    for rule in ("first", "keep")
    for make in [lambda name=name, rule=rule: over_typical(name, rule)]
]
BEHIND = {("avx2", "avx512"): 1.25, ("scalar", supported_isas()[0]): 8}
SPEED += [
    Limit(f"{slower} behind {faster}", isas(slower, faster), most)
    for (slower, faster), most in BEHIND.items()
    if {slower, faster} <= set(supported_isas())
]
