"""As many threads as there are CPUs for them: by affinity, by quotas of control groups, by the user."""

import os

import centerdecode as cd
import openvino as ov
import pytest
from centerdecode.detector import _cpus
from support import models

V1 = "30 24 0:27 / {} rw,nosuid - cgroup cgroup rw,cpu,cpuacct"
V2 = "31 24 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
# Also one whose name is no text, and lines that are none.
OTHERS = [
    "22 1 8:1 / / rw,relatime - ext4 /dev/root rw",
    "23 1 8:2 / /\udcff rw - ext4  rw",
    "7",
    "",
]
MEMORY = "33 24 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
CPU = "/sys/fs/cgroup/cpu,cpuacct"

# Of each case what the system says, and the quota in CPUs.
CASES = {
    "no control groups": ({}, None),
    "version 2, no limit": ({"sys/fs/cgroup/a/cpu.max": "max 100000"}, None),
    "version 2": ({"sys/fs/cgroup/a/cpu.max": "150000 100000"}, 1.5),
    "version 2, by the group around it": (
        {"sys/fs/cgroup/a/cpu.max": "max 100000", "sys/fs/cgroup/cpu.max": "50000 100000"},
        0.5,
    ),
    "version 2, the tighter of two": (
        {"sys/fs/cgroup/a/cpu.max": "300000 100000", "sys/fs/cgroup/cpu.max": "400000 200000"},
        2.0,
    ),
    "version 2, a container sees the end of its path only": (
        {"sys/fs/cgroup/cpu.max": "200000 100000"},
        2.0,
    ),
    "version 1": (
        {f"{CPU[1:]}/b/cpu.cfs_quota_us": "250000", f"{CPU[1:]}/b/cpu.cfs_period_us": "100000"},
        2.5,
    ),
    "version 1, no limit": (
        {f"{CPU[1:]}/b/cpu.cfs_quota_us": "-1", f"{CPU[1:]}/b/cpu.cfs_period_us": "100000"},
        None,
    ),
    "a quota that is none": ({"sys/fs/cgroup/a/cpu.max": "² 100000"}, None),
    "a period that is none": ({"sys/fs/cgroup/a/cpu.max": "100000 0"}, None),
    "half a line": ({"sys/fs/cgroup/a/cpu.max": "100000"}, None),
    "the group of another controller": ({"sys/fs/cgroup/memory/a/cpu.max": "1 1"}, None),
}


def system(root, files):
    """Write what a process in group a of version 2 and b of version 1 sees below the root."""
    if files:
        files = files | {
            "proc/self/cgroup": "5:memory:/a\n?\n\n4:cpu,cpuacct:/b\n0::/a\n",
            "proc/self/mountinfo": "\n".join([*OTHERS, MEMORY, V1.format(CPU), V2]),
        }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, errors="surrogateescape")


@pytest.mark.parametrize(("files", "quota"), CASES.values(), ids=CASES)
def test_the_quota_of_control_groups(tmp_path, files, quota):
    system(tmp_path, files)
    assert _cpus.cpu_quota(tmp_path) == quota


@pytest.mark.parametrize(("quota", "cpus"), [("10", 1), ("100", 1), ("101", 2), ("900", 5)])
def test_a_part_of_a_cpu_counts_as_one(tmp_path, monkeypatch, quota, cpus):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 4, 6, 8})
    system(tmp_path, {"sys/fs/cgroup/a/cpu.max": f"{quota} 100"})
    assert _cpus.usable_cpus(tmp_path) == cpus


def test_where_nothing_limits_it_is_the_affinity(tmp_path):
    assert _cpus.usable_cpus(tmp_path) == len(os.sched_getaffinity(0))


def threads(**options):
    detector = cd.Detector(models.mirror(), family=models.MIRROR, **options)
    return detector.compiled_model.get_property("INFERENCE_NUM_THREADS")


def test_a_detector_keeps_to_the_quota_unless_it_is_told(monkeypatch):
    monkeypatch.setattr(_cpus, "cpu_quota", lambda root="/": 0.5)
    assert threads() == 1
    assert threads(config={"INFERENCE_NUM_THREADS": 2}) == 2
    monkeypatch.setattr(_cpus, "cpu_quota", lambda root="/": None)
    free = ov.Core().compile_model(models.mirror(), "CPU")
    assert threads() == free.get_property("INFERENCE_NUM_THREADS")
