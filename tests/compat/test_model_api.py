"""compat.model_api inside of the real openvino-model-api."""

import doctest
from types import SimpleNamespace

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from support import models

pytest.importorskip("model_api", reason="openvino-model-api is not installed")
drop_in = pytest.importorskip("centerdecode.compat.model_api")
from model_api.models import Model
from model_api.models.result import DetectionResult
from model_api.pipelines import AsyncPipeline

WIDE = np.zeros((32, 96, 3), np.uint8)  # twice as wide as the input of the tiny models
STRETCHED_BOX = [30, 10, 54, 18]


@pytest.fixture
def save(tmp_path):
    """Return a function that stores a model, and gives its path."""

    def store(model, name="tiny"):
        path = tmp_path / f"{name}.xml"
        ov.save_model(model, path, compress_to_fp16=False)
        return str(path)

    return store


def create(path, **configuration):
    """Return Model API's model of the path, on CPU in float32."""
    model = Model.create_model(
        path, model_type="centernet", configuration=configuration, device="CPU", preload=False
    )
    model.inference_adapter.plugin_config["INFERENCE_PRECISION_HINT"] = "f32"
    model.load(force=True)
    return model


def tiny(family=cd.families.CENTERNET, **options):
    """Return a model that finds models.BOX in every image."""
    return models.constant(models.outputs(family), **options)


def test_the_example_of_the_docstring_runs_as_changed(save):
    lines = [line.strip() for line in drop_in.__doc__.splitlines()]
    (new,) = (line for line in lines if line.startswith("+ "))
    assert ">>> " + new[2:] in lines
    failed, run = doctest.testmod(drop_in, extraglobs={"path": save(tiny()), "image": WIDE})
    assert run > 0 == failed


def test_the_class_is_found_by_its_name():
    assert Model.get_model_class("CenterNet") is drop_in.CenterNet
    assert "centernet" in Model.available_wrappers()


@pytest.mark.parametrize(
    "name", ["CENTERNET", "OPEN_MODEL_ZOO", "KERAS_CENTERNET", "MMDET", "TTFNET"]
)
def test_a_box_comes_back_to_the_image(save, name):
    model = create(save(tiny(getattr(cd.families, name))))
    result = model(WIDE)
    assert type(result) is DetectionResult
    assert result.bboxes.tolist() == [STRETCHED_BOX]
    assert result.bboxes.dtype == result.labels.dtype == np.int32
    assert result.labels.tolist() == [1]
    np.testing.assert_allclose(result.scores, [models.SCORE], rtol=1e-5)
    assert "30, 10, 54, 18, 1 (#1): 0.750" in str(result)


def test_scores_of_a_graph_with_a_sigmoid_are_taken_as_they_are(save):
    outputs = models.outputs(cd.families.CENTERNET)
    model = create(save(models.constant(outputs, tails={"hm": models.ops.sigmoid})))
    np.testing.assert_allclose(model(WIDE).scores, [models.SCORE], rtol=1e-5)


@pytest.mark.parametrize("element_type", ["f16", "bf16"])
def test_half_precision_outputs(save, element_type):
    outputs = models.outputs(cd.families.CENTERNET)
    tails = {name: lambda node: models.ops.convert(node, element_type) for name in outputs}
    model = create(save(models.constant(outputs, tails=tails)))
    assert model(WIDE).bboxes.tolist() == [STRETCHED_BOX]


def test_resize_types_options_and_labels(save):
    path = save(tiny())
    x1, y1, x2, y2 = models.BOX
    fitted = create(path, resize_type="fit_to_window")(WIDE)
    assert fitted.bboxes.tolist() == [[2 * x1, 2 * y1, 2 * x2, 32]]
    letterboxed = create(path, resize_type="fit_to_window_letterbox")(WIDE)
    assert letterboxed.bboxes.tolist() == [[2 * x1, 2 * (y1 - 8), 2 * x2, 2 * (y2 - 8)]]
    assert create(path, labels=["a", "b"])(WIDE).label_names == ["b"]
    assert len(create(path, confidence_threshold=0.76)(WIDE)) == 0
    assert create(path, confidence_threshold=0.76)(WIDE).bboxes.shape == (0, 4)
    assert len(create(path, confidence_threshold=0.7499)(WIDE)) == 1


