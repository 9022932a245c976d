"""tile= finds in parts of a large image what it shows, once, and where it is."""

import dataclasses
import re

import centerdecode as cd
import numpy as np
import pytest
from centerdecode import NMS, families
from centerdecode.detector._tiles import Tile, Tiling
from openvino import opset13 as ops
from support import models
from support.inputs.photos import MB3_INPUT, TOP_100, coco_images, mb3, measure

pytestmark = pytest.mark.usefixtures("deadline")


def dots(side=2.0, shape=(1, 3, 8, 8)):
    """Return a model that sees a box of that side around each bright pixel."""
    parameter, pixels = models.image_input(shape)
    sides = np.full((1, 2, *shape[2:]), side, np.float32)
    first = ops.gather(pixels, np.array([0, 1]), np.array(1))
    wh = ops.add(ops.multiply(first, np.float32(0)), ops.constant(sides))
    return models.named({"hm": ops.multiply(pixels, np.float32(1)), "wh": wh}, parameter)


def image_of(points, size):
    """Return a black image with dots of channel c, brightness b at (y, x)."""
    image = np.zeros((*size, 3), np.uint8)
    for y, x, channel, brightness in points:
        image[y, x, channel] = brightness
    return image


def rows(found):
    """Return what is found as (y, x, class, score), the middle of a box rounded down."""
    middles = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
    columns = zip(middles.tolist(), found.class_ids.tolist(), found.scores.tolist(), strict=True)
    return [(int(y), int(x), class_id, int(score)) for (x, y), class_id, score in columns]


def detector(**options):
    return cd.Detector(dots(), family=models.MIRROR, **{"score_threshold": 1, "tile": 8} | options)


POINTS = [(0, 0, 0, 250), (19, 30, 1, 240), (9, 15, 2, 230), (10, 3, 0, 220), (4, 29, 2, 210)]


@pytest.mark.parametrize("options", [
    {"tile": 8}, {"tile": (8, 8)}, {"tile": True}, {"tile_overlap": 0}, {"tile_overlap": 0.9},
    {"tile_whole": False}, {"requests": 1}, {"tile": (8, 8), "flip": True},
], ids=str)  # fmt: skip
def test_each_dot_of_a_large_image_is_found_once_and_where_it_is(options):
    image = image_of(POINTS, (20, 31))
    options.setdefault("tile_whole", False)
    found = detector(**options)(image)
    assert sorted(rows(found)) == sorted(POINTS)


def test_dots_at_a_seam_are_found_by_the_tile_that_shows_them_whole():
    # tiles of 8 begin at 0, 6 and 12 of 20; a box reaches 1 pixel to each side
    for x in range(20):
        image = image_of([(4, x, 1, 200)], (8, 20))
        found = detector(tile_overlap=0.25, tile_whole=False)(image)
        assert rows(found) == [(4, x, 1, 200)]
        assert found.xyxy.tolist() == [[x - 1, 3, x + 1, 5]]


def test_a_small_image_is_one_tile_and_equal_to_no_tiles():
    image = image_of([(3, 4, 1, 99)], (8, 8))
    plain, tiled = detector(tile=None)(image), detector()(image)
    assert plain.xyxy.tolist() == tiled.xyxy.tolist()


def test_a_reduced_image_is_not_tiled():
    image = image_of([(3, 4, 1, 99)], (8, 20))
    assert rows(detector(tile_whole=False)(image, original_size=(8, 20))) == [(3, 4, 1, 99)]
    with pytest.raises(
        ValueError, match=r"original_size must be that of the image .* \(8, 20\), got"
    ):
        detector()(image, original_size=(16, 40))


def test_boxes_are_cut_at_the_image_not_at_the_tile():
    image = image_of([(0, 0, 0, 250), (4, 8, 1, 200)], (8, 20))
    found = detector(clip=True, tile_overlap=0.5, tile_whole=False)(image)
    assert found.xyxy.tolist() == [[0, 0, 1, 1], [7, 3, 9, 5]]


