"""Which images, videos and cameras a command is to read."""

from ._image_inputs import Photo, find_images, refuse_to_overwrite
from ._video_inputs import VIDEO_ENDINGS, VideoInput, find_videos

__all__ = [
    "VIDEO_ENDINGS",
    "Photo",
    "VideoInput",
    "find_images",
    "find_videos",
    "refuse_to_overwrite",
]
