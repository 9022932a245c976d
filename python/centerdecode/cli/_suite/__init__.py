"""The decoders that `centerdecode bench` and `bench/` compare, and how they are timed.

Nothing here is imported before a benchmark runs.
"""

from ._charts import draw_rivals
from ._growth import draw_growth, measure_growth
from ._machine import facts
from ._numpy_family import numpy_decoder, why_not
from ._report import as_json, markdown
from ._rivals import RIVALS, expected, verify
from ._synthetic_heads import SHAPES, synthetic, workload_named
from ._table import measure_rivals
from ._timing import medians
from ._workload import Workload, decoder_of, ours, rounded

__all__ = [
    "RIVALS",
    "SHAPES",
    "Workload",
    "as_json",
    "decoder_of",
    "draw_growth",
    "draw_rivals",
    "expected",
    "facts",
    "markdown",
    "measure_growth",
    "measure_rivals",
    "medians",
    "numpy_decoder",
    "ours",
    "rounded",
    "synthetic",
    "verify",
    "why_not",
    "workload_named",
]
