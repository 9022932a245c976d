"""A cluster of Ray on this machine for tests, and what its actors run there."""

import os
import signal
import sys
import time
import warnings
from pathlib import Path

import pyarrow as pa
from centerdecode.adapters.ray import DetectorActor


class Telling(DetectorActor):
    """An actor that tells with how many threads it infers, and which process it is."""

    def __call__(self, batch):
        table = super().__call__(batch)
        own = self.detector.compiled_model.get_property
        told = own("INFERENCE_NUM_THREADS"), own("ENABLE_CPU_PINNING"), os.getpid()
        for name, value in zip(("threads", "pinned", "pid"), told, strict=True):
            table = table.append_column(name, pa.array([value] * len(table)))
        return table


class Dying:
    """A worker that a certain row kills."""

    def __init__(self, poison):
        self._poison = poison

    def __call__(self, batch):
        if self._poison in batch["row"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return pa.table({"row": batch["row"], "error": pa.nulls(len(batch["row"]), pa.string())})

    def lost(self, batch, why):
        return pa.table({"row": batch["row"], "error": [why] * len(batch["row"])})


def begin(folder):
    """Begin a cluster of three CPUs here, of which nobody is told, and return Ray."""
    import ray
    import ray.data

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import it
    with warnings.catch_warnings():
        # It asks itself for the options that it has deprecated.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"ray\.data")
        ray.data.DataContext.get_current()
    ray.init(
        address="local",
        num_cpus=3,
        object_store_memory=100 * 2**20,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        _temp_dir=str(folder),
    )
    return ray


def actors():
    """Return the processes of actors of Ray Data below this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "cmdline").read_bytes()
            parents = [int(folder.name)]
            while parents[-1] > 1:
                stat = Path(f"/proc/{parents[-1]}/stat").read_text()
                parents.append(int(stat.rpartition(")")[2].split()[1]))
        except OSError:  # it has ended meanwhile
            continue
        if name.startswith(b"ray::MapWorker") and os.getpid() in parents:
            found.append(parents[0])
    return found


def kill_one_when(condition):
    """Wait, and kill an actor that is alive then; return its process."""
    end = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
    victim = actors()[0]
    os.kill(victim, signal.SIGKILL)
    return victim
