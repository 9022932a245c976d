"""What other heads say at the cells of detections: as the oracles of the programs have it."""

import math

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import Extra, families
from oracles import centertrack as oracle_centertrack
from oracles import families as oracle_families
from oracles.tf import postprocess as oracle_tf_postprocess
from support.heads import ELEMENT_TYPES, assert_same, channels_last, fill, meaning, store
from support.poses import GRIDS, MAPS, pose_heads

SCORES = {"plateaus": "keep", "score_threshold": 1e-9}
TURN = np.array([[0.0, 2, 5], [-3, 0, 100]])  # transposed, mirrored, of two scales


def near(found, expected):
    """Assert that numbers are equal but for the rounding of float32."""
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert found.shape == np.shape(expected)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_embeddings_are_fairmots(name, grid, layout):
    rng = np.random.default_rng([3, *grid])
    heat, _, _, reg, *_ = pose_heads(name, grid)
    wh, ids = (rng.normal(0, 3, (2, count, *grid)).astype(np.float32) for count in (4, 128))
    ids[:, :, ::2, ::3] = 0
    k = min(50, grid[0] * grid[1])
    rows, cells = oracle_families.mot_decode(heat, wh, reg, ltrb=True, K=k)
    truth = oracle_families.embeddings(ids, cells)
    heads = [heat, wh, reg, ids]
    if layout == "NHWC":
        heads = [channels_last(head) for head in heads]
    family = families.FAIRMOT.replace(activation="none", stride=1, layout=layout)
    found = cd.Decoder(family, top_k=k, **SCORES)(heads)
    for image, own, vectors in zip(found, rows, truth, strict=True):
        own, vectors = own[own[:, 4] > 0], vectors[own[:, 4] > 0]
        assert_same((image.scores,), (own[:, 4],))
        near(image.xyxy, own[:, :4])
        near(image.extras["embedding"], vectors)


def track_heads(grid=(9, 14), batch=2, **channels):
    """Return CenterTrack's heads by upstream's names, of so many channels each."""
    rng = np.random.default_rng([5, *grid])
    counts = {"hm": 3, "wh": 2, "reg": 2, **channels}
    heads = {name: rng.normal(0, 3, (batch, n, *grid)) for name, n in counts.items()}
    heads["hm"] = rng.random(heads["hm"].shape)
    return {name: head.astype(np.float32) for name, head in heads.items()}


RAW = {"velocity": "velocity", "attributes": "nuscenes_att", "rotation": "rot", "dimensions": "dim"}
ALL = {"dep": 1, "rot": 8, "dim": 3, "amodel_offset": 2, "velocity": 3, "nuscenes_att": 8}


@pytest.mark.parametrize("boxes", [(), ("ltrb",), ("ltrb_amodal",), ("ltrb", "ltrb_amodal")])
@pytest.mark.parametrize("stride", [1, 4])
def test_every_head_of_centertrack(boxes, stride):
    heads = track_heads(tracking=2, **ALL, **dict.fromkeys(boxes, 4))
    truth = oracle_centertrack.generic_decode(heads, K=40)
    visible = {name: head for name, head in heads.items() if name != "ltrb_amodal"}
    visible = oracle_centertrack.generic_decode(visible, K=40)["bboxes"]
    family = families.CENTERTRACK.replace(activation="none", stride=stride)
    found = cd.Decoder(family, top_k=40, **SCORES)(heads)
    for b, image in enumerate(found):
        assert_same((image.scores, image.class_ids), (truth["scores"][b], truth["clses"][b]))
        near(image.xyxy, truth["bboxes"][b] * stride)
        near(image.extras["centers"], truth["cts"][b] * stride)
        near(image.extras["tracking"], truth["tracking"][b] * stride)
        near(image.extras["amodal_offset"], truth["amodel_offset"][b] * stride)
        for name, head in RAW.items():
            np.testing.assert_array_equal(image.extras[name], truth[head][b], strict=True)
        meters = [1 / (1 / (1 + math.exp(-z)) + 1e-6) - 1 for z in truth["dep"][b, :, 0].tolist()]
        near(image.extras["depth"], meters)
        assert ("visible_box" in image.extras) == ("ltrb_amodal" in boxes)
        near(image.extras.get("visible_box", image.xyxy), visible[b] * stride)
        assert "amodal_box" not in image.extras


