"""Which images a command is to look at."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..console import CommandError

_ENDINGS = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


class Photo(NamedTuple):
    """An image file; `name` differs from that of every other of the run, also
    without its ending and in any case of its letters."""

    path: str
    name: str
    image_id: int

    @property
    def ending(self) -> str:
        """That of its picture: its own, if it is that of an image."""
        own = Path(self.path).suffix.lower()
        return own if own in _ENDINGS else ".png"

    @property
    def picture(self) -> str:
        return self.name + self.ending


def find_images(arguments: Iterable[str], skip: str | None) -> tuple[list[Photo], list[str]]:
    """The images of files and folders, each once, and the folders without any.

    Args:
        skip: a folder that is not gone into: the pictures of the last run.
    """
    paths: dict[str, str] = {}
    barren = []
    for argument in arguments:
        found = [*files_below(argument, skip)] if os.path.isdir(argument) else [argument]
        if not found:
            barren.append(argument)
        for path in found:
            paths.setdefault(os.path.realpath(path), path)
    unique = list(paths.values())
    own = unique_names(Path(path).stem for path in unique)
    return [Photo(*row) for row in zip(unique, own, _ids(unique), strict=True)], barren


def refuse_to_overwrite(photos: Iterable[Photo], targets: Iterable[str]) -> None:
    """Raises:
    CommandError: one of the files that will be written is an image that is read.
    """
    sources = {os.path.realpath(photo.path): photo.path for photo in photos}
    for target in targets:
        if os.path.realpath(target) in sources:
            raise CommandError(f"--output: {target} is one of the images; choose another folder")


def files_below(
    folder: str,
    skip: str | None,
    endings: Container[str] = frozenset(_ENDINGS),
    on_error: Callable[[OSError], object] | None = None,
) -> Iterator[str]:
    """The files below a folder that have one of the endings.

    Args:
        skip: a folder below it to leave out; None: no folder.
        on_error: a callable that gets the error of each folder that cannot be read.
    """
    skipped = skip and os.path.realpath(skip)
    for parent, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = sorted(
            name
            for name in folders
            if name[0] != "." and os.path.realpath(os.path.join(parent, name)) != skipped
        )
        for name in sorted(files):
            path = os.path.join(parent, name)
            wanted = name[0] != "." and Path(name).suffix.lower() in endings
            # What is no file, as a pipe, might never end; a link to nothing is worth a word.
            if wanted and (os.path.isfile(path) or os.path.islink(path)):
                yield path


def unique_names(stems: Iterable[str]) -> list[str]:
    """Names that differ: the second "street" becomes "street_2"."""
    taken: set[str] = set()
    found = []
    for stem in stems:
        name = stem
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}_{count}"
        taken.add(name.casefold())
        found.append(name)
    return found


def _ids(paths: list[str]) -> list[int]:
    """The number that ends a file's name, else the lowest that no other file has."""
    owners: dict[int, str] = {}
    for path in paths:
        # No more digits than fit in the 64 bits of whoever reads them.
        number = re.search(r"(?<![0-9])[0-9]{1,18}$", Path(path).stem)
        if number:
            owners.setdefault(int(number[0]), path)
    ids = {path: number for number, path in owners.items()}
    free = (number for number in itertools.count(1) if number not in owners)
    return [ids[path] if path in ids else next(free) for path in paths]
