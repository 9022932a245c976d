"""The folder of --output: pictures, results, and the journal of what of a run is done."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..._files import remove_unfinished, replacing
from ..console import CommandError, reason
from ..inputs import Photo, refuse_to_overwrite
from ..results import FILES, Item, Journal
from ._image_output import ImageOutput, format_of

JOURNAL = "detections.partial"


@contextlib.contextmanager
def journal_of(
    args: argparse.Namespace, items: Sequence[Item], settings: Mapping[str, Any]
) -> Iterator[Journal]:
    """The journal of a run in its folder, which is made. It stays where a run is stopped
    of which something is done.

    Args:
        items: what is to be done; those that are images are not written over.

    Raises:
        CommandError: as `Journal`; or the folder cannot be made, or holds an image.
    """
    photos = [item for item in items if isinstance(item, Photo)]
    refuse_to_overwrite(photos, (os.path.join(args.output, photo.picture) for photo in photos))
    make(args.output)
    path = os.path.join(args.output, JOURNAL)
    with contextlib.closing(Journal(path, items, settings, args.resume)) as journal:
        remove_unfinished(args.output)
        try:
            yield journal
        except BaseException:
            if len(journal) == 0:
                journal.remove()
            raise
        journal.remove()


class FolderSink:
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
        journal: Journal,
        print_table: Callable[[ImageOutput], None],
    ) -> None:
        self._path = args.output
        self._photos = photos
        self._journal = journal
        self._form = format_of(args)
        self._file = FILES.get(args.format)
        self._print_table = print_table
        done = [photo for photo in photos if self._is_done(photo)]
        self.resumed = {photo: self._journal.read(photo)[0] for photo in done}
        self.todo = [photo for photo in photos if photo not in self.resumed]

    def take(self, output: ImageOutput) -> None:
        if output.text is not None:
            with replacing(self._in(self._text_name(output.photo))) as file:
                file.write(output.text)
        if output.picture is not None:
            with replacing(self._in(output.photo.picture), "wb") as file:
                file.write(output.picture)
        self._journal.add(output.photo, output.left_out, output.records)
        self._print_table(output)

    def end(self) -> None:
        """Write the results file."""
        if self._form is None:
            return
        path = self._in(f"detections.{self._form.ending}")
        with replacing(path, self._form.mode) as file:
            with self._form.writing(file, self._form) as add:
                for photo in self._photos:
                    if photo in self._journal:
                        add(self._journal.read(photo)[1])
            file.flush()
            os.fsync(file.fileno())  # before the journal, of which it is made, is removed

    def _is_done(self, photo: Photo) -> bool:
        names = [photo.picture] if self._file is None else [photo.picture, self._text_name(photo)]
        return photo in self._journal and all(os.path.exists(self._in(name)) for name in names)

    def _text_name(self, photo: Photo) -> str:
        return f"{photo.name}.{self._file[0]}" if self._file else ""

    def _in(self, name: str) -> str:
        return os.path.join(self._path, name)


def make(folder: str) -> None:
    """Raises:
    CommandError: --output cannot be a folder.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--output: {folder}: {reason(error)}") from None
