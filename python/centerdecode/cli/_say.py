"""How a command speaks of what went wrong."""

from __future__ import annotations

import sys


class CommandError(Exception):
    """Nothing can be done: `main` prints the message and returns 2."""


def complain(message: str) -> None:
    print(f"centerdecode: error: {message}", file=sys.stderr, flush=True)


def reason(error: Exception) -> str:
    """What an error says, without OpenVINO's source lines around it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("Exception from ", "Check '"))]
    return " ".join(told) or str(error) or type(error).__name__