@pytest.mark.parametrize("name", ["noise", "plateaus", "few"])
@pytest.mark.parametrize("heads", [("ltrb",), ("ltrb_amodal",), ("ltrb", "ltrb_amodal")])
def test_joints_are_held_against_the_visible_box(name, heads):
    heat, wh, kps, reg, hm_hp, hp_offset = pose_heads(name, (9, 14))
    rng = np.random.default_rng(4)
    given = {"hm": heat, "wh": wh, "hps": kps, "reg": reg, "hm_hp": hm_hp, "hp_offset": hp_offset}
    given |= {head: rng.normal(0, 3, (2, 4, 9, 14)).astype(np.float32) for head in heads}
    truth = oracle_centertrack.generic_decode(given, K=100)
    family = families.CENTERTRACK_POSE.replace(activation="none", stride=1)
    found = cd.Decoder(family, **SCORES)(given)
    for b, image in enumerate(found):
        n = len(image)
        assert n == (truth["scores"][b] > 0).sum()
        near(image.xyxy, truth["bboxes"][b, :n])
        near(image.keypoints.reshape(n, -1), truth["hps"][b, :n])
        near(image.extras["centers"], truth["cts"][b, :n])
    del given["hm_hp"], given["hp_offset"]  # "reg" is then no offset of keypoints
    found = cd.Decoder(family, **SCORES)(given)[0]
    truth = oracle_centertrack.generic_decode(given, K=100)
    near(found.keypoints.reshape(len(found), -1), truth["hps"][0, : len(found)])


def test_tensorflow_normalises_embeddings_and_has_y_before_x():
    rng = np.random.default_rng(6)
    channels = {"object_center": 3, "box/scale": 2, "box/offset": 2}
    channels |= {"track/reid": 16, "track/offset": 2}
    heads = {name: rng.normal(0, 2, (2, 9, 14, n)).astype("f4") for name, n in channels.items()}
    truth = oracle_tf_postprocess.postprocess({name: [head] for name, head in heads.items()}, None)
    found = cd.Decoder(families.TF_CENTERNET, **SCORES)(heads)
    for b, image in enumerate(found):
        n = len(image)
        assert_same((image.scores,), (truth["detection_scores"][b, :n],))
        assert n == truth["num_detections"][b] > 9
        near(image.extras["embedding"], truth["detection_embeddings"][b, :n])
        near(image.extras["tracking"], 4 * truth["detection_temporal_offsets"][b, :n, ::-1])


