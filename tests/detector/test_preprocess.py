"""A detector feeds the network what its family wants, and maps the boxes back to the image."""

import itertools

import centerdecode as cd
import numpy as np
import openvino as ov
import pytest
from centerdecode import families
from oracles import specification as oracle
from support import models

SIZES = [(600, 906), (906, 600), (1, 1), (37, 911), (128, 128), (95, 161)]  # of images
NETWORKS = [(128, 128), (96, 160)]
MATRICES = {
    "affine": oracle.affine_matrix,
    "affine_letterbox": oracle.affine_letterbox_matrix,
    "letterbox": oracle.letterbox_matrix,
    "corner": oracle.corner_matrix,
    "stretch": oracle.stretch_matrix,
}
IMAGE = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)  # BGR


def watch(model=None, **options):
    """Return a detector whose detections are all numbers that the network was fed."""
    return cd.Detector(
        model or models.mirror(), family=models.MIRROR.replace(**options), **models.ALL_CELLS
    )


def seen(detector, image, corner=(0, 0), size=None, zoom=1):
    """Return what the network was fed as (H, W, 3), if the image lies at the corner of it."""
    found = detector(image)
    fed = np.full((*(size or image.shape[:2]), 3), np.nan, np.float32)
    xs, ys = (found.xyxy[:, :2] * zoom + corner[::-1]).round().astype(int).T
    fed[ys, xs, found.class_ids] = found.scores
    assert len(found) == fed.size
    return fed


@pytest.mark.parametrize("color", ["BGR", "RGB"])
@pytest.mark.parametrize("element_type", ["f32", "f16", "u8"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("compiled", [False, True])
def test_the_network_gets_the_bytes_in_its_colors_layout_and_type(
    compiled, layout, element_type, color
):
    shape = (1, 3, 8, 8) if layout == "NCHW" else (1, 8, 8, 3)
    model = models.mirror(shape, layout=layout, element_type=element_type)
    model = ov.compile_model(model, "CPU") if compiled else model
    fed = seen(watch(model, layout=layout, color=color), IMAGE)
    np.testing.assert_array_equal(fed, IMAGE if color == "BGR" else IMAGE[..., ::-1])


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("compiled", [False, True])
def test_the_network_gets_pixels_less_mean_by_scale_in_its_own_order(compiled, layout):
    model = models.mirror((1, 3, 8, 8) if layout == "NCHW" else (1, 8, 8, 3), layout=layout)
    model = ov.compile_model(model, "CPU") if compiled else model
    options = {"mean": (10, 20, 30), "scale": (2, 4, 8), "layout": layout}
    by_color = {
        color: seen(watch(model, color=color, **options), IMAGE) for color in ("BGR", "RGB")
    }
    expected = (IMAGE - np.float32([10, 20, 30])) / np.float32([2, 4, 8])
    np.testing.assert_array_equal(by_color["BGR"], expected)
    expected = (IMAGE[..., ::-1] - np.float32([10, 20, 30])) / np.float32([2, 4, 8])
    np.testing.assert_array_equal(by_color["RGB"], expected)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_network_of_bytes_has_no_mean(compiled):
    model = models.mirror(element_type="u8")
    model = ov.compile_model(model, "CPU") if compiled else model
    with pytest.raises(ValueError, match=r"mean and scale must be 0 and 1 for a model whose input"):
        watch(model, mean=100)(IMAGE)


# An image of 4 x 8 in a network of 8 x 8, or of 8 x 4: its corner there is whole pixels.
@pytest.mark.parametrize("resize", ["letterbox", "affine", "affine_letterbox", "corner"])
@pytest.mark.parametrize("color", ["BGR", "RGB"])
@pytest.mark.parametrize("corner", [(2, 0), (0, 2)])
@pytest.mark.parametrize("compiled", [False, True])
def test_the_border_is_pad_value_in_the_networks_colors(compiled, corner, color, resize):
    model = ov.compile_model(models.mirror(), "CPU") if compiled else models.mirror()
    top, left = corner
    image = IMAGE[top : 8 - top, left : 8 - left]
    if resize == "corner":
        top = left = 0
    detector = watch(model, resize=resize, color=color, pad_value=(10, 20, 30), mean=(1, 2, 3))
    expected = np.full((8, 8, 3), [9, 18, 27], np.float32)
    inside = (image if color == "BGR" else image[..., ::-1]) - np.float32([1, 2, 3])
    height, width = image.shape[:2]
    expected[top : top + height, left : left + width] = inside
    np.testing.assert_array_equal(seen(detector, image, (top, left), (8, 8)), expected)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_network_of_any_size_gets_the_image_as_it_is(layout):
    model = models.mirror((1, 3, -1, -1) if layout == "NCHW" else (1, -1, -1, 3), layout=layout)
    for given in (model, ov.compile_model(model, "CPU")):
        detector = watch(given, layout=layout, resize="none")
        for image in (IMAGE, IMAGE[:3, :5], np.tile(IMAGE, (5, 3, 1))):
            np.testing.assert_array_equal(seen(detector, image), image)
        message = r'has no fixed size; pass size=\(height, width\), or resize="none"'
        with pytest.raises(ValueError, match=message):
            watch(given, layout=layout, resize="stretch")


def test_a_network_of_one_size_gets_the_image_stretched_where_resize_is_none():
    image = np.repeat(np.repeat(IMAGE, 2, axis=0), 3, axis=1)  # every pixel six times
    for options in ({}, {"size": (8, 8)}):
        model = models.mirror((1, 3, -1, -1) if options else (1, 3, 8, 8))
        plain = watch(model, resize="none", **options)(image)
        stretched = watch(model, resize="stretch", **options)(image)
        np.testing.assert_array_equal(plain.xyxy, stretched.xyxy)
        np.testing.assert_array_equal(plain.scores, stretched.scores)
        assert plain.xyxy.max(axis=0).tolist() == [21, 14, 21, 14]  # cell 7 of 8, in the image
        assert watch(model, resize="none", **options).family.resize == "none"


@pytest.mark.parametrize(
    "shape",
    [(-1, 3, 8, 8), (10, 3, 8, 8), (-1, 3, -1, -1), (1, 3, 16, 24), (2, 3, -1, 4), (1, 3, 12, 8)],
    ids=str,
)
def test_the_network_is_reshaped_to_one_image_of_the_wanted_size(shape):
    image = np.concatenate([IMAGE, IMAGE[:, :4]], axis=1)
    for element_type in ("f32", "u8"):
        detector = watch(models.mirror(shape, element_type=element_type), size=(8, 12))
        np.testing.assert_array_equal(seen(detector, image), image)
        assert detector.compiled_model.input().shape == ov.Shape([1, 8, 12, 3])


def test_a_compiled_network_of_any_size_takes_the_wanted_one():
    detector = watch(ov.compile_model(models.mirror((1, 3, -1, -1)), "CPU"), size=(8, 8))
    np.testing.assert_array_equal(seen(detector, IMAGE), IMAGE)


def test_a_compiled_network_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"size"):
        watch(ov.compile_model(models.mirror(), "CPU"), size=(16, 16))


@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (1, 8, 8), (1, 4, 8, 8)], ids=str)
def test_a_network_that_takes_no_image_of_three_channels_is_refused(shape):
    heads = {"hm": np.zeros((1, 3, 8, 8), np.float32), "wh": np.zeros((1, 2, 8, 8), np.float32)}
    model = models.constant(heads, shape=shape)
    for given in (model, ov.compile_model(model, "CPU")):
        with pytest.raises(ValueError, match="model input must be one image of 3 channels, got "):
            watch(given)


