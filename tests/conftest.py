"""The fixtures that tests share: instruction sets, the optional test data, a model, a cluster."""

import faulthandler
import importlib.util
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import centerdecode
import hypothesis
import pytest
from centerdecode import cli

pytest.register_assert_rewrite("support")  # helpers assert, too
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
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("CENTERDECODE_TEST_DATA", beside))
    if not path.is_dir():
        pytest.skip(f"no test data at {path}; set CENTERDECODE_TEST_DATA")
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The arguments of a CENTERNET model that finds BOX in everything."""
    from support.command_line import CENTERNET, save

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
        from support.servers import clusters  # imports Ray, which has read these then

        ray = clusters.begin(folder)
        yield ray
        ray.shutdown()


@pytest.fixture
def deadline():
    """End the run with the stacks of all threads, rather than wait for ever for one."""
    faulthandler.dump_traceback_later(60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
