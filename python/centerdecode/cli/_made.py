"""What a run writes of an image, made where it was looked at: beside the files, or far away."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from . import _picture
from ._images import Photo
from ._format import Format, Found
from ._results import FILES, FORMATS, table
from ._say import reason


class Made(NamedTuple):
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


class Lost(NamedTuple):
    """An image of which nothing came: what cannot be used, and why."""

    photo: Photo
    place: str
    why: str


def make(found: Found, args: argparse.Namespace) -> Made:
    """What the arguments ask for."""
    form, file = form_of(args), FILES.get(args.format)
    picture = None
    if args.output is not None:
        picture = _picture.encode(_picture.draw(found), found.photo.ending)
    return Made(
        found.photo,
        table(found),
        [] if form is None else form.records(found),
        None if file is None else file[1](found),
        picture,
        found.left_out,
    )


def form_of(args: argparse.Namespace) -> Format | None:
    """That of the results file; None: there is none."""
    return FORMATS.get(args.format or ("json" if args.output is not None else ""))


def lost(photo: Photo, error: BaseException) -> Lost:
    return Lost(photo, getattr(error, "filename", None) or photo.path, reason(error))
