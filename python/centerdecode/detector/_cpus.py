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
        words = _words(folder / "cpu.max") or [
            word for name in ("quota", "period") for word in _words(folder / f"cpu.cfs_{name}_us")
        ]
        # No limit is "max" in version 2 and -1 in version 1.
        match [int(word) for word in words if word.isascii() and word.isdigit()]:
            case limit, period if limit > 0 and period > 0:
                quotas.append(limit / period)
    return min(quotas, default=None)


def _groups(root: Path) -> Iterator[Path]:
    """The folders of the groups that may limit this process, from its own to the outermost.

    In a container its path may be that of the host, of which nothing is seen but the end.
    """
    paths: dict[str, str] = {}
    for line in _lines(root / "proc/self/cgroup"):
        match line.split(":", 2):
            case _, controllers, path:
                paths |= dict.fromkeys(controllers.split(","), path)
    for line in _lines(root / "proc/self/mountinfo"):
        match line.split(" "):
            case _, _, _, _, mount, *_, "-", "cgroup2", _, _:
                controller = ""
            case _, _, _, _, mount, *_, "-", "cgroup", _, options if "cpu" in options.split(","):
                controller = "cpu"
            case _:
                continue
        if controller in paths:
            top = root / mount.lstrip("/")
            own = Path(paths[controller].lstrip("/"))
            yield from (top / folder for folder in (own, *own.parents))


def _lines(path: Path) -> list[str]:
    try:
        return os.fsdecode(path.read_bytes()).split("\n")
    except OSError:  # no such system
        return []


def _words(path: Path) -> list[str]:
    """Those of a file; none where there is no such file."""
    return " ".join(_lines(path)).split()
