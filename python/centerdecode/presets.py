"""Published models by name: their families, their labels, and who says so.

>>> detector = cd.Detector("model.onnx", preset="ctdet_coco_dlav0_512")
>>> cd.presets.find("ctdet_coco_dlav0_512").labels[0]
'person'

A preset has the name under which its weights are published. A `Detector` knows it by
the name of the model or of its file, too, if the outputs are those of the preset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from . import families
from .families import (
    COCO,
    COCO_90,
    COCO_KEYPOINTS,
    COCO_SKELETON,
    TF_REFINEMENT,
    Family,
    KeypointRule,
    KeypointTask,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A published model.

    name: that of its archive or weights.
    forms: families, one for each form that the model is met in; its outputs say which.
    labels: names of the classes, as `Detections.class_ids` count them; "" for a number
        that is left out.
    keypoints: names of the columns of `Detections.keypoints`.
    skeleton: pairs of these columns that a picture joins.
    aliases: other names that the model goes by.
    source: who says what its forms say.
    """

    name: str
    forms: tuple[Family, ...]
    labels: tuple[str, ...]
    keypoints: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    aliases: tuple[str, ...] = ()
    source: str


def find(name: str) -> Preset:
    """The preset of that name, in any case, "-" and "_" alike.

    Raises:
        TypeError: no text.
        ValueError: there is none; the message lists their names.
    """
    if not isinstance(name, str):
        raise TypeError(f"preset must be a name or a Preset, got {name!r}")
    found = named([name])
    if found is None:
        raise ValueError(f"preset must be one of {', '.join(NAMES)}, got {name!r}")
    return found


def named(names: Iterable[str]) -> Preset | None:
    """The first preset that has one of these names."""
    for name in names:
        if _plain(name) in _BY_NAME:
            return _BY_NAME[_plain(name)]
    return None


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


_DLAV0 = tuple(
    Preset(
        name=f"ctdet_coco_dlav0_{side}",
        forms=(families.OPEN_MODEL_ZOO.replace(size=(side, side)),),
        labels=COCO,
        source="Open Model Zoo, models/public/ctdet_coco_dlav0_512: mean and scale of the "
        "original model, which its IR has in the graph and names in its rt_info",
    )
    for side in (384, 512)
)

# What preprocess() of each feature extractor makes of RGB.
_HOURGLASS = families.TF_CENTERNET
_RESNET_V1 = _HOURGLASS.replace(mean=(103.939, 116.779, 123.68), scale=1)
_RESNET_V2 = _MOBILENET = _HOURGLASS.replace(color="RGB", mean=127.5, scale=127.5)


def _zoo(name: str, cut: Family, *, side: int = 512) -> Preset:
    """A model of the TF2 zoo that finds boxes: a SavedModel, or cut at its heads."""
    return Preset(
        name=name,
        forms=(families.TF_ZOO, cut.replace(size=(side, side))),
        labels=COCO_90,
        source="TF2 detection zoo: pipeline.config of the archive, and preprocess() of its "
        "feature extractor for a model cut at its heads; a SavedModel does all of it itself",
    )


def _posed(preset: Preset) -> Preset:
    """The same with the task "human_pose", which among 90 classes is that of the first."""
    whole, cut = preset.forms
    heads = families.TF_POSE.heads
    posed = cut.replace(
        name="TF_PERSONS",
        decoder="pose_tasks",
        heads={f"human_pose/{h}" if "keypoint" in h else h: heads[h] for h in heads},
        optional=("human_pose/keypoint_depth",),
        keypoint_tasks={"human_pose": KeypointTask(rule=KeypointRule(refinement=TF_REFINEMENT))},
    )
    forms = (whole, posed)
    return replace(preset, forms=forms, keypoints=COCO_KEYPOINTS, skeleton=COCO_SKELETON)


_TF2_ZOO = (
    _zoo("centernet_hg104_512x512_coco17_tpu-8", _HOURGLASS),
    _posed(_zoo("centernet_hg104_512x512_kpts_coco17_tpu-32", _HOURGLASS)),
    _zoo("centernet_hg104_1024x1024_coco17_tpu-32", _HOURGLASS, side=1024),
    _posed(_zoo("centernet_hg104_1024x1024_kpts_coco17_tpu-32", _HOURGLASS, side=1024)),
    _zoo("centernet_resnet50_v1_fpn_512x512_coco17_tpu-8", _RESNET_V1),
    _posed(_zoo("centernet_resnet50_v1_fpn_512x512_kpts_coco17_tpu-8", _RESNET_V1)),
    _zoo("centernet_resnet101_v1_fpn_512x512_coco17_tpu-8", _RESNET_V1),
    _zoo("centernet_resnet50_v2_512x512_coco17_tpu-8", _RESNET_V2),
    _posed(_zoo("centernet_resnet50_v2_512x512_kpts_coco17_tpu-8", _RESNET_V2)),
    replace(
        _zoo("centernet_mobilenetv2fpn_512x512_coco17_od", _MOBILENET),
        aliases=("centernet_mobilenetv2_fpn_od",),
    ),
    replace(  # of persons alone
        _posed(_zoo("centernet_mobilenetv2fpn_512x512_coco17_kpts", _MOBILENET)),
        labels=("person",),
        aliases=("centernet_mobilenetv2_fpn_kpts",),
    ),
)

# Its networks take any size that is a multiple of 128, 512 unless told.
_KERAS_SOURCE = (
    "see--/keras-centernet: normalize_image, LetterboxTransformer in its training mode, and "
    "the second of the two stacks of HourglassNetwork"
)
_KERAS = (
    Preset(
        name="ctdet_coco_hg",
        forms=(families.KERAS_CENTERNET,),
        labels=COCO,
        aliases=("keras_centernet",),
        source=_KERAS_SOURCE,
    ),
    Preset(
        name="hpdet_coco_hg",
        forms=(families.KERAS_POSE,),
        labels=("person",),
        keypoints=COCO_KEYPOINTS,
        skeleton=COCO_SKELETON,
        aliases=("keras_centernet_pose",),
        source=_KERAS_SOURCE,
    ),
)

_INTEL = (
    Preset(
        name="person-detection-0202",
        forms=(families.DETECTION_OUTPUT.replace(size=(512, 512)),),
        labels=("person",),
        source="Open Model Zoo, models/intel/person-detection-0202: BGR, stretched; its IR "
        "swaps channels and scales itself",
    ),
)

ALL: tuple[Preset, ...] = (*_DLAV0, *_TF2_ZOO, *_KERAS, *_INTEL)
"""Every preset, in this order."""

NAMES: tuple[str, ...] = tuple(preset.name for preset in ALL)

_BY_NAME = {_plain(name): preset for preset in ALL for name in (preset.name, *preset.aliases)}
