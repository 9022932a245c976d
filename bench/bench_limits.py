"""Is the promised speed reached?

    pytest bench/bench_limits.py

The promises are in `limits.py`. A machine that does other things at the same time slows
both sides of a line down alike, but not always: look twice before you believe a failure.
"""

import limits
import pytest
from centerdecode.cli._suite import medians

SCALES = {"us": 1e6, "ms": 1e3}


@pytest.mark.parametrize("limit", limits.SPEED, ids=lambda limit: limit.what.replace(" ", "-"))
def test_limit(limit, record):
    ours, other = medians(limit.pair(), rounds=limit.rounds, clock=limit.clock)
    found = ours / other if limit.unit == "x" else (ours - other) * SCALES[limit.unit]
    verdict = "holds" if found <= limit.most else "FAILS"
    text = f"{limit.what}: {found:.3g} {limit.unit}, promised {limit.most:.3g}: {verdict}"
    record(text)
    assert found <= limit.most, text
