"""compat.tf_object_detection: postprocess of whole models against the oracle."""

from collections import namedtuple

import numpy as np
import pytest
from centerdecode.compat import tf_object_detection as tf
from support.tf_maps import GRIDS, MAPS, assert_same_result, head, model

NMS = {"iou_threshold": 0.3, "max_total_detections": 12}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("shapes", [None, [[35, 99, 3], [17, 14, 3]], [[3, 2, 3], [9, 1, 3]]])
def test_boxes_and_tracks(name, grid, classes, shapes):
    heads = model(name, grid, classes, ())
    for k, kernel, nms in ((1, 3, None), (20, 3, None), (500, None, None), (20, 3, NMS)):
        assert_same_result(
            heads,
            shapes,
            max_box_predictions=k,
            peak_max_pool_kernel_size=kernel,
            batch_non_max_suppression=nms,
        )


@pytest.mark.parametrize("stride", [4, 2])
@pytest.mark.parametrize("top", [17.5, 60.0])
def test_scores_that_the_sigmoid_makes_equal(isa, stride, top):
    heads = model("noise", (9, 14), 2, ())
    heads["object_center"][-1][:, 2:5, 3:9] += top
    found = assert_same_result(heads, None, stride=stride, max_box_predictions=50)
    assert (found["detection_scores"] == 1).sum() > 20


@pytest.mark.parametrize("kernel", [None, 1, 3, 5])
def test_few_cells_of_a_large_map_that_are_almost_equal(kernel):
    heads = model("noise", (20, 30), 2, ())
    logits = heads["object_center"][-1]
    logits -= 20
    steps = np.random.default_rng(1).integers(0, 9, (2, 4, 5, 2))
    logits[:, 7:11, 9:14] = steps * 1.2e-6
    options = {"max_box_predictions": 12, "peak_max_pool_kernel_size": kernel}
    found = assert_same_result(heads, None, **options)
    assert (found["detection_scores"] > 0.4).all()


@pytest.mark.parametrize("mode", ["min_distance", "score_distance_ratio", "gaussian_weighted"])
@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("tasks", [("t",), ("a", "b")])
def test_keypoints(mode, classes, tasks):
    columns = {"t": [0, 1, 2], "a": [1, 0, 2], "b": [4, 5, 7]}
    params = {
        name: {
            "class_id": i,
            "keypoint_indices": columns[name],
            "candidate_ranking_mode": mode,
            "keypoint_std_dev": [1.0, 2.0, 0.5],
            "std_dev_multiplier": 2.0,
            "num_candidates_per_keypoint": 7,
            "keypoint_candidate_score_threshold": 0.3,
            "rescore_instances": True,
            "rescoring_threshold": 0.15,
            "clip_out_of_frame_keypoints": i == 0,
        }
        for i, name in enumerate(tasks)
    }
    heads = model("noise", (6, 9), classes, tasks)
    for nms in (None, NMS):
        found = assert_same_result(
            heads,
            [[20, 30, 3], [24, 36, 3]],
            max_box_predictions=20,
            keypoint_params_dict=params,
            batch_non_max_suppression=nms,
        )
        assert 0 < (found["detection_keypoint_scores"] > 0.3).mean() < 1
        assert found["detection_keypoints"].shape[2] == (8 if len(tasks) == 2 else 3)
    depths = [f"{name}/keypoint/depth" for name in tasks]
    for without in (depths[:1], depths, ["box/scale", "box/offset"]):
        if mode == "gaussian_weighted" and len(without) == 2 and without != depths:
            continue
        heads = model("sparse", (6, 9), classes, tasks, without=without)
        assert_same_result(heads, None, max_box_predictions=9, keypoint_params_dict=params)


@pytest.mark.parametrize("densepose", [None, {"class_id": 1}])
@pytest.mark.parametrize("shapes", [None, [[20, 33, 3], [24, 36, 3]]])
def test_masks(densepose, shapes):
    heads = model("noise", (6, 9), 2, ())
    shape = heads["object_center"][-1].shape
    heads["segmentation/heatmap"] = [None, head(shape, 2, 9)]
    heads["densepose/heatmap"] = [None, head(shape, 3, 10)]
    heads["densepose/regression"] = [None, head(shape, 6, 11)]
    found = assert_same_result(
        heads,
        shapes,
        max_box_predictions=6,
        mask_params={"mask_height": 7, "mask_width": 5, "score_threshold": 0.4},
        densepose_params=densepose,
        batch_non_max_suppression=NMS,
    )
    assert found["detection_masks"].mean() > 0
    assert ("detection_surface_coords" in found) == (densepose is not None)


@pytest.mark.parametrize("classes", [1, 2])
def test_heads_are_read_in_half_precision_and_any_strides(classes):
    heads = model("noise", (6, 9), classes)
    heads["segmentation/heatmap"] = [head((2, 6, 9, 1), classes, 9)]
    heads["densepose/heatmap"] = [head((2, 6, 9, 1), 3, 10)]
    heads["densepose/regression"] = [head((2, 6, 9, 1), 6, 11)]
    stored = {name: [np.float16(stages[-1])] for name, stages in heads.items()}
    wide = {name: [np.float32(stages[-1])] for name, stages in stored.items()}
    turned = {
        name: [np.ascontiguousarray(stages[-1].transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)]
        for name, stages in stored.items()
    }
    options = {
        "max_box_predictions": 15,
        "keypoint_params_dict": {"t": {}},
        "mask_params": {"mask_height": 4, "mask_width": 3},
        "densepose_params": {"class_id": 0},
    }
    truth = assert_same_result(wide, None, **options)
    for given in (stored, turned):
        found = tf.postprocess(given, None, **options)
        for name, values in truth.items():
            np.testing.assert_array_equal(found[name], values, strict=True)


