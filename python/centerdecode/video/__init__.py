"""Videos and cameras: frames in, annotated videos out, by PyAV.

    >>> from centerdecode.video import Camera, Video, VideoWriter
    >>> video = Video("street.mp4")
    >>> for detections in detector.stream(video):
    ...     print(len(detections))

    >>> with Camera("rtsp://192.168.0.20/stream", retries=None) as camera:
    ...     for detections in detector.stream(camera):
    ...         print(len(detections), camera.dropped, camera.reconnects)

Pictures are (H, W, 3) uint8, BGR, upright, as a `Detector` takes them. PyAV comes
with the extra `cli` and is imported when something is opened. What goes wrong on
the way is logged by the logger `centerdecode.video`.
"""

from ._camera import Camera
from ._frames import Frame
from ._reader import Video
from ._sources import shown
from ._writer import VideoWriter

__all__ = ["Camera", "Frame", "Video", "VideoWriter", "shown"]
