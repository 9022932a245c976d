"""Work on rows that may end the process that does it, so that it does not end all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from .._lazy import require

# How often a row is begun alone. Ray begins what a dead worker had again, and for ever.
_TRIES = 2


class Worker(Protocol):
    """What is done in an actor."""

    def __call__(self, batch: Mapping[str, Any]) -> Any:
        """A `pyarrow.Table` with a row for each of the batch."""

    def lost(self, batch: Mapping[str, Any], why: str) -> Any:
        """The same for rows that cannot be worked on."""


class Begun:
    """Which rows were begun and not ended: an actor that outlives those that work."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Any, ...]] = Counter()

    def begin(self, keys: tuple[Any, ...]) -> int:
        """How often these were begun, this time among them."""
        self._counts[keys] += 1
        return self._counts[keys]

    def end(self, keys: tuple[Any, ...]) -> None:
        del self._counts[keys]


class Guarded:
    """A worker whose rows are done one by one after it died of a batch, so that the row it
    dies of is found, and given up.

    Args:
        key: the column that tells rows apart.
        begun: the handle of a `Begun`.
    """

    def __init__(
        self, worker: type[Worker], arguments: Mapping[str, Any], key: str, begun: Any
    ) -> None:
        self._worker = worker(**arguments)
        self._key = key
        self._begun = begun

    def __call__(self, batch: Mapping[str, Any]) -> Any:
        if self._key not in batch:
            raise ValueError(f"key must be one of {[*batch]}, got {self._key!r}")
        return self._done(batch)

    # Ray lets calls of the object itself wait for each other: it is not for recursion.
    def _done(self, batch: Mapping[str, Any]) -> Any:
        ray = require("ray", "ray[data]", "ray")
        pa = require("pyarrow", "pyarrow", "ray")
        keys = tuple(batch[self._key].tolist())
        times = ray.get(self._begun.begin.remote(keys))
        if len(keys) > 1 and times > 1:
            rows = ({n: c[i : i + 1] for n, c in batch.items()} for i in range(len(keys)))
            done = pa.concat_tables([self._done(row) for row in rows])
        elif times > _TRIES:
            done = self._worker.lost(batch, f"its worker died of it {_TRIES} times")
        else:
            done = self._worker(batch)
        self._begun.end.remote(keys)
        return done
