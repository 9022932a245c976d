"""Heads that hold each image and behind it its mirror image, to heads of the images.

Scores and numbers become the mean of both: new arrays, float32, made in the core. All
else, such as what says where in a cell something lies, is the image's, read in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import _core
from ..families import KeypointRule

if TYPE_CHECKING:
    from ..families import Family
    from ._decoder import Decoder


class Stored(NamedTuple):
    """How heads are stored, as their decoder needs it, too.

    rules: of keypoints, by what stands before a slash in the names of their heads;
        "" for heads without.
    corners: how the head "corners" says a box, where it is another than "wh".
    """

    format: _core.HeadFormat
    peaks: _core.PeakOptions
    box: _core.BoxFormat
    axes: str = "xy"
    activation: str = "none"
    plateaus: str = "first"
    rules: Mapping[str, KeypointRule] = {}
    corners: _core.BoxFormat | None = None

    def merge(self, heads: Mapping[str, Any]) -> dict[str, Any]:
        """Heads by name, of pairs, to those of images, of which heatmaps hold scores.

        Raises:
            TypeError, ValueError: as the decoder of these heads; no pairs; or keypoints
                of which it is not known which change places.
        """
        return {
            name: None if head is None else self._merge_of(name, heads)(head)
            for name, head in heads.items()
        }

    def merged(self) -> Stored:
        """How the merged heads are stored."""
        rules = {task: rule.of_scores() for task, rule in self.rules.items()}
        return self._replace(peaks=self.peaks.of_scores(), activation="none", rules=rules)

    def _merge_of(self, name: str, heads: Mapping[str, Any]) -> Callable[[Any], Any]:
        form = self.format
        task, _, kind = name.rpartition("/")
        rule = self.rules.get(task)
        if name == "heatmap":
            single = any(rule.single for rule in self.rules.values())
            return lambda head: _core.merge_heatmap(head, form, self.peaks, single)
        if name == "wh":
            has_offset = heads.get("offset") is not None
            return lambda head: _core.merge_sizes(head, form, self.box, has_offset)
        if name == "corners" and self.corners is not None:
            corners = self.corners
            return lambda head: _core.merge_sizes(head, form, corners, False)
        if rule is None or kind not in ("keypoints", "landmarks", "keypoint_heatmap"):
            return _core.Unmirrored
        merge = (
            _core.merge_keypoint_heatmap if kind == "keypoint_heatmap" else _core.merge_keypoints
        )
        pose = rule.rule(self.axes, self.activation, self.plateaus)
        return lambda head: merge(head, form, pose, rule.mirror_pairs())


def merge_boxes(decoder: Decoder, heads: Mapping[str, Any]) -> dict[str, Any]:
    """The heads of a decoder's family, if it reads boxes."""
    return _stored_by(decoder, {}).merge(heads)


def merge_poses(decoder: Decoder, heads: Mapping[str, Any]) -> dict[str, Any]:
    """The heads of a decoder's family, if it reads boxes with keypoints."""
    family = decoder.family
    tasks = {name: task.rule for name, task in family.keypoint_tasks.items()}
    return _stored_by(decoder, {"": family.keypoints or KeypointRule()} | tasks).merge(heads)


def _stored_by(decoder: Decoder, rules: Mapping[str, KeypointRule]) -> Stored:
    family = decoder.family
    return Stored(
        decoder._format,
        decoder._peaks,
        decoder._box,
        family.axes,
        family.activation,
        decoder.plateaus,
        rules,
        decoder._corners,
    )


def merged_family(family: Family) -> Family:
    """How the merged heads of a family are stored."""
    rule = family.keypoints or KeypointRule()
    return family.replace(
        activation="none",
        keypoints=rule.of_scores(),
        keypoint_tasks={
            name: replace(task, rule=task.rule.of_scores())
            for name, task in family.keypoint_tasks.items()
        },
    )


def keep_heads(decoder: Decoder, heads: Mapping[str, Any]) -> Mapping[str, Any]:
    """The heads of a family whose reader puts together what it finds in both images."""
    return heads
