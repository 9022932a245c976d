"""A family's rule gives each detection the mask of the box that is reported."""

import centerdecode as cd
import numpy as np
import openvino.opset13 as ops
import pytest
from centerdecode import families
from support import models
from support.heads import fill
from support.masks import CLASSES, GRID, NAMES, PARTS, RULE, assert_right, truth_of


def outputs(seed=0, batch=1):
    """Return outputs of a DensePose model with objects of random sizes at random cells."""
    rng = np.random.default_rng(seed)
    names = families.TF_DENSEPOSE.heads
    channels = {"heatmap": CLASSES, "wh": 2, "offset": 2,
                "segmentation": CLASSES, "parts": PARTS, "surface_coords": 2 * PARTS}  # fmt: skip
    heads = {names[head][0]: rng.normal(0, 2, (batch, *GRID, n)).astype(np.float32)
             for head, n in channels.items()}  # fmt: skip
    heads["box/scale"] = abs(heads["box/scale"]) * 2
    return heads


def planes_of(heads, image=0):
    """Return the heads of masks by the name that the oracle's helper has, NCHW."""
    names = families.TF_DENSEPOSE.heads
    return {name: np.moveaxis(heads[names[name][0]][image], 2, 0) for name in NAMES}


@pytest.mark.parametrize("options", [
    {}, {"top_k": 3}, {"nms": cd.NMS("gaussian", score_threshold=0.4)}, {"classes": [1]},
    {"nms": "hard", "top_k": 5},
], ids=str)  # fmt: skip
def test_a_decoder_gives_each_detection_its_mask(options):
    family = families.TF_DENSEPOSE.replace(masks=RULE)
    heads = outputs(batch=2)
    boxes = cd.Decoder(families.TF_CENTERNET, **options)
    for i, (found, bare) in enumerate(
        zip(cd.Decoder(family, **options)(heads), boxes(heads), strict=True)
    ):
        assert len(found) > 1
        assert [*found.extras] == ["masks", "surface_coords"]
        np.testing.assert_array_equal(found.xyxy, bare.xyxy)
        np.testing.assert_array_equal(found.scores, bare.scores)
        truth = truth_of(planes_of(heads, i), found.xyxy, found.class_ids)
        assert_right([*found.extras.values()], truth)
        thinned = cd.NMS(iou_threshold=0.1)(found)[::-1]
        assert_right(
            [*thinned.extras.values()],
            truth_of(planes_of(heads, i), thinned.xyxy, thinned.class_ids),
        )


def test_a_mask_covers_the_box_as_it_is_reported():
    family = families.TF_MASKS.replace(masks=RULE.replace(part_class=None))
    heads = outputs()
    placed = {"transform": [[2, 0, -8], [0, 4, 16]], "clip": (100, 50)}  # exact in float32
    (found,) = cd.Decoder(family, plateaus="keep")(heads, **placed)
    (whole,) = cd.Decoder(family, plateaus="keep")(heads)
    assert 0 < (found.xyxy != whole.xyxy * [2, 4, 2, 4] + [-8, 16, -8, 16]).sum() < found.xyxy.size
    back = (found.xyxy.astype(float) - [-8, 16, -8, 16]) / [2, 4, 2, 4]
    truth = truth_of(planes_of(heads), back, found.class_ids, family.masks)
    np.testing.assert_array_equal(found.extras["masks"], truth[0])
    assert [*found.extras] == ["masks"]
    with pytest.raises(ValueError, match="transform must have an inverse where there are masks"):
        cd.Decoder(family)(heads, transform=[[1, 1, 0], [1, 1, 0]])


def test_masks_come_beside_other_extras_at_any_stride():
    heads = {**families.CENTERNET_3D.heads, "segmentation": ("seg",)}
    rule = RULE.replace(part_class=None)
    family = families.CENTERNET_3D.replace(stride=8, heads=heads, masks=rule)
    channels = (CLASSES, 8, 1, 3, 2, 2, CLASSES)
    tensors = {
        head: fill("noise", (1, n, *GRID), n) for head, n in zip(heads, channels, strict=True)
    }
    tensors["wh"] = abs(tensors["wh"])
    (found,) = cd.Decoder(family)([*tensors.values()])
    assert len(found) > 3
    assert [*found.extras] == ["depth", "dimensions", "alpha", "masks"]
    truth = truth_of(
        {"segmentation": tensors["segmentation"][0]}, found.xyxy, found.class_ids, rule, stride=8
    )
    np.testing.assert_array_equal(found.extras["masks"], truth[0])


