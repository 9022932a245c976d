"""Heads of every family, with any numbers in them, and how what is found in them is compared."""

import centerdecode as cd
import numpy as np
from centerdecode import families
from support.heads import fill

GRID = (9, 14)
CORNERS = ("top_left", "bottom_right")
SIDES = ("top", "left", "bottom", "right", "center")
CHANNELS = {
    "heatmap": 3,
    "offset": 2,
    "corners": 4,
    "keypoint_offset": 2,
    "embedding": 4,
    "tracking": 2,
    "velocity": 2,
    "attributes": 8,
    "amodal_box": 4,
    "amodal_offset": 2,
    "depth": 1,
    "rotation": 8,
    "dimensions": 3,
    "height": 1,
    "heading": 2,
    "segmentation": 3,
    "parts": 4,
    "surface_coords": 8,
    "agnostic": 1,
    **dict.fromkeys((*CORNERS, *SIDES), 3),
    **{f"{corner}_tag": 1 for corner in CORNERS},
    **{f"{peak}_offset": 2 for peak in (*CORNERS, *SIDES)},
}


def plain_heads(family):
    """The heads that are no extras."""
    return [head for head in family.heads if head not in (*family.extras, "keypoint_depth")]


def channels_of(family, joints):
    single = family.keypoints is not None and family.keypoints.single
    return CHANNELS | {
        "heatmap": 1 if single else 3,
        "wh": 2 if family.box_encoding == "wh" else 4,
        "keypoints": 2 * joints,
        "landmarks": 2 * joints,
        "keypoint_heatmap": joints,
        "keypoint_depth": joints,
    }


def make_heads(family, heads, name="noise", batch=2, joints=5, grid=GRID, **channels):
    """Arrays by head, in the family's layout. Levels of a pyramid have grids of their own."""
    count = channels_of(family, joints) | channels
    arrays = {}
    for seed, head in enumerate(heads):
        own, level = head.rpartition("/")[2], 0  # of a task
        if own[-1].isdigit():
            own, level = own[:-2], int(own[-1])
        cells = [max(n >> level, 1) for n in grid]
        array = fill(name, (batch, count[own], *cells), seed)
        if own == "heatmap" and family.activation == "none":
            array = np.abs(array)
        axes = (0, 1, 2, 3) if family.layout == "NCHW" else (0, 2, 3, 1)
        arrays[head] = np.ascontiguousarray(array.transpose(axes))
    return arrays


def make_rows(family, batch=2, rows=6, joints=5):
    """Arrays by head of a model that decodes in its own graph; some rows score little, and some
    count for nothing."""
    rng = np.random.default_rng(7)
    points = rng.random((batch, rows, 2, 2))
    boxes = np.concatenate([points.min(2), points.max(2)], 2)
    scores = -np.sort(-rng.random((batch, rows)), axis=1)
    classes = rng.integers(1, 4, (batch, rows))
    if family.decoder == "detection_output":
        images = np.repeat(np.arange(batch), rows)
        columns = [images, classes.ravel(), scores.ravel(), *boxes.reshape(-1, 4).T]
        return {"rows": np.stack(columns, 1)[None, None].astype(np.float32)}
    found = {
        "boxes": boxes,
        "scores": scores,
        "classes": classes,
        "class_ids": classes,
        "count": np.arange(rows, rows - batch, -1),
        "counts": np.arange(rows, rows - batch, -1),
        "keypoints": rng.random((batch, rows, joints, 2)),
        "keypoint_scores": rng.random((batch, rows, joints)),
    }
    whole = ("class_ids", "counts")
    return {
        head: found[head].astype(np.int32 if head in whole else np.float32) for head in family.heads
    }


def assert_same(found, wanted, note=""):
    """All numbers have the same bits, but that any NaN is as good as another."""
    assert len(found) == len(wanted), note
    for name in ("xyxy", "scores", "class_ids", "keypoints", "keypoint_scores"):
        ours, theirs = getattr(found, name), getattr(wanted, name)
        assert (ours is None) == (theirs is None), (note, name)
        np.testing.assert_array_equal(
            ours, theirs, err_msg=f"{note} {name}", strict=ours is not None
        )
    assert [*found.extras] == [*wanted.extras], note
    for name, theirs in wanted.extras.items():
        np.testing.assert_array_equal(
            found.extras[name], theirs, err_msg=f"{note} {name}", strict=True
        )


def boxes_of_two_images():
    """A decoder, its heads, and what it finds in them."""
    decoder = cd.Decoder(families.CENTERNET, score_threshold=0.2)
    heads = [*make_heads(families.CENTERNET, families.CENTERNET.heads).values()]
    return decoder, heads, decoder(heads)
