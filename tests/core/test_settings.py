"""A decoder as text, and the C library that is made of it: the detections of Python, bit for bit."""

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from support import c_library
from support.heads import FILLS
from support.sayable import assert_same, make_heads, plain_heads

PLACE = {"transform": [[1.7, 0.25, -11.3], [0, 2.1, 4.7]], "clip": (61.3, 89.9)}
OPTIONS = {
    "plain": {},
    "all": {"score_threshold": 0, "top_k": 300},
    "thinned": {"score_threshold": 0.1, "nms": cd.NMS(iou_threshold=0.2, inclusive=True)},
    "soft": {"score_threshold": 0, "nms": cd.NMS("gaussian", sigma=0.7, class_agnostic=True)},
    "linear": {"score_threshold": 0.2, "nms": cd.NMS("linear", whole_pixels=True)},
    "chosen": {"classes": [0, 2], "best_class": True, "max_per_class": 5, "score_threshold": 0},
    "keep": {"plateaus": "keep", "top_k": 7},
}
# Families whose heads the text has words for, once extras are left out.
SAYABLE = [
    family
    for family in families.ALL
    if family.decoder in ("boxes", "poses", "faces") and family.masks is None
]


def check(decoder, heads, **place):
    """Compare with C, image by image."""
    names = decoder.family.heads
    wanted = decoder({names[head][0]: array for head, array in heads.items()}, **place)
    library = c_library.Decoder(decoder.settings([*heads]))
    tensors = [c_library.Tensor.of(array) for array in heads.values()]
    assert library.number("num_images", tensors) == len(wanted)
    for i, detections in enumerate(wanted):
        assert_same(library(tensors, i, **place), detections)
    return wanted


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("family", SAYABLE, ids=lambda family: family.name)
def test_c_finds_what_python_finds(family, options):
    decoder = cd.Decoder(family, **OPTIONS[options])
    heads = make_heads(family, plain_heads(family))
    assert sum(map(len, check(decoder, heads, **PLACE))) > 1
    check(decoder, heads)


@pytest.mark.parametrize("name", FILLS)
@pytest.mark.parametrize("family", ["CENTERNET", "CENTERNET_POSE", "DBFACE", "MOVENET"])
def test_whatever_the_heads_hold(family, name):
    family = getattr(families, family)
    with np.errstate(all="ignore"):
        check(cd.Decoder(family), make_heads(family, family.heads, name), **PLACE)


@pytest.mark.parametrize("family", SAYABLE, ids=lambda family: family.name)
def test_heads_that_a_model_may_lack_may_be_lacking(family):
    check(cd.Decoder(family, score_threshold=0), make_heads(family, family.required))


def test_a_size_head_may_be_class_specific():
    check(cd.Decoder(families.CENTERNET), make_heads(families.CENTERNET, ["heatmap", "wh"], wh=6))


def test_a_keypoint_offset_may_be_of_each_keypoint():
    family = families.CENTERNET_POSE
    check(cd.Decoder(family), make_heads(family, family.heads, keypoint_offset=10))


RULES = {
    "gaussian": {"ranking": "gaussian_weighted", "std_devs": (0.3, 0.5, 1, 2, 4e-1)},
    "ratio": {"ranking": "score_distance_ratio", "distance_offset": 2, "search_scale": None},
    "scaled": {"ranking": "score_scaled_distance_ratio", "distance_multiplier": 0.3},
    "near": {"search_scale": 0.9, "box_scale": 1.4, "window": 5, "unmatched_score": 0.25},
    "few": {"candidates": 3, "candidate_threshold": 0.5, "inclusive": True, "score_threshold": 0.6},
    "margin": {"extent_margin": 0.5, "search_scale": 2},
}


@pytest.mark.parametrize("boxes", [True, False])
@pytest.mark.parametrize("name", RULES)
def test_every_rule_of_keypoints_can_be_said(name, boxes):
    rule = cd.KeypointRule(axes="yx", order="planar", heatmap_activation="none",
                           refinement=cd.Refinement(**RULES[name]))  # fmt: skip
    family = families.CENTERNET_POSE.replace(keypoints=rule, optional=("wh", "offset"))
    heads = [head for head in family.heads if boxes or head not in ("wh", "offset")]
    check(cd.Decoder(family, score_threshold=0.1), make_heads(family, heads), **PLACE)


def test_numbers_of_other_kinds_are_said_as_numbers():
    family = families.CENTERNET.replace(stride=np.float32(4), center_shift=np.float64(0.1))
    decoder = cd.Decoder(family, top_k=np.int64(3), best_class=np.True_, score_threshold=0.1)
    entries = decoder.settings().split(";")
    assert {"stride=4.0", "center_shift=0.1", "top_k=3", "best_class=1"} <= {*entries}
    assert f"score_threshold={float(np.float32(0.1))!r}" in entries


def test_the_text_is_of_the_heads_that_are_named_in_their_order():
    text = cd.Decoder(families.DBFACE).settings(["landmarks", "wh", "heatmap"])
    assert text.startswith("decoder=poses;heads=keypoints,wh,heatmap;names.keypoints=landmark,")
    assert c_library.Decoder(text).heads == ["keypoints", "wh", "heatmap"]


ROWS = np.array([
    [0, 1, 0.9, 0.1, 0.2, 0.5, 0.6],
    [1, 0, 0.8, 0.1, 0.2, 1.5, 0.6],
    [0, 2, 0.95, 0.15, 0.2, 0.55, 0.65],
    [0, 1, 0.3, 0.4, 0.2, np.nan, 0.6],
    [0, 0, 0.5, 0.7, 0.7, 0.9, 0.9],
    [-1, 0, 1, 0, 0, 1, 1],
], np.float32).reshape(1, 1, 6, 7)  # fmt: skip


