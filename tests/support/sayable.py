"""Heads of families that a text has words for, and what is found in them."""

import centerdecode as cd
import numpy as np
from centerdecode import families
from support.heads import fill

GRID = (9, 14)


def plain_heads(family):
    """The heads that are no extras."""
    return [head for head in family.heads if head not in (*family.extras, "keypoint_depth")]


def channels_of(family, joints):
    single = family.keypoints is not None and family.keypoints.single
    return {
        "heatmap": 1 if single else 3,
        "wh": 2 if family.box_encoding == "wh" else 4,
        "offset": 2,
        "corners": 4,
        "keypoints": 2 * joints,
        "landmarks": 2 * joints,
        "keypoint_heatmap": joints,
        "keypoint_offset": 2,
    }


def make_heads(family, heads, name="noise", batch=2, joints=5, **channels):
    """Arrays by head, in the family's layout."""
    count = channels_of(family, joints) | channels
    arrays = {}
    for seed, head in enumerate(heads):
        array = fill(name, (batch, count[head], *GRID), seed)
        if head == "heatmap" and family.activation == "none":
            array = np.abs(array)
        axes = (0, 1, 2, 3) if family.layout == "NCHW" else (0, 2, 3, 1)
        arrays[head] = np.ascontiguousarray(array.transpose(axes))
    return arrays


def assert_same(found, wanted):
    """All numbers have the same bits, but that any NaN is as good as another."""
    assert len(found) == len(wanted)
    for name in ("xyxy", "scores", "class_ids", "keypoints", "keypoint_scores"):
        ours, theirs = getattr(found, name), getattr(wanted, name)
        assert (ours is None) == (theirs is None), name
        np.testing.assert_array_equal(ours, theirs, err_msg=name, strict=ours is not None)


def boxes_of_two_images():
    """A decoder, its heads, and what it finds in them."""
    decoder = cd.Decoder(families.CENTERNET, score_threshold=0.2)
    heads = [*make_heads(families.CENTERNET, families.CENTERNET.heads).values()]
    return decoder, heads, decoder(heads)
