"""Detectors whose answer is known, that decode as slowly, or as badly, as a test wants."""

import threading
import time

import centerdecode as cd
import numpy as np
from support import models

NOISE = np.random.default_rng(0).integers(0, 255, (40, 8, 8, 3), np.uint8)
FATAL = np.full((8, 8, 3), 255, np.uint8)  # to models.fragile()
SEVERAL = {"requests": 4, "config": {"NUM_STREAMS": 4}}


def watch(model=None, **options):
    """Return a detector whose scores are all bytes of the image."""
    model = model or models.mirror()
    return cd.Detector(model, family=models.MIRROR, **(models.ALL_CELLS | SEVERAL | options))


def decoding(detector, decode):
    """Let `decode(own, heads, places)` decode for the detector, where own is what did."""
    decoder = detector.decoder
    own = decoder.decode_heads
    decoder.decode_heads = lambda heads, places: decode(own, heads, places)
    return detector


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


def slowly(detector, seconds=0.01):
    """Let the detector decode as long as that, or shorter, as chance has it."""
    rng = np.random.default_rng(0)

    def decode(own, heads, places):
        time.sleep(seconds * rng.random())
        return own(heads, places)

    return decoding(detector, decode)


def scores(image):
    """Return what is found in a noisy image."""
    return sorted(image.ravel().tolist(), reverse=True)


def all_scores(found):
    return [one.scores.tolist() for one in found]


TRUTH = [scores(image) for image in NOISE]
