"""How the cost of a decode grows, one property of the input at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import IO, Any, NamedTuple

import numpy as np

from . import _numpy_rivals
from ._charts import OURS, READ, THEIRS, figure, in_time
from ._rivals import expected, verify
from ._synthetic_heads import synthetic
from ._timing import beside
from ._workload import Floats, Workload, decoder_of

COCO = (80, 128, 128)


class Panel(NamedTuple):
    """What grows, the values it takes, and the heads for one of them: one image each."""

    what: str
    values: Sequence[float]
    make: Callable[[Any], list[Workload]]


def _plain(classes: int, height: int, width: int, **options: Any) -> list[Workload]:
    return [Workload("growth", *synthetic(classes, height, width, **options))]


def _batch(count: int) -> list[Workload]:
    heads = [synthetic(20, 128, 128, seed=seed) for seed in range(count)]
    return [Workload("growth", *own) for own in heads]


def _top_k(count: int) -> list[Workload]:
    return [replace(_plain(*COCO)[0], top_k=count)]


def _peaks(share: float) -> list[Workload]:
    """So many of all cells drawn from the scores around a half, the others far below."""
    heatmap, wh, offset = synthetic(*COCO, objects=0)
    rng = np.random.default_rng(0)
    drawn: Floats = rng.normal(0, 1, COCO).astype(np.float32)
    return [Workload("growth", np.where(rng.random(COCO) < share, drawn, heatmap), wh, offset)]


PANELS = (
    Panel("side of the map, 80 classes", (16, 32, 64, 128, 256), lambda n: _plain(80, n, n)),
    Panel("classes, 128 x 128", (1, 5, 20, 80, 320, 1203), lambda n: _plain(n, 128, 128)),
    Panel("images in a batch, 20 x 128 x 128", (1, 2, 4, 8, 16), _batch),
    Panel("top_k, 80 x 128 x 128", (1, 10, 100, 1000, 10000), _top_k),
    Panel(
        "objects, 80 x 128 x 128", (1, 10, 100, 1000), lambda n: _plain(*COCO, objects=n)
    ),
    Panel("share of cells drawn high, 80 x 128 x 128", (1e-5, 1e-4, 1e-3, 1e-2, 1e-1), _peaks),
)  # fmt: skip
LINES = {
    "the read": READ,
    "centerdecode, threshold 0.1": OURS,
    "centerdecode, no threshold": "#f59e0b",
    "NumPy, threshold 0.1 first": THEIRS,
}


class Curve(NamedTuple):
    """Seconds by line, for each value of a panel."""

    what: str
    values: list[float]
    seconds: dict[str, list[float]]


def measure_growth(*, seconds: float, report: Callable[[str], Any]) -> list[Curve]:
    """Verify and time the points of all panels, `seconds` for each of a line."""
    curves = []
    for what, values, make in PANELS:
        report(what)
        curve = Curve(what, list(values), {line: [] for line in LINES})
        for value in values:
            for line, time in zip(LINES, _point(make(value), seconds), strict=True):
                curve.seconds[line].append(time)
        curves.append(curve)
    return curves


def _point(works: list[Workload], seconds: float) -> list[float]:
    heads = [np.stack(head) for head in zip(*(work.heads for work in works), strict=True)]
    free = [replace(work, score_threshold=0.0) for work in works]
    numpy_first = [_numpy_rivals.threshold_first(work) for work in works]
    ours_together, freely = decoder_of(works[0]), decoder_of(free[0])
    decodes: list[Callable[[], Any]] = [
        lambda: ours_together(heads),
        lambda: freely(heads),
        lambda: [decode() for decode in numpy_first],
    ]
    for decoder, asked in ((ours_together, works), (freely, free)):
        for found, work in zip(decoder(heads), asked, strict=True):
            verify((found.xyxy, found.scores, found.class_ids), expected(work))
    times = [beside(heads[0].max, decode, seconds=seconds) for decode in decodes]
    return [times[0][0], *(own for _, own in times)]


def draw_growth(curves: Sequence[Curve], cpu: str, file: IO[bytes]) -> None:
    """Write a PNG with a panel for each curve, both axes logarithmic."""
    rows = -(-len(curves) // 3)
    image = figure(12, 0.6 + 3 * rows)
    panels = image.subplots(rows, 3, squeeze=False).ravel()
    for axes, curve in zip(panels, curves, strict=False):
        for line, color in LINES.items():
            dashed = "--" if line == "the read" else "-"
            axes.plot(
                curve.values, curve.seconds[line], dashed, marker="o", ms=3, color=color, label=line
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(curve.values, [f"{value:g}" for value in curve.values])
        axes.minorticks_off()
        in_time(axes.yaxis)
        axes.set_xlabel(curve.what)
        axes.grid(alpha=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    image.legend(
        handles, labels, loc="outside upper center", ncols=len(LINES), frameon=False,
        title=f"Medians on {cpu}, one thread",
    )  # fmt: skip
    image.savefig(file, format="png", dpi=150)
