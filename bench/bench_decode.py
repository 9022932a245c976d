"""How long does one image of post-processing take?

    pytest bench/bench_decode.py

On every ISA, of every element type and layout. "the read" is the time to look at each
number of the heatmap once, which no decoder can beat.
"""

import centerdecode as cd
import pytest
from centerdecode.cli._suite import expected, ours, rounded, verify
from inputs import heads

NAMES = ["mb3-512", "hourglass-256", "noise-512", "noise-384"]

pytestmark = [
    pytest.mark.parametrize("name", NAMES),
    pytest.mark.parametrize("threshold", heads.THRESHOLDS),
]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("isa", cd.supported_isas())
def test_decode(benchmark, isa, element_type, layout, name, threshold):
    work = heads.make(name, threshold)
    decode = ours(work, element_type, layout)
    with cd.use_isa(isa):
        verify(decode(), expected(rounded(work, element_type)))
        benchmark(decode)


def test_the_read(benchmark, name, threshold):
    benchmark(heads.make(name).heatmap.max)
