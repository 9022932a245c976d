"""decode_masks agrees with the oracle to the last pixel: both are float64 by one formula."""

import re

import centerdecode as cd
import numpy as np
import pytest
from support.heads import ELEMENT_TYPES, channels_last, meaning, store
from support.masks import GRID, NAMES, RULE, assert_right, make_heads, truth_of


@pytest.mark.parametrize("stride", [4, 2.5])
@pytest.mark.parametrize("activation", ["sigmoid", "none"])
@pytest.mark.parametrize("threshold", [0.5, 0.2, 0, 1.5])
def test_agrees_with_the_oracle(threshold, activation, stride):
    rule = RULE.replace(score_threshold=threshold)
    heads, *detections = make_heads()
    found = cd.decode_masks(
        heads.pop("segmentation"), *detections, **heads, mask_rule=rule, stride=stride,
        activation=activation,
    )  # fmt: skip
    heads = make_heads()[0]
    assert_right(found, truth_of(heads, *detections, rule, stride, activation))
    assert threshold != 0.5 or np.unique(found.masks).tolist() == [0, 1, 2, 3, 4]
    assert (found.surface_coords[detections[1] != 1] == 0).all()
    alone = cd.decode_masks(
        heads["segmentation"], *detections, mask_rule=rule, stride=stride, activation=activation
    )
    assert_right(
        alone,
        truth_of({"segmentation": heads["segmentation"]}, *detections, rule, stride, activation),
    )


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("element_type", ELEMENT_TYPES)
def test_every_type_layout_and_stride(element_type, layout):
    heads, *detections = make_heads()
    stored = {name: store(head, element_type) for name, head in heads.items()}
    truth = truth_of(
        {name: meaning(head, element_type) for name, head in stored.items()}, *detections
    )
    for turn in (lambda head: head, np.asfortranarray, lambda head: head[:, ::-1][:, ::-1]):
        tensors = {name: turn(head) for name, head in stored.items()}
        if layout == "NHWC":
            tensors = {name: channels_last(head) for name, head in tensors.items()}
        found = cd.decode_masks(
            tensors.pop("segmentation"), *detections, **tensors, mask_rule=RULE, layout=layout,
            element_type=element_type,
        )  # fmt: skip
        assert_right(found, truth)


def test_a_batch_has_boxes_for_each_image():
    images = [make_heads(seed) for seed in range(3)]
    batch = {name: np.stack([heads[name] for heads, *_ in images]) for name in NAMES}
    boxes = [xyxy[:i] for i, (_, xyxy, _) in enumerate(images)]
    class_ids = [ids[:i] for i, (*_, ids) in enumerate(images)]
    found = cd.decode_masks(batch.pop("segmentation"), boxes, class_ids, **batch, mask_rule=RULE)
    for one, (heads, xyxy, ids), n in zip(found, images, range(3), strict=True):
        assert_right(one, truth_of(heads, xyxy[:n], ids[:n]))
    assert [len(one.masks) for one in found] == [0, 1, 2]


def test_a_mask_of_one_pixel_is_the_middle_of_its_box():
    plane = np.zeros((1, 3, 5), np.float32)
    plane[0, 1, 2] = 1
    rule = cd.MaskRule(height=1, width=1)
    boxes = [[0, 0, 20, 12], [5, 3, 15, 9], [0, 0, 10, 6], [12, 4, 20, 8]]
    found = cd.decode_masks(plane, boxes, [0] * 4, mask_rule=rule, activation="none")
    assert found.masks.ravel().tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"xyxy": np.zeros((3, 4))}, ValueError, "xyxy must be of shape (n, 4) and class_ids of "),
    ({"xyxy": np.zeros((20, 5))}, ValueError, "xyxy must be of shape (n, 4) and class_ids of "),
    ({"xyxy": []}, ValueError, "xyxy must be of shape (n, 4) and class_ids of shape (n,), got (0"),
    ({"xyxy": [np.zeros((1, 4))] * 2, "class_ids": [[0]] * 2}, ValueError,
     "xyxy must be one array for each image, got 2 and got float32 (3, 7, 9)"),
    ({"xyxy": [np.zeros((1, 4))] * 2, "class_ids": [[0]]}, ValueError,
     "class_ids must be one array for each of 2 images, got 1"),
    ({"class_ids": np.full(20, 3)}, ValueError, "class_ids must be channels of segmentation, got"),
    ({"class_ids": np.zeros(20)}, TypeError, "class_ids must be whole numbers, got float64 (20,)"),
    ({"segmentation": np.zeros((3, *GRID))}, TypeError, "segmentation must be float32, float16"),
    ({"parts": None}, ValueError, "parts and surface_coords must be given together, or neither"),
    ({"parts": np.zeros((4, 7, 8), "f4")}, ValueError, "parts must have the batch and grid of seg"),
    ({"parts": np.zeros((5, *GRID), "f4")}, ValueError, "surface_coords must have 10 channels (v"),
    ({"stride": 0}, ValueError, "stride must be positive, got 0.0"),
    ({"activation": "softmax"}, ValueError, "activation must be one of"),
])  # fmt: skip
def test_refuses(change, error, message):
    heads, xyxy, class_ids = make_heads()
    with pytest.raises(error, match="^" + re.escape(message)):
        cd.decode_masks(**{**heads, "xyxy": xyxy, "class_ids": class_ids, **change})


@pytest.mark.parametrize(("field", "value", "error"), [
    ("height", 0, ValueError), ("width", 1.5, TypeError), ("score_threshold", "x", TypeError),
    ("activation", "relu", ValueError), ("part_class", -1, ValueError),
])  # fmt: skip
def test_a_rule_refuses(field, value, error):
    with pytest.raises(error, match=f"^{field} must"):
        cd.MaskRule(**{field: value})
