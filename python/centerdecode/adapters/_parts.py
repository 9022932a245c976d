"""A folder of Parquet files to which a run adds, and with which another can go on."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._files import remove_unfinished, replacing
from .._lazy import require

_PART = re.compile(r"part-(\d+)\.parquet")
_SETTINGS = "run.json"


class Parts:
    """The parts of one run, which no other process can open meanwhile.

    Each is there whole or not at all, so what is in one is done. `run.json` holds the
    settings of the run.

    Args:
        key: the column that tells rows apart.
        settings: what decides on the results, as JSON can hold it.
        resume: go on with what is there; else there must be nothing.

    Raises:
        FileExistsError: there is a run, and `resume` was not asked for.
        ValueError: that run had other settings.
        RuntimeError: another process writes it.
        OSError: it cannot be written.
    """

    def __init__(
        self, folder: str | Path, key: str, settings: Mapping[str, Any], *, resume: bool
    ) -> None:
        self._folder = Path(folder)
        self._key = key
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = open(self._folder / _SETTINGS, "a+", encoding="utf-8")  # noqa: SIM115
        try:
            self._lock()
            remove_unfinished(self._folder)
            parts = self._parts()
            self._begin(settings, resume, bool(parts))
            self.done = self._keys(parts)
        except BaseException:
            self._file.close()
            raise
        self._next = 1 + max(parts, default=-1)

    def write(self, table: Any) -> None:
        """Add a part; it is on the disk when this returns."""
        parquet = require("pyarrow.parquet", "pyarrow", "interop")
        with replacing(self._path(self._next), "wb") as file:
            parquet.write_table(table, file)
            file.flush()
            os.fsync(file.fileno())
        self._next += 1

    def close(self) -> None:
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(f"output: another run is writing {self._folder}") from None

    def _begin(self, settings: Mapping[str, Any], resume: bool, begun: bool) -> None:
        if begun and not resume:
            raise FileExistsError(
                f"output: {self._folder} holds a run; go on with it by resume=True, or delete it"
            )
        now = json.loads(json.dumps(settings, default=str))
        if begun:
            self._file.seek(0)
            before = json.loads(self._file.read())
            changed = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
            if changed:
                told = ", ".join(f"{name} {before.get(name)!r}" for name in changed)
                raise ValueError(f"resume: the run of {self._folder} was begun with {told}")
            return
        self._file.truncate(0)
        json.dump(now, self._file, indent=1)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _parts(self) -> list[int]:
        names = (_PART.fullmatch(entry.name) for entry in os.scandir(self._folder))
        return sorted(int(name[1]) for name in names if name)

    def _keys(self, parts: list[int]) -> set[Any]:
        parquet = require("pyarrow.parquet", "pyarrow", "interop")
        keys: set[Any] = set()
        for number in parts:
            table = parquet.read_table(self._path(number), columns=[self._key])
            keys.update(table[self._key].to_pylist())
        return keys

    def _path(self, number: int) -> Path:
        return self._folder / f"part-{number:06d}.parquet"
