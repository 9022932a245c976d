"""Files that are there whole or not at all, and whether they changed."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

_numbers = itertools.count()
_UNFINISHED = re.compile(r"\.centerdecode-\d+-\d+(\.video)?\.tmp")


@contextlib.contextmanager
def replacing(path: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file that takes the place of `path` when the block ends well; when it ends
    by an exception, what was there stays.

    Args:
        mode: "w" for UTF-8 text, "wb" for bytes.
    """
    path = Path(path)
    # Beside it, because os.replace does not cross file systems.
    unfinished = path.with_name(f".centerdecode-{os.getpid()}-{next(_numbers)}.tmp")
    # A file name that is not UTF-8 is written as the bytes that it is.
    text = {} if "b" in mode else {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}
    try:
        with open(unfinished, mode, **text) as file:  # type: ignore[call-overload]
            yield file
        os.replace(unfinished, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        if isinstance(error, OSError) and error.filename == str(unfinished):
            error.filename = str(path)
        raise


def remove_unfinished(folder: str | Path) -> None:
    """Remove what a killed process had begun to write there. No other may be writing."""
    for entry in os.scandir(folder):
        if _UNFINISHED.fullmatch(entry.name):
            os.unlink(entry.path)


def states_of(model: str | Path) -> dict[str, list[int] | None]:
    """Size and time of the files of a model, by their real paths; None: there is none."""
    path = os.path.realpath(model)
    return {name: _state(name) for name in (path, str(Path(path).with_suffix(".bin")))}


def _state(path: str) -> list[int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return [status.st_size, status.st_mtime_ns]