# Two pixels, 0 and 120, on eight: cv2.resize counts from the borders of pixels, and repeats the
# outer ones; cv2.warpAffine counts from their middles, and fades into what is around.
@pytest.mark.parametrize(
    ("resize", "line"),
    [
        ("stretch", [0, 0, 15, 45, 75, 105, 120, 120]),
        ("letterbox", [0, 0, 15, 45, 75, 105, 120, 120]),
        ("corner", [0, 0, 15, 45, 75, 105, 120, 120]),
        ("affine", [0, 30, 60, 90, 120, 90, 60, 30]),
        ("affine_letterbox", [0, 30, 60, 90, 120, 90, 60, 30]),
    ],
)
def test_an_image_is_enlarged_by_linear_interpolation(resize, line):
    image = np.array([0, 120] * 2, np.uint8).reshape(2, 2, 1).repeat(3, axis=2)
    fed = seen(watch(resize=resize), image, size=(8, 8), zoom=4)
    np.testing.assert_allclose(fed[3], np.repeat(line, 3).reshape(8, 3), atol=1)


VIEWS = {
    "a crop": lambda image: np.pad(image, ((2, 3), (4, 5), (0, 0)))[2:10, 4:12],
    "every second pixel": lambda image: image.repeat(2, 0).repeat(2, 1)[::2, ::2],
    "mirrored": lambda image: image[:, ::-1].copy()[:, ::-1],
    "upside down": lambda image: image[::-1].copy()[::-1],
    "of RGB": lambda image: image[..., ::-1].copy()[..., ::-1],
    "transposed": lambda image: image.transpose(1, 0, 2).copy().transpose(1, 0, 2),
    "in Fortran's order": np.asfortranarray,
    "without a gap": np.copy,
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("resize", MATRICES)
def test_any_view_of_an_image_is_read_and_none_is_written(resize, view, compiled):
    model = ov.compile_model(models.mirror(), "CPU") if compiled else models.mirror()
    image = VIEWS[view](IMAGE)
    image.flags.writeable = False
    np.testing.assert_array_equal(seen(watch(model, resize=resize), image), IMAGE)
    np.testing.assert_array_equal(image, IMAGE)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        ([[[0, 0, 0]]], TypeError, "image must be a NumPy array, got list"),
        (None, TypeError, "image must be a NumPy array, got NoneType"),
        ("street.jpg", TypeError, "image must be a NumPy array, got str"),
        (np.zeros((8, 8, 3)), TypeError, r"image must be uint8, got float64 \(8, 8, 3\)"),
        (np.zeros((8, 8, 3), np.int8), TypeError, "image must be uint8, got int8"),
        (np.zeros((8, 8, 3), np.uint16), TypeError, r"\(8, 8, 3\); \(image >> 8\)\.astype"),
        (np.zeros((8, 8, 3), bool), TypeError, "image must be uint8, got bool"),
        (np.zeros((8, 8), np.uint8), ValueError, r"shape \(H, W, 3\), got \(8, 8\); cv2\.cvtColor"),
        (np.zeros((8, 8, 1), np.uint8), ValueError, r"shape \(H, W, 3\), got \(8, 8, 1\)"),
        (np.zeros((8, 8, 4), np.uint8), ValueError, r"shape \(H, W, 3\), got \(8, 8, 4\); image\["),
        (np.zeros((1, 8, 8, 3), np.uint8), ValueError, r"got \(1, 8, 8, 3\)"),
        (np.zeros((0, 8, 3), np.uint8), ValueError, r"got \(0, 8, 3\)"),
        (np.zeros((8, 0, 3), np.uint8), ValueError, r"got \(8, 0, 3\)"),
    ],
    ids=str,
)
def test_what_is_no_image_of_bytes_is_refused(image, error, message):
    with pytest.raises(error, match=message):
        watch()(image)


