"""Heads to detections with keypoints, where several classes have keypoints of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..families import KeypointRule, KeypointTask
from ..results import Detections
from ._cells import Cells, Grid, read_extras

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements


class TaskHeads(NamedTuple):
    """A task and its heads, as in `decode_poses`."""

    task: KeypointTask
    keypoints: Any
    keypoint_heatmap: Any = None
    keypoint_offset: Any = None
    keypoint_depth: Any = None


def task_heads(tasks: Iterable[Sequence[Any]]) -> list[TaskHeads]:
    """The option `tasks=` of `decode_poses`.

    Raises:
        TypeError: something else than tuples of a task and one to four heads.
        ValueError: no task.
    """
    found = []
    for given in tasks:
        if not (isinstance(given, tuple) and 2 <= len(given) <= 5):
            raise TypeError(f"tasks must be tuples of a KeypointTask and its heads, got {given!r}")
        if not isinstance(given[0], KeypointTask):
            raise TypeError(f"tasks must begin with a KeypointTask, got {given[0]!r}")
        found.append(TaskHeads(*given))
    if not found:
        raise ValueError("tasks must be one at least, got none")
    return found


def heads_of_tasks(tasks: list[TaskHeads]) -> dict[str, Any]:
    """The heads of all tasks, as "0/keypoints" and so on."""
    return {
        f"{i}/{name}": head
        for i, own in enumerate(tasks)
        for name, head in zip(own._fields[1:], own[1:], strict=True)
    }


def tasks_among(
    heads: Mapping[str, Any], tasks: list[TaskHeads], rules: Mapping[str, KeypointRule]
) -> list[TaskHeads]:
    """The tasks, of the heads under those names, which are stored by `rules`, by number."""
    return [
        TaskHeads(
            replace(own.task, rule=rules[f"{i}"]),
            *(heads[f"{i}/{name}"] for name in own._fields[1:]),
        )
        for i, own in enumerate(tasks)
    ]


class Part(NamedTuple):
    """What a task knows of one image: of these rows the keypoints, in these columns."""

    rows: NDArray[np.intp]
    columns: list[int]
    keypoints: NDArray[np.float32]
    scores: NDArray[np.float32]
    depths: NDArray[np.float32] | None


class Setup(NamedTuple):
    """What the tasks of one call share."""

    grid: Grid
    wh: Any
    offset: Any
    peaks: _core.PeakOptions
    box: _core.BoxFormat
    activation: str
    plateaus: str

    def decode(self, tasks: list[TaskHeads]) -> tuple[list[Detections], list[Cells], bool]:
        """The detections of each image, their cells, and whether there was a batch."""
        grid = self.grid
        found = _core.decode_boxes(
            grid.heatmap,
            self.wh,
            self.offset,
            grid.format,
            self.peaks,
            self.box,
            grid.transforms,
            grid.clips,
            True,
        )
        boxes = found if isinstance(found, list) else [found]
        parts = [self._parts(heads, boxes) for heads in tasks]
        images = [
            _joined(arrays, list(own))
            for arrays, own in zip(boxes, zip(*parts, strict=True), strict=True)
        ]
        return images, [arrays[3:5] for arrays in boxes], isinstance(found, list)

    def _parts(self, heads: TaskHeads, boxes: list[_core._BoxArrays]) -> list[Part]:
        """What one task knows, for each image; its keypoints are read at the peaks of
        its class, which are already known."""
        task, grid = heads.task, self.grid
        rows = [np.flatnonzero(arrays[2] == task.class_id) for arrays in boxes]
        found = _core.decode_poses(
            grid.heatmap,
            self.wh,
            self.offset,
            *heads[1:],
            grid.format,
            self.peaks,
            self.box,
            task.rule.rule(grid.axes, self.activation, self.plateaus),
            grid.transforms,
            grid.clips,
            [
                (scores[own], class_ids[own], ys[own], xs[own])
                for (_, scores, class_ids, ys, xs), own in zip(boxes, rows, strict=True)
            ],
        )
        images = found if isinstance(found, list) else [found]
        return [
            Part(own, task.columns(arrays[3].shape[1]), arrays[3], arrays[4], arrays[7])
            for own, arrays in zip(rows, images, strict=True)
        ]


def _joined(arrays: _core._BoxArrays, parts: list[Part]) -> Detections:
    """The boxes of one image with the keypoints of all tasks, zeros where there are none."""
    total = 1 + max(max(part.columns) for part in parts)
    keypoints = np.zeros((len(arrays[1]), total, 2), np.float32)
    scores = np.zeros(keypoints.shape[:2], np.float32)
    depths = np.zeros(keypoints.shape[:2], np.float32)
    for part in parts:
        at = np.ix_(part.rows, np.asarray(part.columns))
        keypoints[at] = part.keypoints
        scores[at] = part.scores
        if part.depths is not None:
            depths[at] = part.depths
    has_depths = any(part.depths is not None for part in parts)
    extras = {"keypoint_depths": depths} if has_depths else {}
    return Detections(*arrays[:3], keypoints, scores, extras)


def read_pose_tasks(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Boxes and keypoints, by the tasks of the decoder's family."""
    family = decoder.family
    names = TaskHeads._fields[1:]
    tasks = [
        (task, *(heads.get(f"{name}/{head}") for head in names))
        for name, task in family.keypoint_tasks.items()
    ]
    wh, offset, box = decoder.box_heads(heads)
    grid = Grid.of(decoder, heads, placements)
    setup = Setup(grid, wh, offset, decoder._peaks, box, family.activation, decoder.plateaus)
    images, cells, _ = setup.decode(task_heads(tasks))
    return read_extras(decoder, heads, placements, images, cells)
