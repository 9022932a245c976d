"""Videos out: their frames, times and sound are those that they come from."""

import logging
import os

import av
import numpy as np
import pytest
from centerdecode.video import Video, VideoWriter
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
    sounds,
    turn,
)

ALL = list(range(COUNT))


def corners(image):
    """Return which corners are white: upper left, upper right, lower left, lower right."""
    rows, columns = (2, -3), (2, -3)
    return [bool(image[y, x].min() > 235) for y in rows for x in columns]


def copy(source, path, **options):
    """Write the frames of a video into another, with its sound."""
    video = Video(source)
    with VideoWriter(path, fps=video.fps, audio=source, **options) as writer:
        for image, _, time in video.frames():
            writer.write(image, time)
    return Video(path)


@pytest.mark.parametrize("colors", ["ITU601", "ITU709"])
def test_the_matrix_of_colors_is_that_of_the_file(tmp_path, colors):
    source = clip(tmp_path / "a.mp4", colors=colors)
    copied = copy(source, tmp_path / "b.mp4", options={"crf": "5"})
    for video, most in ((Video(source), 6), (copied, 10)):
        images = list(video)
        for number in (0, 7, 19):
            assert ground_of(images[number]) == pytest.approx(color(number), abs=most)


@pytest.mark.parametrize(
    ("matrix", "shape", "white"),
    [
        ((1, 0, 0, 1), (HEIGHT, WIDTH), 0),
        ((0, 1, -1, 0), (WIDTH, HEIGHT), 1),  # clockwise, as phones held upright write it
        ((-1, 0, 0, -1), (HEIGHT, WIDTH), 3),
        ((0, -1, 1, 0), (WIDTH, HEIGHT), 2),
        ((-1, 0, 0, 1), (HEIGHT, WIDTH), 1),  # mirrored
        ((0, 1, 1, 0), (WIDTH, HEIGHT), 0),
    ],
)
def test_turned_videos_are_upright(tmp_path, matrix, shape, white):
    source = turn(clip(tmp_path / "a.mp4"), matrix)
    copied = copy(source, tmp_path / "b.mp4")
    for video in (Video(source), copied):
        image = next(iter(video))
        assert image.shape == (*shape, 3)
        assert corners(image) == [corner == white for corner in range(4)]
        assert image.flags.c_contiguous
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert next(container.decode(video=0)).rotation == 0


UNEVEN = [0, 1, 2, 4, 4.5, 5, 9, 20]


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_every_frame_keeps_its_time(tmp_path, ending):
    video = Video(clip(tmp_path / f"a.{ending}", times=UNEVEN, sound=()))
    expected = [time / RATE for time in UNEVEN]
    assert [frame.time for frame in video.frames()] == pytest.approx(expected, abs=1e-3)
    copied = copy(video.path, tmp_path / f"b.{ending}")
    assert [frame.time for frame in copied.frames()] == pytest.approx(expected, abs=1e-3)
    assert numbers(copied) == list(range(len(UNEVEN)))


@pytest.mark.parametrize("fps", [25, 29.97, 30000 / 1001, 12.5, 1000])
def test_pictures_without_a_time_come_at_the_rate(tmp_path, fps):
    with VideoWriter(tmp_path / "a.mp4", fps=fps) as writer:
        for number in ALL:
            writer.write(picture(number))
    video = Video(tmp_path / "a.mp4")
    assert float(video.fps) == pytest.approx(fps, rel=1e-4)
    assert [frame.time for frame in video.frames()] == pytest.approx(
        [number / fps for number in ALL], abs=2e-5
    )
    assert video.duration == pytest.approx(COUNT / fps, abs=1e-3)


def test_times_that_do_not_grow_are_put_in_order(tmp_path):
    with VideoWriter(tmp_path / "a.mp4", fps=RATE) as writer:
        for number, time in enumerate([0, 0.5, 0.2, 0.5, 0.6]):
            writer.write(picture(number), time)
    frames = list(Video(tmp_path / "a.mp4").frames())
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.5, 0.5, 0.5, 0.6], abs=1e-3)


@pytest.mark.parametrize(
    ("source", "sound", "target"),
    [
        ("mp4", ("aac",), "mp4"),
        ("mp4", ("aac", "aac"), "mkv"),
        ("mov", ("pcm_s16le",), "mp4"),
        ("mkv", ("libopus", "aac"), "mp4"),
        ("mkv", ("flac",), "mp4"),
        ("ts", ("mp2",), "mp4"),
        ("mkv", (), "mp4"),
    ],
)
def test_every_audio_track_goes_over_as_it_is(tmp_path, source, sound, target):
    path = clip(tmp_path / f"a.{source}", sound=sound)
    copied = copy(path, tmp_path / f"b.{target}")
    before, after = sounds(path), sounds(copied.path)
    assert len(before) == len(after) == len(sound)
    for ours, theirs in zip(after, before, strict=True):
        assert [content for _, content in ours] == [content for _, content in theirs]
        assert len(ours) > 20
    # Sound and pictures keep the distance that they had.
    lags = [
        np.array([time for time, _ in track]) - first_time(path)
        for path, tracks in ((path, before), (copied.path, after))
        for track in tracks[:1]
    ]
    if lags:
        np.testing.assert_allclose(lags[1], lags[0], atol=2e-3)
    assert numbers(copied) == ALL