def known_boxes(network):
    """Return CENTERNET heads with a peak in every ninth cell."""
    rng = np.random.default_rng(0)
    height, width = network[0] // 4, network[1] // 4
    heatmap = np.full((1, 2, height, width), -9, np.float32)
    heatmap[:, :, ::3, ::3] = rng.random(heatmap[:, :, ::3, ::3].shape)
    wh, reg = rng.random((2, 1, 2, height, width), np.float32)
    return {"hm": heatmap, "wh": 9 * wh, "reg": reg}


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("resize", MATRICES)
@pytest.mark.parametrize("clip", [False, True])
def test_boxes_are_mapped_by_the_inverse_of_the_oracles_matrix(clip, resize, network):
    heads = known_boxes(network)
    detector = cd.Detector(
        models.constant(heads, shape=(1, 3, *network)), resize=resize, top_k=1000, clip=clip
    )
    for size in SIZES:
        back = oracle.invert(MATRICES[resize](size, network))
        xyxy, _, class_ids = oracle.decode_boxes(
            *(head[0] for head in heads.values()),
            transform=back,
            clip=size if clip else None,
            top_k=1000,
        )
        found = detector(np.zeros((*size, 3), np.uint8))
        np.testing.assert_allclose(found.xyxy, xyxy, rtol=1e-6, atol=1e-6 * max(size))
        np.testing.assert_array_equal(found.class_ids, class_ids)
        assert len(found) > 200


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("resize", MATRICES)
@pytest.mark.parametrize("compiled", [False, True])
def test_a_bright_spot_is_found_where_it_is(compiled, resize, network):
    # cv2.warpAffine maps the middles of pixels, cv2.resize their borders.
    first_pixel = 0 if resize.startswith("affine") else 0.5
    model = models.finder(network, first_pixel)
    family = families.CENTERNET.replace(mean=0, scale=1, resize=resize)
    model = ov.compile_model(model, "CPU") if compiled else model
    detector = cd.Detector(model, family=family)
    for height, width in SIZES:
        wanted = (first_pixel + 0.4 * (width - 1), first_pixel + 0.6 * (height - 1))
        y, x = np.indices((height, width)) + first_pixel
        far = ((x - wanted[0]) / width) ** 2 + ((y - wanted[1]) / height) ** 2
        image = np.repeat(255 * np.exp(-far[..., None] / 0.02), 3, axis=2).round().astype(np.uint8)
        ((x1, y1, x2, y2),) = detector(image).xyxy.tolist()
        assert abs((x1 + x2) / 2 - wanted[0]) < 1, (height, width)
        assert abs((y1 + y2) / 2 - wanted[1]) < 1, (height, width)
        zoom = MATRICES[resize]((height, width), network)
        assert [x2 - x1, y2 - y1] == pytest.approx([12 / zoom[0, 0], 8 / zoom[1, 1]], rel=1e-4)


def test_only_the_color_that_the_network_looks_at_counts():
    spots = {}
    for color, channel in itertools.product(["BGR", "RGB"], range(3)):
        image = np.zeros((8, 8, 3), np.uint8)
        image[2, 5, channel] = 200
        found = watch(color=color)(image)[0]
        spots[color, channel] = (found.class_ids.tolist(), found.scores.tolist())
        assert found.xyxy.tolist() == [[5, 2, 5, 2]]
    assert spots == {
        (color, channel): ([channel if color == "BGR" else 2 - channel], [200])
        for color, channel in spots
    }
