"""Heads to detections with keypoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..families import KeypointRule, NMSLike, box_format, head_format, peak_options
from ..results import Detections
from ._cells import Cells, Grid, read_extras, with_extras
from ._merging import Parts, decoded
from ._mirror import Stored
from ._placements import Placements, sizes_of
from ._pose_tasks import Setup, heads_of_tasks, task_heads, tasks_among
from ._wanted_extras import extra_heads, extras_among, wanted_extras

if TYPE_CHECKING:
    from ._decoder import Decoder


def decode_poses(
    heatmap: Any,
    wh: Any,
    offset: Any,
    keypoints: Any,
    keypoint_heatmap: Any = None,
    keypoint_offset: Any = None,
    *,
    keypoint_depth: Any = None,
    keypoint_rule: KeypointRule = KeypointRule(),  # noqa: B008  (frozen)
    tasks: Iterable[Sequence[Any]] | None = None,
    stride: float = 4,
    top_k: int = 100,
    score_threshold: float = 0.3,
    activation: str = "sigmoid",
    window: int = 3,
    plateaus: str = "first",
    layout: str = "NCHW",
    classes: Iterable[int] | None = None,
    best_class: bool = False,
    max_per_class: int | None = None,
    box_encoding: str = "wh",
    box_units: str = "cells",
    box_activation: str = "none",
    axes: str = "xy",
    center_shift: float | None = None,
    transform: Any = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    extras: Mapping[str, Any] | None = None,
    flip: bool = False,
    scales: Sequence[float] | None = None,
    element_type: str | None = None,
) -> Detections | list[Detections]:
    """Turn the heads of a CenterNet-style pose estimator into boxes with keypoints.

    A keypoint is regressed from the integer cell of its detection's peak. Where there
    is a keypoint heatmap it moves to one of the peaks there, if that passes the tests
    of `keypoint_rule.refinement`. The defaults are those of "Objects as Points" (Zhou
    et al., 2019); `families` has the rules of others. Several detections may take the
    same peak. For options that are not explained here, see `decode_boxes`.

    Args:
        heatmap, wh, offset: as in `decode_boxes`; all heads are on one grid. wh=None:
            the family has no boxes, and they become the extent of the keypoints.
        keypoints: (2 * J, H, W), see `KeypointRule`.
        keypoint_heatmap: (J, H, W), or None: keypoints stay as they are regressed.
        keypoint_offset: (2, H, W), for all keypoints, or (2 * J, H, W), a pair for
            each, the shift of the keypoint heatmap's peaks in cells, interleaved; None:
            half a cell.
        keypoint_depth: (1, H, W), for all keypoints, or (J, H, W): what comes back as
            the extra keypoint_depths, see below; None: no such head.
        keypoint_rule: how keypoints are stored and refined.
        tasks: in place of keypoints (which are None then) and what belongs to them,
            for models in which several classes have keypoints: tuples of a
            `KeypointTask` and its keypoints, keypoint_heatmap, keypoint_offset and
            keypoint_depth, of which the later may be left out.
        plateaus: of the keypoint heatmap, too.
        clip: of boxes. Keypoints may leave the image.
        flip: as in `decode_boxes`. Means are also those of `keypoints`, with x negated
            as in the reference (half a cell too far left: a cell counts from its left
            in both images), and of the scores of `keypoint_heatmap`; those of
            `keypoint_rule.pairs` change places. Other heads are the image's.

    Returns:
        `Detections`, or a list of them for a batch, with keypoints (n, J, 2), x before
        y, in the frame of xyxy, and keypoint_scores (n, J): the score of the peak that
        a keypoint moved to; `unmatched_score`, or the detection's own score where that
        is None, for one that stayed. With keypoint_depth there is an extra
        keypoint_depths (n, J): the number there at the cell of the peak that a keypoint
        moved to; 0 for one that stayed. With tasks J is the number of columns of all of
        them; where a detection's class has no keypoint all three are 0.

    Raises:
        TypeError, ValueError: as `decode_boxes`.
    """
    wanted = wanted_extras(extras)
    peaks = peak_options(
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        classes,
        best_class,
        max_per_class,
    )
    own = {
        "keypoints": keypoints,
        "keypoint_heatmap": keypoint_heatmap,
        "keypoint_offset": keypoint_offset,
        "keypoint_depth": keypoint_depth,
    }
    rules = {"": keypoint_rule}
    given = [] if tasks is None else task_heads(tasks)
    if given:
        if any(head is not None for head in own.values()):
            raise ValueError("keypoints must be None where tasks are given")
        own = heads_of_tasks(given)
        rules = {f"{i}": heads.task.rule for i, heads in enumerate(given)}
    form = head_format(layout, element_type)
    box = box_format(stride, box_encoding, box_units, box_activation, axes, center_shift)
    stored = Stored(form, peaks, box, axes, activation, plateaus, rules)
    clips = sizes_of("clip", clip)

    def decode(
        heads: Mapping[str, Any], transforms: NDArray[np.float64] | None
    ) -> Parts[Detections]:
        now = stored
        if flip:
            heads, now = stored.merge(heads), stored.merged()
        grid = Grid(heads["heatmap"], form, stride, axes, transforms, clips)
        if given:
            setup = Setup(
                grid, heads["wh"], heads["offset"], now.peaks, box, now.activation, plateaus
            )
            images, cells, batched = setup.decode(tasks_among(heads, given, now.rules))
        else:
            images, cells, batched = _decode(heads, grid, now)
        images = with_extras(images, cells, extras_among(heads, wanted), grid)
        return [[image] for image in images], batched

    heads = {"heatmap": heatmap, "wh": wh, "offset": offset, **own, **extra_heads(wanted)}
    return decoded(
        decode, heads, transform, scales, nms=nms, top_k=top_k, max_per_class=max_per_class
    )


def _decode(
    heads: Mapping[str, Any], grid: Grid, stored: Stored
) -> tuple[list[Detections], list[Cells], bool]:
    """The detections of each image, their cells, and whether there was a batch."""
    found = _core.decode_poses(
        grid.heatmap,
        heads["wh"],
        heads["offset"],
        heads["keypoints"],
        heads["keypoint_heatmap"],
        heads["keypoint_offset"],
        heads["keypoint_depth"],
        stored.format,
        stored.peaks,
        stored.box,
        stored.rules[""].rule(stored.axes, stored.activation, stored.plateaus),
        grid.transforms,
        grid.clips,
        None,
    )
    images = found if isinstance(found, list) else [found]
    cells = [arrays[5:7] for arrays in images]
    return [_detections(arrays) for arrays in images], cells, isinstance(found, list)


def read_poses(
    decoder: Decoder, heads: Mapping[str, Any], placements: Placements
) -> list[Detections]:
    """Poses, by the rule of the decoder's family; and faces, whose keypoints are
    landmarks."""
    family = decoder.family
    rule = family.keypoints or KeypointRule()
    wh, offset, box = decoder.box_heads(heads)
    refined = heads if "keypoint_heatmap" in heads else {}
    found = _core.decode_poses(
        heads["heatmap"],
        wh,
        offset,
        heads["keypoints"],
        refined.get("keypoint_heatmap"),
        refined.get("keypoint_offset"),
        refined.get("keypoint_depth"),
        decoder._format,
        decoder._peaks,
        box,
        rule.rule(family.axes, family.activation, decoder.plateaus),
        placements.transforms,
        placements.clips,
        None,
    )
    images = found if isinstance(found, list) else [found]
    return read_extras(
        decoder,
        heads,
        placements,
        [_detections(arrays) for arrays in images],
        [arrays[5:7] for arrays in images],
    )


def _detections(arrays: _core._PoseArrays) -> Detections:
    depths = arrays[7]
    extras = {} if depths is None else {"keypoint_depths": depths}
    return Detections(*arrays[:5], extras)
