"""The sound of one file, put into another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from ._frames import log, pyav
from ._sources import of_file

_REFUSED = {"mov": {"flac", "libopus", "opus", "truehd"}}  # though its list has them


class Sound:
    """Every audio track of a file on its way into another.

    Packets go over as they are. A track of a codec that the other file cannot hold
    is encoded again, with that format's own codec, and this is logged.

    Args:
        path: the file with the sound.
        output: the other, not begun yet.
    """

    def __init__(self, path: str, output: Any) -> None:
        av = pyav()
        self._source = av.open(of_file(path), metadata_errors="replace")
        self._start = (self._source.start_time or 0) / 1e6
        self._tracks = {}
        for stream in self._source.streams.audio:
            if stream.codec_context is None:
                log.warning("%s: an audio track of unknown codec is left out", path)
            elif _holds(output, stream.codec_context.name):
                self._tracks[stream.index] = _copying(stream, output)
            else:
                name = stream.codec_context.name
                log.info(
                    "%s: %s cannot hold %s audio; it is encoded again as %s",
                    path, output.format.name, name, output.default_audio_codec,
                )  # fmt: skip
                self._tracks[stream.index] = _encoding(stream, output)
        self._packets = self._demux()
        self._next = next(self._packets, None)

    def advance(self, seconds: float) -> None:
        """Write what is heard before this time, which counts from the file's start."""
        while self._next is not None:
            if _time(self._next) - self._start >= seconds:
                return
            self._tracks[self._next.stream.index](self._next, self._start)
            self._next = next(self._packets, None)

    def close(self, seconds: float = math.inf) -> None:
        """Write the rest, up to this time."""
        self.advance(seconds)
        for track in self._tracks.values():
            track(None, self._start)
        self._source.close()

    def _demux(self) -> Iterator[Any]:
        if not self._tracks:
            return
        try:
            for packet in self._source.demux(*(self._source.streams[i] for i in self._tracks)):
                if packet.dts is not None:
                    yield packet
        except pyav().FFmpegError:  # what reads the pictures of this file says so
            return


def _holds(output: Any, codec: str) -> bool:
    known: bool = codec in output.supported_codecs
    return known and codec not in _REFUSED.get(output.format.name, ())


def _time(packet: Any) -> float:
    return float(packet.dts * packet.time_base)


def _copying(stream: Any, output: Any) -> Callable[[Any, float], None]:
    copy = output.add_stream_from_template(stream)
    copy.metadata.update(stream.metadata)

    def write(packet: Any, start: float) -> None:
        if packet is None:
            return
        shift = round(start / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - shift
        packet.dts -= shift
        packet.stream = copy
        output.mux(packet)

    return write


def _encoding(stream: Any, output: Any) -> Callable[[Any, float], None]:
    av = pyav()
    name = output.default_audio_codec
    codec = av.Codec(name if name != "opus" else "libopus", "w")
    rate = 48000 if codec.name == "libopus" else stream.codec_context.sample_rate
    copy = output.add_stream(codec.name, rate=rate, layout=stream.codec_context.layout.name)
    copy.metadata.update(stream.metadata)
    resampler = None

    def write(packet: Any, start: float) -> None:
        nonlocal resampler
        try:
            frames = stream.decode(packet)
        except av.FFmpegError:  # damaged: what follows is heard at its time
            frames = []
        if resampler is None:
            copy.codec_context.open(strict=False)
            context = copy.codec_context
            resampler = av.AudioResampler(
                context.format, context.layout, context.rate, context.frame_size or None
            )
        for frame in frames:
            frame.pts = None if frame.pts is None else frame.pts - round(start / frame.time_base)
        for frame in [*frames, None] if packet is None else frames:
            for part in resampler.resample(frame):
                output.mux(copy.encode(part))
        if packet is None:
            output.mux(copy.encode(None))

    return write
