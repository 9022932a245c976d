"""Where the detections of each image go."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..console import bold
from ..inputs import Photo
from ..results import FORMATS, Format, Journal
from ._image_output import ImageOutput
from ._output_folder import FolderSink

Print = Callable[[str], None]


class Sink(Protocol):
    @property
    def todo(self) -> Sequence[Photo]:
        """The images that it has not yet."""

    @property
    def resumed(self) -> Mapping[Photo, int]:
        """Those that it has, and how many of their boxes were left out."""

    def take(self, output: ImageOutput) -> None:
        """Do what is to be done with what was made of an image, the next of `todo`."""

    def end(self) -> None:
        """Finish the files of what it took."""


def open_sink(
    args: argparse.Namespace, photos: Sequence[Photo], journal: Journal | None, show: Print
) -> Sink:
    """Tables, results on stdout, or a folder, as the arguments say.

    Args:
        journal: what is done, where there is a folder.
        show: prints a text for people.
    """
    if journal is not None:
        return FolderSink(args, photos, journal, lambda output: print_table(output, show))
    if args.format is not None:
        return _Stream(photos, FORMATS[args.format])
    return _Tables(photos, show)


def print_table(output: ImageOutput, show: Print) -> None:
    title, *rows = output.table.split("\n")
    show("\n".join([bold(title, sys.stdout), *rows]))


class _Tables:
    def __init__(self, photos: Sequence[Photo], show: Print) -> None:
        self.todo = photos
        self.resumed: Mapping[Photo, int] = {}
        self._show = show

    def take(self, output: ImageOutput) -> None:
        print_table(output, self._show)

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

    def take(self, output: ImageOutput) -> None:
        self._add(output.records)
        sys.stdout.flush()

    def end(self) -> None:
        self._open.close()
