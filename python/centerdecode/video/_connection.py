"""One connection to a camera, until it breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from ._frames import pyav
from ._sources import Address


def connection(address: Address, timeout: float, closed: Callable[[], bool]) -> Iterator[Any]:
    """PyAV's frames, until the stream ends or `closed` says so.

    Raises:
        TimeoutError: for `timeout` seconds no frame came, whatever else did.
        FFmpegError, ValueError: it cannot be opened, breaks, or has no video.
    """
    av = pyav()
    url, form, options = address
    silence = f"no frame for {timeout:g} s"
    alive = time.monotonic()
    try:
        limits = (timeout, timeout)  # to open it, and for each packet
        with av.open(url, format=form, options=options, timeout=limits) as container:
            stream = container.streams.best("video")
            if stream is None:
                raise ValueError("no video in it")
            alive = time.monotonic()
            for packet in container.demux(stream):
                for frame in _decoded(packet):
                    yield frame
                    alive = time.monotonic()  # after it, because who takes it may be slow
                if closed():
                    return
                if time.monotonic() > alive + timeout:
                    raise TimeoutError(silence)
    except av.FFmpegError:
        # PyAV's timeout comes as whatever error the interrupted reader makes of it.
        if time.monotonic() < alive + timeout:
            raise
        raise TimeoutError(silence) from None


def _decoded(packet: Any) -> list[Any]:
    """Damaged packets are common on networks: the watchdog counts frames, not these."""
    try:
        frames: list[Any] = packet.decode()
    except pyav().error.InvalidDataError:
        return []
    return frames
