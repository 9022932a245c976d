"""Keypoints that TensorFlow's CenterNet takes from the greatest cell of a weighted map."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...families import KeypointRule, Refinement, box_format, head_format, peak_options
from .._shared import as_numpy, like
from ._proto_options import Task, options_of


def prediction_to_single_instance_keypoints(
    object_heatmap: Any,
    keypoint_heatmap: Any,
    keypoint_offset: Any,
    keypoint_regression: Any,
    kp_params: Any,
    keypoint_depths: Any = None,
) -> tuple[Any, Any, None]:
    """The keypoints of the one object of one image.

    Its center is the cell with the greatest score / (distance to the middle of the map +
    score_distance_offset), a keypoint the cell with the greatest score / (distance to
    where it is regressed + score_distance_offset), plus its own offset there.

    Args:
        object_heatmap: (1, H, W, 1) scores.
        keypoint_heatmap: (1, H, W, J) scores.
        keypoint_offset: (1, H, W, 2) or (1, H, W, 2 * J), y before x, in cells.
        keypoint_regression: (1, H, W, 2 * J), y0 x0 y1 x1 ..., in cells.
        kp_params: options of a task, see `postprocess`. candidate_ranking_mode must be
            "score_distance_ratio".
        keypoint_depths: not used, as upstream.

    Returns:
        Keypoints (1, 1, J, 2), y before x, in cells, scores (1, 1, J), float32; and None.

    Raises:
        TypeError: heads that would have to be converted.
        ValueError: another mode, more than one image, heads that do not fit.
    """
    task = options_of(Task, kp_params)
    heads = object_heatmap, keypoint_heatmap, keypoint_offset, keypoint_regression
    found = single_pose(*(as_numpy(head) for head in heads), task=task, activation="none")
    keypoints, scores = (like(object_heatmap, part) for part in found)
    return keypoints, scores, None


def single_pose(
    object_heatmap: NDArray[Any],
    keypoint_heatmap: NDArray[Any],
    keypoint_offset: NDArray[Any],
    keypoint_regression: NDArray[Any],
    *,
    task: Task,
    activation: str,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`activation`: of both heatmaps."""
    if task.candidate_ranking_mode != "score_distance_ratio":
        raise ValueError(
            "candidate_ranking_mode must be 'score_distance_ratio', "
            f"got {task.candidate_ranking_mode!r}"
        )
    _require_one_image(len(object_heatmap))
    rule = KeypointRule(
        axes="yx", single=True, refinement=Refinement(distance_offset=task.score_distance_offset)
    )
    found = _core.decode_poses(
        object_heatmap,
        None,
        None,
        keypoint_regression,
        keypoint_heatmap,
        keypoint_offset,
        None,
        head_format("NHWC", "f16" if object_heatmap.dtype == np.float16 else None),
        peak_options(1, -np.inf, activation, 1, "keep", None),
        box_format(1, "wh", "cells", "none", "yx", None),
        rule.rule("yx", activation, "keep"),
        None,
        None,
        None,
    )
    assert isinstance(found, list)
    points, scores = found[0][3:5]
    return points[None, ..., ::-1], scores[None]


def prediction_tensors_to_multi_instance_kpts(
    keypoint_heatmap_predictions: Any,
    keypoint_heatmap_offsets: Any,
    keypoint_score_heatmap: Any = None,
) -> tuple[Any, Any]:
    """The keypoints of N objects of one image, each with maps of its own.

    Args:
        keypoint_heatmap_predictions: (H, W, N, J), weighted scores.
        keypoint_heatmap_offsets: (H, W, 2 * J), a pair for each, or (H, W, 2); y before
            x, in cells.
        keypoint_score_heatmap: (H, W, J), of which scores are read; None: the score is
            the greatest of the N maps at the cell.

    Returns:
        Keypoints (1, N, J, 2), in cells: the first greatest cell of each map, plus the
        offset there; scores (1, N, J); float32.

    Raises:
        TypeError: maps that are no arrays.
        ValueError: maps that do not fit.
    """
    maps = as_numpy(keypoint_heatmap_predictions)
    if maps.ndim != 4:
        raise ValueError(f"maps must be of shape (H, W, N, J), got {maps.shape}")
    height, width, count, joints = maps.shape
    best = np.argmax(maps.reshape(height * width, count, joints), axis=0)
    ys, xs = np.divmod(best, width)
    if keypoint_score_heatmap is None:
        scores = maps[ys, xs, :, np.arange(joints)].max(axis=2)
    else:
        scores = as_numpy(keypoint_score_heatmap)[ys, xs, np.arange(joints)]
    points = _shifted(ys, xs, as_numpy(keypoint_heatmap_offsets))
    reference = keypoint_heatmap_predictions
    return like(reference, points), like(reference, scores[None].astype(np.float32))


