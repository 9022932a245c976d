"""What the tests share: the ISA fixture, heads to decode, the optional test data."""

import faulthandler
import importlib.util
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import centerdecode
import hypothesis
import numpy as np
import pytest
from centerdecode import cli

ROOT = Path(__file__).resolve().parents[1]
ELEMENT_TYPES = ["f32", "f16", "bf16"]
SPECIALS = [-np.inf, -1, -0.0, 0.0, 1, np.inf, np.nan]

# How the cells of a heatmap are filled; each is a trap of its own.
FILLS = {
    "noise": lambda rng, shape: rng.normal(size=shape),
    "plateaus": lambda rng, shape: rng.integers(-2, 3, size=shape) / 2,
    "sparse": lambda rng, shape: np.where(rng.random(shape) < 0.03, rng.random(shape), -9),
    "flat": lambda rng, shape: np.ones(shape),
    "zeros": lambda rng, shape: rng.choice([0.0, -0.0], size=shape),
    "nan": lambda rng, shape: np.where(rng.random(shape) < 0.1, np.nan, rng.normal(size=shape)),
    "inf": lambda rng, shape: np.where(rng.random(shape) < 0.1, np.inf, -rng.random(shape)),
    "mixed": lambda rng, shape: rng.choice(SPECIALS, size=shape),
}

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=200)
hypothesis.settings.load_profile("ci")


@pytest.fixture(params=centerdecode.supported_isas())
def isa(request):
    """Run the test once per instruction set that this machine can execute."""
    with centerdecode.use_isa(request.param):
        yield request.param


@pytest.fixture(scope="session")
def test_data():
    """The folder of real models and photos, which is not part of the project."""
    path = Path(os.environ.get("CENTERDECODE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no test data at {path}; set CENTERDECODE_TEST_DATA")
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The arguments of a CENTERNET model that finds BOX in everything."""
    from command_line import CENTERNET, save

    return save(CENTERNET, tmp_path_factory.mktemp("model") / "tiny.xml")


@pytest.fixture(scope="session")
def extension(tmp_path_factory):
    """The library of OpenVINO's operation, compiled once, in a cache of the session's own."""
    from centerdecode import graph

    if not (shutil.which("cmake") and (shutil.which("c++") or "CXX" in os.environ)):
        pytest.skip("needs CMake and a C++ compiler")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield graph.build_extension()


@pytest.fixture
def run(capsys):
    """Run a command of the command line, and return its status, stdout and stderr."""

    def run(*arguments):
        status = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def cluster():
    """Ray, connected to a cluster of this machine."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="r") as folder:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_BACKEND_LOG_LEVEL", "fatal")
        patch.setenv("RAY_AUTH_MODE", "token")  # else Ray would keep one in the home
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        import clusters  # imports Ray, which has read these then

        ray = clusters.begin(folder)
        yield ray
        ray.shutdown()


@pytest.fixture
def deadline():
    """End the run with the stacks of all threads, rather than wait for ever for one."""
    faulthandler.dump_traceback_later(60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def fill(name, shape, seed=0):
    """Return a float32 array of the shape; the same one for the same arguments."""
    values = FILLS[name](np.random.default_rng([seed, *shape]), shape)
    return np.asarray(values, dtype=np.float32)


def store(values, element_type):
    """Return float32 values as a tensor of the type holds them: bf16 as its 16 bits."""
    values = np.asarray(values, dtype=np.float32)
    if element_type == "bf16":
        return (values.view(np.uint32) >> 16).astype(np.uint16)
    with np.errstate(over="ignore"):  # too large for f16 is infinite
        return values.astype({"f32": np.float32, "f16": np.float16}[element_type])


def meaning(stored, element_type):
    """Return what `store` gave as the numbers that it stands for."""
    if element_type == "bf16":
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float32)


def channels_last(head):
    """Return an NCHW head as an NHWC one of its own memory."""
    return np.ascontiguousarray(np.moveaxis(head, -3, -1))


def assert_same(found, expected, note=""):
    """Assert that two tuples of arrays are equal in shape, type and every element."""
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype, note
        np.testing.assert_array_equal(ours, theirs, strict=True, err_msg=note)


def arrays_of(detections):
    """Return Detections as the oracle gives them."""
    return detections.xyxy, detections.scores, detections.class_ids


def tensor_of(values, element_type):
    """Return float32 values as an ov.Tensor of the type, truncated where it is bf16."""
    import openvino

    tensor = openvino.Tensor(getattr(openvino.Type, element_type), openvino.Shape(values.shape))
    bits = np.uint32 if element_type == "f32" else np.uint16
    tensor.data.view(bits)[...] = store(values, element_type).view(bits)
    return tensor


def compile_heads(element_type, shape=(1, 6, 12, 17)):
    """Return a compiled model that cuts its input into the outputs hm, wh and reg."""
    import openvino
    from openvino import opset13

    whole = opset13.parameter(shape, np.float32, name="x")
    heads = [opset13.convert(part, element_type) for part in opset13.split(whole, 1, 3).outputs()]
    for head, name in zip(heads, ("hm", "wh", "reg"), strict=True):
        head.output(0).set_names({name})
    model = openvino.Model(heads, [whole])
    return openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
