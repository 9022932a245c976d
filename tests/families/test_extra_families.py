"""Families with extras: what their rows say, how a model is known by them, what is refused."""

import json
import math
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import Extra, families
from centerdecode.models import Output, recognise
from support import models
from support.heads import fill

IMAGE = np.zeros((*models.NETWORK, 3), np.uint8)
WITH_EXTRAS = [family for family in families.ALL if family.extras]
# What a model is taken for that has none of the extras: no other can be told from it.
BARE = {
    "TF_CENTERNET": "TF_CENTERNET",
    "FAIRMOT": "FAIRMOT",
    "FAIRMOT_WH": "CENTERNET",
    "CENTERTRACK": "CENTERNET",
    "CENTERTRACK_POSE": "CENTERNET_POSE",
    "TF_POSE": "TF_POSE",
    "TF_MASKS": "TF_MASKS",
    "TF_DENSEPOSE": "TF_DENSEPOSE",
    "CENTERTRACK_3D": "CENTERNET_3D",
}
# What models.VALUES say of the one box, on an image of the network's size.
KNOWN = {
    "centers": [[20, 12]],
    "tracking": [[2, -4]],
    "velocity": [[1, 2, 3]],
    "attributes": [[0] * 8],
    "visible_box": [models.BOX],
    "depth": [1 / (0.5 + 1e-6) - 1],
    "rotation": [[0, 0, 0, 1, 0, 0, 0, 1]],
    "dimensions": [[1, 2, 3]],
    "amodal_offset": [[1, 2]],
    "alpha": [math.pi / 2],
    "keypoint_depths": [[7, 7]],
}
EMBEDDINGS = {name: [[0.25] * 16] for name in ("FAIRMOT", "FAIRMOT_WH")}
# With all of its heads a model is of a fuller family, whose extras it has in another form.
FULLER = {"CENTERTRACK": "CENTERTRACK_3D"}


def assert_known(found, family):
    """Assert that detections have the extras of a family, with their known numbers.

    Masks, which are none of them, are the subject of test_mask_families.
    """
    for name, column in found.extras.items():
        if name in ("masks", "surface_coords"):
            continue
        truth = KNOWN.get(name, EMBEDDINGS.get(family.name, [[0.6, 0, 0.8, 0]]))
        np.testing.assert_allclose(column, truth, rtol=1e-6, atol=1e-6, err_msg=name)
        assert column.dtype == np.float32


def test_the_families_with_extras_are_these():
    assert {family.name for family in WITH_EXTRAS} == BARE.keys()


@pytest.mark.parametrize("family", WITH_EXTRAS, ids=lambda family: family.name)
def test_a_detector_gives_the_extras_that_the_model_has(family):
    arrays = models.outputs(family)
    detector = cd.Detector(models.constant(arrays), resize="stretch")
    assert detector.family.name == FULLER.get(family.name, family.name)
    told = {"CENTERTRACK", "FAIRMOT_WH"}  # which is CENTERNET, once its one extra is missing
    given = family if family.name in told else None
    detector = cd.Detector(models.constant(arrays), resize="stretch", family=given)
    found = detector(IMAGE)
    names = {"visible_box" if name == "amodal_box" else name for name in family.extras}
    own = {
        "CENTERTRACK_3D": {"depth", "dimensions", "alpha"},
        "TF_POSE": {"keypoint_depths"},
        "TF_MASKS": {"masks"},
        "TF_DENSEPOSE": {"masks", "surface_coords"},
    }
    assert found.extras.keys() == names | own.get(family.name, set())
    assert_known(found, family)
    for missing in family.extras:
        left = {name: a for name, a in arrays.items() if name not in family.heads.get(missing, ())}
        other = cd.Detector(models.constant(left), resize="stretch", family=given)
        assert other.family.name == family.name
        again = other(IMAGE)
        assert_known(again, family)
        np.testing.assert_allclose(again.xyxy, [models.BOX], rtol=1e-6)
        gone = {"amodal_box": "visible_box", "centers": None}.get(missing, missing)
        assert again.extras.keys() == found.extras.keys() - {gone}


@pytest.mark.parametrize("family", WITH_EXTRAS, ids=lambda family: family.name)
def test_without_its_extras_a_model_is_of_the_plain_family(family):
    arrays = models.outputs(family)
    names = {family.heads[head][0] for head in family.required}
    model = models.constant({name: arrays[name] for name in names})
    detector = cd.Detector(model)
    assert detector.family.name == BARE[family.name]
    given = cd.Detector(model, family=family)(IMAGE)
    assert not given.extras.keys() & family.extras.keys() - {"centers"}
    np.testing.assert_allclose(given.scores, [models.SCORE], rtol=1e-6)


