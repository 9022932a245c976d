"""Ray as this package uses it: one cluster a process, and rows spread over its actors."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

from .._lazy import require
from ..detector import usable_cpus, with_threads
from ._guard import Begun, Guarded, Worker


def ray() -> Any:
    """The module, with its `data`."""
    require("ray.data", "ray[data]", "ray")
    return require("ray", "ray[data]", "ray")


def connect(address: str | None = None) -> None:
    """Use the cluster this process is connected to already; else that of the address; else
    the one that runs on this machine or that RAY_ADDRESS names; else begin one here, of as
    many CPUs as this process may use, that tells nobody of its use.

    Raises:
        ConnectionError: there is none at the address.
    """
    own = ray()
    if own.is_initialized():
        return
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address != "local":
        try:
            own.init(address=address or "auto", **quiet)
            return
        except ConnectionError:
            if address is not None:
                raise
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own.init(address="local", num_cpus=usable_cpus(), include_dashboard=False, **quiet)


def workers_for(cpus: float, *, reserved: float = 0) -> int:
    """How many actors of so many CPUs the cluster has room for, at least one.

    Args:
        reserved: CPUs that are for others.
    """
    total = ray().cluster_resources().get("CPU", 0) - reserved
    return max(1, int(total // cpus))


def assigned_cpus() -> int:
    """The CPUs that Ray assigned to the actor or task that asks, at least one, and at most
    as many as its process may use. Of what is no worker of Ray: as many as it may use."""
    own, usable = ray(), usable_cpus()
    context = own.get_runtime_context()
    if not own.is_initialized() or context.worker.mode != own._private.worker.WORKER_MODE:
        return usable
    assigned = context.get_assigned_resources().get("CPU", usable)
    return max(1, min(int(assigned), usable))


def config_for_worker(config: Mapping[str, Any] | None, device: str) -> dict[str, Any]:
    """OpenVINO's configuration of a worker: it does not heed the OMP_NUM_THREADS by which
    Ray tells other libraries how many threads they may have."""
    return with_threads(config, assigned_cpus()) if device == "CPU" else dict(config or {})


def spread(
    dataset: Any,
    worker: type[Worker],
    arguments: Mapping[str, Any],
    *,
    key: str,
    workers: int,
    cpus: float,
    batch_size: int,
) -> Iterator[Any]:
    """What workers make of the batches of a dataset: a `pyarrow.Table` for each block, in
    the order of the dataset, when it is there. What a worker had that dies is begun again.

    Args:
        key: the column that tells rows apart.
        workers: how many actors, each of `cpus` CPUs.
    """
    own = ray()
    begun = own.remote(num_cpus=0)(Begun).remote()
    made = dataset.map_batches(
        Guarded,
        fn_constructor_args=(worker, dict(arguments), key, begun),
        compute=own.data.ActorPoolStrategy(size=workers),
        num_cpus=cpus,
        batch_size=batch_size,
        batch_format="numpy",
    )
    made.context.execution_options.preserve_order = True
    yield from made.iter_batches(batch_size=None, batch_format="pyarrow")


def dataset_of(columns: Mapping[str, Any], batch_size: int) -> Any:
    """A dataset of which each block is a batch.

    Args:
        columns: lists of values.
    """
    own, pa = ray(), require("pyarrow", "pyarrow", "ray")
    table = pa.table(columns)
    starts = range(0, max(1, len(table)), batch_size)
    return own.data.from_arrow([table.slice(start, batch_size) for start in starts])


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Let Ray Data say nothing on the terminal, and have no bars there."""
    log = logging.getLogger("ray.data")
    context = ray().data.DataContext.get_current()
    level, bars = log.level, context.enable_progress_bars
    log.setLevel(logging.CRITICAL)
    context.enable_progress_bars = False
    try:
        yield
    finally:
        log.setLevel(level)
        context.enable_progress_bars = bars
