"""The oracles of TF's box suppression and rescoring against values worked out by hand."""

import numpy as np
from oracles.tf import postprocess as post
from oracles.tf import tasks

F32 = np.float32


def near(found, expected):
    """Assert equality of shape and, but for float32 rounding, of values."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def nms_input():
    boxes = [[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.45], [0.5, 0.5, 1, 1], [0, 0, 0, 1], [0, 0, 1, 1]]
    scores = [[0.9, 0.1], [0.8, 0.7], [0.0, 0.6], [0.0, 0.95], [1.0, 1.0]]
    return {
        "detection_boxes": np.array([boxes], F32),
        "detection_scores": np.array([[0.9, 0.8, 0.6, 0.95, 1.0]], F32),
        "detection_classes": np.array([[0, 0, 1, 1, 0]], np.int32),
        "detection_multiclass_scores": np.array([scores], F32),
        "detection_temporal_offsets": np.arange(10, dtype=F32).reshape(1, 5, 2),
        "num_detections": np.array([4], np.int32),
    }


def test_non_max_suppression():
    found = post.non_max_suppression(nms_input(), {"max_total_detections": 4})
    near(found["detection_scores"], [[0.9, 0.7, 0.6, 0]])
    assert found["detection_classes"].tolist() == [[0, 1, 1, 0]]
    assert found["detection_classes"].dtype == F32
    assert found["detection_temporal_offsets"].tolist() == [[[0, 1], [2, 3], [4, 5], [0, 0]]]
    assert found["num_detections"].tolist() == [3]
    near(found["detection_boxes"][0, 1:], [[0, 0, 0.5, 0.45], [0.5, 0.5, 1, 1], [0] * 4])
    found = post.non_max_suppression(nms_input(), {"iou_threshold": 0.95, "score_threshold": 0.05})
    near(found["detection_scores"][0, :6], [0.9, 0.8, 0.7, 0.6, 0.1, 0])
    found = post.non_max_suppression(nms_input(), {"max_detections_per_class": 2})
    near(found["detection_scores"][0, :3], [0.9, 0.7, 0])
    assert found["detection_scores"].shape == (1, 100)


def test_images_and_flat_boxes():
    case = {name: np.concatenate([part, part]) for name, part in nms_input().items()}
    case["detection_boxes"][1, 2:4] = [[0.5, 0.5, 0.5, 1], [0.5, 0.25, 1, 0.25]]
    case["num_detections"][0] = 1
    found = post.non_max_suppression(case, {"max_total_detections": 3})
    near(found["detection_scores"], [[0.9, 0.1, 0], [0.9, 0.7, 0]])
    assert found["num_detections"].tolist() == [2, 2]
    case["num_detections"][:] = 0
    found = post.non_max_suppression(case, {})
    assert found["detection_scores"].tolist() == np.zeros((2, 100)).tolist()


def test_equal_scores_go_by_class_and_row():
    case = nms_input()
    case["detection_multiclass_scores"][0] = 0.5
    case["detection_boxes"][0, :3] = [[0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]
    found = post.non_max_suppression(case, {"max_total_detections": 5})
    assert found["detection_temporal_offsets"][0, :, 0].tolist() == [0, 2, 0, 2, 0]
    assert found["detection_classes"].tolist() == [[0, 0, 1, 1, 0]]


def test_overlap_equal_to_the_threshold_stays():
    assert post.iou([0, 0, 1, 1], [0, 0, 1, 0.5]) == 0.5
    assert post.iou([0, 0, 0, 1], [0, 0, 0, 1]) == 0
    assert post.iou([1, 2, 3, 6], [2, 4, 5, 7]) == np.float32(2 / 15)
    assert post.iou([1, 2, 3, 6], [4, 2, 5, 6]) == post.iou([1, 2, 3, 6], [1, 7, 3, 8]) == 0
    assert post.iou([1, 2, 1, 6], [0, 0, 9, 9]) == post.iou([0, 0, 9, 9], [1, 6, 2, 6]) == 0
    case = nms_input()
    case["detection_boxes"][0, 1] = [0, 0, 0.5, 0.25]
    found = post.non_max_suppression(case, {"iou_threshold": 0.5})
    near(found["detection_scores"][0, :5], [0.9, 0.8, 0.7, 0.6, 0.1])


def test_rescoring():
    classes, scores = [[0, 1, 0]], [[0.75, 0.5, 0.5]]
    marks = [[[0.1, 0.2, 0.3, 9], [0.1, 0.2, 0.3, 9], [0, 0.5, 0, 9]]]
    params = {"t": {"class_id": 0, "keypoint_indices": [0, 1, 2], "rescore_instances": True}}
    near(tasks.rescore_instances(classes, scores, marks, params), [[0.15, 0.5, 0.25]])
    params["t"]["rescoring_threshold"] = 0.2
    near(tasks.rescore_instances(classes, scores, marks, params), [[0.225, 0.5, 0.25]])
    params["t"]["rescoring_threshold"] = 0.5
    near(tasks.rescore_instances(classes, scores, marks, params), [[0, 0.5, 0]])
    params["t"]["rescore_instances"] = False
    near(tasks.rescore_instances(classes, scores, marks, params), scores)


def test_instance_indices():
    classes, counts = [[0, 1, 2, 0], [2, 1, 2, 2]], [4, 3]
    assert tasks.get_instance_indices(classes, counts, 0, 0).tolist() == [0, 3]
    assert tasks.get_instance_indices(classes, counts, 1, 2).tolist() == [0, 2]
    assert tasks.get_instance_indices(classes, counts, 1, 0).tolist() == []
