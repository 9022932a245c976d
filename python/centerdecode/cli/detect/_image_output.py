"""What a run writes of an image, made where it was looked at: beside the files, or far away."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from .. import drawing
from ..console import reason
from ..inputs import Photo
from ..results import FILES, FORMATS, Format, ImageResult, table


class ImageOutput(NamedTuple):
    """table: the rows for people.
    records: what the image adds to the results file.
    text: its own results file, where the format has one for each image.
    picture: its annotated picture, encoded, where there is a folder for it.
    left_out: how many boxes were not finite, and are in none of them.
    """

    photo: Photo
    table: str
    records: list[str]
    text: str | None
    picture: bytes | None
    left_out: int


class ImageFailure(NamedTuple):
    """An image of which nothing came: what cannot be used, and why."""

    photo: Photo
    place: str
    why: str


def make_output(found: ImageResult, args: argparse.Namespace) -> ImageOutput:
    """What the arguments ask for."""
    form, file = format_of(args), FILES.get(args.format)
    picture = None
    if args.output is not None:
        picture = drawing.encode(drawing.draw(found), found.photo.ending)
    return ImageOutput(
        found.photo,
        table(found),
        [] if form is None else form.records(found),
        None if file is None else file[1](found),
        picture,
        found.left_out,
    )


def format_of(args: argparse.Namespace) -> Format | None:
    """That of the results file; None: there is none."""
    return FORMATS.get(args.format or ("json" if args.output is not None else ""))


def failure_of(photo: Photo, error: BaseException) -> ImageFailure:
    return ImageFailure(photo, getattr(error, "filename", None) or photo.path, reason(error))
