"""What Open Model Zoo's SSD wrapper reads: three kinds of outputs, normalised boxes.

Layers are {name: whatever has a shape}; outputs are {name: array}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class Detection:
    """A box of one object; `id` is its class, `str_label` the name of that, if known."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float
    score: float
    id: int
    str_label: str | None = None

    def get_coords(self) -> tuple[float, float, float, float]:
        return self.xmin, self.ymin, self.xmax, self.ymax


class SingleOutputParser:
    """Rows [image_id, label, score, x1, y1, x2, y2] of one output (1, 1, N, 7).

    A negative image_id ends them (DetectionOutput-8 of OpenVINO), and image_id 0 is the only
    image; `upstream_bugs`: every row counts, whatever its image_id.

    Raises:
        ValueError: other outputs.
    """

    def __init__(self, all_outputs: Mapping[str, Any], *, upstream_bugs: bool = False) -> None:
        if len(all_outputs) != 1:
            raise ValueError(f"there must be one output, got {sorted(all_outputs)}")
        (self.output_name,) = all_outputs
        shape = tuple(all_outputs[self.output_name].shape)
        if not shape or shape[-1] != 7:
            raise ValueError(f"the last axis of the output must be 7 long, got {shape}")
        self.upstream_bugs = upstream_bugs

    def __call__(self, outputs: Mapping[str, Any]) -> list[Detection]:
        rows = np.asarray(outputs[self.output_name])[0][0].astype(np.float64)
        if not self.upstream_bugs:
            ends = np.flatnonzero(rows[:, 0] < 0)
            rows = rows[: ends[0] if len(ends) else len(rows)]
            rows = rows[rows[:, 0] == 0]
        return detections_of(rows[:, 3:], rows[:, 2], rows[:, 1])


class MultipleOutputParser:
    """Outputs (1, N, 4) of boxes, (1, N) of scores and of labels, found by their names.

    Raises:
        ValueError: one of them is missing, or there are two.
    """

    def __init__(
        self,
        layers: Mapping[str, Any],
        bboxes_layer: str = "bboxes",
        scores_layer: str = "scores",
        labels_layer: str = "labels",
    ) -> None:
        self.bboxes_layer = _find_layer(bboxes_layer, layers)
        self.scores_layer = _find_layer(scores_layer, layers)
        self.labels_layer = _find_layer(labels_layer, layers)

    def __call__(self, outputs: Mapping[str, Any]) -> list[Detection]:
        names = (self.bboxes_layer, self.scores_layer, self.labels_layer)
        boxes, scores, labels = (np.asarray(outputs[name])[0].astype(np.float64) for name in names)
        return detections_of(boxes, scores, labels)


class BoxesLabelsParser:
    """One output (N, 5) of x1, y1, x2, y2 in input pixels and score; labels if there are.

    `input_size` is (width, height). `upstream_bugs`: the output is divided in place, so that
    it cannot be read twice.

    Raises:
        ValueError: none or several such outputs.
    """

    def __init__(
        self,
        layers: Mapping[str, Any],
        input_size: tuple[int, int],
        labels_layer: str = "labels",
        default_label: int = 0,
        *,
        upstream_bugs: bool = False,
    ) -> None:
        found = [name for name, data in layers.items() if _is_rows_of_five(data.shape)]
        if len(found) != 1:
            raise ValueError(f"there must be one output (N, 5), got {found} of {sorted(layers)}")
        self.bboxes_layer = found[0]
        labels = [name for name in layers if labels_layer in name]
        self.labels_layer = labels[0] if len(labels) == 1 else None
        self.default_label = default_label
        self.input_size = input_size
        self.upstream_bugs = upstream_bugs

    def __call__(self, outputs: Mapping[str, Any]) -> list[Detection]:
        rows = np.asarray(outputs[self.bboxes_layer])
        if not self.upstream_bugs:
            rows = rows.astype(np.float64)
        rows[:, :4] /= np.array(self.input_size * 2)
        labels = np.full(len(rows), self.default_label)
        if self.labels_layer is not None:
            labels = np.ravel(outputs[self.labels_layer])
        return detections_of(rows[:, :4].astype(np.float64), rows[:, 4], labels)


def detections_of(
    boxes: NDArray[Any], scores: NDArray[Any], labels: NDArray[Any]
) -> list[Detection]:
    """Rows of (n, 4), (n,) and (n,), in their order."""
    rows = zip(boxes.tolist(), scores.tolist(), labels.tolist(), strict=True)
    return [Detection(x1, y1, x2, y2, score, int(label)) for (x1, y1, x2, y2), score, label in rows]


def _find_layer(name: str, layers: Mapping[str, Any]) -> str:
    found = [layer for layer in layers if name in layer]
    if len(found) != 1:
        raise ValueError(f"there must be one output for {name!r}, got {found} of {sorted(layers)}")
    return found[0]


def _is_rows_of_five(shape: Any) -> bool:
    return len(shape) == 2 and shape[1] == 5
