"""A family is data: its row says what upstream does, and is refused where it makes no sense."""

import dataclasses
import json
import pickle
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from support import models

CTDET_INPUT = {
    "color": "BGR",
    "mean": (104.04, 113.985, 119.85),  # 255 * [0.408, 0.447, 0.470]
    "scale": (73.695, 69.87, 70.89),  # 255 * [0.289, 0.274, 0.278]
}
COCO_INPUT = {
    "color": "BGR",
    "mean": (104.01362, 114.03423, 119.91659),
    "scale": (73.60277, 69.89082, 70.91508),
}
KERAS_INPUT = COCO_INPUT | {"layout": "NHWC", "resize": "affine_letterbox"}
IMAGENET_INPUT = {
    "color": "RGB",
    "mean": (123.675, 116.28, 103.53),
    "scale": (58.395, 57.12, 57.375),
}
PIXELS = {"mean": (0, 0, 0), "scale": (1, 1, 1)}
LOGITS_WH = {
    "layout": "NCHW",
    "activation": "sigmoid",
    "stride": 4,
    "box_encoding": "wh",
    "box_units": "cells",
    "box_activation": "none",
    "axes": "xy",
    "center_shift": None,
}
TF_HEADS = (
    LOGITS_WH
    | COCO_INPUT
    | {"layout": "NHWC", "axes": "yx", "box_activation": "relu", "resize": "corner"}
)

# What each upstream program does, read in its source; no row is without its facts.
FACTS = {
    "CENTERNET": LOGITS_WH | CTDET_INPUT | {"resize": "affine", "optional": ("offset",)},
    "KERAS_CENTERNET": LOGITS_WH | KERAS_INPUT | {"optional": ()},
    "OPEN_MODEL_ZOO": LOGITS_WH
    | CTDET_INPUT
    | {
        "resize": "affine",
        "heads": {
            "heatmap": ("center_heatmap",),
            "wh": ("width_height",),
            "offset": ("regression",),
        },
    },
    "TF_CENTERNET": TF_HEADS,
    "CENTERFACE": LOGITS_WH
    | PIXELS
    | {
        "activation": "none",
        "axes": "yx",
        "box_activation": "exp",
        "center_shift": 0.5,
        "color": "RGB",
        "resize": "stretch",
    },
    "DBFACE": LOGITS_WH
    | PIXELS
    | {"activation": "none", "box_encoding": "ltrb", "center_shift": 0, "color": "BGR"},
    "TTFNET": LOGITS_WH
    | {"box_encoding": "ltrb", "box_units": "pixels", "center_shift": 0, "resize": "stretch"},
    "FAIRMOT": LOGITS_WH | {"box_encoding": "ltrb"},
    "FAIRMOT_WH": LOGITS_WH | {"color": "RGB", "scale": (255, 255, 255), "resize": "letterbox"},
    "CENTERTRACK": LOGITS_WH | CTDET_INPUT | {"box_activation": "relu", "resize": "affine"},
    "MMDET": LOGITS_WH | IMAGENET_INPUT | {"activation": "none"},
    "CENTERNET_POSE": LOGITS_WH | CTDET_INPUT | {"decoder": "poses", "resize": "affine"},
    "KERAS_POSE": LOGITS_WH | KERAS_INPUT | {"decoder": "poses", "optional": ()},
    "CENTERTRACK_POSE": LOGITS_WH | CTDET_INPUT | {"decoder": "poses", "box_activation": "relu"},
    "TF_POSE": TF_HEADS | {"decoder": "poses"},
    "TF_MASKS": TF_HEADS | {"decoder": "boxes", "masks": cd.MaskRule()},
    "TF_DENSEPOSE": TF_HEADS | {"decoder": "boxes", "masks": cd.MaskRule(part_class=0)},
    "MOVENET": PIXELS | {"decoder": "poses", "axes": "yx", "color": "RGB", "stride": 4},
    "CENTERNET_3D": LOGITS_WH | IMAGENET_INPUT | {"decoder": "boxes3d", "color": "BGR"},
    "CENTERTRACK_3D": LOGITS_WH | CTDET_INPUT | {"decoder": "boxes3d", "box_activation": "relu"},
    "EXTREMENET": LOGITS_WH | CTDET_INPUT | {"decoder": "extreme_points"},
    "TRIPLETS": LOGITS_WH | {"decoder": "triplets", "color": "BGR"},
    "CORNERNET": LOGITS_WH | {"decoder": "triplets", "color": "BGR"},
    "CENTERNET2": LOGITS_WH
    | {
        "decoder": "levels",
        "window": 1,
        "stride": 4,
        "box_encoding": "ltrb",
        "center_shift": 0.5,
        "resize": "corner",
        "levels": cd.LevelRule((8, 16, 32, 64, 128), 1000),
        "nms": cd.NMS(iou_threshold=0.6),
        "color": "BGR",
        "mean": (103.53, 116.28, 123.675),
        "scale": (1, 1, 1),
        "pad_value": (103.53, 116.28, 123.675),  # zeros, once the mean is taken away
    },
    "CENTERPOINT": LOGITS_WH
    | {
        "decoder": "bev",
        "window": 1,
        "box_activation": "exp",
        "bev": cd.BevRule(
            voxel_size=(0.2, 0.2),
            origin=(-51.2, -51.2),
            center_range=(-61.2, -61.2, -10, 61.2, 61.2, 10),
            clockwise=True,
            max_candidates=1000,
        ),
        "nms": cd.NMS(shape="footprint", iou_threshold=0.2, class_agnostic=True),
    },
    "DETECTION_OUTPUT": PIXELS
    | {"decoder": "detection_output", "color": "BGR", "resize": "stretch", "first_class": 0},
    "TF_ZOO": PIXELS | {"decoder": "zoo", "color": "RGB", "first_class": 1},
    "EMBEDDED": PIXELS | {"decoder": "embedded", "color": "BGR", "first_class": 0},
}

