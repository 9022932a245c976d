"""The configuration with which a Detector compiles its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..families import one_of
from . import _cpus


def with_hints(
    config: Mapping[str, Any] | None, precision: str | None, hint: str | None, device: str
) -> dict[str, Any]:
    """`config` with INFERENCE_PRECISION_HINT, PERFORMANCE_HINT and, where there is a quota
    that OpenVINO does not see, INFERENCE_NUM_THREADS, unless it says these itself."""
    precision = precision or ("f32" if device == "CPU" else None)
    hints: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision} if precision else {}
    if hint is not None:
        one_of("hint", hint, ("latency", "throughput"))
        hints["PERFORMANCE_HINT"] = hint.upper()
    if device == "CPU" and _cpus.cpu_quota() is not None:
        hints |= _cpus.with_threads(None, _cpus.usable_cpus())
    return hints | dict(config or {})
