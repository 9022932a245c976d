"""Inferences of one model in a queue of requests, with something done after each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._prepared_model import PreparedModel

_SLICES = 5  # that the runs take turns in
_WANTED = ("INFERENCE_PRECISION_HINT", "PERFORMANCE_HINT", "NUM_STREAMS", "INFERENCE_NUM_THREADS")


class Timings(NamedTuple):
    """Seconds of each request, from its start to the end of its callback, and of all."""

    latencies: list[float]
    seconds: float

    @property
    def throughput(self) -> float:
        return len(self.latencies) / self.seconds


class InferenceRuns:
    """The queue that all runs of a model share."""

    def __init__(self, prepared: PreparedModel, requests: int | None) -> None:
        import openvino as ov

        self._compiled = prepared.detector.compiled_model
        self._tensor = prepared.tensor
        self._queue = ov.AsyncInferQueue(self._compiled, requests or 0)

    def infer(self) -> Any:
        """One finished request."""
        request = self._compiled.create_infer_request()
        request.infer([self._tensor])
        return request

    def configuration(self) -> dict[str, str | int]:
        """What the device made of the wishes."""
        found: dict[str, str | int] = {"requests": len(self._queue)}
        for name in _WANTED:
            try:
                value = self._compiled.get_property(name)
            except RuntimeError:  # a property that this device has not
                continue
            if hasattr(value, "get_type_name"):
                value = value.get_type_name()
            found[name.lower()] = value if isinstance(value, int) else str(value)
        return found

    def measure(
        self,
        ways: Mapping[str, Callable[[Any], Any] | None],
        *,
        count: int | None,
        seconds: float,
        report: Callable[[str], Any],
    ) -> dict[str, Timings]:
        """Run each way for `count` images, or else for `seconds`, in slices that
        take turns.

        Args:
            ways: by name, what is done in the callback of a request; None: nothing.
        """
        slices = _SLICES if count is None else max(1, min(_SLICES, count // (4 * len(self._queue))))
        found: dict[str, Timings] = {name: Timings([], 0.0) for name in ways}
        for way in ways.values():
            self._slice(way, len(self._queue), 0.0)
        for i in range(slices):
            for name, way in ways.items():
                report(f"{name}, {i + 1} of {slices}")
                share = 0 if count is None else count * (i + 1) // slices - count * i // slices
                new = self._slice(way, share, 0.0 if count else seconds / slices)
                old = found[name]
                found[name] = Timings(old.latencies + new.latencies, old.seconds + new.seconds)
        return found

    def _slice(self, way: Callable[[Any], Any] | None, count: int, seconds: float) -> Timings:
        """At least `count` images and `seconds`."""
        latencies: list[float] = []

        def done(request: Any, start: float) -> None:
            if way is not None:
                way(request)
            latencies.append(time.perf_counter() - start)

        self._queue.set_callback(done)
        began, started = time.perf_counter(), 0
        while started < count or time.perf_counter() - began < seconds:
            self._queue.get_idle_request_id()  # waits; a latency begins after it
            self._queue.start_async([self._tensor], time.perf_counter(), share_inputs=True)
            started += 1
        self._queue.wait_all()
        return Timings(latencies, time.perf_counter() - began)
