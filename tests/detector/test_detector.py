"""A detector turns images into detections that are its caller's own, whoever calls it and how."""

import gc
import pickle
import subprocess
import sys
import threading
import weakref

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from support import models

IMAGE = np.zeros((*models.NETWORK, 3), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 3), np.uint8)


@pytest.fixture
def model():
    return models.constant(models.outputs(families.CENTERNET))


@pytest.fixture
def path(model, tmp_path):
    """Return the model as a file."""
    model.set_rt_info("cat dog mouse", ["model_info", "labels"])
    ov.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    return tmp_path / "model.xml"


def watch(**options):
    """Return a detector whose scores are all bytes of the image."""
    return cd.Detector(models.mirror(), family=models.MIRROR, **(models.ALL_CELLS | options))


def same(found, expected):
    """Assert that two Detections are equal to the last bit."""
    assert found.xyxy.tolist() == expected.xyxy.tolist()
    assert found.scores.tolist() == expected.scores.tolist()
    assert found.class_ids.tolist() == expected.class_ids.tolist()


def test_the_detector_takes_a_path_a_model_and_a_compiled_model(model, path):
    family = families.CENTERNET
    forms = [str(path), path, model, ov.Core().read_model(path), ov.compile_model(model, "CPU")]
    forms.append(ov.Core().compile_model(path, "CPU"))
    for form in forms:
        found = cd.Detector(form, family=family)(IMAGE)
        np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)
        assert found.class_ids.tolist() == [1]
        assert (found.xyxy.dtype, found.xyxy.shape) == (np.float32, (1, 4))


def test_the_detector_takes_an_onnx_file(tmp_path):
    onnx = pytest.importorskip("onnx", reason="writing an ONNX file takes the onnx package")
    models.save_onnx(onnx, models.outputs(families.CENTERNET), tmp_path / "m.onnx")
    found = cd.Detector(tmp_path / "m.onnx")(IMAGE)
    np.testing.assert_allclose(found.xyxy, [models.BOX], rtol=1e-6)


def test_the_detector_does_not_change_the_model_it_is_given():
    def facts(model):
        ports = [*model.inputs, *model.outputs]
        return [(port.names, str(port.partial_shape), port.element_type) for port in ports] + [
            op.get_type_name() for op in model.get_ordered_ops()
        ]

    model = models.mirror((-1, 3, -1, -1))
    before = facts(model)
    wishes = {"size": (8, 8), "mean": 5, "color": "RGB"}
    cd.Detector(model, family=models.MIRROR, **wishes)(NOISE[0])
    assert facts(model) == before
    compiled = ov.compile_model(models.mirror(), "CPU")
    before = [str(port) for port in [*compiled.inputs, *compiled.outputs]]
    cd.Detector(compiled, family=models.MIRROR, mean=5)(NOISE[0])
    assert [str(port) for port in [*compiled.inputs, *compiled.outputs]] == before


