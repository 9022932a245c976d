"""Where the detections of each image go."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ._folder import Folder
from ._images import Photo
from ._journal import Journal
from ._made import Made
from ._format import Format
from ._results import FORMATS
from ._say import bold

Say = Callable[[str], None]


class Sink(Protocol):
    @property
    def todo(self) -> Sequence[Photo]:
        """The images that it has not yet."""

    @property
    def resumed(self) -> Mapping[Photo, int]:
        """Those that it has, and how many of their boxes were left out."""

    def take(self, made: Made) -> None:
        """Do what is to be done with what was made of an image, the next of `todo`."""

    def end(self) -> None:
        """Finish the files of what it took."""


def open_sink(
    args: argparse.Namespace, photos: Sequence[Photo], journal: Journal | None, say: Say
) -> Sink:
    """Tables, results on stdout, or a folder, as the arguments say.

    Args:
        journal: what is done, where there is a folder.
        say: prints a text for people.
    """
    if journal is not None:
        return Folder(args, photos, journal, lambda made: say_table(made, say))
    if args.format is not None:
        return _Stream(photos, FORMATS[args.format])
    return _Tables(photos, say)


def say_table(made: Made, say: Say) -> None:
    title, *rows = made.table.split("\n")
    say("\n".join([bold(title, sys.stdout), *rows]))


class _Tables:
    def __init__(self, photos: Sequence[Photo], say: Say) -> None:
        self.todo = photos
        self.resumed: Mapping[Photo, int] = {}
        self._say = say

    def take(self, made: Made) -> None:
        say_table(made, self._say)

    def end(self) -> None:
        pass


class _Stream:
    """Results on stdout, as they come."""

    def __init__(self, photos: Sequence[Photo], form: Format) -> None:
        self.todo = photos
        self.resumed: Mapping[Photo, int] = {}
        self._form = form
        self._open = contextlib.ExitStack()
        self._add = self._open.enter_context(form.writing(sys.stdout, form))

    def take(self, made: Made) -> None:
        self._add(made.records)
        sys.stdout.flush()

    def end(self) -> None:
        self._open.close()
