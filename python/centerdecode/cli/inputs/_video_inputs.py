"""Which videos and cameras a command is to look at."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ...video import shown
from ._image_inputs import files_below, unique_names

# The containers that people have; FFmpeg knows many more, which can be named one by one.
VIDEO_ENDINGS = {
    ".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
    ".ogv", ".ts", ".webm", ".wmv",
}  # fmt: skip
_LIVE = re.compile(r"camera:\d+|/dev/video\d+|[a-z][a-z0-9+.-]*://.*", re.IGNORECASE)


class VideoInput(NamedTuple):
    """A video file or a camera; `name` differs from that of every other of the run."""

    source: str
    name: str
    live: bool

    @property
    def shown(self) -> str:
        """The source as it may be seen: without a password."""
        return shown(self.source)


def find_videos(
    arguments: Iterable[str], skip: str | None
) -> tuple[list[VideoInput], list[str], list[OSError]]:
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
            inside = [*files_below(argument, skip, VIDEO_ENDINGS, closed.append)]
            sources |= {os.path.realpath(path): path for path in inside}
            if not inside or any(files_below(argument, skip)):
                rest.append(argument)
        elif _is_live(argument):
            sources.setdefault(argument, argument)
        elif Path(argument).suffix.lower() in VIDEO_ENDINGS:
            sources.setdefault(os.path.realpath(argument), argument)
        else:
            rest.append(argument)
    unique = list(sources.values())
    # A folder may hold detections.json of images.
    names = unique_names(["detections", *map(_stem, unique)])[1:]
    videos = [VideoInput(s, name, _is_live(s)) for s, name in zip(unique, names, strict=True)]
    return videos, rest, closed


def _is_live(source: str) -> bool:
    """An address of a whole video is a video."""
    return bool(_LIVE.fullmatch(source)) and not (
        source.lower().startswith("http") and Path(urlsplit(source).path).suffix in VIDEO_ENDINGS
    )


def _stem(source: str) -> str:
    """What a file of that source is called; never a password."""
    if "://" not in source:
        return Path(source).stem.replace(":", "_")
    parts = urlsplit(source)
    return Path(parts.path).stem or parts.hostname or "camera"
