"""Videos in: tiny clips whose every frame and its time are known, and damaged ones."""

import errno
import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from centerdecode.video import Video, _reader
from centerdecode.video._frames import upright
from support.clips import (
    COUNT,
    HEIGHT,
    RATE,
    WIDTH,
    clip,
    color,
    ground_of,
    number_of,
    numbers,
    picture,
    sing,
)

ALL = list(range(COUNT))
NOISE = {"g": "1", "bf": "0"}


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "ts"])
@pytest.mark.parametrize("sound", [(), ("mp2",)], ids=["silent", "sound"])
def test_frames_with_their_colors_and_times(tmp_path, ending, sound):
    video = Video(clip(tmp_path / f"a.{ending}", sound=sound, options={"crf": "10", "bf": "0"}))
    frames = list(video.frames())
    assert [number_of(frame.image) for frame in frames] == ALL
    assert [frame.number for frame in frames] == ALL
    steps = np.diff([frame.time for frame in frames])
    np.testing.assert_allclose(steps, 1 / RATE, atol=1e-3)
    assert 0 <= frames[0].time < 0.07  # where sound begins before the pictures
    assert {frame.image.shape for frame in frames} == {(HEIGHT, WIDTH, 3)}
    assert {frame.image.dtype for frame in frames} == {np.dtype(np.uint8)}
    for frame in frames:
        assert ground_of(frame.image) == pytest.approx(color(frame.number), abs=6)
    assert video.problem is None
    assert video.duration == pytest.approx(COUNT / RATE, abs=0.1)
    assert video.fps == RATE


def test_a_video_can_be_read_again(tmp_path):
    video = Video(clip(tmp_path / "a.mp4"))
    assert video.frame_count == COUNT
    assert numbers(video) == numbers(video) == ALL


@pytest.mark.parametrize("options", [{"g": "20", "bf": "3"}, {"g": "20", "bf": "0"}])
def test_frames_that_the_decoder_holds_back_come_at_the_end(tmp_path, options):
    assert numbers(Video(clip(tmp_path / "a.mp4", options={"crf": "10", **options}))) == ALL


@pytest.mark.parametrize(
    ("pixels", "codec"),
    [("yuv420p10le", "libx264"), ("yuv444p", "libx264"), ("yuvj420p", "mjpeg"), ("bgr0", "ffv1")],
)
def test_pixels_of_other_kinds(tmp_path, pixels, codec):
    colors = "ITU601" if codec == "mjpeg" else "ITU709"  # JPEG knows one matrix only
    options = {"qmax": "2", "qp": "5"}
    path = clip(tmp_path / "a.mkv", pixels=pixels, codec=codec, options=options, colors=colors)
    images = list(Video(path))
    assert [number_of(image) for image in images] == ALL
    assert ground_of(images[7]) == pytest.approx(color(7), abs=6)


def test_gray_becomes_three_equal_channels(tmp_path):
    image = next(iter(Video(clip(tmp_path / "a.mkv", pixels="gray", codec="ffv1"))))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert np.ptp(image, axis=2).max() == 0


def test_a_display_matrix_that_scales_turns_to_the_nearest_right_angle():
    image = picture(0)
    half = np.array([100, 30000, 0, -29000, 200, 0, 0, 0, 1 << 30], np.int32)
    np.testing.assert_array_equal(upright(image, half), np.rot90(image, -1))


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("part", [0.4, 0.6])
def test_a_truncated_file_gives_the_frames_it_has(tmp_path, ending, part, caplog):
    path = clip(tmp_path / f"a.{ending}", muxer={"movflags": "faststart"}, options=NOISE)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: int(part * len(whole))])
    video = Video(path)
    found = numbers(video)
    assert found == ALL[: len(found)]
    assert 0.2 * COUNT < len(found) < 0.8 * COUNT
    assert video.problem.startswith(f"{len(found)} frames read; it ends at {len(found) / RATE:.2f}")
    assert f"{path}: {video.problem}" in caplog.text


def test_a_truncated_stream_gives_the_frames_it_has(tmp_path):
    path = clip(tmp_path / "a.ts", sound=())
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    found = numbers(Video(path))
    assert found == ALL[: len(found)]
    assert 5 < len(found) < 15


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_a_damaged_file_gives_what_is_around_the_damage(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    content = bytearray(noise(path).read_bytes())
    begin = 3 * len(content) // 10
    content[begin : begin + 3000] = bytes(3000)
    path.write_bytes(content)
    video = Video(path)
    assert COUNT - 4 <= len(list(video)) < COUNT
    assert "damaged" in video.problem or "could not be decoded" in video.problem


def noise(path):
    """Write a clip whose frames are large, and return its path."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "10", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for _ in ALL:
            pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode())
    return path


class Broken:
    """A container whose disk fails after some packets."""

    def __init__(self, container, count):
        self.container, self.count = container, count
        self.streams = container.streams

    def demux(self):
        yield from itertools.islice(self.container.demux(), self.count)
        raise av.error.OSError(errno.EIO, "Input/output error")


def test_frames_that_the_decoder_held_back_when_reading_failed(tmp_path):
    path = clip(tmp_path / "a.mp4", sound=(), options={"crf": "10", "bf": "3", "g": "20"})
    reading = _reader._Reading()
    with av.open(path) as container:
        images = [
            frame.to_ndarray(format="bgr24") for frame in reading.decode(Broken(container, 9))
        ]
    assert len(images) == 9
    assert numbers(images) == sorted(numbers(images))
    assert reading.problem(None) == (
        "9 frames read; 1 packets could not be decoded (input/output error)"
    )


def test_times_that_are_not_told_or_go_back(tmp_path):
    once = Path(clip(tmp_path / "a.ts", sound=(), options={"bf": "0"})).read_bytes()
    (tmp_path / "twice.ts").write_bytes(once + once)  # the second half begins at 0 again
    frames = list(Video(tmp_path / "twice.ts").frames())
    assert [number_of(frame.image) for frame in frames] == ALL + ALL
    expected = [number / RATE for number in range(2 * COUNT)]
    assert [frame.time for frame in frames] == pytest.approx(expected, abs=1e-3)


def test_what_is_no_video(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        Video(tmp_path / "a.mp4")
    assert caught.value.filename == str(tmp_path / "a.mp4")
    (tmp_path / "a.mp4").write_bytes(b"no video" * 100)
    with pytest.raises(ValueError, match="not a video that FFmpeg can read"):
        Video(tmp_path / "a.mp4")
    late = clip(tmp_path / "late.mp4")  # its index is at the end
    whole = Path(late).read_bytes()
    Path(late).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="cut before its index"):
        Video(late)
    with av.open(str(tmp_path / "sound.mka"), "w", format="matroska") as container:
        sing(container, container.add_stream("aac", rate=16000, layout="mono"), 1)
    with pytest.raises(ValueError, match="no video in it"):
        Video(tmp_path / "sound.mka")
