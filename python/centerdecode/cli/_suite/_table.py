"""Every decoder on the same heads, beside a read of the heatmap in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import centerdecode as cd

from ._rivals import RIVALS, expected, verify
from ._timing import beside
from ._workload import Decode, Workload, ours, rounded

THRESHOLDS = (0.1, 0.0)  # 0.0: none


@dataclass
class Row:
    """One decoder: median seconds, and as a multiple of the read, by threshold.

    why_not: why it was not timed, "" where it was.
    """

    name: str
    is_ours: bool = False
    seconds: dict[float, float] = field(default_factory=dict)
    ratio: dict[float, float] = field(default_factory=dict)
    why_not: str = ""


@dataclass(frozen=True)
class Table:
    """work: what was decoded; read: median seconds of heatmap.max(); rows: ours, then
    the rivals, strongest first."""

    work: Workload
    read: float
    rows: list[Row]

    def times(self, row: Row) -> list[tuple[float, float]]:
        """Thresholds, and seconds as if the machine had been alike for all rows."""
        return [(threshold, ratio * self.read) for threshold, ratio in row.ratio.items()]


@dataclass(frozen=True)
class _Contender:
    name: str
    prepare: Callable[[Workload], Decode]
    isa: str | None = None  # None: somebody else's
    element_type: str = "f32"


def _contenders() -> Iterator[_Contender]:
    isas = cd.supported_isas()
    for isa in isas:
        yield _Contender(f"centerdecode, {isa}", ours, isa)
    for form in ("f16", "bf16"):
        yield _Contender(
            f"centerdecode, {isas[0]}, {form}", partial(ours, element_type=form), isas[0], form
        )
    nhwc = partial(ours, layout="NHWC")
    yield _Contender(f"centerdecode, {isas[0]}, NHWC", nhwc, isas[0])
    for name, prepare in RIVALS:
        yield _Contender(name, prepare)


def measure_rivals(work: Workload, *, seconds: float, report: Callable[[str], Any]) -> Table:
    """Verify and time every decoder that can be used here.

    Args:
        work: a workload; THRESHOLDS replace its threshold.
        seconds: for each decoder and threshold.
        report: a callable that gets the name of each decoder before its turn.

    Raises:
        AssertionError: a decoder finds something else than the others.
    """
    rows, reads = [], []
    for contender in _contenders():
        report(contender.name)
        row = Row(contender.name, contender.isa is not None)
        try:
            for threshold in THRESHOLDS:
                asked = replace(work, score_threshold=threshold)
                read, own = _time(contender, asked, seconds)
                reads.append(read)
                row.seconds[threshold], row.ratio[threshold] = own, own / read
        except ImportError as error:
            row.why_not = str(error)
        rows.append(row)
    rivals = [row for row in rows if not row.is_ours]
    rivals.sort(key=lambda row: row.ratio.get(THRESHOLDS[0], float("inf")))
    table = [row for row in rows if row.is_ours] + rivals
    return Table(work, statistics.median(reads), table)


def _time(contender: _Contender, work: Workload, seconds: float) -> tuple[float, float]:
    decode = contender.prepare(work)
    with cd.use_isa(contender.isa) if contender.isa else nullcontext():
        verify(decode(), expected(rounded(work, contender.element_type)))
        return beside(work.heatmap.max, decode, seconds=seconds)
