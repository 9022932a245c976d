"""Where the results of videos and cameras go."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..video import VideoWriter
from ._films import VIDEO_ENDINGS, Film
from ._results import FORMATS
from ._say import CommandError

_FORMATS = ("json", "jsonl", "csv", "coco")


class Targets(NamedTuple):
    """The files of one film; None: not wanted."""

    video: str | None
    results: str | None


def is_video(output: str | None) -> bool:
    """Whether --output names one video, and not a folder."""
    ending = Path(output or "").suffix.lower()
    return ending in VIDEO_ENDINGS and not os.path.isdir(output or "")


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
