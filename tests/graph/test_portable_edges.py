"""Where a portable graph could err by a little: overlaps and thresholds at their limits."""

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from support.graphs import passing_on, run

POINTS = families.CENTERNET.replace(activation="none", window=1, stride=1, center_shift=0)


@pytest.mark.parametrize(("second", "rule", "count"), [
    # 4 x 4 pixels at 2 of distance: 8 of 24; counted as 5 x 5 it is 15 of 35.
    ((2, 0, 4, 4), {"iou_threshold": 0.4}, 2),
    ((2, 0, 4, 4), {"iou_threshold": 0.4, "whole_pixels": True}, 1),
    ((2, 0, 4, 4), {"iou_threshold": 0.43, "whole_pixels": True}, 2),
    # The upper half of it: 8 of 16.
    ((0, -1, 4, 2), {"iou_threshold": 0.5}, 2),
    ((0, -1, 4, 2), {"iou_threshold": 0.5, "inclusive": True}, 1),
])  # fmt: skip
def test_overlaps_are_known_ones(second, rule, count):
    dx, dy, width, height = second
    heatmap = np.zeros((1, 1, 8, 8), np.float32)
    wh = np.zeros((1, 2, 8, 8), np.float32)
    for (x, y), score, size in (((3, 3), 0.9, (4, 4)), ((3 + dx, 3 + dy), 0.8, (width, height))):
        heatmap[0, 0, y, x] = score
        wh[0, :, y, x] = size
    found, _ = run(POINTS, {"hm": heatmap, "wh": wh}, top_k=4, nms=cd.NMS(**rule))
    assert found["counts"].tolist() == [count]
    assert found["boxes"][0][0].tolist() == [1, 1, 5, 5]


def test_saving_as_f16_leaves_the_threshold_alone(tmp_path):
    limit = np.float32(0.2500075)  # as f16 a quarter, near enough for OpenVINO
    below, above = np.nextafter(limit, np.float32(0)), np.nextafter(limit, np.float32(1))
    heads = {
        "hm": np.array([[[[below, limit, above, 0]]]]),
        "wh": np.ones((1, 2, 1, 4), np.float32),
    }
    embedded = graph.embed(
        passing_on(heads, "NCHW"), POINTS, native=False, score_threshold=limit, top_k=4
    )
    ov.save_model(embedded, tmp_path / "x.xml")  # compress_to_fp16 is its default
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    network = ov.Core().compile_model(tmp_path / "x.xml", "CPU", config)
    assert network(heads)["scores"][0].tolist() == [above, limit, 0, 0]


@pytest.mark.parametrize("shape", [(0, 3, 4, 5), (1, 3, 0, 5), (1, 3, 4, 0), (1, 0, 4, 5)])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_empty_heads_are_refused_where_the_graph_is_written(layout, shape):
    heads = {"hm": np.zeros(shape), "wh": np.zeros((shape[0], 2, *shape[2:]))}
    if layout == "NHWC":
        heads = {name: np.moveaxis(head, 1, 3) for name, head in heads.items()}
    family = families.CENTERNET.replace(layout=layout)
    with pytest.raises(ValueError, match="heatmap must not be empty for a portable graph"):
        graph.embed(passing_on(heads, layout), family, native=False)


def test_no_image_is_refused_by_the_runtime():
    """As docs/graph.md says; the operation of our own gives no rows then."""
    heads = {"hm": np.zeros((0, 3, 4, 5), np.float32), "wh": np.zeros((0, 2, 4, 5), np.float32)}
    with pytest.raises(RuntimeError, match="Batch size is zero"):
        run(families.CENTERNET, heads, dynamic=True)
