"""Streams of a photo through trained models, with and without what comes after inference."""

import functools
import itertools

import centerdecode as cd
import cv2
import openvino as ov
import pytest
from centerdecode.cli._suite import verify

from . import heads

# By name: file, photo, what the model wants, and how many frames a stream has. The second
# takes a tenth of the time of the first.
MODELS = {
    "mb3-512": ("mb3-centernet/mb3_ctdet_logits.xml", "deface_city.jpg", heads.PLAIN, 8),
    "hand-256": ("hand/hand_d1.xml", "hagrid_heart_tile.png", heads.HAND, 80),
}


class Stream:
    """Calls that infer the same frames in as many requests of one compiled model."""

    def __init__(self, model, photo, wishes, count):
        path = heads.DATA / "models" / model
        if not path.is_file():
            pytest.skip(f"no test data at {heads.DATA}; set CENTERDECODE_TEST_DATA")
        self.detector = cd.Detector(path, hint="throughput", score_threshold=0.1, **wishes)
        image = cv2.imread(str(heads.DATA / "images" / photo))
        self.frames = list(itertools.repeat(image, count))
        self._decoder = self.detector.decoder
        self._tensor = self.detector._open().prepare(image)[0]
        self._queue = ov.AsyncInferQueue(
            self.detector.compiled_model, self.detector._pipeline.count
        )

    def decoded(self):
        return self.detector.predict(self.frames)

    def not_decoded(self):
        """The same stream, whose callback finds nothing at once."""
        self._decoder.decode_heads = lambda tensors, places: [None]
        try:
            return self.decoded()
        finally:
            del self._decoder.decode_heads

    def bare(self):
        """OpenVINO's own queue, which neither resizes frames nor decodes heads."""
        for _ in self.frames:
            self._queue.start_async(self._tensor, share_inputs=True)
        self._queue.wait_all()

    def check(self):
        """Assert that a stream finds what a call does."""
        truth = self.detector(self.frames[0])
        assert len(truth) > 0
        for found in self.decoded():
            rows = [(one.xyxy, one.scores, one.class_ids) for one in (found, truth)]
            verify(*rows)


@functools.cache
def make(name):
    stream = Stream(*MODELS[name])
    stream.check()
    return stream
