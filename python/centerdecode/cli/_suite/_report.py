"""A table of decoders as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._table import THRESHOLDS, Row, Table

_HEADS = {0.1: "score threshold 0.1", 0.0: "no threshold"}


def markdown(table: Table, facts: Mapping[str, str | int]) -> str:
    """The table with the machine above it, in the form that a README wants."""
    lines = [
        _caption(table, facts),
        "",
        "| | " + " | ".join(_HEADS[threshold] for threshold in THRESHOLDS) + " |",
        "|---" * (1 + len(THRESHOLDS)) + "|",
        _line("the read, which no decoder can beat", [time_text(table.read)] * len(THRESHOLDS)),
    ]
    timed = [row for row in table.rows if not row.why_not]
    lines += [
        _line(f"**{row.name}**" if row.is_ours else row.name, _cells(table, row)) for row in timed
    ]
    absent = [row.name for row in table.rows if row.why_not]
    if absent:
        lines += ["", f"Not installed, so not timed: {'; '.join(absent)}."]
    return "\n".join(lines) + "\n"


def as_json(table: Table, facts: Mapping[str, str | int]) -> dict[str, Any]:
    """Seconds, and multiples of the read, with what they belong to."""
    work = table.work
    decoders = []
    for row in table.rows:
        timed = [
            {"score_threshold": t, "seconds": row.seconds[t], "times_the_read": row.ratio[t]}
            for t in row.seconds
        ]
        decoders.append({"name": row.name, "times": timed, "why_not": row.why_not})
    return {
        "machine": dict(facts),
        "input": {
            "name": work.name,
            "shape": list(work.heatmap.shape),
            "activation": work.activation,
            "top_k": work.top_k,
        },
        "read_seconds": table.read,
        "decoders": decoders,
    }


def _caption(table: Table, facts: Mapping[str, str | int]) -> str:
    work = table.work
    what = "logits" if work.activation == "sigmoid" else "scores"
    libraries = ["numpy", "openvino", "onnxruntime", "torch", "numba", "scipy", "opencv"]
    versions = [f"{name} {facts[name]}" for name in libraries if name in facts]
    return (
        f"Medians on {facts['cpu']}, {facts['cores']} cores, one thread unless said: "
        f"{work.name}, {' x '.join(map(str, work.heatmap.shape))} f32 {what}, top {work.top_k}; "
        '"the read" is `heatmap.max()` of the same array. Each decoder takes turns with a read; '
        f"times are the multiples that come of that. Python {facts['python']}, {', '.join(versions)}."
    )


def _cells(table: Table, row: Row) -> list[str]:
    return [
        f"{time_text(seconds)} ({multiple_text(row.ratio[t])})" for t, seconds in table.times(row)
    ]


def _line(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def time_text(seconds: float) -> str:
    """Three digits, in us, ms or s."""
    us = seconds * 1e6
    if us >= 995_000:
        return f"{seconds:.3g} s"
    if us >= 99_500:
        return f"{us / 1000:.0f} ms"
    if us >= 995:
        return f"{us / 1000:.3g} ms"
    return f"{us:.3g} us"


def multiple_text(ratio: float) -> str:
    return f"{ratio:.2f} x" if ratio < 10 else f"{ratio:.0f} x"
