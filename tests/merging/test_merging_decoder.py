"""Decoder(flip=, scales=) does what the functions do, by the data of its family."""

import pickle
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from oracles import merging
from support import models
from support.heads import arrays_of, assert_same, channels_last, fill
from support.inputs.scales import SCALES, box_heads, lists_of
from support.inputs.triplets import heads_of, ours

FLIPPED = [f for f in models.FAMILIES if f.decoder in ("boxes", "poses", "faces", "extreme_points")]
TRIPLETS = [families.TRIPLETS, families.CORNERNET]
BOXES = families.CENTERNET.replace(activation="none")
OTHER_SIDE = {"left": "right", "right": "left"}


def rule_of(family, head):
    """Return how a head of the family turns in a mirror; None: nobody looks at it there."""
    if head in models.PEAKS.get(family.name, {"heatmap": ()}):
        return merging.heatmap_rule()
    if head == "wh":
        gap = 0 if "offset" in family.heads else 1 - 2 * family.center_shift
        gap *= 4 if family.box_units == "pixels" else 1
        return merging.sizes_rule(family.box_encoding, family.axes, gap)
    if head == "corners":
        return merging.sizes_rule("corners", family.axes, 1)
    if head == "keypoint_heatmap":
        return merging.heatmap_rule(family.keypoints.pairs)
    if head in ("keypoints", "landmarks"):
        rule = family.keypoints
        count = 5 if head == "landmarks" else 2
        stored = rule.order, rule.axes or family.axes, rule.frame
        return merging.keypoints_rule(count, rule.pairs, *stored)
    return merging.offsets_rule() if family.decoder == "extreme_points" else None


def with_mirror(family, heads):
    """Return the NCHW heads of one image, each before its mirror image's, in the layout."""
    pairs = {}
    for head, array in heads.items():
        side, _, rest = head.partition("_")
        source = "_".join(filter(None, [OTHER_SIDE.get(side, side), rest]))
        source = head if source not in heads else source
        rule = rule_of(family, head)
        mirror = fill("nan", array.shape)[0] if rule is None else merging.mirror_of(
            heads[source][0], rule
        )  # fmt: skip
        pair = np.stack([array[0], mirror])
        pairs[head] = channels_last(pair) if family.layout == "NHWC" else pair
    return pairs


def in_a_mirror(family):
    """Return the family with two keypoints that keep their places, as models has them."""
    if "keypoints" not in family.heads:
        return family
    return family.replace(keypoints=family.keypoints.replace(pairs=()))


@pytest.mark.parametrize("family", FLIPPED, ids=lambda family: family.name)
def test_a_perfect_mirror_image_changes_nothing(family):
    family = in_a_mirror(family)
    heads = with_mirror(family, models.heads(family, "NCHW"))
    outputs = [array for name, array in heads.items()]
    (found,) = cd.Decoder(family, flip=True)(outputs)
    (plain,) = cd.Decoder(family)([array[:1] for array in outputs])
    strong = found[found.scores > 0.5]
    np.testing.assert_allclose(strong.xyxy, [models.BOX], rtol=1e-6)
    np.testing.assert_allclose(strong.scores, [models.SCORE], rtol=1e-6)
    assert strong.class_ids.tolist() == [models.class_id(family)]
    for name, column in plain.extras.items():
        np.testing.assert_allclose(strong.extras[name], column, rtol=1e-5)
    if plain.keypoints is not None:
        np.testing.assert_allclose(strong.keypoints, plain.keypoints, rtol=1e-5)
        np.testing.assert_allclose(strong.keypoint_scores, plain.keypoint_scores, rtol=1e-6)


@pytest.mark.parametrize("family", TRIPLETS, ids=lambda family: family.name)
@pytest.mark.parametrize("scales", [None, (1.5, 1.0)])
def test_triplets_are_those_of_the_function(family, scales):
    some = [
        {head: tensor for head, tensor in ours(heads_of(seed, batch=4)).items()
         if head in family.heads} for seed in (3, 4)
    ]  # fmt: skip
    outputs = [{family.heads[head][0]: heads[head] for head in heads} for heads in some]
    lists = {head: [heads[head] for heads in some] for head in some[0]}
    found = cd.Decoder(family, flip=True, scales=scales, score_threshold=0.5)(
        outputs if scales else outputs[0], clip=(50, 60)
    )
    options = {"top_k": family.triplets.top_k, "clip": (50, 60), "nms": family.nms}
    truth = cd.decode_triplets(
        **lists if scales else some[0], flip=True, scales=scales, score_threshold=0.5, **options
    )
    assert len(found) == len(truth) == 2
    for one, other in zip(found, truth, strict=True):
        assert len(one) > 3
        assert_same(arrays_of(one), arrays_of(other[:100]))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("options", [
    {}, {"top_k": 7}, {"max_per_class": 3}, {"nms": "hard"}, {"classes": [1]},
], ids=str)  # fmt: skip
def test_scales_of_boxes_are_those_of_the_function(flip, options):
    scaled = box_heads(images=2)
    matrices = [None, np.array([[2, 0, 7], [0, 0.5, -3]]), None]
    decoder = cd.Decoder(BOXES, flip=flip, scales=SCALES, **options)
    found = decoder(scaled, transform=matrices, clip=(60, 70))
    truth = cd.decode_boxes(
        *lists_of(scaled), scales=SCALES, flip=flip, activation="none", transform=matrices,
        clip=(60, 70), **options,
    )  # fmt: skip
    assert len(found) == len(truth) == (1 if flip else 2)
    for one, other in zip(found, truth, strict=True):
        assert_same(arrays_of(one), arrays_of(other))
    again = pickle.loads(pickle.dumps(decoder))
    assert again.options == decoder.options
    assert_same(arrays_of(again(scaled)[0]), arrays_of(decoder(scaled)[0]))


