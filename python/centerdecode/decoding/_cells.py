"""Heads read at the cells of detections, which become their extras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..families import Extra
from ..images import turned
from ..results import Detections
from ._wanted_extras import Wanted

if TYPE_CHECKING:
    from ._decoder import Decoder
    from ._placements import Placements

VISIBLE_BOX = "visible_box"

Cells: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32]]


class Grid(NamedTuple):
    """What the heads of a batch have in common, and where its pixels go."""

    heatmap: Any
    format: _core.HeadFormat
    stride: float
    axes: str
    transforms: NDArray[np.float64] | None
    clips: NDArray[np.float64] | None

    @classmethod
    def of(cls, decoder: Decoder, heads: Mapping[str, Any], placements: Placements) -> Grid:
        """That of the heads of a decoder's family."""
        family = decoder.family
        return cls(
            heads["heatmap"],
            decoder._format,
            family.stride,
            family.axes,
            placements.transforms,
            placements.clips,
        )

    def turned(self, differences: NDArray[np.float64], image: int) -> NDArray[np.float64]:
        """Differences (..., 2) of points in cells as such of pixels of an image."""
        pixels = differences * self.stride
        if self.transforms is None:
            return pixels
        return turned(pixels, self.transforms[image % len(self.transforms)])

    def placed(self, points: NDArray[np.float64], image: int) -> NDArray[np.float64]:
        """Points (..., 2) in cells as pixels of an image."""
        pixels = self.turned(points, image)
        if self.transforms is None:
            return pixels
        return pixels + self.transforms[image % len(self.transforms), :, 2]

    def clipped(self, points: NDArray[np.float64], image: int) -> NDArray[np.float64]:
        """Pixels (..., 2), of which none lies outside the image."""
        if self.clips is None:
            return points
        return np.clip(points, 0, self.clips[image % len(self.clips), ::-1])


def with_extras(
    images: list[Detections], cells: Sequence[Cells], wanted: Wanted, grid: Grid
) -> list[Detections]:
    """The detections of each image with what is wanted at their cells.

    Raises:
        TypeError, ValueError: a head that does not fit the heatmap, or its rule; a name
            that an extra already has.
    """
    for name, (head, rule) in wanted.items():
        numbers: list[Any] = [None] * len(images)
        if head is not None:
            numbers = _core.gather(grid.heatmap, head, name, rule.channels, grid.format, [*cells])
        images = [
            _with_extra(image, name, rule, _placed(rows, own, rule, grid, i))
            for i, (image, rows, own) in enumerate(zip(images, numbers, cells, strict=True))
        ]
    return images


def read_extras(
    decoder: Decoder,
    heads: Mapping[str, Any],
    placements: Placements,
    images: list[Detections],
    cells: Sequence[Cells],
) -> list[Detections]:
    """The same by the rules of the decoder's family, of those heads that there are."""
    if not decoder.family.extras:
        return images
    wanted = {
        name: (heads.get(name), rule)
        for name, rule in decoder.family.extras.items()
        if name in heads or rule.channels == 0
    }
    return with_extras(images, cells, wanted, Grid.of(decoder, heads, placements))


def _with_extra(
    image: Detections, name: str, rule: Extra, column: NDArray[np.float32]
) -> Detections:
    if rule.replaces_box:
        name, image, column = VISIBLE_BOX, replace(image, xyxy=column), image.xyxy
    if name in image.extras:
        raise ValueError(f"extras must have names of their own, got another {name!r}")
    return replace(image, extras={**image.extras, name: column})


def _placed(rows: Any, cells: Cells, rule: Extra, grid: Grid, image: int) -> NDArray[np.float32]:
    """What one image's rows of a head, float32 (n, C), stand for."""
    points = np.stack(cells[::-1], axis=1).astype(np.float64)
    if rule.frame == "cell":
        return grid.placed(points, image).astype(np.float32)
    with np.errstate(all="ignore"):  # a head may hold anything
        values = _activated(np.asarray(rows, np.float64), rule)
        if rule.frame == "none":
            values = values[:, 0] if values.shape[1] == 1 else values
            return values.astype(np.float32)
        pairs = values.reshape(len(values), -1, 2)
        if (rule.axes or grid.axes) == "yx":
            pairs = pairs[..., ::-1]
        if rule.frame == "displacement":
            return grid.turned(pairs[:, 0], image).astype(np.float32)
        corners = grid.clipped(grid.placed(points[:, None] + pairs, image), image)
        return corners.reshape(-1, 4).astype(np.float32)


def _activated(values: NDArray[np.float64], rule: Extra) -> NDArray[np.float64]:
    if rule.activation == "exp":
        values = np.exp(values)
    elif rule.activation != "none":
        values = 1 / (1 + np.exp(-values))
    if rule.activation == "inverse_sigmoid":
        values = 1 / (values + 1e-6) - 1
    values = values * rule.scale
    if rule.normalize:
        lengths = np.sqrt((values * values).sum(axis=1, keepdims=True))
        values = np.divide(values, lengths, out=values, where=lengths != 0)
    return values
