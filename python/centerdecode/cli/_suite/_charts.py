"""The table of decoders as a picture: time on a log axis, the read as a line."""

from __future__ import annotations

from typing import IO, Any

from ..._lazy import require
from ._report import multiple_text, time_text
from ._table import THRESHOLDS, Table

OURS, THEIRS, READ = "#c2410c", "#475569", "#0f766e"


def figure(width: float, height: float) -> Any:
    """A figure that no window and no other program's settings have to do with."""
    module = require("matplotlib.figure", "matplotlib", "bench")
    return module.Figure(figsize=(width, height), layout="constrained")


def in_time(axis: Any) -> None:
    """Ticks of a log axis of seconds in units that one reads."""
    ticker = require("matplotlib.ticker", "matplotlib", "bench")
    axis.set_major_locator(ticker.LogLocator())
    axis.set_major_formatter(lambda seconds, _: time_text(seconds))
    axis.set_minor_formatter(ticker.NullFormatter())


def draw_rivals(table: Table, cpu: str, file: IO[bytes]) -> None:
    """Write a PNG of the rows that were timed, the fastest on top.

    Full circles have the threshold 0.1, hollow ones none.
    """
    rows = [row for row in table.rows if not row.why_not]
    rows.sort(key=lambda row: row.ratio[THRESHOLDS[0]], reverse=True)
    image = figure(9, 1.4 + 0.3 * len(rows))
    axes = image.add_subplot()
    for i, row in enumerate(rows):
        color = OURS if row.is_ours else THEIRS
        times = [seconds for _, seconds in table.times(row)]
        axes.plot(times, [i, i], color=color, linewidth=1, alpha=0.4)
        axes.scatter(times[0], i, color=color, s=36, zorder=3)
        axes.scatter(times[1], i, facecolor="white", edgecolor=color, s=36, zorder=3)
        axes.annotate(multiple_text(row.ratio[THRESHOLDS[0]]), (times[0], i), (3, 5), textcoords="offset points",
                      fontsize=7, color=color)  # fmt: skip
    axes.axvline(table.read, color=READ, linewidth=1.5)
    axes.annotate(" the read", (table.read, len(rows) - 0.4), color=READ, fontsize=9)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_color(OURS if row.is_ours else "black")
    axes.set_xscale("log")
    in_time(axes.xaxis)
    axes.set_ylim(-0.7, len(rows) + 0.3)
    axes.set_xlabel("an image; full: score threshold 0.1, hollow: no threshold")
    shape = " x ".join(map(str, table.work.heatmap.shape))
    image.suptitle(f"{table.work.name}, {shape} f32, top {table.work.top_k}\non {cpu}", fontsize=10)
    axes.grid(axis="x", which="both", alpha=0.2)
    axes.spines[["top", "right"]].set_visible(False)
    image.savefig(file, format="png", dpi=150)
