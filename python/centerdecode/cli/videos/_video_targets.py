"""Where the results of videos and cameras go."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...video import VideoWriter
from ..console import CommandError
from ..inputs import VIDEO_ENDINGS, VideoInput
from ..results import FORMATS

_FORMATS = ("json", "jsonl", "csv", "coco")


class Targets(NamedTuple):
    """The files of one video; None: not wanted."""

    video: str | None
    results: str | None


def is_video(output: str | None) -> bool:
    """Whether --output names one video, and not a folder."""
    ending = Path(output or "").suffix.lower()
    return ending in VIDEO_ENDINGS and not os.path.isdir(output or "")


def check_targets(
    args: argparse.Namespace, videos: Sequence[VideoInput], images: Sequence[str]
) -> None:
    """Raises:
    CommandError: what is wished of videos cannot be.
    """
    one = is_video(args.output)
    if one and (len(videos) != 1 or images):
        raise CommandError(f"--output {args.output} is one video: give it one, or name a folder")
    if not videos:
        return
    form = args.format or "json"
    if form == "coco" and args.output is None and len(videos) > 1:
        raise CommandError("--format coco numbers the frames of each video: it needs --output")
    if form not in _FORMATS:
        raise CommandError(f"--format {form}: for videos it is one of {', '.join(_FORMATS)}")
    if images and args.output is None and args.format is not None:
        raise CommandError("results of images and of videos are not one file: --output is needed")
    if one and Path(args.output).suffix.lower() not in VideoWriter.ENDINGS:
        endings = ", ".join(sorted(VideoWriter.ENDINGS))
        raise CommandError(f"--output {args.output} must end in {endings}")
    sources = {os.path.realpath(video.source) for video in videos if not video.live}
    for video in videos:
        target = targets_of(args, video).video
        if target is not None and os.path.realpath(target) in sources:
            raise CommandError(f"--output: {target} is one of the videos; choose another name")


def targets_of(args: argparse.Namespace, video: VideoInput) -> Targets:
    if args.output is None:
        return Targets(None, None)
    if is_video(args.output):
        return Targets(args.output, None)
    own = Path(video.source).suffix.lower()
    ending = own if own in VideoWriter.ENDINGS and not video.live else ".mp4"
    results = f"{video.name}.{FORMATS[args.format or 'json'].ending}"
    return Targets(*(os.path.join(args.output, name) for name in (video.name + ending, results)))
