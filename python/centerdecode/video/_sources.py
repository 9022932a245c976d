"""What FFmpeg is asked for, and what people are told of it."""

from __future__ import annotations

import re
from typing import NamedTuple

_DEVICE = "camera:"


class Address(NamedTuple):
    """url: for FFmpeg; form: which of its readers, None: it finds out; options: for it."""

    url: str
    form: str | None
    options: dict[str, str]


def of_file(path: str) -> str:
    """For FFmpeg, which would take what is before a colon for a protocol."""
    return path if "://" in path else f"file:{path}"


def of_camera(source: str | int) -> Address:
    text = f"{_DEVICE}{source}" if isinstance(source, int) else source
    if text.startswith(_DEVICE):
        text = f"/dev/video{text[len(_DEVICE) :]}"
    if text.startswith("/dev/"):
        return Address(text, "v4l2", {})
    return Address(text, None, {"rtsp_transport": "tcp"} if text.startswith("rtsp") else {})


def shown(source: str | int) -> str:
    """A source without the name and password that its address may have."""
    return re.sub(r"//[^/]*@", "//", str(source))
