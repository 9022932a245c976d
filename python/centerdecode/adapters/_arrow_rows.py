"""Images as the column of a table, and what a detector finds in them as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import centerdecode as cd

from .. import interop
from .._lazy import require
from ..detector import Failed, Inferred, infer_each
from ..families import one_of
from ..images import MAX_PIXELS, decode_image, read_image

ImageAndSize: TypeAlias = tuple[NDArray[np.uint8], tuple[int, int]]
Outcome: TypeAlias = Inferred[Any] | Failed[Any]

# Where an image is looked for, unless its column is named.
_COLUMNS = ("image", "bytes", "path")
_SIZE = (512, 512)  # of a blank image, for networks that take any


class Rows:
    """Rows of images in, the same rows with what was found in them out.

    Args:
        column: holds the images: bytes of image files, paths, or arrays of (H, W, 3),
            (H, W, 4) or (H, W) uint8. None: the first of image, bytes and path that is there.
        pixels: "RGB" or "BGR", the order of channels of arrays.
        max_pixels: a file of more is an error, before it is decoded.

    Raises:
        ImportError: pyarrow is missing; the message names the extra.
        ValueError: pixels is something else.
    """

    def __init__(
        self,
        detector: cd.Detector,
        *,
        column: str | None = None,
        pixels: str = "RGB",
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        pa = require("pyarrow", "pyarrow", "interop")
        one_of("pixels", pixels, ("RGB", "BGR"))
        self._detector = detector
        self._column = column
        self._pixels = pixels
        self._max_pixels = max_pixels
        size = detector.family.size or _SIZE
        # What a model finds has the same columns in any image, be it nothing.
        self._nothing = self._structs(detector(np.zeros((*size, 3), np.uint8))[:0])
        self.schema = pa.schema(
            {
                "width": pa.int32(),
                "height": pa.int32(),
                "error": pa.string(),
                "detections": self._nothing.type,
            }
        )

    def __call__(self, batch: Any) -> Any:
        """A `pyarrow.Table`: the columns of the batch, but for pixels and bytes of the
        images, then those of `schema`. Types of a Table's columns stay what they are.

        An image that cannot be used has an error, no size and no detections.

        Args:
            batch: a dict of arrays, or a `pyarrow.Table`.

        Raises:
            ValueError: there is no such column, or one that would be written over.
        """
        return self._table(batch, lambda images: infer_each(images, self._read, self._detector))

    def lost(self, batch: Any, why: str) -> Any:
        """The same of images that are not looked at, because of that."""
        error = RuntimeError(why)
        return self._table(batch, lambda images: (Failed(image, error) for image in images))

    def _table(self, batch: Any, look: Callable[[Sequence[Any]], Iterable[Outcome]]) -> Any:
        pa = require("pyarrow", "pyarrow", "interop")
        columns = _columns_of(batch)
        name = self._name_of(columns)
        images = _values(columns[name])
        if isinstance(columns[name], pa.ChunkedArray):
            are_paths = pa.types.is_string(columns[name].type)
        else:
            are_paths = any(isinstance(image, str) for image in images)
        kept = {
            other: values if isinstance(values, pa.ChunkedArray) else pa.array(_values(values))
            for other, values in columns.items()
            if other != name or are_paths
        }
        return pa.table({**kept, **self._found(look(images))})

    def _name_of(self, columns: Mapping[str, Any]) -> str:
        taken = sorted({*columns} & {*self.schema.names})
        if taken:
            raise ValueError(f"columns must have names of their own, got {taken}")
        wanted = _COLUMNS if self._column is None else (self._column,)
        for name in wanted:
            if name in columns:
                return name
        raise ValueError(f"column must be one of {[*columns]}, got {' or '.join(wanted)}")

    def _found(self, outcomes: Iterable[Outcome]) -> dict[str, Any]:
        pa = require("pyarrow", "pyarrow", "interop")
        rows: list[tuple[int | None, int | None, str | None]] = []
        found = [self._nothing[:0]]
        for seen in outcomes:
            if isinstance(seen, Failed):
                rows.append((None, None, f"{type(seen.error).__name__}: {seen.error}"))
                found.append(self._nothing)
            else:
                height, width = seen.size
                rows.append((width, height, None))
                found.append(self._structs(seen.detections))
        columns: list[Any] = [
            pa.array([row[i] for row in rows], self.schema.types[i]) for i in range(3)
        ]
        return dict(zip(self.schema.names, [*columns, pa.concat_arrays(found)], strict=True))

    def _structs(self, detections: cd.Detections) -> Any:
        """An array of one value, the list of them."""
        table = interop.to_arrow_image(detections, self._detector.labels)
        return table["detections"].combine_chunks()

    def _read(self, item: Any) -> ImageAndSize:
        if isinstance(item, (bytes, bytearray, memoryview)):
            return decode_image(bytes(item), self._max_pixels)
        if isinstance(item, str):
            return read_image(item, self._max_pixels)
        if not isinstance(item, np.ndarray):
            raise ValueError(  # noqa: TRY004 - of this image, not of the batch
                f"an image must be bytes, a path or an array, got {type(item).__name__}"
            )
        image = bgr_of(item, self._pixels)
        return image, (image.shape[0], image.shape[1])


def bgr_of(pixels: NDArray[Any], order: str) -> NDArray[np.uint8]:
    """An image as a detector takes it: gray becomes three channels, alpha is left out.

    Raises:
        ValueError: not uint8, or not of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).
    """
    gray = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 1)
    if pixels.dtype != np.uint8 or not (gray or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise ValueError(
            f"an array must be uint8 of shape (H, W, 3), got {pixels.dtype} {pixels.shape}"
        )
    if gray:
        return np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    colors = pixels[..., 2::-1] if order == "RGB" else pixels[..., :3]
    return np.ascontiguousarray(colors)


def _columns_of(batch: Any) -> Mapping[str, Any]:
    return batch if isinstance(batch, Mapping) else {n: batch[n] for n in batch.schema.names}


def _values(column: Any) -> Sequence[Any]:
    """One for each row; those of Arrow as Python has them."""
    return list(column) if isinstance(column, np.ndarray) else column.to_pylist()
