"""decode_boxes3d agrees with a loop over the oracle's rows, and with its way into space."""

import math
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from centerdecode.models import Output, recognise
from oracles import centernet as oracle_centernet
from oracles import specification as oracle
from support.heads import ELEMENT_TYPES, channels_last, fill, meaning, store

CAMERA = np.array([[707.0, 0, 604, 45.7], [0, 710.0, 180.5, -0.34], [0, 0, 1, 0.005]])
NAMES = ("heatmap", "rotation", "depth", "dimensions", "wh", "offset")
GRID = (5, 19)


def make_heads(seed=0, grid=GRID):
    """Return the heads of one image by name; heatmap is plateaus of logits."""
    shapes = {"rotation": 8, "depth": 1, "dimensions": 3, "wh": 2, "offset": 2}
    heads = {name: fill("noise", (n, *grid), seed + n) for name, n in shapes.items()}
    heads["heatmap"] = fill("plateaus", (3, *grid), seed)
    return {name: heads[name] for name in NAMES}


def truth_of(heads, *, camera=CAMERA, transform=None, depth="inverse_sigmoid", **options):
    """Return what is right of every detection: scores, class_ids, xyxy and the extras."""
    scores, class_ids, ys, xs = oracle.find_peaks(heads["heatmap"], score_threshold=0.3, **options)
    matrix = np.eye(2, 3) if transform is None else np.asarray(transform, float)
    rows = []
    for y, x in zip(ys.tolist(), xs.tolist(), strict=True):

        def at(name, y=y, x=x):
            return None if heads[name] is None else heads[name][:, y, x].astype(float).tolist()

        dx, dy = at("offset") or (0.5, 0.5)
        w, h = at("wh") or (0, 0)
        center = np.array([4 * (x + dx), 4 * (y + dy)])
        corners = [matrix[:, :2] @ (center + 2 * np.array(side)) + matrix[:, 2]
                   for side in ((-w, -h), (w, h))]  # fmt: skip
        (z,) = at("depth")
        meters = z if depth == "none" else 1 / (1 / (1 + math.exp(-z)) + 1e-6) - 1
        alpha = oracle_centernet.get_alpha([at("rotation")])[0]
        u, v = matrix[:, :2] @ center + matrix[:, 2]
        space = oracle_centernet.ddd_to_3d(u, v, meters, at("dimensions"), alpha, camera)
        rows.append([*corners[0], *corners[1], meters, *at("dimensions"), alpha, *space])
    table = np.array(rows, np.float32).reshape(-1, 13)
    parts = np.split(table, [4, 5, 8, 9, 12], axis=1)
    names = ("xyxy", "depth", "dimensions", "alpha", "location", "rotation_y")
    found = dict(zip(names, parts, strict=True))
    one = {name: found[name][:, 0] for name in ("depth", "alpha", "rotation_y")}
    return {"scores": scores, "class_ids": class_ids, **found, **one}


