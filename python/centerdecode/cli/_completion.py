"""`centerdecode --print-completion SHELL`: what a shell is to source."""

from __future__ import annotations

import argparse
from typing import Any

from .._lazy import require
from .console import CommandError

SHELLS = ("bash", "zsh", "fish", "tcsh")
_FOLDERS = {"DIR"}
_FILES = {"IMAGE", "FILE", "M", "coco|FILE"}  # the metavars of arguments that name a file


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The completion of all commands and their arguments, by shtab.

    Raises:
        CommandError: shtab is missing.
    """
    try:
        shtab = require("shtab", "shtab", "cli")
    except ImportError as error:
        raise CommandError(str(error)) from None
    _say_what_are_files(parser, shtab)
    text: str = shtab.complete(parser, shell)
    return text


def _say_what_are_files(parser: argparse.ArgumentParser, shtab: Any) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _say_what_are_files(command, shtab)
        elif action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
