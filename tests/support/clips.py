"""Tiny videos whose every frame is known, made by PyAV."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, COUNT, RATE = 64, 48, 20, 10
SOUND = 16000  # samples a second


def color(number):
    """Return the BGR of the ground of the frame of that number."""
    return (20 + 10 * number, 60, 230 - 10 * number)


def picture(number, width=WIDTH, height=HEIGHT):
    """Return a frame: above its color, with a white block that says where up and left are;
    below its number, as five columns of bits, the lowest first, white for 1."""
    image = np.full((height, width, 3), color(number), np.uint8)
    image[: height // 3, : width // 4] = 255
    for bit in range(5):
        columns = slice(width * bit // 5, width * (bit + 1) // 5)
        image[height // 2 :, columns] = 255 * (number >> bit & 1)
    return image


def number_of(image):
    """Return the number that a picture carries."""
    height, width = image.shape[:2]
    row = image[height * 3 // 4].mean(axis=1)
    return sum(int(row[(2 * bit + 1) * width // 10] > 128) << bit for bit in range(5))


def numbers(images):
    """Return the numbers that pictures carry."""
    return [number_of(image) for image in images]


def ground_of(image):
    """Return the BGR of a picture's ground."""
    height, width = image.shape[:2]
    return image[height // 4, width * 5 // 8].tolist()


def clip(
    path, *, times=None, sound=("aac",), codec="libx264", pixels="yuv420p", options=None,
    size=(WIDTH, HEIGHT), muxer=None, colors="ITU709",
):  # fmt: skip
    """Write a video and return its path; times: in 1 / RATE seconds, one for each frame."""
    times = range(COUNT) if times is None else times
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=RATE, options=options or {"crf": "10", "g": "5"})
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        context = stream.codec_context
        context.time_base = Fraction(1, 1000)
        context.colorspace = {"ITU709": 1, "ITU601": 6}[colors]
        levels = "JPEG" if pixels.startswith("yuvj") else "MPEG"
        tracks = [container.add_stream(name, rate=SOUND, layout="mono") for name in sound]
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number, *size), format="bgr24")
            frame = frame.reformat(format=pixels, dst_colorspace=colors, dst_color_range=levels)
            frame.pts, frame.time_base = round(1000 * time / RATE), Fraction(1, 1000)
            mux(container, stream.encode(frame))
        mux(container, stream.encode())
        for track in tracks:
            sing(container, track, (max(times) + 1) / RATE)
    return str(path)


def mux(container, packets):
    """Write packets of video, each a frame long."""
    for packet in packets:
        packet.duration = packet.duration or round(Fraction(1, RATE) / packet.time_base)
        container.mux(packet)


def sing(container, track, seconds):
    """Write a sine."""
    wave = (8000 * np.sin(np.arange(int(SOUND * seconds)) * 0.17)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND, 0, Fraction(1, SOUND)
    context = track.codec_context
    context.open(strict=False)
    resampler = av.AudioResampler(context.format, context.layout, SOUND, context.frame_size or None)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(track.encode(part))
    container.mux(track.encode())


def turn(path, matrix):
    """Patch the display matrix (a, b, c, d) into every track header of an MP4."""
    content = bytearray(Path(path).read_bytes())
    at = content.find(b"tkhd")
    while at >= 0:
        a, b, c, d = (number * 0x10000 for number in matrix)
        numbers = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], ">i4").tobytes()
        begin = at + 4 + 40
        content[begin : begin + 36] = numbers
        at = content.find(b"tkhd", at + 4)
    Path(path).write_bytes(content)
    return path


def sounds(path):
    """Return the audio packets of each track as (seconds, bytes)."""
    with av.open(str(path)) as container:
        found = {stream.index: [] for stream in container.streams.audio}
        for packet in container.demux(*container.streams.audio) if found else ():
            if packet.dts is not None:
                found[packet.stream.index].append(
                    (float(packet.pts * packet.time_base), bytes(packet))
                )
    return list(found.values())
