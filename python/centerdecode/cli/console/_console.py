"""How a command speaks: of what went wrong, and in colors where somebody sees them."""

from __future__ import annotations

import os
import sys
from typing import IO


class CommandError(Exception):
    """Nothing can be done: `main` prints the message and returns 2."""


def print_error(message: str) -> None:
    print(error_text(message), file=sys.stderr, flush=True)


def error_text(message: str) -> str:
    return f"{_styled('centerdecode: error:', '1;31', sys.stderr)} {message}"


def bold(text: str, file: IO[str]) -> str:
    return _styled(text, "1", file)


def reason(error: BaseException) -> str:
    """What an error says, without OpenVINO's source lines around it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = [line.strip() for line in str(error).splitlines()]
    kept = [line for line in lines if line and not line.startswith(("Exception from ", "Check '"))]
    return " ".join(kept) or str(error) or type(error).__name__


def _styled(text: str, style: str, file: IO[str]) -> str:
    """The text in an ANSI style if the file is a terminal, and https://no-color.org allows."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not file.isatty()
    return text if plain else f"\x1b[{style}m{text}\x1b[0m"