def test_what_is_put_together_is_thinned_unless_it_is_one():
    assert cd.Decoder(BOXES, flip=True).nms is None
    assert cd.Decoder(BOXES, scales=[2]).nms is None
    assert cd.Decoder(BOXES, scales=[1, 2]).nms == cd.NMS("gaussian", whole_pixels=True)
    assert cd.Decoder(BOXES, scales=[1, 2], nms="hard").nms == cd.NMS("hard")
    assert cd.Decoder(families.CENTERFACE, scales=[1, 2]).nms == families.CENTERFACE.nms
    extreme = families.EXTREMENET.replace(nms=None)
    assert cd.Decoder(extreme).nms is None
    assert cd.Decoder(extreme, flip=True).nms == cd.NMS("gaussian", whole_pixels=True)
    assert cd.Decoder(BOXES, scales=(2, 1)).scales == (2.0, 1.0)


def test_tensors_of_openvino_are_read_as_arrays_are():
    import openvino as ov

    family = families.FAIRMOT
    heads = {"heatmap": 2, "wh": 4, "offset": 2, "embedding": 8}
    arrays = [fill("noise", (4, count, 6, 9), count) for count in heads.values()]
    truth = cd.Decoder(family, flip=True)(arrays)
    tensors = [ov.Tensor(array) for array in arrays]
    for one, other in zip(cd.Decoder(family, flip=True)(tensors), truth, strict=True):
        assert len(one) > 3
        assert_same(arrays_of(one), arrays_of(other))


@pytest.mark.parametrize("flip", [False, True])
def test_masks_are_cut_from_the_segmentation_of_the_image(flip):
    family = families.TF_MASKS
    channels = {"heatmap": 2, "wh": 2, "offset": 2, "segmentation": 2}
    heads = [fill("noise", (4, 6, 9, count), count) for count in channels.values()]
    heads[1] = 3 + abs(heads[1])
    outputs = {family.heads[name][0]: head for name, head in zip(channels, heads, strict=True)}
    found = cd.Decoder(family, flip=flip)(outputs)
    step = 2 if flip else 1
    assert len(found) == 4 // step
    for image, segmentation in zip(found, heads[3][::step], strict=True):
        masks = cd.decode_masks(
            segmentation, image.xyxy, image.class_ids, mask_rule=family.masks, layout="NHWC"
        )
        assert len(image) > 3
        np.testing.assert_array_equal(image.extras["masks"], masks.masks)
        assert 0 < masks.masks.mean() < 1
    with pytest.raises(ValueError, match=r"^scales must be left out for a family with masks$"):
        cd.Decoder(family, scales=[1])


@pytest.mark.parametrize("family", [
    families.CENTERNET_3D, families.DETECTION_OUTPUT, families.TF_ZOO,
], ids=lambda family: family.name)  # fmt: skip
@pytest.mark.parametrize("options", [{"flip": True}, {"scales": [1]}], ids=str)
def test_refuses_what_no_mirror_and_no_scale_is_known_of(family, options):
    message = f"flip and scales must be left out for decoder {family.decoder!r}"
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.Decoder(family, **options)


@pytest.mark.parametrize(("outputs", "options", "message"), [
    (box_heads()[:2], {}, "outputs must be a list of 3, one for each scale, got 2"),
    ({"hm": 1}, {}, "outputs must be a list of 3, one for each scale, got dict"),
    (box_heads(), {"transform": np.eye(2, 3)}, "transform must be a list of 3, one for each"),
], ids=["two", "mapping", "matrix"])  # fmt: skip
def test_refuses_other_outputs(outputs, options, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        cd.Decoder(BOXES, scales=SCALES)(outputs, **options)


def test_refuses_other_scales():
    with pytest.raises(ValueError, match=r"^scales must be positive, got \[0\.0\]"):
        cd.Decoder(BOXES, scales=[0])
    with pytest.raises(ValueError, match=r"^scales must be positive, 1 among them, got \[2\.0\]"):
        cd.Decoder(families.TRIPLETS, scales=[2])
