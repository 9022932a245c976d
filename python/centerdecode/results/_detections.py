"""What decoding gives: arrays, strongest first, that own their memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Index: TypeAlias = "int | slice | ArrayLike"


class Peaks(NamedTuple):
    """The peaks of one heatmap, strongest first.

    scores: (n,) float32; class_ids, ys, xs: (n,) int32, the channel and the cell.
    """

    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    ys: NDArray[np.int32]
    xs: NDArray[np.int32]


class Detection(NamedTuple):
    """One row of `Detections`."""

    xyxy: NDArray[np.float32]
    score: float
    class_id: int
    keypoints: NDArray[np.float32] | None
    keypoint_scores: NDArray[np.float32] | None
    extras: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Detections:
    """What was found in one image, strongest first.

    xyxy: (n, 4) float32, the corners x1 y1 x2 y2 in pixels of the original
        image when the decoder was given a transform, else of the network input.
    scores: (n,) float32.
    class_ids: (n,) int32, the heatmap channel (or the model's own class number).
    keypoints: (n, J, 2) float32, x then y, in the frame of xyxy; or None.
    keypoint_scores: (n, J) float32, or None.
    extras: what else a family has, each an array of (n, ...).

    `len`, iteration (rows as `Detection`) and indexing by an int, a slice, a
    boolean mask or an integer array work; an index gives `Detections`.
    """

    xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    keypoints: NDArray[np.float32] | None = None
    keypoint_scores: NDArray[np.float32] | None = None
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __init__(
        self,
        xyxy: NDArray[np.float32],
        scores: NDArray[np.float32],
        class_ids: NDArray[np.int32],
        keypoints: NDArray[np.float32] | None = None,
        keypoint_scores: NDArray[np.float32] | None = None,
        extras: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        # Through the slots themselves, which a frozen class does not guard: its own way
        # takes three times as long, a tenth of a small decode.
        _set_xyxy(self, xyxy)
        _set_scores(self, scores)
        _set_class_ids(self, class_ids)
        _set_keypoints(self, keypoints)
        _set_keypoint_scores(self, keypoint_scores)
        _set_extras(self, {} if extras is None else extras)
        if extras:
            self.__post_init__()

    def __post_init__(self) -> None:
        if any(name in _OWN for name in self.extras):
            raise ValueError(f"extras must not have names of {_OWN}, got {[*self.extras]}")

    @classmethod
    def empty(cls) -> Detections:
        """No detections: arrays of length 0."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int32))

    @classmethod
    def concat(cls, parts: Iterable[Detections]) -> Detections:
        """The rows of all `parts`, strongest first; equal scores keep their order.

        Raises:
            ValueError: some parts have keypoints, or an extra, that others lack.
        """
        parts = list(parts)
        if not parts:
            return cls.empty()
        whole = [part for part in parts if len(part)] or parts[:1]
        first = whole[0]
        if any(part._columns().keys() != first._columns().keys() for part in whole):
            names = sorted({tuple(part._columns()) for part in whole})
            raise ValueError(f"parts must all have the same columns, got {names}")
        columns = {
            name: np.concatenate([part._columns()[name] for part in whole])
            for name in first._columns()
        }
        order = np.argsort(-columns["scores"], kind="stable")
        return cls._of({name: column[order] for name, column in columns.items()})

    def _columns(self) -> dict[str, NDArray[Any]]:
        named = {name: getattr(self, name) for name in _OWN if getattr(self, name) is not None}
        return named | dict(self.extras)

    @classmethod
    def _of(cls, columns: Mapping[str, NDArray[Any]]) -> Detections:
        own = {name: columns[name] for name in _OWN if name in columns}
        extras = {name: column for name, column in columns.items() if name not in _OWN}
        return cls(**own, extras=extras)

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Detection]:
        for i in range(len(self)):
            yield Detection(
                self.xyxy[i],
                float(self.scores[i]),
                int(self.class_ids[i]),
                None if self.keypoints is None else self.keypoints[i],
                None if self.keypoint_scores is None else self.keypoint_scores[i],
                {name: column[i] for name, column in self.extras.items()},
            )

    def __getitem__(self, index: Index) -> Detections:
        rows: Any = [index] if isinstance(index, (int, np.integer)) else index
        # np.copy: a slice must not keep the rows alive that it leaves out.
        return self._of({name: np.copy(col[rows]) for name, col in self._columns().items()})

    def __repr__(self) -> str:
        more = [name for name in self._columns() if name not in ("xyxy", "scores", "class_ids")]
        return f"Detections({len(self)} found{''.join(', ' + name for name in more)})"


_OWN = ("xyxy", "scores", "class_ids", "keypoints", "keypoint_scores")

_set_xyxy, _set_scores, _set_class_ids, _set_keypoints, _set_keypoint_scores, _set_extras = (
    getattr(Detections, one.name).__set__ for one in fields(Detections)
)


class Masks(NamedTuple):
    """The masks of one image's detections, in their order.

    masks: (n, height, width) uint8: 0 is background, 1 foreground. Of the class that
        shows parts, foreground is the number of the part, from 1 on.
    surface_coords: (n, height, width, 2) float32, v and u on that part; (0, 0) in the
        background and for other classes. None: there are no such heads.
    """

    masks: NDArray[np.uint8]
    surface_coords: NDArray[np.float32] | None