def gaussian_weighted_keypoints(
    scores: NDArray[np.float32],
    offsets: NDArray[Any],
    regressed: NDArray[np.float32],
    boxes: NDArray[np.float32] | None,
    gaussian_denom_ratio: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`prediction_tensors_to_multi_instance_kpts` of maps that are never made whole.

    Args: (1, H, W, J); (1, H, W, 2 or 2 * J); (1, N, J, 2); (1, N, 4) in cells, or None.
    """
    _require_one_image(len(scores))
    height, width = scores.shape[1:3]
    if boxes is None:
        boxes = np.tile(np.array([0, 0, height, width], np.float32), (1, regressed.shape[1], 1))
    spread = min(height, width) * gaussian_denom_ratio
    maps = _WeightedMaps(scores[0], regressed[0].astype(np.float64), boxes[0], spread)
    cells = np.stack([maps.best_cells(n) for n in range(len(boxes[0]))])
    return _shifted(cells[..., 0], cells[..., 1], offsets[0]), maps.best_at(cells)[None]


class _WeightedMaps(NamedTuple):
    """The map of object n and keypoint j is scores * exp(-d^2 / spread) in its box, which
    is half-open, and 0 elsewhere; d is the distance to where the keypoint is regressed."""

    scores: NDArray[np.float32]  # (H, W, J)
    regressed: NDArray[np.float64]  # (N, J, 2)
    boxes: NDArray[np.float32]  # (N, 4)
    spread: float

    def best_cells(self, n: int) -> NDArray[np.intp]:
        """(J, 2); where the greatest is 0 the first is (0, 0)."""
        low, high = (np.ceil(side).clip(min=0).astype(int) for side in np.split(self.boxes[n], 2))
        values = self.scores[low[0] : high[0], low[1] : high[1]]
        if values.size == 0:
            return np.zeros((values.shape[2], 2), np.intp)
        rows, columns, joints = values.shape
        cells = np.mgrid[:rows, :columns].reshape(2, -1).T + low
        weighted = self._weighted(values.reshape(-1, joints), cells[:, None], self.regressed[n])
        anything = weighted.max(axis=0)[:, None] > 0
        return np.asarray(np.where(anything, cells[weighted.argmax(axis=0)], 0))

    def best_at(self, cells: NDArray[np.intp]) -> NDArray[np.float32]:
        """(N, J), the greatest of all objects at cells (N, J, 2) of the keypoints."""
        at = cells[:, None]
        values = self.scores[at[..., 0], at[..., 1], np.arange(cells.shape[1])]
        low, high = self.boxes[:, None, :2], self.boxes[:, None, 2:]
        inside = ((at >= low) & (at < high)).all(axis=3)
        weighted = self._weighted(values, at, self.regressed)
        return np.asarray(np.where(inside, weighted, np.float32(0)).max(axis=1))

    def _weighted(
        self, values: NDArray[np.float32], cells: NDArray[np.intp], joints: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        squares = np.square(cells - joints).sum(axis=-1)
        return np.asarray(values * np.exp(-squares / self.spread), np.float32)


def _shifted(ys: NDArray[Any], xs: NDArray[Any], offsets: NDArray[Any]) -> NDArray[np.float32]:
    """Cells (N, J) as points (1, N, J, 2), by offsets (H, W, 2), or (H, W, 2 * J)."""
    joints = ys.shape[1]
    if offsets.ndim != 3 or offsets.shape[2] not in (2, 2 * joints):
        raise ValueError(
            f"offsets must have 2 or {2 * joints} channels (H, W, *), got {offsets.shape}"
        )
    step = 0 if offsets.shape[2] == 2 else 2
    channels = step * np.arange(joints)[:, None] + np.arange(2)
    shifts = offsets[ys[..., None], xs[..., None], channels].astype(np.float64)
    points = np.stack([ys, xs], axis=-1) + shifts
    return np.asarray(points[None], np.float32)


def _require_one_image(batch: int) -> None:
    if batch != 1:
        raise ValueError(f"there must be one image, got a batch of {batch}")