def first_time(path):
    """Return the time of the first picture as the file has it."""
    with av.open(str(path)) as container:
        return float(next(container.decode(video=0)).time)


@pytest.mark.parametrize(
    ("source", "sound", "target", "codec"),
    [("a.mp4", "aac", "b.webm", "opus"), ("a.mkv", "flac", "b.mov", "aac")],
)
def test_sound_that_a_format_cannot_hold_is_encoded_again(
    tmp_path, caplog, source, sound, target, codec
):
    caplog.set_level(logging.INFO, "centerdecode.video")
    path = clip(tmp_path / source, sound=(sound,))
    copied = copy(path, tmp_path / target)
    assert numbers(copied) == ALL
    with av.open(copied.path) as container:
        track = container.streams.audio[0]
        assert track.codec_context.name == codec
        rate = track.codec_context.sample_rate
        heard = np.concatenate([part.to_ndarray()[0] for part in container.decode(track)])
    assert len(heard) / rate == pytest.approx(COUNT / RATE, abs=0.1)
    strongest = np.argmax(np.abs(np.fft.rfft(heard))) * rate / len(heard)
    assert strongest == pytest.approx(0.17 * 16000 / (2 * np.pi), abs=3)
    assert f"{target[2:]} cannot hold {sound} audio; it is encoded again as {codec}" in caplog.text


def test_sound_can_end_with_the_pictures(tmp_path):
    path = clip(tmp_path / "a.mp4")
    with VideoWriter(tmp_path / "b.mp4", fps=RATE, audio=path) as writer:
        for number in range(5):
            writer.write(picture(number))
        writer.cut_audio()
    (track,) = sounds(tmp_path / "b.mp4")
    assert 0.4 < track[-1][0] < 0.5
    assert numbers(Video(tmp_path / "b.mp4")) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("size", [(63, 47), (64, 47), (1, 1)])
def test_odd_sizes_are_made_even(tmp_path, size):
    with VideoWriter(tmp_path / "a.mp4", fps=RATE) as writer:
        writer.write(picture(3, *size))
    image = next(iter(Video(tmp_path / "a.mp4")))
    assert image.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)
    if size[0] > 1:
        assert number_of(image) == 3
        last, before = image[-1].astype(int), image[-3].astype(int)
        assert np.abs(last - before).max() < 40  # not black
        assert image[2, -1].tolist() == pytest.approx(color(3), abs=25)


def test_a_size_that_changes_is_scaled_to_the_first(tmp_path):
    with VideoWriter(tmp_path / "a.mp4", fps=RATE) as writer:
        writer.write(picture(0))
        writer.write(picture(1, 128, 96))
    assert [image.shape for image in Video(tmp_path / "a.mp4")] == [(HEIGHT, WIDTH, 3)] * 2


def write_one(path, error):
    """Write a frame into a file that is there, and raise the error."""
    with VideoWriter(path, fps=RATE) as writer:
        writer.write(picture(0))
        assert path.read_bytes() == b"before"
        raise error


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError):
        write_one(path, RuntimeError)
    with VideoWriter(path, fps=RATE):
        pass
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"before", ["a.mp4"])
    with pytest.raises(KeyboardInterrupt):
        write_one(path, KeyboardInterrupt)
    assert numbers(Video(path)) == [0]
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match=r"path must end in .*\.mkv.*, got .*a\.avi"):
        VideoWriter(tmp_path / "a.avi", fps=RATE)
    with pytest.raises(ValueError, match="fps must be greater than 0, got 0"):
        VideoWriter(tmp_path / "a.mp4", fps=0)
    writer = VideoWriter(tmp_path / "a.mp4", fps=RATE)
    with pytest.raises(ValueError, match=r"image must be \(H, W, 3\) uint8, got \(8, 8\) uint8"):
        writer.write(np.zeros((8, 8), np.uint8))
    missing = tmp_path / "no" / "a.mp4"
    with pytest.raises(FileNotFoundError) as caught, VideoWriter(missing, fps=1) as writer:
        writer.write(picture(0))
    assert caught.value.filename == str(missing)
    assert os.listdir(tmp_path) == []


def test_a_name_with_a_colon_is_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.rename(clip(tmp_path / "a.mp4"), "at 12:30.mp4")
    assert numbers(copy("at 12:30.mp4", "b:c.mp4")) == ALL