# Without an offset a center lies in the middle of its cell, at (22, 14).
OPTIONAL_LEFT_OUT = {
    "CENTERNET": [16, 10, 28, 18],
    "CENTERTRACK": [16, 10, 28, 18],
    "FAIRMOT": models.BOX,
    "TF_CENTERNET": models.BOX,
    "CENTERFACE": models.BOX,
    "DBFACE": models.BOX,
    "CENTERNET2": models.BOX,
    "CENTERPOINT": models.BOX,
    "TF_ZOO": models.BOX,
    "EMBEDDED": models.BOX,
}

every_family = pytest.mark.parametrize("family", models.FAMILIES, ids=lambda family: family.name)


def test_every_family_has_its_facts():
    names = {family.name for family in families.ALL}
    assert names - FACTS.keys() == set(), "add to FACTS, and to VALUES or ROWS in models.py"
    assert names == FACTS.keys() == {family.name for family in models.FAMILIES}
    assert all(getattr(families, family.name) is family for family in families.ALL)
    assert cd.families is families


@every_family
def test_a_row_says_what_upstream_does(family):
    assert {field: getattr(family, field) for field in FACTS[family.name]} == FACTS[family.name]


@every_family
def test_a_family_decodes_what_its_upstream_encodes(family):
    heads = models.heads(family)
    (found,) = cd.Decoder(family)(list(heads.values()), input_size=models.NETWORK)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
    np.testing.assert_allclose(found.scores, [models.SCORE], rtol=1e-6)
    assert found.class_ids.tolist() == [models.class_id(family)]
    if "keypoints" in family.heads:
        np.testing.assert_allclose(found.keypoints, [[[15, 10], [27, 18]]], rtol=1e-6)


@pytest.mark.parametrize("name", OPTIONAL_LEFT_OUT)
def test_a_family_decodes_without_its_optional_heads(name):
    family = getattr(families, name)
    heads = models.outputs(family)
    needed = {family.heads[head][0] for head in family.required}
    (found,) = cd.Decoder(family)(
        {output: array for output, array in heads.items() if output in needed},
        input_size=models.NETWORK,
    )
    np.testing.assert_allclose(found.xyxy, [OPTIONAL_LEFT_OUT[name]], rtol=1e-6)
    assert found.keypoints is None


@pytest.mark.parametrize("name", ["TF_CENTERNET", "CENTERTRACK"])
def test_a_family_takes_a_negative_size_as_zero_where_upstream_does(name):
    family = getattr(families, name)
    heads = models.heads(family)
    heads["wh"][heads["wh"] < 77] *= -1
    (found,) = cd.Decoder(family)([heads[head] for head in ("heatmap", "wh", "offset")])
    assert found.xyxy.tolist() == [[21, 14, 21, 14]]


