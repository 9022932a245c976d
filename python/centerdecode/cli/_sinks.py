"""Where the detections of each image go."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from . import _picture
from ._files import replacing
from ._images import Photo, refuse_to_overwrite
from ._results import FORMATS, Found, table, writing, yolo
from ._say import CommandError, reason

Sink: TypeAlias = Callable[[Found], None]


def open_sinks(
    args: argparse.Namespace,
    photos: Sequence[Photo],
    say: Callable[[str], None],
    stack: contextlib.ExitStack,
) -> list[Sink]:
    """What is done with the detections of an image, in this order.

    Args:
        say: prints a text for people.
        stack: closes what this opens.

    Raises:
        CommandError: --output cannot be a folder, or holds one of the images.
        OSError: the results file cannot be written.
    """

    def say_table(found: Found) -> None:
        say(table(found))

    if args.output is None and args.format is None:
        return [say_table]
    if args.output is None:
        return [stack.enter_context(writing(sys.stdout, FORMATS[args.format]))]

    def path(name: str) -> str:
        return os.path.join(args.output, name)

    def write_picture(found: Found) -> None:
        content = _picture.encode(_picture.draw(found), found.photo.ending)
        with replacing(path(found.photo.picture), "wb") as file:
            file.write(content)

    def write_yolo(found: Found) -> None:
        with replacing(path(f"{found.photo.name}.txt")) as file:
            file.write(yolo(found))

    refuse_to_overwrite(photos, (path(photo.picture) for photo in photos))
    _make(args.output)
    if args.format == "txt":
        return [write_yolo, write_picture, say_table]
    form = FORMATS[args.format or "json"]
    file = stack.enter_context(replacing(path(f"detections.{form.ending}")))
    return [stack.enter_context(writing(file, form)), write_picture, say_table]


def _make(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--output: {folder}: {reason(error)}") from None