def test_corners_say_the_box_of_an_object_in_space():
    arrays = models.outputs(families.CENTERTRACK_3D)
    del arrays["ltrb_amodal"]
    arrays["wh"] = arrays["wh"] * 3  # says nothing beside them
    found = cd.Detector(models.constant(arrays), resize="stretch")(IMAGE)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
    np.testing.assert_allclose(found.extras["dimensions"], [[1, 2, 3]], rtol=1e-6)
    assert not {"corners", "visible_box"} & found.extras.keys()


def test_a_pose_model_is_not_known_by_an_output_that_has_two_roles():
    shapes = {"hm": 1, "wh": 2, "reg": 2, "hps": 34, "hm_hp": 17}
    outputs = [Output(frozenset([n]), (1, c, 8, 12), "linear") for n, c in shapes.items()]
    assert recognise(outputs, None).family.name == "CENTERNET_POSE"
    tracking = Output(frozenset(["tracking"]), (1, 2, 8, 12), "linear")
    found = recognise([*outputs, tracking], None)
    assert found.family.name == "CENTERTRACK_POSE"
    assert found.heads["keypoint_offset"] == found.heads["offset"] == 2


def test_an_extra_of_another_shape_fits_no_family():
    family = families.CENTERTRACK
    arrays = models.outputs(family) | {"tracking": np.zeros((1, 3, 8, 12), np.float32)}
    with pytest.raises(ValueError, match=r"CENTERTRACK .* does not fit the shapes of .*tracking"):
        cd.Detector(models.constant(arrays), family=family)
    with pytest.raises(ValueError, match=r"^tracking must have 2 channels \(for an extra of its"):
        cd.Decoder(family)(arrays)


def test_nms_top_k_and_slices_carry_the_extras():
    heat, wh, numbers = (fill("noise", (n, 9, 14), n) for n in (1, 2, 5))
    wide = abs(wh) * 9
    plain = cd.decode_boxes(heat, wide, extras={"numbers": numbers})
    thin = cd.decode_boxes(heat, wide, extras={"numbers": numbers}, nms="hard")
    rows = [plain.scores.tolist().index(score) for score in thin.scores.tolist()]
    assert 1 < len(rows) < len(plain)
    np.testing.assert_array_equal(thin.extras["numbers"], plain.extras["numbers"][rows])
    np.testing.assert_array_equal(plain[3:1:-1].extras["numbers"], plain.extras["numbers"][[3, 2]])
    family = families.CENTERNET.replace(heads={**families.CENTERNET.heads, "more": ("more",)},
                                        extras={"more": Extra()}, nms=cd.NMS())  # fmt: skip
    found = cd.Decoder(family, top_k=2)({"hm": heat, "wh": wide, "more": numbers})[0]
    assert len(found) <= 2
    np.testing.assert_array_equal(found.extras["more"], plain.extras["numbers"][: len(found)])
    none = cd.decode_boxes(heat, wh, score_threshold=2, extras={"numbers": numbers})
    assert none.extras["numbers"].shape == (0, 5)
    assert cd.decode_boxes(heat[None][:0], wh[None][:0], extras={"a": numbers[None][:0]}) == []


def test_an_amodal_box_is_thinned_and_clipped_in_place_of_the_visible_one():
    heat, wh = np.full((1, 2, 6), -9, np.float32), np.ones((2, 2, 6), np.float32)
    heat[0, 0, 1], heat[0, 1, 4] = 2, 1
    reach = np.broadcast_to(np.float32([-9, -9, 9, 9]).reshape(4, 1, 1), (4, 2, 6))
    extras = {"amodal": (reach, Extra(frame="box", replaces_box=True))}
    found = cd.decode_boxes(heat, wh, extras=extras, nms="hard", clip=(8, 24))
    assert found.xyxy.tolist() == [[0, 0, 24, 8]]
    assert found.extras["visible_box"].tolist() == [[4, 0, 8, 4]]


