"""Which videos and cameras a command is to look at, and where their results go."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ..video import VideoWriter, shown
from . import _images
from ._results import FORMATS
from ._say import CommandError

# The containers that people have; FFmpeg knows many more, which can be named one by one.
_ENDINGS = {
    ".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
    ".ogv", ".ts", ".webm", ".wmv",
}  # fmt: skip
_LIVE = re.compile(r"camera:\d+|/dev/video\d+|[a-z][a-z0-9+.-]*://.*", re.IGNORECASE)
_FORMATS = ("json", "jsonl", "csv", "coco")


class Film(NamedTuple):
    """A video file or a camera; `name` differs from that of every other of the run."""

    source: str
    name: str
    live: bool

    @property
    def shown(self) -> str:
        """The source as it may be seen: without a password."""
        return shown(self.source)


class Targets(NamedTuple):
    """The files of one film; None: not wanted."""

    video: str | None
    results: str | None


def find(arguments: Iterable[str], skip: str | None) -> tuple[list[Film], list[str], list[OSError]]:
    """The videos among files and folders, and cameras, each once; the arguments that may
    be or hold images; and what keeps folders from being read.

    Args:
        skip: a folder that is not gone into.
    """
    sources: dict[str, str] = {}
    rest = []
    closed: list[OSError] = []
    for argument in arguments:
        if os.path.isdir(argument):
            inside = [*_images.inside(argument, skip, _ENDINGS, closed.append)]
            sources |= {os.path.realpath(path): path for path in inside}
            if not inside or any(_images.inside(argument, skip)):
                rest.append(argument)
        elif _is_live(argument):
            sources.setdefault(argument, argument)
        elif Path(argument).suffix.lower() in _ENDINGS:
            sources.setdefault(os.path.realpath(argument), argument)
        else:
            rest.append(argument)
    unique = list(sources.values())
    # A folder may hold detections.json of images.
    names = _images.names(["detections", *map(_stem, unique)])[1:]
    films = [Film(s, name, _is_live(s)) for s, name in zip(unique, names, strict=True)]
    return films, rest, closed


def is_video(output: str | None) -> bool:
    """Whether --output names one video, and not a folder."""
    ending = Path(output or "").suffix.lower()
    return ending in _ENDINGS and not os.path.isdir(output or "")


def check(args: argparse.Namespace, films: Sequence[Film], images: Sequence[str]) -> None:
    """Raises:
    CommandError: what is wished of videos cannot be.
    """
    one = is_video(args.output)
    if one and (len(films) != 1 or images):
        raise CommandError(f"--output {args.output} is one video: give it one, or name a folder")
    if not films:
        return
    form = args.format or "json"
    if form == "coco" and args.output is None and len(films) > 1:
        raise CommandError("--format coco numbers the frames of each video: it needs --output")
    if form not in _FORMATS:
        raise CommandError(f"--format {form}: for videos it is one of {', '.join(_FORMATS)}")
    if images and args.output is None and args.format is not None:
        raise CommandError("results of images and of videos are not one file: --output is needed")
    if one and Path(args.output).suffix.lower() not in VideoWriter.ENDINGS:
        endings = ", ".join(sorted(VideoWriter.ENDINGS))
        raise CommandError(f"--output {args.output} must end in {endings}")
    sources = {os.path.realpath(film.source) for film in films if not film.live}
    for film in films:
        video = targets(args, film).video
        if video is not None and os.path.realpath(video) in sources:
            raise CommandError(f"--output: {video} is one of the videos; choose another name")


def targets(args: argparse.Namespace, film: Film) -> Targets:
    if args.output is None:
        return Targets(None, None)
    if is_video(args.output):
        return Targets(args.output, None)
    own = Path(film.source).suffix.lower()
    ending = own if own in VideoWriter.ENDINGS and not film.live else ".mp4"
    results = f"{film.name}.{FORMATS[args.format or 'json'].ending}"
    return Targets(*(os.path.join(args.output, name) for name in (film.name + ending, results)))


def _is_live(source: str) -> bool:
    """An address of a whole video is a video."""
    return bool(_LIVE.fullmatch(source)) and not (
        source.lower().startswith("http") and Path(urlsplit(source).path).suffix in _ENDINGS
    )


def _stem(source: str) -> str:
    """What a file of that source is called; never a password."""
    if "://" not in source:
        return Path(source).stem.replace(":", "_")
    parts = urlsplit(source)
    return Path(parts.path).stem or parts.hostname or "camera"
