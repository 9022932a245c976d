"""decode_bev agrees with CenterPoint in plain loops, and with the geometry of boxes."""

import functools
import math
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from oracles import centerpoint as oracle_centerpoint
from oracles import footprints as oracle_footprints
from support.heads import ELEMENT_TYPES, channels_last, fill, meaning, store, tensor_of

GRID = (9, 14)
NAMES = ("heatmap", "offset", "height", "dimensions", "heading", "velocity")
SPACE = {"voxel_size": (0.25, 0.5), "origin": (-10.0, -7.0)}
RANGE = (-6.0, -6.5, -1.0, 3.5, 8.0, 1.5)


def make_heads(seed=0, grid=GRID, filling="noise"):
    """Return the heads of one point cloud by name."""
    shapes = {"offset": 2, "height": 1, "dimensions": 3, "heading": 2, "velocity": 2}
    heads = {
        name: fill("noise", (n, *grid), seed + i) for i, (name, n) in enumerate(shapes.items())
    }
    heads["heatmap"] = fill(filling, (3, *grid), seed + 9) - 2
    return {name: heads[name] for name in NAMES}


def truth_of(heads, *, center_range=RANGE, clockwise=True, factor=4, threshold=0.1, layout="NCHW"):
    """Return the columns that are right before NMS, best first."""
    boxes, scores, labels = oracle_centerpoint.centerpoint_decode(
        *(heads[name] for name in NAMES),
        out_size_factor=factor,
        voxel_size=SPACE["voxel_size"],
        pc_range=SPACE["origin"],
        post_center_limit_range=center_range or (-1e9,) * 3 + (1e9,) * 3,
        score_threshold=threshold,
    )
    if layout == "NCHW":  # equal scores go by class, row, column; the oracle has row, column
        order = np.lexsort((labels, -scores))
        boxes, scores, labels = boxes[order], scores[order], labels[order]
    corners = [
        oracle_footprints.corners_of(row[0], row[1], row[3], row[4], row[-1], clockwise)
        for row in boxes.astype(float)
    ]
    corners = np.array(corners).reshape(-1, 4, 2)
    columns = {
        "scores": scores,
        "class_ids": labels,
        "xyxy": np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1),
        "location": boxes[:, :3],
        "dimensions": boxes[:, 3:6],
        "yaw": boxes[:, -1],
        "corners": corners,
    }
    return columns if heads["velocity"] is None else columns | {"velocity": boxes[:, 6:8]}