def test_a_3d_object_is_where_its_amodal_offset_says():
    camera = np.array([[700.0, 0, 600, 40], [0, 710, 180, -0.3], [0, 0, 1, 0.005]])
    rng = np.random.default_rng(8)
    heads = {name: rng.normal(0, 2, (n, 5, 9)).astype(np.float32) for name, n in {
        "heatmap": 2, "rotation": 8, "depth": 1, "dimensions": 3, "wh": 2, "offset": 2,
    }.items()}  # fmt: skip
    shift = rng.normal(0, 2, (2, 5, 9)).astype(np.float32)
    options = {"calibration": camera, "transform": [[2, 0, 1], [0, 3, 2]]}
    found = cd.decode_boxes3d(**heads, amodal_offset=shift, **options)
    moved = cd.decode_boxes3d(**{**heads, "offset": heads["offset"] + shift}, **options)
    plain = cd.decode_boxes3d(**heads, **options)
    assert len(found) > 3
    np.testing.assert_array_equal(found.xyxy, plain.xyxy)
    for name in ("location", "rotation_y"):
        np.testing.assert_allclose(found.extras[name], moved.extras[name], rtol=1e-4, atol=1e-4)
        assert not np.allclose(found.extras[name], plain.extras[name])
    with pytest.raises(ValueError, match=r"^amodal_offset must have 2 channels"):
        cd.decode_boxes3d(**heads, amodal_offset=heads["depth"], **options)


def test_rules_survive_json():
    family = families.CENTERTRACK.replace(
        extras={"centers": Extra(frame="cell"), "depth": Extra(scale=1 / 3, axes="yx")}
    )
    again = cd.Family.from_json(family.to_json())
    assert again == family
    assert again.extras["depth"] == Extra(scale=1 / 3, axes="yx")
    assert json.loads(family.to_json())["extras"]["centers"]["frame"] == "cell"
    assert Extra().replace(normalize=True) == Extra(normalize=True)


HEADS = {"heatmap": np.zeros((1, 3, 4), "f4"), "wh": np.zeros((2, 3, 4), "f4")}
MORE = np.zeros((2, 3, 4), np.float32)


@pytest.mark.parametrize(("extras", "error", "message"), [
    ([MORE], TypeError, "extras must map names to heads, got list"),
    ({"a": Extra()}, TypeError, 'extras must be heads, or none for frame "cell", got a: Extra('),
    ({"a": (MORE, Extra(frame="cell"))}, TypeError, "extras must be heads, or none for frame"),
    ({"a": None}, TypeError, "extras must be heads, or none for frame"),
    ({"a": MORE[:, :2]}, ValueError, "a must have the batch and grid of heatmap (got float32"),
    ({"a": MORE[None]}, ValueError, "a must have the batch and grid of heatmap (got float32"),
    ({"a": MORE.astype(float)}, TypeError, "a must be float32, float16"),
    ({"a": (MORE, Extra(frame="box"))}, ValueError, "a must have 4 channels (for an extra of"),
    ({"scores": MORE}, ValueError, "extras must not have names of"),
])  # fmt: skip
def test_refuses_extras(extras, error, message):
    with pytest.raises(error, match=r"^" + re.escape(message)):
        cd.decode_boxes(**HEADS, extras=extras)


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"activation": "relu"}, ValueError, 'activation must be one of "none", "sigmoid", "exp", "inv'),
    ({"frame": "pixels"}, ValueError, 'frame must be one of "none", "displacement", "box", "cell"'),
    ({"axes": "zx"}, ValueError, 'axes must be one of "xy", "yx", got'),
    ({"scale": "2"}, TypeError, "scale must be a number"),
    ({"replaces_box": True}, ValueError, 'frame must be "box" to replace the box, got \'none\''),
])  # fmt: skip
def test_refuses_a_rule_without_meaning(options, error, message):
    with pytest.raises(error, match=r"^" + re.escape(message)):
        Extra(**options)


def test_a_family_refuses_extras_that_are_none():
    with pytest.raises(TypeError, match=r"^extras must map names to Extras, got"):
        families.FAIRMOT.replace(extras={"embedding": "l2"})
    with pytest.raises(TypeError, match=r"^extras must map names to Extras, got"):
        families.FAIRMOT.replace(extras=("embedding",))
    with pytest.raises(ValueError, match=r"^extras must be empty for decoder 'triplets', which"):
        cd.Decoder(families.TRIPLETS.replace(extras={"centers": Extra(frame="cell")}))
    taken = families.CENTERNET_3D.replace(extras={"alpha": Extra(frame="cell")})
    with pytest.raises(
        ValueError, match=r"^extras must have names of their own, got another 'alph"
    ):
        cd.Decoder(taken)(list(models.heads(families.CENTERNET_3D).values()))