def test_published_samples():
    size, offset = np.zeros((2, 1, 32, 32, 2), np.float32)
    logits = np.zeros((1, 32, 32, 10), np.float32)
    logits[0, 16, 16, 1] = np.log(3)
    size[0, 16, 16], offset[0, 16, 16] = (5, 10), (0.25, 0.5)
    heads = {"object_center": [logits], "box/scale": [size], "box/offset": [offset]}
    found = tf.postprocess(heads, [[128, 128, 3]], max_box_predictions=5)
    box = np.float32([55, 46, 75, 86]) / np.float32(128)
    np.testing.assert_allclose(found["detection_boxes"][0, 0], box, rtol=1e-6)
    assert found["detection_scores"].tolist() == [[0.75, 0.5, 0.5, 0.5, 0.5]]
    assert found["detection_classes"][0, 0] == 1
    assert found["num_detections"].tolist() == [5]
    rescored = tf.rescore_instances(
        np.array([[1, 0]]),
        np.float32([[0.75, 0.5]]),
        np.float32([[[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]]]),
        {"t": {"class_id": 1, "keypoint_indices": [0, 1, 2], "rescore_instances": True}},
    )
    np.testing.assert_allclose(rescored, [[0.15, 0.5]], rtol=1e-6)


def test_an_empty_batch():
    found = tf.postprocess(
        model("noise", (4, 7), batch=0),
        None,
        keypoint_params_dict={"t": {"class_id": 1}},
        batch_non_max_suppression={},
    )
    assert found["detection_boxes"].shape == (0, 100, 4)
    assert found["detection_keypoints"].shape == (0, 100, 3, 2)


def test_named_tuples_of_upstream_are_options():
    upstream = namedtuple("KeypointEstimationParams", "task_name class_id heatmap_bias_init")
    heads = model("noise", (4, 7))
    found = tf.postprocess(heads, None, keypoint_params_dict={"t": upstream("t", 1, -2.19)})
    truth = tf.postprocess(heads, None, keypoint_params_dict={"t": {"class_id": 1}})
    for name, values in truth.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize(("changes", "options", "error", "message"), [
    ({"object_center": [np.zeros((4, 7, 2), np.float32)]}, {}, ValueError, "object_center must be"),
    ({"box/scale": [np.zeros((2, 4, 6, 2), np.float32)]}, {}, ValueError, "box/scale must be maps"),
    ({"object_center": [np.zeros((2, 4, 7, 2))]}, {}, TypeError, "float64"),
    ({}, {"keypoint_params_dict": {"u": {}}}, KeyError, "u/keypoint/heatmap"),
    ({}, {"keypoint_params_dict": {"t": {"radius": 1}}}, TypeError, "options must be among"),
    ({}, {"keypoint_params_dict": {"t": 5}}, TypeError, "must be a mapping"),
    ({}, {"keypoint_params_dict": {"t": {"keypoint_indices": [1]}}}, ValueError, "must be 3 columns"),
    ({}, {"keypoint_params_dict": {"t": {"argmax_postprocessing": True}}}, ValueError,
     "must be 'gaussian_weighted_const' for"),
    ({}, {"densepose_params": {"class_id": 0}}, ValueError, "mask_params must be given"),
    ({}, {"mask_params": {}}, KeyError, "segmentation/heatmap"),
], ids=str)  # fmt: skip
def test_what_does_not_fit_is_refused(changes, options, error, message):
    heads = {**model("noise", (4, 7)), **changes}
    with pytest.raises(error, match=message):
        tf.postprocess(heads, None, **options)


def test_boxes_that_are_not_there_are_asked_for():
    heads = model("noise", (4, 7), without=["box/scale", "box/offset"])
    found = tf.postprocess(heads, None)
    assert not any("boxes" in name for name in found)
    for options in ({"mask_params": {}}, {"batch_non_max_suppression": {}}):
        with pytest.raises(ValueError, match="need boxes"):
            tf.postprocess(heads, None, **options)
    with pytest.raises(ValueError, match="must have one task, got"):
        tf.postprocess_single_instance_keypoints(heads, None, keypoint_params_dict={})


def test_torch_tensors_give_torch_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    heads = model("noise", (4, 7))
    options = {"keypoint_params_dict": {"t": {}}, "batch_non_max_suppression": {}}
    truth = tf.postprocess(heads, [[16, 20, 3]] * 2, **options)
    tensors = {
        name: [torch.from_numpy(stage) for stage in stages] for name, stages in heads.items()
    }
    found = tf.postprocess(tensors, torch.tensor([[16, 20, 3]] * 2), **options)
    for name, values in truth.items():
        assert isinstance(found[name], torch.Tensor)
        np.testing.assert_array_equal(found[name].numpy(), values)