def assert_right(found, truth):
    """Assert that detections are what truth_of says; classes and their order exactly."""
    np.testing.assert_array_equal(found.scores, truth["scores"])
    np.testing.assert_array_equal(found.class_ids, truth["class_ids"])
    columns = {"xyxy": found.xyxy, **found.extras}
    assert len(found) > 3
    for name, column in columns.items():
        assert column.dtype == np.float32
        np.testing.assert_allclose(column, truth[name], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("left_out", [(), ("wh",), ("offset",), ("wh", "offset")], ids=str)
@pytest.mark.parametrize("depth", ["inverse_sigmoid", "none"])
@pytest.mark.parametrize("transform", [None, [[2.5, 0, -7], [0, 2.5, 30]], [[2, 0, 1], [0, 3, 2]]])
def test_agrees_with_the_oracle(transform, depth, left_out, isa):
    heads = make_heads() | dict.fromkeys(left_out)
    found = cd.decode_boxes3d(
        **heads, calibration=CAMERA, depth_activation=depth, transform=transform
    )
    assert_right(found, truth_of(heads, depth=depth, transform=transform))


def test_without_a_camera_the_place_is_not_guessed():
    heads = make_heads()
    found = cd.decode_boxes3d(**heads, calibration=None)
    assert list(found.extras) == ["depth", "dimensions", "alpha"]
    assert_right(found, truth_of(heads))
    with pytest.raises(TypeError, match="calibration"):
        cd.decode_boxes3d(**heads)


def test_the_bin_is_chosen_strictly_and_the_angle_wrapped_once():
    heads = make_heads(grid=(1, 1))
    heads["heatmap"] = np.full((1, 1, 1), 3, np.float32)
    heads["offset"] = None
    for bins, alpha in (((1, 1), math.pi), ((1.5, 1), 0.0), ((np.nan, 1), math.pi)):
        numbers = [9, bins[0], 1, 0, -9, bins[1], 1, 0]
        heads["rotation"] = np.array(numbers, np.float32).reshape(8, 1, 1)
        found = cd.decode_boxes3d(**heads, calibration=CAMERA)
        turned = alpha + math.atan2(2 - CAMERA[0, 2], CAMERA[0, 0])
        np.testing.assert_allclose(found.extras["alpha"], [alpha], atol=1e-6)
        np.testing.assert_allclose(found.extras["rotation_y"], [turned], rtol=1e-6)


def test_where_an_object_is_does_not_depend_on_where_its_box_is_cut():
    heads = make_heads()
    whole = cd.decode_boxes3d(**heads, calibration=CAMERA)
    cut = cd.decode_boxes3d(**heads, calibration=CAMERA, clip=(5, 20))
    np.testing.assert_array_equal(cut.extras["location"], whole.extras["location"])
    np.testing.assert_array_equal(cut.xyxy, np.clip(whole.xyxy, 0, [20, 5, 20, 5]))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_type_layout_and_stride(element_type, layout):
    heads = make_heads() | {"heatmap": fill("noise", (3, *GRID))}  # no ties: one order for all
    stored = {name: store(head, element_type) for name, head in heads.items()}
    truth = truth_of({name: meaning(head, element_type) for name, head in stored.items()})
    for turn in (lambda head: head, np.asfortranarray, lambda head: head[:, ::-1][:, ::-1]):
        tensors = {name: turn(head) for name, head in stored.items()}
        if layout == "NHWC":
            tensors = {name: channels_last(head) for name, head in tensors.items()}
        found = cd.decode_boxes3d(
            **tensors, calibration=CAMERA, element_type=element_type, layout=layout
        )
        assert_right(found, truth)


def test_a_batch_with_a_camera_for_each_image():
    images = [make_heads(seed) for seed in (0, 20, 40)]
    batch = {name: np.stack([heads[name] for heads in images]) for name in NAMES}
    cameras = [CAMERA + i for i in range(3)]
    found = cd.decode_boxes3d(**batch, calibration=cameras)
    for ours, heads, camera in zip(found, images, cameras, strict=True):
        assert_right(ours, truth_of(heads, camera=camera))
    same = cd.decode_boxes3d(**batch, calibration=CAMERA)
    assert_right(same[2], truth_of(images[2]))
    empty = {name: head[:0] for name, head in batch.items()}
    assert cd.decode_boxes3d(**empty, calibration=CAMERA) == []
    with pytest.raises(ValueError, match=r"^calibration must be one .* got 2 for a batch of 3$"):
        cd.decode_boxes3d(**batch, calibration=cameras[:2])


def test_nothing_found_has_no_rows_but_all_columns():
    found = cd.decode_boxes3d(**make_heads(), calibration=CAMERA, score_threshold=1.5)
    shapes = {name: column.shape for name, column in found.extras.items()}
    assert shapes == {"depth": (0,), "dimensions": (0, 3), "alpha": (0,),
                      "location": (0, 3), "rotation_y": (0,)}  # fmt: skip


def test_the_family_reads_its_heads():
    heads = make_heads()
    names = families.CENTERNET_3D.heads
    outputs = {names[head][0]: tensor[None] for head, tensor in heads.items()}
    decoder = cd.Decoder(families.CENTERNET_3D, calibration=CAMERA)
    assert_right(decoder(outputs)[0], truth_of(heads))
    meters = families.CENTERNET_3D.replace(depth_activation="none")
    found = cd.Decoder(meters)(outputs)[0]
    np.testing.assert_array_equal(found.extras["depth"], truth_of(heads, depth="none")["depth"])
    assert "location" not in found.extras
    with pytest.raises(ValueError, match="depth_activation must be one of"):
        meters.replace(depth_activation="depth")


def assert_recognised(family, channels, optional):
    """Assert that outputs with the family's names, and so many channels, are known as it."""
    for layout, sigmoid in (("NCHW", False), ("NHWC", True)):
        # Score maps alone do not tell their layout.
        for left_out in ((), optional if layout == "NCHW" else ()):
            outputs = []
            for head, names in family.heads.items():
                shape = (
                    (1, channels[head], 8, 12) if layout == "NCHW" else (1, 8, 12, channels[head])
                )
                if head not in left_out:
                    outputs.append(
                        Output(frozenset([names[0]]), shape, "sigmoid" if sigmoid else "other")
                    )
            known = recognise(outputs, None).family
            activation = "none" if sigmoid else "sigmoid"
            assert known == family.replace(layout=layout, activation=activation)
            if layout == "NCHW" and "wh" not in channels:  # else it is a 2D one
                wrong = outputs[1]._replace(shape=(1, 7, 8, 12))
                with pytest.raises(ValueError, match=r"no known family"):
                    recognise([outputs[0], wrong, *outputs[2:]], None)


def test_models_are_recognised_by_their_outputs():
    corners = {"top_left": 3, "bottom_right": 3, "top_left_tag": 1, "bottom_right_tag": 1}
    offsets = {f"{corner}_offset": 2 for corner in ("top_left", "bottom_right", "center")}
    sides = dict.fromkeys(("top", "left", "bottom", "right", "center"), 3)
    side_offsets = {f"{side}_offset": 2 for side in ("top", "left", "bottom", "right")}
    boxes = {"heatmap": 3, "rotation": 8, "depth": 1, "dimensions": 3, "wh": 2, "offset": 2}
    assert_recognised(families.CENTERNET_3D, boxes, ["wh"])
    assert_recognised(families.EXTREMENET, sides | side_offsets, list(side_offsets))
    assert_recognised(families.TRIPLETS, corners | offsets | {"center": 3}, list(offsets))
    assert_recognised(families.CORNERNET, corners | offsets, [*offsets][:2])


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"rotation": np.zeros((4, *GRID), "f4")}, ValueError, "rotation must have 8 channels (two"),
    ({"depth": np.zeros((2, *GRID), "f4")}, ValueError, "depth must have 1 channels (the dist"),
    ({"dimensions": np.zeros((3, 5, 18), "f4")}, ValueError, "dimensions must have the batch and"),
    ({"dimensions": np.zeros((3, *GRID))}, TypeError, "dimensions must be float32, float16"),
    ({"calibration": np.eye(3)}, ValueError, "calibration must be of shape (3, 4), or (B, 3, 4)"),
    ({"calibration": np.zeros((3, 4))}, ValueError, "calibration must be finite, with focal"),
    ({"calibration": CAMERA * np.nan}, ValueError, "calibration must be finite, with focal"),
    ({"depth_activation": "depth"}, ValueError, "depth_activation must be one of"),
])  # fmt: skip
def test_refuses(change, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        cd.decode_boxes3d(**{**make_heads(), "calibration": CAMERA, **change})
