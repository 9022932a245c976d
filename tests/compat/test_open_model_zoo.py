"""compat.open_model_zoo against the oracle of upstream's wrappers, and right geometry."""

import doctest
from types import SimpleNamespace

import numpy as np
import pytest
from centerdecode.compat import open_model_zoo as omz
from oracles import omz as oracle
from support.heads import fill

HEADS = ("center_heatmap", "regression", "width_height")
SHAPES = [(480, 640, 3), (640, 480, 3), (333, 333, 3), (2, 900, 3)]


class Adapter:
    """An adapter of Open Model Zoo; what it infers is what it was given."""

    def __init__(self, outputs, size=(64, 48), image_info=False):
        self.outputs = outputs
        self.loads = 0
        self.given = None
        self.inputs = {"image": SimpleNamespace(shape=(1, 3, *size), layout="NCHW")}
        if image_info:
            self.inputs["info"] = SimpleNamespace(shape=(1, 3), layout="NC")

    def get_input_layers(self):
        return self.inputs

    def get_output_layers(self):
        return {name: SimpleNamespace(shape=value.shape) for name, value in self.outputs.items()}

    def load_model(self):
        self.loads += 1

    def infer_sync(self, dict_data):
        self.given = dict_data
        return self.outputs


def heads(name="noise", grid=(16, 12), classes=3, seed=0):
    """Return heads by name; the two that are not the heatmap are small enough to matter."""
    rng = np.random.default_rng(seed)
    heatmap = fill(name, (1, classes, *grid)) * 2
    others = [rng.normal(mean, 3, (1, 2, *grid)).astype(np.float32) for mean in (0, 3)]
    return dict(zip(HEADS, (heatmap, *others), strict=True))


def tuples(detections):
    """Return detections as the oracle has them."""
    return [(d.xmin, d.ymin, d.xmax, d.ymax, d.score, d.id) for d in detections]


def assert_same(ours, theirs):
    """Assert that detections agree: whole pixels and classes exactly, scores to 1e-6."""
    ours = tuples(ours)
    assert [row[:4] + row[5:] for row in ours] == [tuple(row[:4]) + row[5:] for row in theirs]
    np.testing.assert_allclose([row[4] for row in ours], [row[4] for row in theirs], rtol=1e-6)
    assert all(type(row[i]) is int for row in ours for i in (0, 1, 2, 3, 5))


def test_the_example_of_the_docstring_runs_as_changed():
    lines = [line.strip() for line in omz.__doc__.splitlines()]
    (new,) = (line for line in lines if line.startswith("+ "))
    assert ">>> " + new[2:] in lines
    failed, run = doctest.testmod(omz)
    assert run > 0 == failed


