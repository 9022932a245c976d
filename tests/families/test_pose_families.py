"""Pose families: found by a model's outputs, and true to what their graphs say."""

import dataclasses

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import families
from centerdecode.models import Output, recognise
from support.heads import channels_last

GRID = (8, 12)
JOINTS = [[22.0, 14.0], [30.0, 6.0]]  # input pixels
PEAK = (3, 5)

# MoveNet's own answer, (y, x) as parts of the input, for squat.png put into it as
# `photo_of` does; computed by its .tflite. Its int8 graph finds some other cells.
IN_GRAPH = [
    [0.33594, 0.57766], [0.31955, 0.57356], [0.31136, 0.54898], [0.31546, 0.55308],
    [0.31136, 0.50391], [0.41378, 0.56127], [0.40559, 0.44246], [0.50801, 0.66779],
    [0.51211, 0.5203], [0.41788, 0.6514], [0.40969, 0.61453], [0.61862, 0.40969],
    [0.60633, 0.31546], [0.66369, 0.56946], [0.69237, 0.43427], [0.83986, 0.5244],
    [0.89311, 0.36052],
]  # fmt: skip


def upstream_heads(family):
    """Return the heads with which a family says JOINTS: regressed a cell off, then snapped."""
    heads = {name: np.zeros((1, count, *GRID), np.float32) for name, count in {
        "heatmap": 1, "wh": 2, "offset": 2, "keypoints": 4, "keypoint_heatmap": 2,
        "keypoint_offset": 4 if family.keypoints.axes == "yx" else 2,
        "keypoint_depth": 1, "embedding": 4, "tracking": 2,
    }.items() if name in family.heads}  # fmt: skip
    for name in ("heatmap", "keypoint_heatmap"):
        heads[name] -= 9
    y, x = PEAK
    heads["heatmap"][0, 0, y, x] = 1
    if "wh" in heads:
        heads["wh"][0, :, y, x] = 10
    for j, (px, py) in enumerate(JOINTS):
        cy, cx = int(py // 4), int(px // 4)
        pair = {"x": px / 4 - 0.3 - x, "y": py / 4 + 0.2 - y}
        shift = {"x": px / 4 - cx, "y": py / 4 - cy}
        first = 2 * j if heads["keypoint_offset"].shape[1] > 2 else 0
        heads["keypoint_heatmap"][0, j, cy, cx] = 2
        for i, axis in enumerate(family.axes):
            heads["keypoints"][0, 2 * j + i, y, x] = pair[axis]
            heads["keypoint_offset"][0, first + i, cy, cx] = shift[axis]
    if family.layout == "NHWC":
        heads = {name: channels_last(head) for name, head in heads.items()}
    return heads


POSES = [family for family in families.ALL if family.decoder == "poses"]
every_pose_family = pytest.mark.parametrize("family", POSES, ids=lambda family: family.name)


def test_the_pose_families_are_these():
    names = {"CENTERNET_POSE", "KERAS_POSE", "CENTERTRACK_POSE", "TF_POSE", "MOVENET"}
    assert {family.name for family in POSES} == names


@every_pose_family
def test_a_family_decodes_what_its_upstream_encodes(family):
    (found,) = cd.Decoder(family)(list(upstream_heads(family).values()))
    np.testing.assert_allclose(found.keypoints, [JOINTS], rtol=1e-6)
    np.testing.assert_allclose(found.keypoint_scores, 1 / (1 + np.exp(-2.0)), rtol=1e-6)
    np.testing.assert_allclose(found.scores, 1 / (1 + np.exp(-1.0)), rtol=1e-6)


def ending(in_a_sigmoid):
    return "sigmoid" if in_a_sigmoid else "other"


@every_pose_family
@pytest.mark.parametrize("sigmoids", [(False, False), (True, True), (False, True)], ids=str)
def test_a_family_is_found_by_its_outputs(family, sigmoids):
    heads = upstream_heads(family)
    ends = dict(zip(("heatmap", "keypoint_heatmap"), sigmoids, strict=True))
    outputs = [
        Output(frozenset([f"net/{family.heads[name][0]}:0"]), head.shape, ending(ends.get(name)))
        for name, head in heads.items()
    ]
    found = recognise(outputs[::-1], None)
    assert found.family.name == family.name
    assert found.heads == {name: len(heads) - 1 - i for i, name in enumerate(heads)}
    activations = ["none" if end else "sigmoid" for end in sigmoids]
    assert found.family.activation == activations[0]
    assert found.family.keypoints.heatmap_activation == activations[1]
    again = cd.Family.from_json(found.family.to_json())
    assert again == found.family


def test_tensorflow_tells_the_offsets_of_boxes_and_keypoints_apart():
    heads = upstream_heads(families.TF_POSE)
    names = {
        "heatmap": "object_center",
        "wh": "box/scale",
        "offset": "box/offset",
        "keypoints": "person/keypoint/regression",
        "keypoint_heatmap": "person/keypoint/heatmap",
        "keypoint_offset": "person/keypoint/offset",
    }
    outputs = {names[head]: heads[head] for head in reversed(list(names))}
    (found,) = cd.Decoder(families.TF_POSE)(outputs)
    np.testing.assert_allclose(found.keypoints, [JOINTS], rtol=1e-6)


def test_without_heatmaps_of_keypoints_they_stay_as_regressed():
    heads = upstream_heads(families.CENTERNET_POSE)
    named = {families.CENTERNET_POSE.heads[name][0]: head for name, head in heads.items()}
    del named["hm_hp"], named["hp_offset"]
    (found,) = cd.Decoder(families.CENTERNET_POSE)(named)
    np.testing.assert_allclose(found.keypoints, np.add(JOINTS, (-1.2, 0.8))[None], rtol=1e-6)
    np.testing.assert_array_equal(found.keypoint_scores, [[found.scores[0]] * 2])


def test_a_family_takes_only_rules():
    with pytest.raises(TypeError, match="keypoints must be a KeypointRule or None"):
        families.CENTERNET_POSE.replace(keypoints="coco")
    with pytest.raises(TypeError, match="nms must be a NMS or None"):
        families.CENTERNET_POSE.replace(nms=0.3)


def photo_of(test_data):
    """Return squat.png and its map into MoveNet's input."""
    cv2 = pytest.importorskip("cv2")
    image = cv2.imread(str(test_data / "images" / "squat.png"))
    height, width = image.shape[:2]
    zoom = 192 / max(height, width)
    return image, np.array([[zoom, 0, 96 - zoom * width / 2], [0, zoom, 96 - zoom * height / 2]])


def test_movenet_gives_the_joints_of_its_own_graph(test_data):
    pytest.importorskip("openvino")
    image, matrix = photo_of(test_data)
    model = test_data / "models" / "movenet" / "movenet_heads.xml"
    # In floats: OpenVINO's sums of 8-bit products saturate on processors without VNNI.
    detector = cd.Detector(model, resize="affine", config={"LP_TRANSFORMS_MODE": False})
    assert detector.family.name == "MOVENET"
    found = detector(image)
    points = found.keypoints[0] @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(points / 192 - np.array(IN_GRAPH)[:, ::-1]).max() < 0.015
    assert found.scores[0] > 0.8


@pytest.mark.parametrize("resize", ["letterbox", "affine", "stretch"])
def test_movenet_finds_one_man_who_squats(test_data, resize):
    pytest.importorskip("openvino")
    image, _ = photo_of(test_data)
    model = test_data / "models" / "movenet" / "movenet_heads.xml"
    (found,) = cd.Detector(model, resize=resize)(image).keypoints
    nose, hips, knees, ankles = found[0], found[11:13], found[13:15], found[15:17]
    np.testing.assert_allclose(nose, [290, 204], atol=20)  # as one sees them
    assert nose[1] < hips[:, 1].min() < knees[:, 1].min() < ankles[:, 1].min()
    np.testing.assert_allclose(found[16], [168, 548], atol=25)
    assert cd.Detector(model, score_threshold=0.99)(image).keypoints.shape == (0, 17, 2)


def test_rules_are_data():
    rule = families.TF_POSE.keypoints
    assert dataclasses.asdict(rule)["refinement"]["box_scale"] == 1.2
    assert rule.replace(single=True) != rule
