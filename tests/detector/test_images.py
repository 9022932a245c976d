"""Image files of every kind are read as cv2.imread reads them, or refused in a sentence."""

import struct
import zlib

import centerdecode as cd
import cv2
import numpy as np
import pytest
from centerdecode import families
from centerdecode.images import _reading
from support import models

PIXELS = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8), (0, 0), 4
)


def write(path, pixels, *options):
    path.write_bytes(cv2.imencode(path.suffix, pixels, options)[1].tobytes())
    return str(path)


def alpha():
    return np.dstack([PIXELS, np.zeros((40, 60), np.uint8)])


def wide():
    return PIXELS.astype(np.uint16) * 256 + 77


# What is written, and what has to be read of it.
KINDS = {
    "color.png": (PIXELS, PIXELS),
    "color.bmp": (PIXELS, PIXELS),
    "color.tif": (PIXELS, PIXELS),
    "color.ppm": (PIXELS, PIXELS),
    "grey.png": (PIXELS[..., 0], PIXELS[..., :1].repeat(3, 2)),
    "grey.tif": (PIXELS[..., 0], PIXELS[..., :1].repeat(3, 2)),
    "alpha.png": (alpha(), PIXELS),  # all transparent, and no color is mixed in
    "16 bits.png": (wide(), PIXELS),
    "16 bits.tif": (wide(), PIXELS),
    "16 bits, grey.png": (wide()[..., 0], PIXELS[..., :1].repeat(3, 2)),
    "one pixel.png": (PIXELS[:1, :1], PIXELS[:1, :1]),
    "a line.png": (PIXELS[:1], PIXELS[:1]),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_becomes_bgr_bytes(name, tmp_path):
    written, expected = KINDS[name]
    image, size = _reading.read_image(write(tmp_path / name, written))
    np.testing.assert_array_equal(image, expected)
    assert (image.dtype, size) == (np.uint8, expected.shape[:2])


@pytest.fixture
def frames():
    """Return PIXELS, and a black image, for what OpenCV does not write."""
    pillow = pytest.importorskip("PIL.Image")
    return [pillow.fromarray(PIXELS[..., ::-1].copy()), pillow.new("RGB", (60, 40))]


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_a_jpeg_of_other_colors_is_read(mode, frames, tmp_path):
    photo, path = frames[0], tmp_path / "x.jpg"
    photo.convert(mode).save(path, quality=95)
    image, size = _reading.read_image(str(path))
    wanted = np.asarray(photo.convert(mode).convert("RGB"))[..., ::-1]
    assert size == (40, 60)
    assert np.abs(image.astype(int) - wanted).mean() < 6


@pytest.mark.parametrize("ending", ["png", "gif", "webp"])
def test_of_a_palette_or_several_frames_the_first_is_read(ending, frames, tmp_path):
    path = tmp_path / f"x.{ending}"
    if ending == "png":
        frames[0].quantize(200).save(path)
    else:
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=40)
    image, size = _reading.read_image(str(path))
    assert size == (40, 60)
    assert np.abs(image.astype(int) - PIXELS).mean() < 8


def bomb(width, height):
    """Return a PNG that says it is so large, in a few bytes."""
    chunks = []
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(999))), (b"IEND", b"")):
        chunks.append(struct.pack(">I", len(data)) + kind + data)
        chunks.append(struct.pack(">I", zlib.crc32(kind + data)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("small", [False, True])
def test_too_many_pixels_are_refused_before_they_are_decoded(small, tmp_path, monkeypatch):
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(30000, 30000))
    monkeypatch.setattr(cv2, "imdecode", None)  # would be a TypeError
    reduction = (lambda size: 8) if small else None
    message = "30000 x 30000 is 900000000 pixels, more than max_pixels 150000000"
    with pytest.raises(ValueError, match=f"^{message}$"):
        _reading.read_image(str(path), reduction=reduction)


def test_the_cap_on_pixels_is_inclusive(tmp_path):
    path = write(tmp_path / "x.jpg", PIXELS)
    assert _reading.read_image(path, 2400)[1] == (40, 60)
    with pytest.raises(ValueError, match="60 x 40 is 2400 pixels, more than max_pixels 2399"):
        _reading.read_image(path, 2399)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"BM",
        bomb(0, 5),
        bomb(60, 40)[:60],
        b'<svg width="60" height="40"></svg>',
        b"GIF89a",
        b"II*\0\x08\0\0\0",
        b"text",
    ],
    ids=repr,
)
def test_what_is_no_image_is_refused(content, tmp_path):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"^not an image that OpenCV can read$"):
        _reading.read_image(str(tmp_path / "x.png"))


def turned(content, orientation):
    """Return a JPEG that says how it has to be turned."""
    tag = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0)
    exif = b"Exif\0\0" + tag + bytes(4)
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + content[2:]


UPRIGHT = {
    1: lambda image: image,
    3: lambda image: image[::-1, ::-1],
    6: lambda image: np.rot90(image, -1),
    8: lambda image: np.rot90(image),
    5: lambda image: image.transpose(1, 0, 2),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("n", [1, 2, 4, 8])
@pytest.mark.parametrize("shape", [(160, 320), (320, 160), (161, 319)], ids=str)
def test_a_jpeg_is_turned_upright_whole_or_reduced(shape, n, orientation, tmp_path):
    pixels = cv2.resize(PIXELS, shape[::-1])
    path = tmp_path / "x.jpg"
    path.write_bytes(turned(cv2.imencode(".jpg", pixels)[1].tobytes(), orientation))
    image, size = _reading.read_image(str(path), reduction=lambda size: n)
    upright = UPRIGHT[orientation](pixels)
    assert size == upright.shape[:2]
    assert image.shape[:2] == (-(-size[0] // n), -(-size[1] // n))
    small = cv2.resize(upright, image.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(image.astype(int) - small).mean() < 3


def test_only_a_jpeg_is_reduced(tmp_path):
    image, size = _reading.read_image(write(tmp_path / "x.png", PIXELS), reduction=lambda size: 8)
    np.testing.assert_array_equal(image, PIXELS)
    assert size == (40, 60)


def test_a_jpeg_lying_on_its_side_is_not_read_too_small(tmp_path):
    asked = []

    def reduction(size):
        asked.append(size)
        return 2 if size == (160, 320) else 4

    path = write(tmp_path / "x.jpg", cv2.resize(PIXELS, (320, 160)))
    image, _ = _reading.read_image(path, reduction=reduction)
    assert (image.shape, sorted(asked)) == ((80, 160, 3), [(160, 320), (320, 160)])


@pytest.mark.parametrize("resize", ["affine", "affine_letterbox", "letterbox", "corner", "stretch"])
@pytest.mark.parametrize("size", [(2, 30000), (30000, 40), (1, 1), (1, 900)], ids=str)
def test_panoramas_and_single_pixels_are_placed(resize, size):
    model = models.constant(models.outputs(families.CENTERNET))
    found = cd.Detector(model, resize=resize, clip=True)(np.zeros((*size, 3), np.uint8))
    assert len(found) == 1
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [size[1], size[0]] * 2).all()


def test_a_panorama_wider_than_opencv_warps_is_refused_in_a_sentence():
    image = np.zeros((2, 40000, 3), np.uint8)
    model = models.constant(models.outputs(families.CENTERNET))
    with pytest.raises(ValueError, match=r"no side over 32766 .*; resize=\"letterbox\" takes it"):
        cd.Detector(model)(image)
    assert len(cd.Detector(model, resize="letterbox")(image)) == 1