def test_nothing_found_has_no_rows_but_all_columns():
    (found,) = cd.Decoder(families.TF_DENSEPOSE, score_threshold=1)(outputs())
    shapes = {name: (column.shape, column.dtype) for name, column in found.extras.items()}
    assert shapes == {"masks": ((0, 256, 256), np.uint8),
                      "surface_coords": ((0, 256, 256, 2), np.float32)}  # fmt: skip


@pytest.mark.parametrize("name", ["TF_MASKS", "TF_DENSEPOSE"])
def test_a_detector_finds_the_masks_of_a_model(name):
    family = getattr(families, name)
    detector = cd.Detector(models.constant(models.outputs(family)))
    assert detector.family == family
    for image, zoom in (((*models.NETWORK, 3), 1), ((64, 96, 3), 2)):
        found = detector(np.zeros(image, np.uint8))
        np.testing.assert_allclose(found.xyxy, [np.multiply(models.BOX, zoom)], rtol=1e-6)
        # Columns lie at 15 / 48 * 11 + i * 12 / 48 * 11 / 255; foreground ends at 4.5.
        (mask,) = found.extras["masks"]
        is_left = np.arange(256) * (2.75 / 255) + 3.4375 <= 4.5
        assert 90 < is_left.sum() < 110
        number = 2 if name == "TF_DENSEPOSE" else 1
        np.testing.assert_array_equal(mask, np.broadcast_to(number * is_left, (256, 256)))
        if name == "TF_DENSEPOSE":
            (coords,) = found.extras["surface_coords"]
            assert (coords[mask > 0] == [0.25, 0.75]).all()
            assert (coords[mask == 0] == 0).all()


@pytest.mark.parametrize(("head", "known"), [
    ("segmentation", "TF_CENTERNET"), ("surface_coords", "TF_MASKS"), ("parts", "TF_MASKS"),
])  # fmt: skip
def test_a_head_of_other_channels_is_not_taken_for_one_of_masks(head, known):
    arrays = models.outputs(families.TF_DENSEPOSE)
    name = families.TF_DENSEPOSE.heads[head][0]
    arrays[name] = np.concatenate([arrays[name]] * 2, axis=3)
    assert cd.Detector(models.constant(arrays)).family == getattr(families, known)


def test_a_segmentation_head_may_have_its_own_sigmoid():
    arrays = models.outputs(families.TF_MASKS)
    heads = {"heatmap": "object_center", "segmentation": "segmentation/heatmap"}
    truth = cd.Detector(models.constant(arrays))(np.zeros((*models.NETWORK, 3), np.uint8))
    for ends in (["heatmap"], ["segmentation"], [*heads]):
        tails = {heads[head]: ops.sigmoid for head in ends}
        detector = cd.Detector(models.constant(arrays, tails=tails))
        assert (detector.family.activation == "none") == ("heatmap" in ends)
        own = detector.family.masks.activation or detector.family.activation
        assert (own == "none") == ("segmentation" in ends)
        found = detector(np.zeros((*models.NETWORK, 3), np.uint8))
        np.testing.assert_array_equal(found.extras["masks"], truth.extras["masks"])


def test_a_family_with_masks_needs_their_head():
    family = families.CENTERNET.replace(masks=cd.MaskRule())
    with pytest.raises(ValueError, match=r"family.heads must have 'segmentation' for masks, got"):
        cd.Decoder(family)
    heads = {**families.CENTERNET.heads, "segmentation": ("seg",)}
    optional = cd.Decoder(family.replace(heads=heads, optional=("offset", "segmentation")))
    hm, wh = np.zeros((1, 3, *GRID), np.float32), np.zeros((1, 2, *GRID), np.float32)
    assert optional({"hm": hm, "wh": wh})[0].extras == {}
