"""How bad can it get?

    pytest bench/bench_adversarial.py

Maps that defeat a threshold, with none asked. No detector gives them; somebody might.
"""

import pytest
from centerdecode.cli._suite import decoder_of, verify
from inputs import adversaries


@pytest.mark.parametrize("plateaus", ["first", "keep"])
@pytest.mark.parametrize("name", adversaries.MAPS)
def test_decode(benchmark, name, plateaus):
    work = adversaries.make(name)
    decoder = decoder_of(work, plateaus=plateaus)
    (found,) = decoder(work.heads)
    verify((found.xyxy, found.scores, found.class_ids), adversaries.wanted(work, plateaus))
    benchmark(decoder, work.heads)
