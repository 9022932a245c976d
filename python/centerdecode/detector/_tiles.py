"""Large images seen in parts, so that small objects are not resized away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..decoding import Decoder, limited
from ..families import NMS, real_number, whole_number
from ..images import Image, Size
from ..results import Detections

_TILE = "tile of a box, while tiles are joined"


class Tile(NamedTuple):
    """A part of an image, and where it lies.

    cut: its left, top, right and bottom are not the image's own.
    original: as in `Network.prepare`.
    """

    image: Image
    top: int
    left: int
    cut: tuple[bool, bool, bool, bool] = (False, False, False, False)
    original: Size | None = None


@dataclass(frozen=True)
class Tiling:
    """How images are cut, and what is found in their parts put together.

    Boxes of one class that overlap are thinned by the decoder's NMS, or else a hard one.
    A box that ends where its tile does is a part of something: it yields to any box of
    its class, of another tile, that covers half of it.

    size: (height, width) of a tile, in pixels of the image; None: that of the network.
    overlap: of neighbours, the least, as a fraction of their size.
    whole: the whole image is seen, too, for what is larger than a tile.
    """

    size: Size | None
    overlap: float = 0.2
    whole: bool = True

    def cut(self, image: Image, network: Size | None) -> list[Tile]:
        """The tiles of an image, row by row; one where it is no larger than a tile.

        Raises:
            ValueError: neither this nor the network has a size.
        """
        height, width = image.shape[:2]
        size = self.size or network
        if size is None:
            raise ValueError("tile must be a size where the network takes any, got True")
        tops = _starts(height, size[0], self.overlap)
        lefts = _starts(width, size[1], self.overlap)
        bottoms, rights = (min(height, size[0]), min(width, size[1]))
        tiles = [
            Tile(
                image[top : top + bottoms, left : left + rights],
                top,
                left,
                (left > 0, top > 0, left + rights < width, top + bottoms < height),
            )
            for top in tops
            for left in lefts
        ]
        return [*tiles, Tile(image, 0, 0)] if self.whole and len(tiles) > 1 else tiles

    def join(
        self,
        tiles: Sequence[Tile],
        found: Sequence[Detections],
        decoder: Decoder,
        network: Size | None,
    ) -> Detections:
        """What is found in all tiles, strongest first."""
        if len(tiles) == 1:
            return found[0]
        whole, parts = [], []
        for i, (one, tile) in enumerate(zip(found, tiles, strict=True)):
            is_part = _is_part(one.xyxy, tile, _cell(tile, decoder.family.stride, network))
            tagged = replace(one, extras={**one.extras, _TILE: np.full(len(one), i)})
            whole.append(tagged[~is_part])
            parts.append(tagged[is_part])
        nms = decoder.nms or NMS()
        joined = _with_parts(nms(Detections.concat(whole)), Detections.concat(parts))
        extras = {name: column for name, column in joined.extras.items() if name != _TILE}
        best = limited(replace(joined, extras=extras), decoder.max_per_class)
        return best[: decoder.top_k]


def tiling_of(tile: Any, overlap: float, whole: bool) -> Tiling | None:
    """The options of a `Detector`.

    Raises:
        TypeError, ValueError: not a size, or an overlap outside of 0 to 1.
    """
    if tile is None or tile is False:
        return None
    overlap = real_number("tile_overlap", overlap)
    if not 0 <= overlap < 1:
        raise ValueError(f"tile_overlap must be at least 0 and less than 1, got {overlap}")
    if tile is True:
        return Tiling(None, overlap, bool(whole))
    sides = [tile] * 2 if np.ndim(tile) == 0 else [*tile]
    if len(sides) != 2:
        raise ValueError(f"tile must be a number of pixels or (height, width), got {tile!r}")
    height, width = (whole_number("tile", side, least=1) for side in sides)
    return Tiling((height, width), overlap, bool(whole))


def _starts(extent: int, tile: int, overlap: float) -> list[int]:
    """Where tiles begin that cover `extent`, evenly."""
    if extent <= tile:
        return [0]
    step = max(1, math.floor(tile * (1 - overlap)))
    count = 1 + math.ceil((extent - tile) / step)
    return [round(i * (extent - tile) / (count - 1)) for i in range(count)]


def _cell(tile: Tile, stride: float, network: Size | None) -> float:
    """The side of a cell of the heatmap, in pixels of the image: boxes are no more exact."""
    height, width = tile.image.shape[:2]
    return stride * max(height / network[0], width / network[1]) if network else stride


def _is_part(xyxy: NDArray[np.float32], tile: Tile, margin: float) -> NDArray[np.bool_]:
    """Which boxes end within `margin` of a border of the tile that is not the image's."""
    height, width = tile.image.shape[:2]
    low = np.array([tile.left, tile.top]) + margin
    high = np.array([tile.left + width, tile.top + height]) - margin
    ends = np.hstack([xyxy[:, :2] <= low, xyxy[:, 2:] >= high])
    found: NDArray[np.bool_] = (ends & np.array(tile.cut)).any(axis=1)
    return found


def _with_parts(whole: Detections, parts: Detections) -> Detections:
    """`whole`, and those parts that no box of their class and another tile, whole or a
    stronger part that stays, covers by half."""
    found = whole
    for i in range(len(parts)):
        part = parts[i]
        rivals = found.class_ids == part.class_ids[0]
        rivals &= found.extras.get(_TILE, np.empty(0)) != part.extras[_TILE][0]
        if _covered(part.xyxy[0], found.xyxy[rivals]).max(initial=0) < 0.5:
            found = Detections.concat([found, part])
    return found


def _covered(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
    """What part of a box each of the others covers."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    area = float(np.prod(box[2:] - box[:2], dtype=np.float64))
    covered: NDArray[np.float64] = np.clip(high - low, 0, None).prod(axis=1, dtype=np.float64)
    return covered / area if area > 0 else np.zeros(len(others))
