"""`centerdecode detect` on videos and cameras."""

from ._detect_videos import add_video_arguments, run_videos
from ._video_targets import check_targets, is_video

__all__ = [
    "add_video_arguments",
    "check_targets",
    "is_video",
    "run_videos",
]
