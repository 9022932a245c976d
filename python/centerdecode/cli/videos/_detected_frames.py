"""The frames of a video or a camera, as many as are wanted, with their detections."""

from __future__ import annotations

import argparse
import itertools
from collections import deque
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from ...video import Camera, Frame, Video

Source: TypeAlias = Camera | Video


def limited(args: argparse.Namespace, source: Source) -> Iterator[Frame]:
    frames = itertools.islice(source.frames(), args.frames)
    if args.duration is None or isinstance(source, Camera):
        return frames
    return itertools.takewhile(lambda frame: frame.time < args.duration, frames)


def expected(args: argparse.Namespace, video: Video) -> int | None:
    """How many frames there are to come, about."""
    counts = [video.frame_count, args.frames]
    if args.duration is not None:
        counts.append(round(args.duration * video.fps))
    return min((count for count in counts if count is not None), default=None)


def pairs(
    detector: cd.Detector, frames: Iterator[Frame], live: bool
) -> Iterator[tuple[Frame, cd.Detections]]:
    """Each frame with its detections; a stream takes frames before it gives results, but
    those of a camera would be old by then."""
    waiting: deque[Frame] = deque()

    def images() -> Iterator[NDArray[np.uint8]]:
        for frame in frames:
            waiting.append(frame)
            yield frame.image

    for detections in detector.stream(images(), max_in_flight=1 if live else None):
        yield waiting.popleft(), detections
