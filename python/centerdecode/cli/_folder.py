"""The folder of --output: pictures, results, and what of a run is done."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._files import remove_unfinished, replacing
from ._images import Photo, refuse_to_overwrite
from ._journal import Journal
from ._made import Made, form_of
from ._results import FILES
from ._say import CommandError, reason

JOURNAL = "detections.partial"


class Folder:
    """A sink that a killed run leaves so that another can go on with it.

    The files of an image are written before the journal says that it is done, and the
    results file is made of the journal when all is done: each is there whole or not
    at all, and the same whether the run was resumed or not.

    resumed: the images that were done before, with how many boxes were left out.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        photos: Sequence[Photo],
        settings: Mapping[str, Any],
        say_table: Callable[[Made], None],
    ) -> None:
        self._path = args.output
        self._photos = photos
        self._form = form_of(args)
        self._file = FILES.get(args.format)
        self._say_table = say_table
        refuse_to_overwrite(photos, (self._in(photo.picture) for photo in photos))
        _make(self._path)
        self._journal = Journal(self._in(JOURNAL), photos, settings, args.resume)
        remove_unfinished(self._path)
        done = [photo for photo in photos if self._is_done(photo)]
        self.resumed = {photo: self._journal.read(photo)[0] for photo in done}
        self.todo = [photo for photo in photos if photo not in self.resumed]

    def take(self, made: Made) -> None:
        if made.text is not None:
            with replacing(self._in(self._text_name(made.photo))) as file:
                file.write(made.text)
        if made.picture is not None:
            with replacing(self._in(made.photo.picture), "wb") as file:
                file.write(made.picture)
        self._journal.add(made.photo, made.left_out, made.records)
        self._say_table(made)

    def end(self, complete: bool) -> None:
        """Write the results file; the journal stays where the run is not complete."""
        if self._form is not None:
            path = self._in(f"detections.{self._form.ending}")
            with replacing(path, self._form.mode) as file:
                with self._form.writing(file, self._form) as add:
                    for photo in self._photos:
                        if photo in self._journal:
                            add(self._journal.read(photo)[1])
                file.flush()
                os.fsync(file.fileno())  # before what it was made of is removed
        if complete:
            self._journal.remove()

    def close(self) -> None:
        self._journal.close()

    def _is_done(self, photo: Photo) -> bool:
        names = [photo.picture] if self._file is None else [photo.picture, self._text_name(photo)]
        return photo in self._journal and all(os.path.exists(self._in(name)) for name in names)

    def _text_name(self, photo: Photo) -> str:
        return f"{photo.name}.{self._file[0]}" if self._file else ""

    def _in(self, name: str) -> str:
        return os.path.join(self._path, name)


def _make(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--output: {folder}: {reason(error)}") from None