def test_the_detector_says_what_is_no_model(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model: no file '.*none\.xml'"):
        cd.Detector(tmp_path / "none.xml")
    with pytest.raises(TypeError, match=r"model must be a path, an openvino\.Model or .*, got int"):
        cd.Detector(3)
    two_inputs = models.constant(models.outputs(families.CENTERNET))
    second, _ = models.image_input((1, 3, 8, 8))
    two_inputs.add_parameters([second])
    with pytest.raises(ValueError, match="model must have one input, an image; got"):
        cd.Detector(two_inputs)


@pytest.mark.parametrize("output_type", ["f16", "bf16"])
def test_the_detector_reads_heads_of_16_bits(output_type):
    # 1.875 is 0x3f80 as f16, and 1.0 is that as bf16: NumPy shows both as float16.
    model = models.mirror(output_type=output_type)
    for form in (model, ov.compile_model(model, "CPU")):
        found = cd.Detector(form, family=models.MIRROR, scale=128, **models.ALL_CELLS)(NOISE[0])
        expected = np.sort(NOISE[0].ravel())[::-1] / 128
        assert found.scores.tolist() == expected.tolist()


def test_the_detectors_results_are_not_touched_by_the_next_image():
    detector = watch()
    first = detector(NOISE[0])
    columns = (first.xyxy, first.scores, first.class_ids)
    kept = [column.copy() for column in columns]
    for image in NOISE[1:]:
        detector(image)
    for column, copy in zip(columns, kept, strict=True):
        np.testing.assert_array_equal(column, copy)
        column[:] = 0  # and are the caller's to write
    same(detector(NOISE[0]), watch()(NOISE[0]))


def test_the_detector_serves_many_threads():
    detector = watch()
    expected = [detector(image).scores for image in NOISE]
    wrong, start = [], threading.Barrier(8)

    def work(first):
        start.wait()
        for i in [*range(first, len(NOISE)), *range(first)] * 4:
            scores = detector(NOISE[i]).scores
            if not np.array_equal(scores, expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(3 * i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_the_detector_keeps_the_order_of_images_and_frames():
    detector = watch()
    expected = [detector(image) for image in NOISE]
    for found in (detector.predict(NOISE), detector.predict(iter(NOISE)), detector.stream(NOISE)):
        for ours, theirs in zip(found, expected, strict=True):
            same(ours, theirs)
    assert detector.predict([]) == []


def test_the_detector_streams_frames_as_they_come():
    def frames():
        for i, image in enumerate(NOISE):
            taken.append(i)
            yield image

    taken = []
    stream = watch().stream(frames())
    next(stream)
    assert len(taken) < len(NOISE)
    stream.close()


def test_the_detector_is_closed_once_its_context_ends():
    with watch() as detector:
        assert len(detector(NOISE[0])) == 192
    uses = [lambda: detector(NOISE[0]), lambda: detector.predict([NOISE[0]])]
    uses += [lambda: detector.compiled_model, lambda: pickle.dumps(detector)]
    for use in uses:
        with pytest.raises(RuntimeError, match="this Detector is closed"):
            use()
    detector.close()


def test_the_detector_lets_its_model_go_when_closed():
    detector = watch()
    detector(NOISE[0])
    compiled = weakref.ref(detector.compiled_model)
    detector.close()
    gc.collect()
    assert compiled() is None


def test_the_detector_pickles_by_recipe(path):
    options = {"score_threshold": 0.5, "top_k": 7, "classes": iter([1]), "labels": ["a", "b", "c"]}
    detector = cd.Detector(path, resize="letterbox", mean=3, clip=True, precision="f32", **options)
    again = pickle.loads(pickle.dumps(detector))
    narrow = IMAGE[:, :16]  # it lies 16 pixels from the left, and BOX begins at 15
    same(again(narrow), detector(narrow))
    assert again(narrow).xyxy.tolist() == [[0, 10, 11, 18]]
    assert (again.family, again.labels) == (detector.family, ["a", "b", "c"])
    assert again.family.mean == (3.0, 3.0, 3.0)
    for model in (ov.Core().read_model(path), ov.compile_model(path, "CPU")):
        unpathed = cd.Detector(model, family=families.CENTERNET)
        with pytest.raises(TypeError, match="pickles only when it was made from a path, got"):
            pickle.dumps(unpathed)


def test_the_detector_says_where_the_time_went():
    detector = watch()
    assert detector.timings == (0, 0, 0)
    detector(NOISE[0])
    assert all(0 < seconds < 60 for seconds in detector.timings)
    assert detector.timings._fields == ("preprocess", "infer", "decode")


def test_the_detector_knows_its_labels(model, path):
    assert cd.Detector(model).labels == ["cat", "dog", "mouse"]
    assert cd.Detector(path).labels == ["cat", "dog", "mouse"]
    assert cd.Detector(path, labels=("a", "b", "c")).labels == ["a", "b", "c"]
    assert watch().labels is None
    with pytest.raises(TypeError, match="labels must be a list of names, got 'cat'"):
        cd.Detector(path, labels="cat")


def test_the_detector_passes_its_options_to_the_decoder():
    image = np.zeros((8, 8, 3), np.uint8)
    image[1, 1:3] = [100, 150, 200]  # twice the same in a row
    image[6, 6] = [90, 250, 50]

    def scores(**options):
        family = models.MIRROR.replace(window=3)
        options = {"family": family, "score_threshold": 1, **options}
        return cd.Detector(models.mirror(), **options)(image).scores.tolist()

    assert scores() == [250, 200, 150, 100, 90, 50]
    assert scores(score_threshold=100) == [250, 200, 150, 100]
    assert scores(score_threshold=100.5) == [250, 200, 150]
    assert scores(top_k=2) == [250, 200]
    assert scores(top_k=0) == []
    assert scores(classes=[0, 2]) == [200, 100, 90, 50]
    assert scores(plateaus="keep") == [250, 200, 200, 150, 150, 100, 100, 90, 50]
    assert scores(best_class=True) == [250, 200]
    assert scores(max_per_class=1) == [250, 200, 100]
    with pytest.raises(ValueError, match="plateaus"):
        scores(plateaus="some")
    with pytest.raises(TypeError, match="threshold"):
        scores(threshold=0.5)


def test_the_detector_finds_nothing_where_nothing_is(model):
    found = cd.Detector(model, score_threshold=0.8)(IMAGE)
    assert (found.xyxy.shape, found.scores.shape, found.class_ids.shape) == ((0, 4), (0,), (0,))


def test_the_detector_clips_boxes_to_the_image_only_if_asked():
    arrays = models.outputs(families.CENTERNET)
    arrays["wh"][arrays["wh"] < 77] = 100  # cells, larger than the image
    model = models.constant(arrays)
    image = np.zeros((64, 48, 3), np.uint8)  # network (32, 48), so its zoom is 1 / 2
    options = {"resize": "letterbox"}  # and it lies 12 pixels from the left
    assert cd.Detector(model, clip=True, **options)(image).xyxy.tolist() == [[0, 0, 48, 64]]
    found = cd.Detector(model, **options)(image)
    assert found.xyxy.tolist() == [[-382, -372, 418, 428]]


def test_the_detector_infers_in_f32_on_cpu_unless_told_otherwise():
    hint = "INFERENCE_PRECISION_HINT"

    def precision(**options):
        return watch(**options).compiled_model.get_property(hint)

    assert precision() == ov.Type.f32
    assert precision(config={"NUM_STREAMS": 1}) == ov.Type.f32
    if "BF16" not in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor has no bf16 to be told to use")
    assert precision(precision="bf16") == ov.Type.bf16
    assert precision(config={hint: "bf16"}) == ov.Type.bf16
    assert precision(precision="f32", config={hint: "bf16"}) == ov.Type.bf16
    own = ov.properties.hint.inference_precision
    assert precision(config={own: ov.Type.bf16}) == ov.Type.bf16


def test_the_detector_uses_the_core_and_the_config_it_is_given(model):
    core = ov.Core()
    core.set_property("CPU", {"NUM_STREAMS": "2"})
    assert cd.Detector(model, core=core).compiled_model.get_property("NUM_STREAMS") == 2
    detector = cd.Detector(model, "CPU", config={"INFERENCE_NUM_THREADS": 1})
    assert detector.compiled_model.get_property("INFERENCE_NUM_THREADS") == 1


def test_the_detector_places_rows_of_detection_output():
    rows = np.zeros((1, 1, 5, 7), np.float32)
    rows[0, 0, :4] = [
        [0, 3, 0.5, 0.25, 0.5, 0.75, 1.5],
        [0, 1, 0.875, 0, 0, 0.5, 0.25],
        [0, 2, 0.625, 0.5, 0.5, 1, 1],
        [-1, 0, 0, 0, 0, 0, 0],
    ]
    rows[0, 0, 4] = [0, 9, 1, 0, 0, 1, 1]  # behind the end
    model = models.constant({"detection_out": rows})
    image = np.zeros((100, 200, 3), np.uint8)
    found = cd.Detector(model)(image)
    np.testing.assert_allclose(
        found.xyxy, [[0, 0, 100, 25], [100, 50, 200, 100], [50, 50, 150, 100]], rtol=1e-6
    )
    assert found.scores.tolist() == [0.875, 0.625, 0.5]
    assert found.class_ids.tolist() == [1, 2, 3]
    assert cd.Detector(model, score_threshold=0.625)(image).class_ids.tolist() == [1]
    assert cd.Detector(model, top_k=1)(image).class_ids.tolist() == [1]
    assert cd.Detector(model, classes=[3, 2])(image).class_ids.tolist() == [2, 3]


@pytest.mark.parametrize("shape", [(1, -1, -1, 3), (1, 64, 32, 3)], ids=str)
@pytest.mark.parametrize("keypoints", [True, False])
def test_the_detector_places_what_a_zoo_model_found(keypoints, shape):
    model = models.constant(models.zoo_outputs(keypoints), shape=shape, element_type="u8")
    detector = cd.Detector(model)
    assert detector.family == families.TF_ZOO
    for height, width in ((200, 400), (64, 32)):
        found = detector(np.zeros((height, width, 3), np.uint8))
        sides = np.float32([width, height, width, height])
        expected = [[0.25, 0, 0.75, 0.5], [0, 0.5, 0.25, 1]] * sides
        np.testing.assert_allclose(found.xyxy, expected, rtol=1e-6)
        assert found.scores.tolist() == [0.875, 0.5]  # and not the 0.9 behind the count
        assert found.class_ids.tolist() == [89, 0]
        if keypoints:
            expected = [[[0.5, 0.25], [0, 0]], [[0.25, 0.5], [0.125, 1]]] * sides[:2]
            np.testing.assert_allclose(found.keypoints, expected, rtol=1e-6)
            assert found.keypoint_scores.tolist() == [[0.25, 0], [0.75, 0.5]]
        else:
            assert found.keypoints is found.keypoint_scores is None


def test_the_detector_filters_and_clips_what_a_zoo_model_found():
    model = models.constant(models.zoo_outputs(False), shape=(1, 64, 32, 3), element_type="u8")
    image = np.zeros((64, 96, 3), np.uint8)
    options = {"resize": "letterbox", "score_threshold": 0.25, "classes": [0, 2]}
    found = cd.Detector(model, clip=True, **options)(image)
    assert found.scores.tolist() == [0.5, 0.25]  # the threshold is inclusive
    assert found.xyxy[1].tolist() == [0, 0, 96, 64]
    assert cd.Detector(model, top_k=1, **options)(image).scores.tolist() == [0.5]


LAZY = """
import sys
import centerdecode as cd
cd.Detector, cd.families.ALL, cd.Decoder(cd.families.CENTERNET)
assert not {"openvino", "cv2"} & sys.modules.keys(), "imported before it is needed"
try:
    cd.Detector("none.xml")
except FileNotFoundError:
    print("openvino" in sys.modules)
"""


def test_the_detector_imports_openvino_only_when_it_is_made():
    command = [sys.executable, "-c", LAZY]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "True\n"), run.stderr
