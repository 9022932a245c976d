"""How long does one image of post-processing take?

    pytest bench

Every case is checked against NumPy before it is timed. "the read" is the time to
look at each number of the heatmap once, which no decoder can beat.
"""

import baseline
import centerdecode as cd
import heads
import numpy as np
import pytest

RIVALS = [baseline.threshold_first, baseline.separable, baseline.sliding_window]
SIXTEEN_BITS = {
    "f16": lambda head: head.astype(np.float16),
    "bf16": lambda head: (head.view(np.uint32) >> 16).astype(np.uint16),
}

pytestmark = [
    pytest.mark.parametrize("name", heads.names()),
    pytest.mark.parametrize("threshold", [0.1, 0.0]),
]


def options(threshold, activation):
    return {"stride": 4, "top_k": 100, "score_threshold": threshold, "activation": activation}


def verify(found, tensors, form):
    xyxy, scores, class_ids = baseline.decode(baseline.separable, *tensors, **form)
    np.testing.assert_array_equal(found.class_ids, class_ids)
    np.testing.assert_allclose(found.scores, scores, rtol=1e-6)
    np.testing.assert_allclose(found.xyxy, xyxy, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("element_type", ["f32", *SIXTEEN_BITS])
@pytest.mark.parametrize("isa", cd.supported_isas())
def test_decode(benchmark, isa, element_type, name, threshold):
    tensors, activation = heads.make(name)
    form = options(threshold, activation)
    with cd.use_isa(isa):
        verify(cd.decode_boxes(*tensors, plateaus="keep", **form), tensors, form)
        tensors = [SIXTEEN_BITS.get(element_type, np.asarray)(head) for head in tensors]
        benchmark(cd.decode_boxes, *tensors, element_type=element_type, **form)


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.__name__)
def test_numpy(benchmark, rival, name, threshold):
    tensors, activation = heads.make(name)
    form = options(threshold, activation)
    found = cd.decode_boxes(*tensors, plateaus="keep", **form)
    verify(found, tensors, form)
    np.testing.assert_array_equal(baseline.decode(rival, *tensors, **form)[2], found.class_ids)
    benchmark(baseline.decode, rival, *tensors, **form)


def test_the_read(benchmark, name, threshold):
    benchmark(heads.make(name)[0][0].max)