@pytest.mark.parametrize("name", ["noise", "plateaus", "sparse", "flat", "zeros"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bugs", [False, True])
def test_boxes_are_those_of_the_oracle(name, shape, bugs):
    outputs, meta = heads(name), {"original_shape": shape}
    for threshold in (0.5, 0.0, 0.9):
        model = omz.CenterNet(
            Adapter(outputs), {"confidence_threshold": threshold}, upstream_bugs=bugs
        )
        theirs = oracle.postprocess(outputs, meta, confidence_threshold=threshold, bugs=bugs)
        assert_same(model.postprocess(outputs, meta), theirs)


def test_saturated_logits_are_a_plateau():
    outputs = heads("zeros", (10, 10), 1)
    outputs["center_heatmap"][...] = -9
    outputs["center_heatmap"][0, 0, 5, 3:6] = [40, 20, 95]
    found = omz.CenterNet(Adapter(outputs)).postprocess(outputs, {"original_shape": (40, 40, 3)})
    assert_same(found, oracle.postprocess(outputs, {"original_shape": (40, 40, 3)}))
    assert [d.score for d in found] == [1, 1, 1]


def test_the_box_of_the_specification():
    # A box (200, 100, 600, 900) of a stretched image of 1920x1080.
    outputs = {
        name: np.zeros((1, 80 if i == 0 else 2, 96, 96), "f4") for i, name in enumerate(HEADS)
    }
    outputs["center_heatmap"][...] = -9
    outputs["center_heatmap"][0, 0, 44, 20] = 5
    outputs["regression"][0, :, 44, 20] = [0, 500 * 96 / 1080 - 44]
    outputs["width_height"][0, :, 44, 20] = [400 * 96 / 1920 + 1e-5, 800 * 96 / 1080 + 1e-4]
    meta = {"original_shape": (1080, 1920, 3)}
    (right,) = omz.CenterNet(Adapter(outputs, (384, 384))).postprocess(outputs, meta)
    np.testing.assert_allclose(right.get_coords(), (200, 100, 600, 900), atol=1)
    model = omz.CenterNet(Adapter(outputs, (384, 384)), upstream_bugs=True)
    (wrong,) = model.postprocess(outputs, meta)
    # Upstream's -242 is cut at 0, and 1180 at the height of the image.
    np.testing.assert_allclose(wrong.get_coords(), (200, 0, 600, 1080), atol=1)
    options = {"resize_type": "fit_to_window_letterbox"}
    (letterboxed,) = omz.CenterNet(Adapter(outputs, (384, 384)), options).postprocess(outputs, meta)
    np.testing.assert_allclose(letterboxed.get_coords(), (200, 0, 600, 1080), atol=1)


def test_heads_are_not_written_and_only_the_first_image_is_read():
    outputs = {name: np.concatenate([head, head * np.nan]) for name, head in heads().items()}
    for head in outputs.values():
        head.flags.writeable = False
    model, meta = omz.CenterNet(Adapter(outputs)), {"original_shape": (50, 70, 3)}
    assert tuples(model.postprocess(outputs, meta)) == tuples(model.postprocess(outputs, meta))
    assert len(model.postprocess(outputs, meta)) > 3


def test_options_and_labels():
    outputs, meta = heads(), {"original_shape": (50, 70, 3)}
    adapter = Adapter(outputs)
    configuration = {"labels": ["zero", "one"], "confidence_threshold": None, "num_classes": 3}
    model = omz.CenterNet(adapter, configuration, preload=True)
    assert adapter.loads == 1
    for detection in model.postprocess(outputs, meta):
        assert detection.str_label == ["zero", "one", None][detection.id]
        assert detection.score >= 0.5
    with pytest.raises(ValueError, match="resize_type must be one of"):
        omz.CenterNet(adapter, {"resize_type": "crop"})
    with pytest.raises(ValueError, match="there must be 1 input and 3 outputs"):
        omz.CenterNet(Adapter({"a": outputs["regression"]}))
    small = heads(grid=(6, 4))
    with pytest.raises(ValueError, match="K must be at most the 24 cells"):
        omz.CenterNet(Adapter(small)).postprocess(small, meta)


@pytest.mark.parametrize("resize_type", ["standard", "fit_to_window_letterbox"])
def test_an_image_goes_in_and_its_box_comes_back(resize_type):
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    image = np.zeros((100, 200, 3), np.uint8)
    image[20:60, 40:120] = 200
    rows = np.zeros((1, 1, 2, 7), np.float32)
    rows[0, 0, 1, 0] = -1
    adapter = Adapter({"out": rows}, (64, 64), image_info=True)
    model = omz.SSD(adapter, {"resize_type": resize_type, "mean_values": [100, 100, 100]})
    given, meta = model.preprocess(image)
    assert given["image"].shape == (1, 3, 64, 64)
    assert given["info"].tolist() == [[64, 64, 1]]
    ys, xs = np.nonzero(given["image"][0, 0] > 50)
    box = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) / 64
    rows[0, 0, 0] = [0, 1, 0.9, *box]
    detections, meta = model(image)
    assert meta["original_shape"] == (100, 200, 3)
    np.testing.assert_allclose(detections[0].get_coords(), (40, 20, 120, 60), atol=4)
    assert len(detections) == 1


def detection_output():
    """Return (1, 1, N, 7): two images, an end in the middle, rows after it."""
    rng = np.random.default_rng(2)
    rows = rng.random((1, 1, 12, 7)).astype(np.float32)
    rows[0, 0, :, 1] = np.arange(12)
    rows[0, 0, :, 0] = [0, 0, 1, 0, 0, 1, 0, -1, 0, 0, 0, -1]
    return rows


@pytest.mark.parametrize("bugs", [False, True])
def test_ssd_of_each_kind_is_that_of_the_oracle(bugs):
    rng = np.random.default_rng(3)
    boxes, scores = rng.random((1, 9, 4)).astype(np.float32), rng.random((1, 9)).astype(np.float32)
    labels = rng.integers(0, 4, (1, 9)).astype(np.float32)
    pixels = (rng.random((9, 5)) * [48, 64, 48, 64, 1]).astype(np.float32)
    kinds = [
        {"detection_out": detection_output()},
        {"bboxes": boxes, "scores": scores, "labels": labels},
        {"boxes": pixels, "labels": labels[0]},
        {"boxes": pixels},
    ]
    for outputs in kinds:
        for threshold in (0.5, 0.2):
            for shape in SHAPES:
                options = {"confidence_threshold": threshold}
                model = omz.SSD(Adapter(outputs), options, upstream_bugs=bugs)
                meta = {"original_shape": shape}
                theirs = oracle.ssd_postprocess(
                    outputs, meta, (64, 48), confidence_threshold=threshold, bugs=bugs
                )
                copies = {name: value.copy() for name, value in outputs.items()}
                assert_same(model.postprocess(copies, meta), theirs)


def test_ssd_boxes_in_pixels_are_divided_in_place_by_upstream_only():
    outputs = {"boxes": np.float32([[4.8, 6.4, 24, 32, 0.9]])}
    meta = {"original_shape": (100, 100, 3)}
    right, wrong = (omz.SSD(Adapter(outputs), upstream_bugs=bugs) for bugs in (False, True))
    for _ in range(2):
        assert right.postprocess(outputs, meta)[0].get_coords() == (10, 10, 50, 50)
    assert wrong.postprocess(outputs, meta)[0].get_coords() == (10, 10, 50, 50)
    assert wrong.postprocess(outputs, meta)[0].get_coords() == (0, 0, 1, 0)


def test_ssd_outputs_of_no_kind_are_refused():
    with pytest.raises(ValueError, match="unsupported outputs: there must be one output"):
        omz.SSD(Adapter({"a": np.zeros((1, 4)), "b": np.zeros((1, 4))}))
    with pytest.raises(ValueError, match="the last axis of the output must be 7 long"):
        omz.SingleOutputParser({"a": np.zeros((1, 1, 2, 6))})
    blind = Adapter(heads())
    blind.inputs = {}
    with pytest.raises(ValueError, match="there must be one input of images"):
        omz.CenterNet(blind)
