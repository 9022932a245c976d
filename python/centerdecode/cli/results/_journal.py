"""What is done of a run, an image or a video a line, so that a killed run can go on.

The first line holds the settings of the run; each other one an image, and what it
adds to the results file, or a video. A line counts when its end is there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ..console import CommandError

# An image or a video: the path, the name in the results, and the image_id or whether it is live.
Item: TypeAlias = tuple[str, str, int]


class Journal:
    """The journal of one run, which no other process can open meanwhile.

    Args:
        items: what there is to do; each begins with the path of its file.
        settings: what decides on the results, as JSON can hold it.
        resume: go on with what is there; else there must be nothing.

    Raises:
        CommandError: another run writes it; there is an unfinished run and `resume`
            was not asked for, or that run had other settings.
        OSError: it cannot be written.
    """

    def __init__(
        self, path: str, items: Sequence[Item], settings: Mapping[str, Any], resume: bool
    ) -> None:
        self._path = path
        # As the files are now: one that changes later will not be taken for done.
        self._keys = {item: _key(item) for item in items}
        self._offsets: dict[str, int] = {}
        # Unbuffered, so that a line is there when add() returns; until close().
        self._file = open(path, "a+b", buffering=0)  # noqa: SIM115
        try:
            self._lock()
            self._begin(settings, resume)
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        return len(self._offsets)

    def __contains__(self, item: Item) -> bool:
        return self._keys[item] in self._offsets

    def add(self, item: Item, left_out: int, records: Sequence[str] = ()) -> None:
        """Note that an image or a video is done.

        Args:
            left_out: how many of its boxes were.
            records: what it adds to the results file.
        """
        self._offsets[self._keys[item]] = self._append([self._keys[item], left_out, records])

    def read(self, item: Item) -> tuple[int, list[str]]:
        """`left_out` and `records` of one that is done."""
        with open(self._path, "rb") as file:
            file.seek(self._offsets[self._keys[item]])
            _, left_out, records = json.loads(file.readline())
        return left_out, records

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        """Nobody will go on with the run."""
        os.unlink(self._path)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"--output: another run is writing {self._path}") from None

    def _begin(self, settings: Mapping[str, Any], resume: bool) -> None:
        lines = dict(_lines(self._path))
        begun = lines.pop(0, None)
        if lines and not resume:
            raise CommandError(
                f"--output: {self._path} is of a run that was not finished; go on with it "
                "by --resume, or delete it"
            )
        if not lines:
            self._file.truncate(0)
            self._append(settings)
            return
        _check_settings(self._path, begun, settings)
        # A line that was cut short would swallow the next one.
        self._file.truncate(_whole(self._path))
        for offset, line in lines.items():
            match line:
                case [str(key), int(), [*_]]:  # else a loss of power left something else
                    self._offsets[key] = offset

    def _append(self, value: object) -> int:
        """Write a line, all of it or nothing, and return where it begins."""
        offset = os.fstat(self._file.fileno()).st_size
        line = json.dumps(value).encode("ascii") + b"\n"
        try:
            if os.write(self._file.fileno(), line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._path)
        except OSError:
            self._file.truncate(offset)
            raise
        return offset


def _key(item: Item) -> str:
    """What an item must keep to stay done: the file, and what it is called in the results."""
    try:
        status = os.stat(item[0])
    except OSError:  # reading it will say why
        return json.dumps([*item, None, None])
    return json.dumps([*item, status.st_size, status.st_mtime_ns])


def _lines(path: str) -> Iterator[tuple[int, Any]]:
    """The values of the lines that are whole, by where they begin."""
    offset = 0
    with open(path, "rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                # What a loss of power left is not done.
                with contextlib.suppress(ValueError, RecursionError):
                    yield offset, json.loads(line)
            offset += len(line)


def _whole(path: str) -> int:
    """Where the last line that has its end ends."""
    with open(path, "rb") as file:
        return sum(len(line) for line in file if line.endswith(b"\n"))


def _check_settings(path: str, begun: Any, settings: Mapping[str, Any]) -> None:
    before = begun if isinstance(begun, dict) else {}
    now = json.loads(json.dumps(settings))
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if changed:
        earlier = ", ".join(f"{name} {_brief(before.get(name))}" for name in changed)
        raise CommandError(
            f"--resume: the run of {path} was begun with {earlier}; go on with that, or delete the file"
        )


def _brief(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
