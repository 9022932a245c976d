"""compat.tf_object_detection: NMS of boxes and rescoring against the oracle."""

import numpy as np
import pytest
from centerdecode.compat import tf_object_detection as tf
from oracles.tf import tasks as oracle_tf_tasks
from support.tf_maps import assert_near, assert_same_result, model

NMS = {"iou_threshold": 0.3, "max_total_detections": 12}


def test_rescoring_and_instances():
    rng = np.random.default_rng(5)
    classes, scores = rng.integers(0, 3, (2, 9)), rng.random((2, 9)).astype(np.float32)
    marks = rng.random((2, 9, 4)).astype(np.float32)
    marks[:, :, 2] = 0.7  # as much as the threshold
    params = {
        "a": {"class_id": 1, "keypoint_indices": [0, 3], "rescore_instances": True},
        "b": {"class_id": 2, "rescore_instances": True, "rescoring_threshold": 0.7},
        "c": {"class_id": 0, "keypoint_indices": [1]},
    }
    found = tf.rescore_instances(classes, scores, marks, params)
    assert_near(found, oracle_tf_tasks.rescore_instances(classes, scores, marks, params))
    for image, class_id in np.ndindex(2, 3):
        arguments = (classes, [4, 0], image, class_id)
        found = tf.get_instance_indices(*arguments)
        assert_near(found, oracle_tf_tasks.get_instance_indices(*arguments))


@pytest.mark.parametrize("changes", [
    {"iou_threshold": 0.6}, {"iou_threshold": 0.0}, {"iou_threshold": 1.0}, {"score_threshold": 0.5},
    {"max_detections_per_class": 2}, {"max_total_detections": 3}, {"max_total_detections": 200},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("name", ["noise", "plateaus", "zeros"])
def test_suppression(changes, name):
    heads = model(name, (7, 5), 3, ())
    heads["box/scale"][-1][0, :3] = 0
    heads["box/scale"][-1][1] = 3
    heads["box/offset"][-1][1] = 0
    assert_same_result(
        heads, None, max_box_predictions=40, batch_non_max_suppression={**NMS, **changes}
    )


def test_an_overlap_equal_to_the_threshold_stays():
    logits = np.full((1, 1, 16, 1), -9, np.float32)
    logits[0, 0, [4, 6]] = [[2], [1]]
    size, offset = np.full((1, 1, 16, 2), 8, np.float32), np.zeros((1, 1, 16, 2), np.float32)
    heads = {"object_center": [logits], "box/scale": [size], "box/offset": [offset]}
    options = {"max_box_predictions": 2, "batch_non_max_suppression": {"iou_threshold": 0.6}}
    assert assert_same_result(heads, None, **options)["num_detections"].tolist() == [2]
    options["batch_non_max_suppression"] = {"iou_threshold": 0.6 - 1e-7}
    assert assert_same_result(heads, None, **options)["num_detections"].tolist() == [1]