@pytest.mark.parametrize("place", [{}, PLACE], ids=["input", "image"])
@pytest.mark.parametrize("options", [
    {}, {"classes": [0, 1]}, {"top_k": 2}, {"nms": cd.NMS(iou_threshold=0.5, class_agnostic=True)},
], ids=["plain", "classes", "top_k", "nms"])  # fmt: skip
def test_rows_that_a_model_decoded(options, place):
    decoder = cd.Decoder(families.DETECTION_OUTPUT, score_threshold=0.2, **options)
    wanted = decoder([ROWS], input_size=(320, 544), **place)
    library = c_library.Decoder(decoder.settings(input_size=(320, 544)))
    tensors = [c_library.Tensor.of(ROWS)]
    assert library.number("num_images", tensors) == len(wanted) == 2
    for i, detections in enumerate(wanted):
        assert_same(library(tensors, i, **place), detections)
    assert len(library(tensors, 5)) == 0


@pytest.mark.parametrize(("decoder", "heads", "message"), [
    (cd.Decoder(families.CENTERNET_3D), None, "family.decoder must be one of"),
    (cd.Decoder(families.TF_MASKS), None, "family.masks cannot be said as text"),
    (cd.Decoder(families.CENTERNET, flip=True), None, "flip cannot be said as text"),
    (cd.Decoder(families.CENTERNET, scales=[1, 2]), None, "scales cannot be said as text"),
    (cd.Decoder(families.CENTERNET, nms=cd.NMS(shape="circle")), None, "nms.shape cannot be said"),
    (cd.Decoder(families.FAIRMOT), None, r"without \['embedding'\].*heads=\['heatmap', 'wh', 'off"),
    (cd.Decoder(families.TF_POSE), None, r"without \['keypoint_depth', 'embedding', 'tracking'\]"),
    (cd.Decoder(families.CENTERNET), ["heatmap"], r"with \['heatmap', 'wh'\].*got \['heatmap'\]"),
    (cd.Decoder(families.CENTERNET), ["heatmap", "wh", "hm"], r"got \['heatmap', 'wh', 'hm'\]"),
    (cd.Decoder(families.CENTERNET), ["wh", "heatmap", "wh"], "each once"),
    (cd.Decoder(families.CENTERNET.replace(heads={"heatmap": ("a;b",), "wh": ("w",)}, optional=())),
     None, 'a head must have names, without ","'),
    (cd.Decoder(families.CENTERNET.replace(heads={"heatmap": (), "wh": ("w",)}, optional=())),
     None, r"a head must have names, .*got \[\]"),
], ids=range(12))  # fmt: skip
def test_what_the_text_has_no_words_for_is_refused(decoder, heads, message):
    with pytest.raises(ValueError, match=message):
        decoder.settings(heads)


@pytest.mark.parametrize(("make", "text", "message"), [
    (lambda: cd.NMS(iou_threshold=9), "nms.iou_threshold=9", "from 0 to 1, got"),
    (lambda: cd.NMS(iou_threshold=-0.1), "nms.iou_threshold=-0.1", "from 0 to 1, got"),
    (lambda: cd.NMS(sigma=0), "nms.sigma=0", "positive, got"),
    (lambda: families.CENTERNET.replace(center_shift=np.inf), "center_shift=inf", "finite, got"),
    (lambda: families.CENTERNET.replace(stride=np.inf), "stride=inf", "positive, got"),
    (lambda: cd.Refinement(ranking="gaussian_weighted"),
     "refinement.ranking=gaussian_weighted", r'std_devs .*ranking ["\']gaussian_weighted'),
    (lambda: rows_of((np.inf, 4)), "input_size=inf,4", "positive, got"),
    (lambda: rows_of((4, 0)), "input_size=4,0", "positive, got"),
    (lambda: rows_of((4,)), "input_size=4", "height.*width.*, got"),
], ids=lambda value: value if isinstance(value, str) and "=" in value else "")  # fmt: skip
def test_what_python_refuses_the_text_refuses(make, text, message):
    start = {
        "refinement": "decoder=poses;heads=heatmap,keypoints",
        "input_size": "decoder=detection_output;heads=rows",
    }.get(text.split("=")[0].split(".")[0], "decoder=boxes;heads=heatmap,wh")
    with pytest.raises(ValueError, match=message):
        make()
    with pytest.raises(c_library.CallError, match=f"^3: settings.*{message}"):
        c_library.Decoder(f"{start};{text}")


def rows_of(input_size):
    return cd.Decoder(families.DETECTION_OUTPUT).settings(input_size=input_size)


def test_an_input_size_may_have_parts_of_pixels():
    decoder = cd.Decoder(families.DETECTION_OUTPUT, score_threshold=0.2)
    library = c_library.Decoder(decoder.settings(input_size=(32.5, 54)))
    wanted = decoder([ROWS], input_size=(32.5, 54))
    assert_same(library([c_library.Tensor.of(ROWS)], 0), wanted[0])
    for size in [(0, 4), (np.inf, 4), (4,)]:
        with pytest.raises(ValueError, match="input_size must be"):
            decoder([ROWS], input_size=size)


def test_every_family_can_be_said_or_is_refused_with_a_reason():
    for family in families.ALL:
        decoder = cd.Decoder(family)
        if family in SAYABLE or family is families.DETECTION_OUTPUT:
            assert c_library.Decoder(decoder.settings(plain_heads(family))).heads
        else:
            with pytest.raises(ValueError, match=r"text"):
                decoder.settings()