def test_nms_is_an_option(save):
    outputs = models.outputs(cd.families.CENTERNET)
    _, class_id, y, x = np.argwhere(outputs["hm"] == outputs["hm"].max())[0]
    outputs["hm"][0, class_id, y, x + 2] = 0.5
    outputs["wh"][0, :, y, x + 2] = (7, 2)
    outputs["reg"][0, :, y, x + 2] = (-1.75, 0.5)
    path = save(models.constant(outputs))
    assert len(create(path)(WIDE)) == 2
    assert len(create(path, nms_execute=True, iou_threshold=0.3)(WIDE)) == 1


def test_the_asynchronous_pipeline_gives_the_same(save):
    pipeline = AsyncPipeline(create(save(tiny())))
    for number in range(5):
        pipeline.submit_data(WIDE, number)
    pipeline.await_all()
    for number in range(5):
        result, meta = pipeline.get_result(number)
        assert result.bboxes.tolist() == [STRETCHED_BOX]
        assert meta["original_shape"] == WIDE.shape


def test_the_type_may_be_in_the_model(save):
    model = tiny()
    model.set_rt_info("centernet", ["model_info", "model_type"])
    model.set_rt_info("0.9", ["model_info", "confidence_threshold"])
    created = Model.create_model(save(model), device="CPU")
    assert type(created) is drop_in.CenterNet
    assert len(created(WIDE)) == 0


def test_outputs_of_no_family_are_refused(save):
    path = save(models.constant({"hm": np.zeros((1, 3, 8, 12), np.float32)}))
    with pytest.raises(ValueError, match="no known family has these outputs: hm"):
        create(path)


@pytest.mark.parametrize("name", ["CENTERNET", "OPEN_MODEL_ZOO"])
def test_without_a_graph_the_heads_are_found_by_name(name):
    family = getattr(cd.families, name)
    layers = {
        alias: SimpleNamespace(names={alias}, shape=list(array.shape))
        for alias, array in models.outputs(family).items()
    }
    adapter = SimpleNamespace(get_model=lambda: None)
    found = drop_in._recognised(adapter, layers)
    assert found.family == family
    assert sorted(found.heads) == ["heatmap", "offset", "wh"]


def test_a_real_model_finds_what_a_detector_finds(test_data):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    path = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    if not path.is_file():
        pytest.skip(f"no model at {path}")
    image = cv2.imread(str(test_data / "images" / "cn_33823288584_1d21cf0a26_k.jpg"))
    detector = cd.Detector(path, color="RGB", mean=0, scale=1, resize="letterbox")
    expected = detector(image)
    model = create(
        str(path),
        confidence_threshold=0.3,
        reverse_input_channels=True,
        resize_type="fit_to_window_letterbox",
    )
    result = model(image)
    # The two resize with different code, so scores and boxes differ a little.
    sure = expected[expected.scores > 0.35]
    assert len(sure) > 2
    for box, score, class_id in zip(sure.xyxy, sure.scores, sure.class_ids, strict=True):
        alike = (result.labels == class_id) & (abs(result.scores - score) < 0.1)
        assert alike.any()
        assert abs(result.bboxes[alike] - box).max(axis=1).min() < 12


def test_real_heads_are_decoded_as_upstream_would(test_data):
    path = test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml"
    if not path.is_file():
        pytest.skip(f"no model at {path}")
    image = np.random.default_rng(0).integers(0, 255, (300, 500, 3)).astype(np.uint8)
    model = create(str(path), confidence_threshold=0.02)
    result = model(image)
    raw = model.infer_sync(model.base_preprocess(image)[0])
    expected = cd.decode_boxes(
        raw["hm"], raw["wh"], raw["reg"], stride=1, score_threshold=0.02, plateaus="keep"
    )[0]
    scale = np.float32([500 / 128, 300 / 128] * 2)
    boxes = np.round(expected.xyxy * scale).clip(0, [500, 300, 500, 300])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    seen = areas > 1
    assert len(result) == seen.sum() > 2
    np.testing.assert_allclose(result.bboxes, boxes[seen], atol=1)
    np.testing.assert_array_equal(result.labels, expected.class_ids[seen])
    np.testing.assert_array_equal(result.scores, expected.scores[seen])
