"""What a family and the options of a decoder mean in a portable graph, or why they have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...decoding import Decoder
from ...families import Family, whole_number
from ._box_nodes import BoxRule
from ._keypoint_nodes import PoseHeads
from ._maps import Map
from ._peaks import PeakRule

_DECODERS = ("boxes", "poses", "faces")
_OPTIONS = (
    "top_k",
    "score_threshold",
    "plateaus",
    "classes",
    "best_class",
    "max_per_class",
    "nms",
)


def decoder_of(family: Family, options: Mapping[str, Any]) -> Decoder:
    """The decoder to be written as a graph.

    Raises:
        TypeError: an option that `embed` does not have.
        ValueError: what has no portable graph; the message says what to do.
    """
    unknown = sorted(options.keys() - {*_OPTIONS})
    if unknown:
        raise TypeError(f"embed has no {unknown}; it has {[*_OPTIONS]}")
    if family.decoder not in _DECODERS:
        raise ValueError(
            f"family must have a decoder of {[*_DECODERS]} for a portable graph, got "
            f"{family.name} with {family.decoder!r}; leave its heads as they are, for a Detector"
        )
    decoder = Decoder(family, **options)
    whole_number("top_k", decoder.top_k, least=1)
    if decoder.nms is not None and (decoder.nms.kind, decoder.nms.shape) != ("hard", "box"):
        raise ValueError(
            f"nms must be a hard one of boxes for a portable graph, got {decoder.nms}; embed "
            "family.replace(nms=None), and give it to the Detector"
        )
    if family.masks is not None:
        raise ValueError(f"family {family.name} must have no masks for a portable graph")
    return decoder


def check_heads(family: Family, heads: Mapping[str, Map]) -> None:
    """
    Raises:
        ValueError: a head whose numbers no output has room for.
    """
    extra = [head for head in heads if head in family.extras or head == "keypoint_depth"]
    if extra:
        raise ValueError(
            f"heads must be of boxes and keypoints for a graph, got {extra}, too; pass "
            f"heads={[head for head in heads if head not in extra]} to do without"
        )


def peak_rule(decoder: Decoder) -> PeakRule:
    return PeakRule(
        decoder.top_k,
        decoder._peaks.raw_threshold,
        decoder.family.window,
        decoder.plateaus,
        decoder.classes,
        bool(decoder.best_class),
        decoder.max_per_class,
    )


def box_rule(family: Family, heads: Mapping[str, Map]) -> BoxRule:
    """How boxes are stored in these heads."""
    if "corners" in heads:
        return BoxRule(family.stride, "corners", "cells", "none", family.axes, 0.0)
    shift = family.center_shift
    if shift is None:
        shift = 0.0 if "offset" in heads else 0.5
    return BoxRule(
        family.stride,
        family.box_encoding,
        family.box_units,
        family.box_activation,
        family.axes,
        shift,
    )


def pose_heads(family: Family, heads: Mapping[str, Map]) -> PoseHeads | None:
    """The heads of keypoints, or of landmarks; None: there are none.

    Raises:
        ValueError: a rule that has no portable graph, or channels that do not fit.
    """
    keypoints = heads.get("keypoints", heads.get("landmarks"))
    if keypoints is None:
        return None
    found = PoseHeads(keypoints, heads.get("keypoint_heatmap"), heads.get("keypoint_offset"))
    if keypoints.channels % 2 != 0:
        raise ValueError(
            f"keypoints must have an even number of channels, got {keypoints.channels}"
        )
    rule = family.keypoints
    if found.heatmap is None or rule is None:
        return found._replace(heatmap=None, offset=None) if rule is not None else found
    if rule.single or rule.refinement.ranking == "gaussian_weighted":
        what = "single poses" if rule.single else 'the ranking "gaussian_weighted"'
        raise ValueError(
            f"family {family.name} must not have {what} for a portable graph; leave its heads "
            "as they are, for a Detector"
        )
    if found.heatmap.cells == -1:
        raise ValueError(
            "keypoint_heatmap must have a known grid for a portable graph, got "
            f"{found.heatmap.height} x {found.heatmap.width}; give the model a fixed size"
        )
    return found
