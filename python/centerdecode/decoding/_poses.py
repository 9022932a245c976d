"""Heads to detections with keypoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from numpy.typing import ArrayLike

from .. import _core
from ..families import NMS, Extra, KeypointRule, KeypointTask, NMSLike, ascending
from ..results import Detections
from ._boxes import BOX_OPTIONS
from ._call import decode, extra_heads, make_decoder, nms_or_soft, remembered, wanted_extras
from ._entries import keypoint_entries, task_entries
from ._placements import zooms_of

_BOX_HEADS = ("heatmap", "wh", "offset")
_POSE_HEADS = ("keypoints", "keypoint_heatmap", "keypoint_offset", "keypoint_depth")


@remembered
def _decoder(
    rule: KeypointRule,
    extras: tuple[tuple[str, Extra], ...],
    nms: NMS | None,
    element_type: str | None,
    *values: Any,
) -> _core.Decoder:
    own = dict(zip(BOX_OPTIONS, values, strict=True))
    heads = (*_BOX_HEADS, *_POSE_HEADS)
    return make_decoder("poses", heads, extras, element_type, nms, keypoint_entries(rule), **own)


@remembered
def _tasks_decoder(
    tasks: tuple[KeypointTask, ...],
    extras: tuple[tuple[str, Extra], ...],
    nms: NMS | None,
    element_type: str | None,
    *values: Any,
) -> _core.Decoder:
    own = dict(zip(BOX_OPTIONS, values, strict=True))
    named = {str(i): task for i, task in enumerate(tasks)}
    heads = (*_BOX_HEADS, *(f"{name}/{head}" for name in named for head in _POSE_HEADS))
    return make_decoder("pose_tasks", heads, extras, element_type, nms, task_entries(named), **own)


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
            `keypoint_rule.pairs` change placements. Other heads are the image's.

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
    rules = tuple((name, rule) for name, (_, rule) in wanted.items())
    zooms = None if scales is None else tuple(zooms_of(scales))
    given = (keypoints, keypoint_heatmap, keypoint_offset, keypoint_depth)
    own = dict(zip(_POSE_HEADS, given, strict=True))
    values = (
        rules,
        nms_or_soft(nms, zooms is not None and len(zooms) > 1),
        element_type,
        stride,
        top_k,
        score_threshold,
        activation,
        window,
        plateaus,
        layout,
        None if classes is None else tuple(ascending(classes)),
        best_class,
        max_per_class,
        box_encoding,
        box_units,
        box_activation,
        axes,
        center_shift,
        flip,
        zooms,
    )
    if tasks is None:
        _require_heatmap(own)
        decoder = _decoder(keypoint_rule, *values)
    else:
        known, heads_of_tasks = _split(tasks)
        if any(head is not None for head in given):
            raise ValueError("keypoints must be None where tasks are given")
        own = heads_of_tasks
        decoder = _tasks_decoder(known, *values)
    heads = {"heatmap": heatmap, "wh": wh, "offset": offset, **own, **extra_heads(wanted)}
    return decode(decoder, heads, transform, clip, scales, rules)


def _require_heatmap(heads: Mapping[str, Any]) -> None:
    # A model may lack its keypoint heatmap; whoever hands in what refines its peaks does not.
    for name in ("keypoint_offset", "keypoint_depth"):
        if heads["keypoint_heatmap"] is None and heads[name] is not None:
            raise ValueError(f"keypoint_heatmap must be given with a {name}")


def _split(tasks: Iterable[Sequence[Any]]) -> tuple[tuple[KeypointTask, ...], dict[str, Any]]:
    """The option `tasks=` as the tasks, and their heads as "0/keypoints" and so on.

    Raises:
        TypeError: something else than tuples of a task and one to four heads.
        ValueError: no task.
    """
    known: list[KeypointTask] = []
    heads: dict[str, Any] = {}
    for given in tasks:
        if not (isinstance(given, tuple) and 2 <= len(given) <= 5):
            raise TypeError(f"tasks must be tuples of a KeypointTask and its heads, got {given!r}")
        task, *own = given
        if not isinstance(task, KeypointTask):
            raise TypeError(f"tasks must begin with a KeypointTask, got {task!r}")
        for name, head in zip_longest(_POSE_HEADS, own):
            heads[f"{len(known)}/{name}"] = head
        known.append(task)
    if not known:
        raise ValueError("tasks must be one at least, got none")
    return tuple(known), heads
