"""What was found in a video, in a line."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

import centerdecode as cd

from ...families import name_of
from ...video import Camera, Frame, Video
from ..inputs import Photo, VideoInput
from ..results import ImageResult, finite


class VideoSummary:
    """Counts frames and objects, and leaves out boxes that are not finite.

    Attributes:
        frames: how many there were.
        left_out: how many boxes were left out.
    """

    def __init__(self, video: VideoInput, labels: Sequence[str] | None) -> None:
        self.left_out = 0
        self._video = video
        self._labels = labels
        self._begun = time.perf_counter()
        self.frames = 0
        self._size = (0, 0)
        self._classes: Counter[int] = Counter()

    def take(self, frame: Frame, detections: cd.Detections) -> ImageResult:
        detections, left_out = finite(detections)
        self.left_out += left_out
        self.frames += 1
        self._size = frame.image.shape[:2]
        self._classes.update(detections.class_ids.tolist())
        photo = Photo(self._video.shown, self._video.name, frame.number)
        return ImageResult(
            photo=photo,
            image=frame.image,
            size=frame.image.shape[:2],
            detections=detections,
            labels=self._labels,
        )

    def line(self, source: Camera | Video) -> str:
        """Size, frames, speed, and the objects of each class in all frames together."""
        height, width = self._size
        seconds = time.perf_counter() - self._begun
        parts = [f"{width} x {height}", _count(self.frames, "frame")]
        parts.append(f"{self.frames / seconds:.1f} frames/s")
        if isinstance(source, Camera):
            parts += [f"{source.dropped} dropped", _count(source.reconnects, "reconnection")]
        parts += [
            f"{name_of(self._labels, class_id)} {count}"
            for class_id, count in self._classes.most_common()
        ]
        found = "" if self._classes else ", nothing found"
        return f"{self._video.shown}: {', '.join(parts)}{found}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
