"""How many CPUs this process may use, which is not how many there are."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def usable_cpus(root: str | Path = "/") -> int:
    """The CPUs to which the scheduler may send this process, or fewer where the quota of a
    control group, as of a container, is less: what is over a quota waits, and with it the
    threads that wait for it. Part of a CPU counts as one.

    Args:
        root: of the file system.
    """
    cpus = len(os.sched_getaffinity(0))
    quota = cpu_quota(root)
    return cpus if quota is None else max(1, min(cpus, math.ceil(quota)))


def with_threads(config: Mapping[str, Any] | None, count: int) -> dict[str, Any]:
    """OpenVINO's configuration of the CPU with so many threads, unless it says itself, and
    without binding them: of fewer threads than CPUs those of every process are bound to
    the same ones, the first.
    """
    return {"INFERENCE_NUM_THREADS": count, "ENABLE_CPU_PINNING": False} | dict(config or {})


def cpu_quota(root: str | Path = "/") -> float | None:
    """The smallest quota of the control groups of this process, and of those they are in,
    in CPUs; None: there is none. Version 1 and 2 of the interface, or both.
    """
    quotas = []
    for folder in _groups(Path(root)):
        limit, period = _words(folder / "cpu.max", 2)
        if limit is None:
            (limit,), (period,) = (
                _words(folder / f"cpu.cfs_{name}_us", 1) for name in ("quota", "period")
            )
        # No limit is "max" in version 2 and -1 in version 1.
        if limit is not None and period is not None and limit.isdigit() and int(limit) > 0:
            quotas.append(int(limit) / int(period))
    return min(quotas, default=None)


def _groups(root: Path) -> Iterator[Path]:
    """The folders of the groups that may limit this process, from its own to the outermost.

    In a container its path may be that of the host, of which nothing is seen but the end.
    """
    paths: dict[str, str] = {}
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        paths |= dict.fromkeys(controllers.split(","), path)
    for line in _lines(root / "proc/self/mountinfo"):
        mount, _, kind = line.partition(" - ")
        system, _, options = kind.split(" ", 2)
        controller = {"cgroup2": "", "cgroup": "cpu"}.get(system)
        if controller in paths and (not controller or controller in options.split(",")):
            top = root / mount.split(" ")[4].lstrip("/")
            own = Path(paths[controller].lstrip("/"))
            yield from (top / folder for folder in (own, *own.parents))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # no such system
        return []


def _words(path: Path, count: int) -> list[str | None]:
    """The words of a file of one line; None for each where there is no such file."""
    found = " ".join(_lines(path)).split()
    return [*found] if len(found) == count else [None] * count