@every_family
def test_a_family_survives_json_pickle_and_replace(family):
    assert cd.Family.from_json(family.to_json()) == family
    assert json.loads(family.to_json())["name"] == family.name
    assert pickle.loads(pickle.dumps(family)) == family
    assert family.replace() == family
    assert family.replace(stride=8) != family


def test_a_family_keeps_its_own_numbers_through_json():
    family = families.CENTERNET.replace(
        name="MINE", size=(96, 160), center_shift=0.25, pad_value=(0.1, 1 / 3, 255), stride=7.5
    )
    again = cd.Family.from_json(family.to_json())
    assert again == family
    assert (again.size, again.pad_value) == ((96, 160), (0.1, 1 / 3, 255.0))
    assert again.heads == {"heatmap": ("hm", "heatmap", "heat"), "wh": ("wh",)} | {
        "offset": ("reg", "offset")
    }


NO_FAMILIES = """
    rubbish | [] | 3 | null | "text" | {} | {"heads": {}} | {"name": "X"}
    {"name": "X", "heads": 3} | {"name": "X", "heads": {"heatmap": 3}}
    {"name": "X", "heads": {}, "unheard": 1} | {"name": "X", "heads": {}, "layout": "HWC"}
    {"name": "X", "heads": {}, "mean": "red"} | {"name": "X", "heads": {}, "size": [0, 1]}
"""


@pytest.mark.parametrize("text", ["", *re.split(r" \| |\n    ", NO_FAMILIES.strip())])
def test_a_family_is_not_made_of_other_text(text):
    with pytest.raises(ValueError, match=r"."):
        cd.Family.from_json(text)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("layout", "HWC", "layout must be one of"),
        ("activation", "softmax", "activation must be"),
        ("window", 2, "window must be odd"),
        ("window", 0, "window must be at least 1"),
        ("stride", 0, "stride must be positive"),
        ("box_encoding", "xywh", "box_encoding must be"),
        ("box_units", "meters", "box_units must be"),
        ("box_activation", "tanh", "box_activation must be"),
        ("axes", "zx", "axes must be"),
        ("center_shift", float("nan"), "center_shift must not be NaN"),
        ("color", "rgb", 'color must be one of "BGR", "RGB", got \'rgb\''),
        ("resize", "crop", "resize must be one of"),
        ("size", (0, 4), "size must be at least 1, got 0"),
        ("size", 512, r"size must be \(height, width\), got 512"),
        ("size", (1, 2, 3), r"size must be \(height, width\), got \(1, 2, 3\)"),
        ("mean", (1, 2), "mean must be a number or three"),
        ("scale", (1, 0, 1), "scale must not be zero"),
        ("pad_value", (1, 2, 3, 4), "pad_value must be a number or three"),
    ],
)
def test_a_family_refuses_a_value_without_meaning(field, value, message):
    with pytest.raises(ValueError, match=message):
        families.CENTERNET.replace(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mean", "red"),
        ("mean", None),
        ("stride", "4"),
        ("size", (1.5, 2)),
        ("heads", {"heatmap": "hm"}),
        ("heads", {"heatmap": (1,)}),
    ],
)
def test_a_family_refuses_a_value_of_another_type(field, value):
    with pytest.raises(TypeError, match=f"{field} must"):
        families.CENTERNET.replace(**{field: value})


def test_a_family_takes_one_number_for_three():
    family = families.CENTERNET.replace(mean=127.5, scale=(2, 4, 8), pad_value=np.float32(3))
    assert (family.mean, family.scale) == ((127.5, 127.5, 127.5), (2.0, 4.0, 8.0))
    assert family.pad_value == (3.0, 3.0, 3.0)


def test_a_family_has_no_other_fields_and_does_not_change():
    with pytest.raises(TypeError, match=r"Family has no \['color_order', 'std'\]; it has \['name'"):
        families.CENTERNET.replace(std=1, color_order="RGB")
    with pytest.raises(dataclasses.FrozenInstanceError):
        families.CENTERNET.stride = 8
    assert families.CENTERNET.stride == 4