def assert_right(found, truth, rows=None):
    """Assert that detections are the rows of truth_of; classes and their order exactly."""
    rows = np.arange(len(truth["scores"])) if rows is None else np.array(rows, int)
    columns = {"scores": found.scores, "class_ids": found.class_ids, "xyxy": found.xyxy} | dict(
        found.extras
    )
    assert list(columns) == list(truth)
    np.testing.assert_array_equal(found.class_ids, truth["class_ids"][rows])
    for name, column in columns.items():
        assert column.dtype == (np.int32 if name == "class_ids" else np.float32)
        np.testing.assert_allclose(column, truth[name][rows], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("velocity", [True, False])
@pytest.mark.parametrize("clockwise", [True, False])
@pytest.mark.parametrize("center_range", [RANGE, None])
def test_agrees_with_the_oracle(center_range, clockwise, velocity, isa):
    for seed in range(3):
        heads = make_heads(seed) | ({} if velocity else {"velocity": None})
        where = {"center_range": center_range, "clockwise": clockwise}
        truth = truth_of(heads, **where)
        found = cd.decode_bev(**heads, **SPACE, **where, nms=None, top_k=10**6)
        assert_right(found, truth)
        assert 10 < len(found) < 126


@functools.cache
def crowded():
    """Return heads of which more boxes than 83 stay, what they are, and the rows that stay."""
    heads = make_heads(0, (18, 24))
    heads["dimensions"] += 1
    heads["heatmap"] += 1
    truth = truth_of(heads, center_range=None)
    rows = oracle_footprints.footprint_nms(
        truth["corners"], truth["scores"], truth["class_ids"], 0.2
    )
    assert len(rows) > 83
    assert rows[82] > 90
    return heads, truth, rows


def test_the_defaults_are_centerpoint(isa):
    heads, truth, rows = crowded()
    assert_right(cd.decode_bev(**heads, **SPACE), truth, rows[:83])


@pytest.mark.parametrize("most", [0, 1, 7, 60, 10**6])
def test_candidates_are_counted_in_the_range(most):
    heads = make_heads()
    found = cd.decode_bev(**heads, **SPACE, center_range=RANGE, nms=None, max_candidates=most)
    truth = truth_of(heads)
    assert_right(found, truth, range(min(most, len(truth["scores"]), 83)))


def test_a_cell_is_where_the_voxels_are():
    heads = {name: np.zeros((n, 2, 3), np.float32) for name, n in zip(NAMES, (2, 2, 1, 3, 2, 2), strict=True)}  # fmt: skip
    heads["heatmap"][:] = -9
    heads["heatmap"][1, 1, 2] = math.log(3)
    heads["heading"][:, 1, 2] = 0.6, 0.8
    heads["dimensions"][:, 1, 2] = math.log(5), math.log(10), math.log(2)
    heads["height"][:, 1, 2] = -1
    for offset, middle in ((heads["offset"], (6, -5)), (None, (7, -3))):
        found = cd.decode_bev(**heads | {"offset": offset}, voxel_size=(0.5, 1), origin=(2, -9))
        x, y = middle
        assert found.scores.tolist() == [0.75]
        assert found.class_ids.tolist() == [1]
        np.testing.assert_allclose(found.extras["location"], [[x, y, -1]])
        np.testing.assert_allclose(found.extras["dimensions"], [[5, 10, 2]], rtol=1e-6)
        np.testing.assert_allclose(found.extras["yaw"], [math.atan2(3, 4)], rtol=1e-6)
        # (2.5, 5) turned clockwise by the angle of the triangle 3, 4, 5.
        corners = [[x + 5, y + 2.5], [x + 1, y + 5.5], [x - 5, y - 2.5], [x - 1, y - 5.5]]
        np.testing.assert_allclose(found.extras["corners"], [corners], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(found.xyxy, [[x - 5, y - 5.5, x + 5, y + 5.5]], rtol=1e-6)


def test_only_xyxy_is_moved():
    heads = make_heads()
    plain = cd.decode_bev(**heads, **SPACE)
    transform = np.array([[8, 1, 80], [2, -8, 60]])
    moved = cd.decode_bev(**heads, **SPACE, transform=transform, clip=(120, 150))
    corners = plain.extras["corners"].astype(float) @ transform[:, :2].T + transform[:, 2]
    corners = np.clip(corners, 0, [150, 120])
    extent = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    np.testing.assert_allclose(moved.xyxy, extent, rtol=1e-5, atol=1e-4)
    for name, column in plain.extras.items():
        np.testing.assert_array_equal(moved.extras[name], column)


def test_classes_and_windows():
    heads = make_heads(filling="plateaus")
    everything = {"nms": None, "top_k": 10**6, **SPACE}
    best = cd.decode_bev(**heads, **everything)
    every = cd.decode_bev(**heads, **everything, best_class=False)
    reached = heads["heatmap"] > math.log(0.1 / 0.9)
    assert len(every) == reached.sum() > len(best) == reached.any(axis=0).sum()
    assert len(np.unique(best.extras["location"], axis=0)) == len(best)
    peaks = cd.find_peaks(heads["heatmap"], top_k=10**6, score_threshold=0.1, best_class=True)
    found = cd.decode_bev(**heads, **everything, window=3)
    np.testing.assert_array_equal(found.scores, peaks.scores)
    np.testing.assert_array_equal(found.class_ids, peaks.class_ids)
    one = cd.decode_bev(**heads, **everything, classes=[1], max_per_class=5)
    assert one.class_ids.tolist() == [1] * 5


def test_a_score_equal_to_the_threshold_reaches_it_and_a_place_that_is_no_number_does_not_count():
    heads = make_heads(grid=(1, 3))
    heads["heatmap"] = np.float32([[[0, 0, -0.001]]] * 3)
    assert len(cd.decode_bev(**heads, **SPACE, score_threshold=0.5, nms=None)) == 2
    heads["height"][0, 0, 1] = np.nan
    found = cd.decode_bev(**heads, **SPACE, score_threshold=0.5, nms=None)
    np.testing.assert_array_equal(found.extras["location"][:, 2], heads["height"][0, 0, :1])


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_type_and_layout(element_type, layout):
    stored = {name: store(head, element_type) for name, head in make_heads().items()}
    numbers = {name: meaning(head, element_type) for name, head in stored.items()}
    truth = truth_of(numbers, layout=layout)
    options = {**SPACE, "center_range": RANGE, "nms": None, "top_k": 10**6}
    for turn in (lambda head: head, np.asfortranarray, lambda head: head[:, ::-1][:, ::-1]):
        given = {name: turn(head) for name, head in stored.items()}
        if layout == "NHWC":
            given = {name: channels_last(head) for name, head in given.items()}
        found = cd.decode_bev(**given, **options, layout=layout, element_type=element_type)
        assert_right(found, truth)
    tensors = {name: tensor_of(head, element_type) for name, head in numbers.items()}
    assert_right(cd.decode_bev(**tensors, **options), truth_of(numbers))


def test_a_batch_is_its_images():
    images = [make_heads(seed) for seed in (0, 20, 40)]
    batch = {name: np.stack([heads[name] for heads in images]) for name in NAMES}
    options = {**SPACE, "center_range": RANGE, "nms": None, "top_k": 10**6}
    for ours, heads in zip(cd.decode_bev(**batch, **options), images, strict=True):
        assert_right(ours, truth_of(heads))
    assert cd.decode_bev(**{name: head[:0] for name, head in batch.items()}, **SPACE) == []


@pytest.mark.parametrize("grid", [(1, 1), (0, 3), (3, 0), (1, 7), (7, 1)])
def test_small_grids(grid):
    heads = make_heads(grid=grid)
    found = cd.decode_bev(**heads, **SPACE, nms=None, score_threshold=0.001)
    assert_right(found, truth_of(heads, center_range=None, threshold=0.001))
    assert len(found) == grid[0] * grid[1]
    shapes = {name: column.shape[1:] for name, column in found.extras.items()}
    assert shapes == {"location": (3,), "dimensions": (3,), "yaw": (), "corners": (4, 2), "velocity": (2,)}  # fmt: skip


def test_the_family_reads_its_heads():
    heads = make_heads()
    family = families.CENTERPOINT.replace(bev=cd.BevRule(**SPACE, center_range=RANGE), nms=None)
    outputs = {family.heads[name][0]: head[None] for name, head in heads.items()}
    decoder = cd.Decoder(family, score_threshold=0.1, top_k=10**6)
    assert_right(decoder(outputs)[0], truth_of(heads))
    other = family.replace(
        bev=cd.BevRule(**SPACE, clockwise=False, max_candidates=5), stride=8, optional=()
    )
    found = cd.Decoder(other, score_threshold=0.1)(outputs)[0]
    assert_right(found, truth_of(heads, center_range=None, clockwise=False, factor=8), range(5))
    few = cd.Decoder(family, score_threshold=0.1, max_per_class=2)(outputs)[0]
    assert np.bincount(few.class_ids).tolist() == [2, 2, 2]
    assert cd.Family.from_json(other.to_json()) == other
    del outputs["vel"]
    assert "velocity" not in decoder(outputs)[0].extras
    with pytest.raises(ValueError, match=r"family\.bev must say where cells lie"):
        cd.Decoder(family.replace(bev=None))(outputs)


def test_other_heads_are_read_at_the_cells_of_boxes():
    heads = make_heads()
    quality = fill("noise", (1, *GRID), 99)
    rule = cd.Extra(activation="sigmoid")
    found = cd.decode_bev(**heads, **SPACE, extras={"quality": (quality, rule)})
    step = np.array(SPACE["voxel_size"]) * 4
    cells = (found.extras["location"][:, :2] - SPACE["origin"]) / step
    xs = np.arange(GRID[1]) + heads["offset"][0]  # which no two cells share
    rows = [np.abs(xs - x).argmin() for x in cells[:, 0]]
    np.testing.assert_allclose(
        found.extras["quality"], 1 / (1 + np.exp(-quality.ravel()[rows])), rtol=1e-6
    )
    family = families.CENTERPOINT.replace(
        bev=cd.BevRule(**SPACE),
        heads={**families.CENTERPOINT.heads, "quality": ("iou",)},
        extras={"quality": rule},
    )
    outputs = {family.heads[name][0]: head for name, head in (heads | {"quality": quality}).items()}
    ours = cd.Decoder(family, score_threshold=0.1, top_k=83)(outputs)[0]
    np.testing.assert_array_equal(ours.extras["quality"], found.extras["quality"])
    message = """extras of a bird's-eye view must have frame "none", got {'cell': 'cell'}"""
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.decode_bev(**heads, **SPACE, extras={"cell": cd.Extra(frame="cell")})
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.Decoder(family.replace(extras={"cell": cd.Extra(frame="cell")}))(outputs)


def test_tasks_are_put_together_by_concat():
    tasks = [cd.decode_bev(**make_heads(seed), **SPACE) for seed in (0, 1)]
    tasks[1].class_ids[:] += 3
    found = cd.Detections.concat(tasks)
    assert set(found.class_ids) == {0, 1, 2, 3, 4, 5}
    assert len(found) == sum(map(len, tasks))
    assert (np.diff(found.scores) <= 0).all()


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"height": np.zeros((2, *GRID), "f4")}, ValueError, "height must have 1 channels (z of the"),
    ({"dimensions": np.zeros((2, *GRID), "f4")}, ValueError, "dimensions must have 3 channels"),
    ({"heading": np.zeros((1, *GRID), "f4")}, ValueError, "heading must have 2 channels (sine"),
    ({"velocity": np.zeros((3, *GRID), "f4")}, ValueError, "velocity must have 2 channels"),
    ({"velocity": np.zeros((2, 9, 13), "f4")}, ValueError, "velocity must have the batch and grid"),
    ({"heading": np.zeros((2, *GRID))}, TypeError, "heading must be float32, float16"),
    ({"classes": [3]}, ValueError, "classes must be below the channels of heatmap"),
    ({"voxel_size": (1, 2, 3)}, ValueError, "voxel_size must be 2 finite numbers, got (1, 2, 3)"),
    ({"voxel_size": (1, 0)}, ValueError, "voxel_size must be positive, got (1.0, 0.0)"),
    ({"origin": ("a", 0)}, TypeError, "origin must be 2 numbers, got ('a', 0)"),
    ({"origin": None}, ValueError, "origin must be 2 finite numbers, got None"),
    ({"center_range": (0, 1)}, ValueError, "center_range must be 6 finite numbers, got (0, 1)"),
    ({"center_range": (0, 1, 2, 3, 4, np.inf)}, ValueError, "center_range must be 6 finite"),
    ({"max_candidates": -1}, ValueError, "max_candidates must be at least 0"),
])  # fmt: skip
def test_refuses(change, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        cd.decode_bev(**{**make_heads(), **SPACE, **change})