def test_streams_of_large_images_come_in_order():
    images = [image_of([(y, 2 * y, 0, 100 + y)], (20, 40)) for y in range(15)]
    found = detector(tile_whole=False).predict(images)
    assert [rows(one) for one in found] == [[(y, 2 * y, 0, 100 + y)] for y in range(15)]


def test_the_best_of_all_tiles_are_kept():
    image = image_of(POINTS, (20, 31))
    options = {"tile_whole": False}
    assert rows(detector(top_k=2, **options)(image)) == POINTS[:2]
    assert rows(detector(max_per_class=1, **options)(image)) == POINTS[:3]


@pytest.mark.parametrize("overlap", [0, 0.1, 0.2, 0.5, 0.95])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (20, 33)])
@pytest.mark.parametrize("extent", [(1, 1), (20, 31), (21, 100), (64, 33)])
def test_tiles_cover_the_image_evenly(overlap, size, extent):
    image = np.arange(np.prod(extent)).reshape(*extent, 1)
    tiles = Tiling(size, overlap, whole=False).cut(image, None)
    seen = np.zeros(extent, int)
    for tile in tiles:
        height, width = tile.image.shape[:2]
        assert (height, width) == (min(size[0], extent[0]), min(size[1], extent[1]))
        part = np.s_[tile.top : tile.top + height, tile.left : tile.left + width]
        assert (image[part] == tile.image).all()
        seen[part] += 1
        ends = tile.left + width == extent[1], tile.top + height == extent[0]
        assert tile.cut == (tile.left > 0, tile.top > 0, not ends[0], not ends[1])
    assert seen.min() >= 1
    lefts = sorted({tile.left for tile in tiles})
    assert max(np.diff(lefts), default=0) <= max(1, size[1] * (1 - overlap)) + 1
    assert len(Tiling(size, overlap).cut(image, None)) == len(tiles) + (len(tiles) > 1)


def boxes(*of):
    """Return Detections of (x1, y1, x2, y2, class, score)."""
    array = np.array(of, np.float32).reshape(-1, 6)
    extras = {"name": np.arange(len(array))}
    return cd.Detections(array[:, :4], array[:, 5], array[:, 4].astype(np.int32), extras=extras)


BLANK = np.zeros((100, 100, 3), np.uint8)
LEFT = Tile(BLANK, 0, 0, (False, False, True, False))  # and RIGHT overlaps it from 80 to 100
RIGHT = Tile(BLANK, 0, 80, (True, False, False, False))
WHOLE = Tile(np.zeros((100, 180, 3), np.uint8), 0, 0)


def join(*found, tiles=(LEFT, RIGHT, WHOLE), **options):
    """Return the scores of what is left, in a network of 100 x 100 with cells of 4."""
    decoder = cd.Decoder(families.CENTERNET, **options)
    found = [boxes(*one) for one in found] + [boxes()] * (len(tiles) - len(found))
    joined = Tiling(None).join(tiles, found, decoder, (100, 100))
    assert set(joined.extras) <= {"name"}
    return [round(score, 2) for score in joined.scores.tolist()]


def test_what_two_tiles_show_whole_is_one():
    assert join([(85, 9, 94, 20, 0, 0.5)], [(86, 9, 95, 21, 0, 0.75)]) == [0.75]
    assert join([(85, 9, 94, 20, 0, 0.5)], [(86, 9, 95, 21, 1, 0.75)]) == [0.75, 0.5]


