"""Decodes as an operation of an OpenVINO graph, beside the same ones by a call."""

import functools

import centerdecode as cd
import heads
import numpy as np
import openvino as ov
import pytest
from centerdecode.cli._suite._rivals import expected, verify
from centerdecode.cli._suite._work import decoder_of
from openvino import opset13 as ops

F32 = {"INFERENCE_PRECISION_HINT": "f32"}


class Alone:
    """A model that is nothing but the operation, and the decoder that it is."""

    def __init__(self, name, threshold):
        work = heads.make(name, threshold)
        self._decoder = decoder_of(work)
        self._heads = [head[None] for head in work.heads]
        parameters = [ops.parameter(head.shape, np.float32) for head in self._heads]
        for own, output in zip(parameters, ("hm", "wh", "reg"), strict=True):
            own.output(0).set_names({output})
        model = ov.Model([own.output(0) for own in parameters], parameters, "heads")
        options = {key: getattr(self._decoder, key) for key in ("score_threshold", "plateaus")}
        embedded = cd.graph.embed(model, self._decoder.family, **options)
        self._request = ov.Core().compile_model(embedded, "CPU", F32).create_infer_request()
        for i, head in enumerate(self._heads):
            self._request.set_input_tensor(i, ov.Tensor(head, shared_memory=True))
        self.in_graph()
        (count,) = self._request.get_output_tensor(3).data
        found = [self._request.get_output_tensor(i).data[0, :count] for i in range(3)]
        verify(found, expected(work))

    def in_graph(self):
        self._request.infer()

    def by_call(self):
        return self._decoder(self._heads)


class Whole:
    """A trained model with the operation, and without, for a photo."""

    def __init__(self):
        path = heads.DATA / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
        if not path.is_file():
            pytest.skip(f"no test data at {heads.DATA}; set CENTERDECODE_TEST_DATA")
        plain = cd.Detector(path, **heads.PLAIN)
        tensor = np.zeros(plain.compiled_model.input().shape, np.float32)
        core = ov.Core()
        models = core.read_model(path), cd.graph.embed(path, score_threshold=0.1)
        self._requests = [core.compile_model(m, "CPU", F32).create_infer_request() for m in models]
        for request in self._requests:
            request.set_input_tensor(ov.Tensor(tensor, shared_memory=True))
        self._decoder = cd.Decoder(cd.families.CENTERNET, score_threshold=0.1)

    def bare(self):
        self._requests[0].infer()

    def and_call(self):
        self.bare()
        return self._decoder(self._requests[0])

    def in_graph(self):
        self._requests[1].infer()


alone = functools.cache(Alone)
whole = functools.cache(Whole)
