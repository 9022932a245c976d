"""A progress bar, and printing that does not tear it."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Generator, Iterable, Iterator
from typing import IO, Any, TypeVar

from ..._lazy import require
from ._console import error_text

T = TypeVar("T")
_FEW = 4


class Progress:
    """A bar on stderr if there is much to do and somebody to watch it.

    Args:
        total: how many there are; None: unknown, there is a bar without an end.
        unit: what they are.
        quiet: say nothing but complaints.
        wanted: whether there may be a bar.
    """

    def __init__(
        self,
        total: int | None,
        *,
        unit: str = "image",
        quiet: bool = False,
        wanted: bool = True,
    ) -> None:
        self._quiet = quiet
        self._bar: Any = None
        few = total is not None and total <= _FEW
        if wanted and not quiet and not few and sys.stderr.isatty():
            try:
                tqdm = require("tqdm", "tqdm", "cli").tqdm
            except ImportError:  # a bar is not worth an error
                return
            self._bar = tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True)

    def over(self, items: Iterable[T]) -> Generator[T, None, None]:
        try:
            for item in items:
                yield item
                if self._bar is not None:
                    self._bar.update()
        finally:
            if self._bar is not None:
                self._bar.close()

    def print(self, text: str, file: IO[str] | None = None) -> None:
        """Print above the bar."""
        if not self._quiet:
            self._print(text, file or sys.stdout)

    def info(self, message: str) -> None:
        """Print how it goes on stderr, which is not the results."""
        self.print(f"centerdecode: {message}", file=sys.stderr)

    def error(self, message: str) -> None:
        self._print(error_text(message), sys.stderr)

    def _print(self, text: str, file: IO[str]) -> None:
        if self._bar is None:
            print(text, file=file)
        else:
            self._bar.write(text, file=file)


@contextlib.contextmanager
def shown_logs(progress: Progress) -> Iterator[None]:
    """Let the user see what the library logs of videos and cameras."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            wrong = record.levelno >= logging.WARNING
            (progress.error if wrong else progress.info)(record.getMessage())

    handler = Handler(logging.INFO)
    log = logging.getLogger("centerdecode.video")
    level, propagate = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = propagate