def test_a_part_yields_to_the_whole_whatever_it_scores():
    whole = (85, 10, 130, 40, 0, 0.4)
    assert join([(85, 10, 100, 40, 0, 0.9)], [whole]) == [0.4]
    assert join([(85, 10, 96, 40, 0, 0.9)], [whole]) == [0.4]  # within a cell of the border
    assert join([(85, 10, 95, 40, 0, 0.9)], [whole]) == [0.9, 0.4]  # it ends before
    assert join([(85, 10, 100, 40, 1, 0.9)], [whole]) == [0.9, 0.4]  # of another class
    assert join([(62, 10, 100, 40, 0, 0.9)], [whole]) == [0.9, 0.4]  # less than half of it
    assert join([(71, 10, 100, 40, 0, 0.9)], [whole]) == [0.4]  # a little more


def test_a_part_stays_where_nothing_shows_the_whole():
    assert join([(85, 10, 100, 40, 0, 0.9)]) == [0.9]
    assert join([(60, 10, 100, 40, 0, 0.6)], [(80, 10, 130, 40, 0, 0.7)]) == [0.7]
    halves = [(20, 10, 100, 40, 0, 0.6)], [(80, 10, 170, 40, 0, 0.7)]
    assert join(*halves) == [0.7, 0.6]
    assert join(*halves, [(18, 8, 172, 44, 0, 0.5)]) == [0.5]


def test_two_objects_of_one_tile_do_not_yield_to_each_other():
    crowd = [(85, 10, 100, 40, 0, 0.9), (86, 12, 100, 44, 0, 0.8)]
    assert join(crowd) == [0.9, 0.8]


def test_a_border_of_the_image_cuts_nothing():
    assert join([(0, 0, 30, 100, 0, 0.9)], [(150, 0, 180, 100, 0, 0.8)]) == [0.9, 0.8]
    parts = join([(2, 0, 90, 100, 0, 0.9)], [], [(0, 0, 99, 100, 0, 0.8)])
    assert parts == [0.9]


def test_the_decoders_nms_thins_what_overlaps():
    pair = [(10, 10, 30, 30, 0, 0.9)], [], [(12, 10, 32, 30, 0, 0.8)]
    assert join(*pair) == [0.9]
    assert join(*pair, nms=NMS(iou_threshold=0.9)) == [0.9, 0.8]
    kept = join(*pair, nms="linear")
    assert kept[0] == 0.9
    assert 0 < kept[1] < 0.2


@pytest.mark.parametrize(("options", "kind", "message"), [
    ({"tile": 0}, ValueError, "tile must be at least 1, got 0"),
    ({"tile": 7.5}, TypeError, "tile must be a whole number, got 7.5"),
    ({"tile": (8, 8, 8)}, ValueError, "tile must be a number of pixels or (height, width), got"),
    ({"tile_overlap": 1}, ValueError, "tile_overlap must be at least 0 and less than 1, got 1.0"),
    ({"tile_overlap": "a"}, TypeError, "tile_overlap must be a number, got 'a'"),
], ids=str)  # fmt: skip
def test_refuses(options, kind, message):
    with pytest.raises(kind, match="^" + re.escape(message)):
        detector(**options)


def test_a_network_of_any_size_needs_a_size_of_tiles():
    family = dataclasses.replace(models.MIRROR, resize="none")
    options = {"family": family, "score_threshold": 1, "tile_whole": False}
    image = image_of([(3, 12, 1, 99)], (8, 20))
    model = models.mirror((1, 3, -1, -1))
    with pytest.raises(ValueError, match="tile must be a size where the network takes any"):
        cd.Detector(model, tile=True, **options)(image)
    assert rows(cd.Detector(model, tile=8, **options)(image))[0] == (3, 12, 1, 99)


def test_tiles_raise_the_ap_of_a_trained_model(test_data):
    truth, photos = coco_images(test_data)
    options = MB3_INPUT | TOP_100 | {"tile": 320, "hint": "throughput"}
    found = cd.Detector(mb3(test_data, "mb3_ctdet_logits"), **options).predict(photos)
    assert all(len(one) == 100 for one in found)
    ap, _ = measure(test_data, found, truth)
    assert ap == pytest.approx(0.2853, abs=0.003)  # 0.2450 without
