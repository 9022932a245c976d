"""Heads to detections with keypoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from . import _core
from ._cells import Grid, read_extras, with_extras
from ._decoded import Places
from ._detections import Detections
from ._extras import wanted_extras
from ._keypoints import KeypointRule
from ._nms import NMSLike, thinned
from ._options import box_format, head_format, peak_options, sizes_of, transforms_of
from ._pose_tasks import Setup, task_heads

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
    transform: ArrayLike | None = None,
    clip: ArrayLike | None = None,
    nms: NMSLike = None,
    extras: Mapping[str, Any] | None = None,
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
    grid = Grid(
        heatmap,
        head_format(layout, element_type),
        stride,
        axes,
        transforms_of(transform),
        sizes_of("clip", clip),
    )
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
    box = box_format(stride, box_encoding, box_units, box_activation, axes, center_shift)
    if tasks is not None:
        own = (keypoints, keypoint_heatmap, keypoint_offset, keypoint_depth)
        if any(head is not None for head in own):
            raise ValueError("keypoints must be None where tasks are given")
        setup = Setup(grid, wh, offset, peaks, box, activation, plateaus)
        images, cells, batched = setup.decode(task_heads(tasks))
    else:
        rule = keypoint_rule.rule(axes, activation, plateaus)
        found = _core.decode_poses(
            heatmap,
            wh,
            offset,
            keypoints,
            keypoint_heatmap,
            keypoint_offset,
            keypoint_depth,
            grid.format,
            peaks,
            box,
            rule,
            grid.transforms,
            grid.clips,
            None,
        )
        batched = isinstance(found, list)
        many = found if isinstance(found, list) else [found]
        images, cells = [_detections(arrays) for arrays in many], [arrays[5:7] for arrays in many]
    thin = [thinned(image, nms) for image in with_extras(images, cells, wanted, grid)]
    return thin if batched else thin[0]


def read_poses(decoder: Decoder, heads: Mapping[str, Any], places: Places) -> list[Detections]:
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
        places.transforms,
        places.clips,
        None,
    )
    images = found if isinstance(found, list) else [found]
    return read_extras(
        decoder,
        heads,
        places,
        [_detections(arrays) for arrays in images],
        [arrays[5:7] for arrays in images],
    )


def _detections(arrays: _core._PoseArrays) -> Detections:
    depths = arrays[7]
    extras = {} if depths is None else {"keypoint_depths": depths}
    return Detections(*arrays[:5], extras)
