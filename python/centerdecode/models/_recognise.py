"""Which family a model belongs to: by rt_info, then its own name, then those of its
outputs, then their shapes.

Never by position, and never by guessing: a model that fits no family, or two,
is an error that lists its outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .. import families, presets
from ..decoding import base_names, match_heads
from ..families import Family
from ..presets import Preset
from ._outputs import Output

# The heads that hold scores, told from any of them, and what a cell of others has.
_SCORE_HEADS = (
    "heatmap",
    "heatmap_0",
    *("top", "left", "bottom", "right"),
    *("top_left", "bottom_right", "center"),
)
_CHANNELS: dict[str, set[int]] = {
    "offset": {2},
    "corners": {4},
    "amodal_offset": {2},
    **{f"{head}_offset": {2} for head in _SCORE_HEADS[2:]},
    "top_left_tag": {1},
    "bottom_right_tag": {1},
    "rotation": {8},
    "depth": {1},
    "dimensions": {3},
    "agnostic": {1},
    "height": {1},
    "heading": {2},
}
# How many axes outputs have that a decoder in the graph gives under so common names.
_RANKS = {"class_ids": 2, "counts": 1}
_HELP = (
    "pass family=, for example family=centerdecode.families.CENTERNET.replace("
    'heads={"heatmap": ("OUTPUT",), "wh": ("OUTPUT",), "offset": ("OUTPUT",)})'
)


class Recognition(NamedTuple):
    """A family, which output is which head, and the reasons, a sentence each.

    preset: the one whose family it is, if any.
    """

    family: Family
    heads: Mapping[str, int]
    why: tuple[str, ...]
    preset: Preset | None = None


class _Fit(NamedTuple):
    family: Family
    layout: str
    heads: Mapping[str, int]

    def rank(self) -> tuple[int, int, bool, bool]:
        """How much it explains: outputs, and those of them that make the detections; of
        equal ones a family that has none of its extras is less likely."""
        extras = self.family.extras
        own = {i for head, i in self.heads.items() if head not in extras}
        return (
            len({*self.heads.values()}),
            len(own),
            not extras or any(head in self.heads for head in extras),
            self.layout == self.family.layout,
        )


def recognise(
    outputs: Sequence[Output], stored: str | None, names: Sequence[str] = ()
) -> Recognition:
    """Find the family of a model.

    Args:
        outputs: what `outputs_of` gives.
        stored: the family in the model's rt_info, if there is one.
        names: what the model is called; a preset of that name is taken if it fits.

    Raises:
        ValueError: unknown or ambiguous; the message lists the outputs and says
            how to name the family.
    """
    if stored is not None:
        found = match(Family.from_json(stored), outputs)
        return found._replace(why=("the model's rt_info names the family", *found.why))
    preset = presets.named(names)
    if preset is not None and _fits_preset(preset, outputs):
        found = match_preset(preset, outputs)
        return found._replace(why=(f"the model is named {preset.name}", *found.why))
    fits = [fit for family in families.ALL for fit in _fits(family, outputs)]
    reason = "output names"
    if not fits:
        fits = _fits_by_shape(outputs)
        reason = "output shapes"
    if not fits:
        raise ValueError(f"no known family has these outputs: {_listing(outputs)}; {_HELP}")
    best = max(fit.rank() for fit in fits)
    winners = [fit for fit in fits if fit.rank() == best]
    if len(winners) > 1:
        names = ", ".join(fit.family.name for fit in winners)
        raise ValueError(f"{names} all fit these outputs: {_listing(outputs)}; {_HELP}")
    return _recognition(winners[0], outputs, reason)


def match_preset(preset: Preset, outputs: Sequence[Output]) -> Recognition:
    """Find the form of a preset that a model has.

    Raises:
        ValueError: its outputs are those of none of them.
    """
    fits = _fits_preset(preset, outputs)
    if not fits:
        wanted = " or ".join(str([names[0] for names in f.heads.values()]) for f in preset.forms)
        raise ValueError(
            f"preset {preset.name} has outputs {wanted} for {len(preset.labels)} classes, "
            f"got {_listing(outputs)}"
        )
    best = max(fits, key=_Fit.rank)
    found = _recognition(best, outputs, f"the outputs of preset {preset.name}", sure=True)
    return found._replace(preset=preset)


def _fits_preset(preset: Preset, outputs: Sequence[Output]) -> list[_Fit]:
    fits = [fit for form in preset.forms for fit in _fits(form, outputs)]
    return [fit for fit in fits if _classes(fit, outputs) in (None, len(preset.labels))]


def _classes(fit: _Fit, outputs: Sequence[Output]) -> int | None:
    """How many classes its heatmap has; None: it has none, or does not tell."""
    if "heatmap" not in fit.heads:
        return None
    count = outputs[fit.heads["heatmap"]].shape[1 if fit.layout == "NCHW" else 3]
    return None if count == -1 else count


def match(family: Family, outputs: Sequence[Output]) -> Recognition:
    """Hold a family that is given against a model; it is taken at its word.

    Raises:
        ValueError: a head is missing, or its shape does not fit.
    """
    matched = match_heads(family, [base_names(output.names) for output in outputs])
    missing = [head for head in family.required if head not in matched]
    if missing:
        raise ValueError(
            f"family {family.name} has heads {dict(family.heads)}, but no output is {missing}: "
            f"{_listing(outputs)}; name them with family.replace(heads=...)"
        )
    if not _fits_shapes(family, family.layout, matched, outputs):
        raise ValueError(
            f"family {family.name} ({family.layout}, box_encoding {family.box_encoding!r}) does "
            f"not fit the shapes of {_listing(outputs)}; change it with family.replace(...)"
        )
    named = next((head for head in ("heatmap", "heatmap_0") if head in matched), None)
    heatmap = None if named is None else outputs[matched[named]]
    if heatmap is not None and (heatmap.ending, family.activation) == ("sigmoid", "sigmoid"):
        raise ValueError(
            f"family {family.name} wants logits, but {heatmap} has gone through a sigmoid; "
            'pass family.replace(activation="none")'
        )
    return Recognition(family, matched, tuple(_head_lines(family, matched, outputs)))


def _fits(family: Family, outputs: Sequence[Output]) -> list[_Fit]:
    matched = match_heads(family, [base_names(output.names) for output in outputs])
    if any(head not in matched for head in family.required):
        return []
    other = "NHWC" if family.layout == "NCHW" else "NCHW"
    for layout in (family.layout, other):
        if _fits_shapes(family, layout, matched, outputs):
            return [_Fit(family, layout, matched)]
    return []


def _fits_shapes(
    family: Family, layout: str, heads: Mapping[str, int], outputs: Sequence[Output]
) -> bool:
    if family.levels is not None:
        one = family.replace(levels=None)
        return all(
            _fits_shapes(one, layout, level, outputs) for level in family.levels.split(heads)
        )
    score_heads = [head for head in _SCORE_HEADS if head in heads]
    if not score_heads:
        return all(
            len(outputs[heads[head]].shape) == _RANKS[head] for head in _RANKS if head in heads
        )
    shapes = {head: outputs[i].shape for head, i in heads.items()}
    if any(len(shape) != 4 for shape in shapes.values()):
        return False
    channel = 1 if layout == "NCHW" else 3
    group = 2 if family.box_encoding == "wh" else 4
    classes = shapes[score_heads[0]][channel]
    extras = {name: {extra.channels} for name, extra in family.extras.items() if extra.channels}
    allowed = _CHANNELS | extras | {"wh": {group, group * classes}}
    if family.extreme_points is None or not family.extreme_points.class_agnostic:
        allowed |= {head: {classes} for head in score_heads}
    if "keypoint_heatmap" in shapes:
        pairs = 2 * shapes["keypoint_heatmap"][channel]
        allowed |= {"keypoints": {pairs}, "keypoint_offset": {2, pairs}}
    if "segmentation" in shapes:
        allowed |= {"segmentation": {classes}}
    if "parts" in shapes:
        allowed |= {"surface_coords": {2 * shapes["parts"][channel]}}
    grids = {tuple(n for axis, n in enumerate(s) if axis != channel) for s in shapes.values()}
    return len(grids) == 1 and all(
        shapes[head][channel] in sizes for head, sizes in allowed.items() if head in shapes
    )


def _fits_by_shape(outputs: Sequence[Output]) -> list[_Fit]:
    """A head that is told by its shape alone: rows of 7; or one two-channel map
    beside a heatmap. Two two-channel maps may be sizes or offsets: no fit."""
    if len(outputs) == 1 and outputs[0].shape[-1:] == (7,) and len(outputs[0].shape) == 4:
        return [_Fit(families.DETECTION_OUTPUT, "NCHW", {"rows": 0})]
    if len(outputs) != 2:
        return []
    fits = []
    for family in (families.CENTERNET, families.KERAS_CENTERNET.replace(optional=("offset",))):
        channel = 1 if family.layout == "NCHW" else 3
        for wh in (0, 1):
            heads = {"heatmap": 1 - wh, "wh": wh}
            heatmap = outputs[1 - wh].shape
            if len(heatmap) == 4 and heatmap[channel] != 2:
                fits += [_Fit(family, family.layout, heads)] * _fits_shapes(
                    family, family.layout, heads, outputs
                )
    return fits


def _recognition(
    fit: _Fit, outputs: Sequence[Output], reason: str, *, sure: bool = False
) -> Recognition:
    """sure: where a compiled model tells of no sigmoid, take the family at its word."""
    family = fit.family
    why = [f"{reason} fit family {family.name}", *_head_lines(family, fit.heads, outputs)]
    if fit.layout != family.layout:
        family = family.replace(layout=fit.layout)
        why.append(f"the shapes are {fit.layout}")
    score_head = next((head for head in _SCORE_HEADS if head in fit.heads), None)
    if score_head is not None and not (sure and outputs[fit.heads[score_head]].ending == "hidden"):
        family, reasons = _with_activation(family, outputs[fit.heads[score_head]])
        why += reasons
    if family.keypoints is not None and "keypoint_heatmap" in fit.heads:
        family, reasons = _with_keypoint_activation(
            family, fit.family.activation, outputs[fit.heads["keypoint_heatmap"]]
        )
        why += reasons
    if family.masks is not None and "segmentation" in fit.heads:
        family, reasons = _with_mask_activation(
            family, fit.family.activation, outputs[fit.heads["segmentation"]]
        )
        why += reasons
    return Recognition(family, fit.heads, tuple(why))


def _with_activation(family: Family, heatmap: Output) -> tuple[Family, list[str]]:
    if heatmap.ending == "hidden":
        raise ValueError(
            f"a compiled model does not tell whether {heatmap} went through a sigmoid; pass "
            f"family=centerdecode.families.{family.name} for logits as they are, or "
            f'.replace(activation="none") for scores (layout {family.layout})'
        )
    if heatmap.ending == "sigmoid":
        return family.replace(activation="none"), ["the heatmap ends in a sigmoid: scores"]
    if heatmap.ending == "linear":
        return family.replace(activation="sigmoid"), ["the heatmap ends in no sigmoid: logits"]
    kind = "logits" if family.activation == "sigmoid" else "scores"
    return family, [f"the heatmap shows no sigmoid: {kind}, as the family has it"]


def _with_keypoint_activation(
    family: Family, activation: str, heatmap: Output
) -> tuple[Family, list[str]]:
    """The keypoint heatmap may end in a sigmoid where the heatmap does not."""
    assert family.keypoints is not None
    if heatmap.ending == "sigmoid":
        return _with_keypoints(family, "none"), ["the keypoint heatmap ends in a sigmoid: scores"]
    own = family.keypoints.heatmap_activation or activation
    return _with_keypoints(family, own), []


def _with_keypoints(family: Family, activation: str) -> Family:
    assert family.keypoints is not None
    return family.replace(keypoints=family.keypoints.replace(heatmap_activation=activation))


def _with_mask_activation(
    family: Family, activation: str, segmentation: Output
) -> tuple[Family, list[str]]:
    """The segmentation head may end in a sigmoid where the heatmap does not."""
    assert family.masks is not None
    scores = segmentation.ending == "sigmoid"
    own = "none" if scores else family.masks.activation or activation
    reasons = ["the segmentation head ends in a sigmoid: scores"] if scores else []
    if own == (family.masks.activation or family.activation):
        return family, reasons
    return family.replace(masks=family.masks.replace(activation=own)), reasons


def _head_lines(family: Family, heads: Mapping[str, int], outputs: Sequence[Output]) -> list[str]:
    return [
        f"{head} is {outputs[i]}, {_told_by(family, head, outputs[i])}" for head, i in heads.items()
    ]


def _told_by(family: Family, head: str, output: Output) -> str:
    own = base_names(output.names)
    name = next((name for name in family.heads[head] if name in own), None)
    return "by its shape" if name is None else f"by its name {name!r}"


def _listing(outputs: Sequence[Output]) -> str:
    return "; ".join(map(str, outputs))