def truth_at(head, rule, cells, matrix, clip, stride=4):
    """Return what a rule says of a head (C, H, W) at cells of y, x, a loop at a time."""
    rows = []
    linear, shift = np.array(matrix)[:, :2], np.array(matrix)[:, 2]
    for y, x in cells:
        numbers = head[:, y, x].astype(float)
        if rule.frame == "cell":
            rows.append(linear @ np.multiply(stride, [x, y]) + shift)
        elif rule.frame == "displacement":
            rows.append(linear @ (stride * (numbers[::-1] if rule.axes == "yx" else numbers)))
        elif rule.frame == "box":
            left, top, right, bottom = numbers[[1, 0, 3, 2]] if rule.axes == "yx" else numbers
            first = linear @ np.multiply(stride, [x + left, y + top]) + shift
            second = linear @ np.multiply(stride, [x + right, y + bottom]) + shift
            rows.append([*np.clip(first, 0, clip[::-1]), *np.clip(second, 0, clip[::-1])])
        else:
            how = {"none": float, "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "exp": math.exp}
            rows.append([how[rule.activation](z) * rule.scale for z in numbers])
    return np.float32(rows)


RULES = {
    "plain": (5, Extra()),
    "sigmoid": (3, Extra(activation="sigmoid", scale=-2)),
    "exp": (3, Extra(activation="exp", scale=0.5)),
    "displacement": (2, Extra(frame="displacement")),
    "displacement yx": (2, Extra(frame="displacement", axes="yx")),
    "box": (4, Extra(frame="box")),
    "box yx": (4, Extra(frame="box", axes="yx")),
}
DECODERS = {
    "boxes": lambda heat, wh, kps, **options: cd.decode_boxes(heat, wh, **options),
    "poses": lambda heat, wh, kps, **options: cd.decode_poses(heat, wh, None, kps, **options),
    "faces": lambda heat, wh, kps, **options: cd.decode_faces(
        heat, wh, None, kps, activation="sigmoid", axes="xy", nms=None, **options
    ),
    "boxes3d": lambda heat, wh, kps, **options: cd.decode_boxes3d(
        heat, kps, wh[:, :1], kps[:, :3], calibration=None, **options
    ),
}


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("matrix", [np.eye(2, 3), TURN], ids=["as it is", "turned"])
def test_every_rule_of_every_decoder(decoder, matrix):
    heat, wh, kps = (fill("noise", (2, n, 6, 11), n) for n in (3, 2, 8))
    heads = {name: fill("noise", (2, n, 6, 11), 7 + n) for name, (n, _) in RULES.items()}
    extras = {name: (head, RULES[name][1]) for name, head in heads.items()}
    extras |= {"cells": Extra(frame="cell"), "head": heads["plain"]}
    options = {"transform": matrix, "clip": (25, 20)}
    found = DECODERS[decoder](heat, wh, kps, extras=extras, **options)
    peaks = cd.find_peaks(heat, score_threshold=0.5 if decoder == "faces" else 0.3)
    for b, image in enumerate(found):
        cells = [*zip(peaks[b].ys.tolist(), peaks[b].xs.tolist(), strict=True)]
        assert len(image) == len(cells) > 3
        for name, head in heads.items():
            near(image.extras[name], truth_at(head[b], RULES[name][1], cells, matrix, (25, 20)))
        near(image.extras["cells"], truth_at(heat[b], extras["cells"], cells, matrix, None))
        np.testing.assert_array_equal(image.extras["head"], image.extras["plain"])
    alone = {**extras, **{name: (head[1], RULES[name][1]) for name, head in heads.items()}}
    alone["head"] = heads["plain"][1]
    if decoder != "boxes3d":
        one = DECODERS[decoder](heat[1], wh[1], kps[1], extras=alone, **options)
        for name, column in one.extras.items():
            np.testing.assert_array_equal(column, found[1].extras[name])


def test_corners_are_seen_from_the_center():
    heat, corners = np.zeros((1, 1, 1), np.float32), np.float32([-1, -2, 3, 4]).reshape(4, 1, 1)
    offset = np.float32([0.25, 0.5]).reshape(2, 1, 1)
    found = cd.decode_boxes(heat, corners, offset, box_encoding="corners")
    assert found.xyxy.tolist() == [[-3, -6, 13, 18]]
    found = cd.decode_boxes(heat, corners, None, box_encoding="corners", axes="yx", center_shift=0)
    assert found.xyxy.tolist() == [[-8, -4, 16, 12]]
    specific = np.concatenate([corners * 9, corners])
    heats = np.float32([-9, 0]).reshape(2, 1, 1)
    found = cd.decode_boxes(heats, specific, offset, box_encoding="corners")
    assert (found.class_ids.tolist(), found.xyxy.tolist()) == ([1], [[-3, -6, 13, 18]])


@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("turn", [lambda head: head, lambda head: np.repeat(head, 2, -1)[..., ::2]])
def test_every_type_layout_and_stride(element_type, layout, turn):
    heads = [store(fill("sparse", (2, n, 6, 70), n), element_type) for n in (1, 2, 9, 4)]
    rules = (Extra(normalize=True), Extra(frame="box"))

    def extras_of(heads):
        return dict(zip("ab", zip(heads[2:], rules, strict=True), strict=True))

    plain = [meaning(head, element_type) for head in heads]
    truth = cd.decode_boxes(*plain[:2], extras=extras_of(plain))
    given = [channels_last(head) if layout == "NHWC" else head for head in heads]
    given = [turn(head) for head in given]
    found = cd.decode_boxes(
        *given[:2], extras=extras_of(given), layout=layout, element_type=element_type
    )
    for ours, theirs in zip(found, truth, strict=True):
        assert_same([ours.extras[name] for name in "ab"], [theirs.extras[name] for name in "ab"])
        assert len(ours) > 3
