"""A progress bar, and printing that does not tear it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import IO, Any, TypeVar

from .._lazy import require
from ._say import complain

T = TypeVar("T")
_FEW = 4


class Progress:
    """A bar on stderr if there is much to do and somebody to watch it."""

    def __init__(self, total: int, *, wanted: bool = True) -> None:
        self._bar: Any = None
        if wanted and total > _FEW and sys.stderr.isatty():
            try:
                tqdm = require("tqdm", "tqdm", "cli").tqdm
            except ImportError:  # a bar is not worth an error
                return
            self._bar = tqdm(total=total, unit="image", file=sys.stderr, dynamic_ncols=True)

    def over(self, items: Iterable[T]) -> Iterator[T]:
        try:
            for item in items:
                yield item
                if self._bar is not None:
                    self._bar.update()
        finally:
            if self._bar is not None:
                self._bar.close()

    def say(self, text: str, file: IO[str] | None = None) -> None:
        """Print above the bar."""
        if self._bar is None:
            print(text, file=file)
        else:
            self._bar.write(text, file=file)

    def complain(self, message: str) -> None:
        if self._bar is None:
            complain(message)
        else:
            self._bar.write(f"centerdecode: error: {message}", file=sys.stderr)
