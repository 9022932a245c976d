"""The extension module. Private: import from `centerdecode` instead."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

_Options: TypeAlias = list[tuple[str, str]]
_Floats64: TypeAlias = NDArray[np.float64]

# xyxy, scores, class_ids, keypoints, keypoint_scores, and further columns by name.
_Columns: TypeAlias = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.float32] | None,
    NDArray[np.float32] | None,
    dict[str, NDArray[Any]] | None,
]
_PeakArrays: TypeAlias = tuple[
    NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]
]

# height, width, score threshold, activation, class of parts or -1, stride
MaskRule: TypeAlias = tuple[int, int, float, str, int, float | None]

__version__: str
compiler: str

def option_keys() -> list[tuple[str, str, bool, str]]: ...
def check_options(options: _Options, /) -> None: ...
def needed_heads(decoder: str, /) -> list[list[str]]: ...

class Decoder:
    joins: bool
    def __init__(self, options: _Options, names: list[str], element_type: str, /) -> None: ...
    @overload
    def __call__(
        self,
        heads: Sequence[Any],
        transforms: _Floats64 | None,
        clips: _Floats64 | None,
        input_sizes: _Floats64 | None,
        cameras: _Floats64 | None,
        unwrap: Literal[False],
        /,
    ) -> list[_Columns]: ...
    @overload
    def __call__(
        self,
        heads: Sequence[Any],
        transforms: _Floats64 | None,
        clips: _Floats64 | None,
        input_sizes: _Floats64 | None,
        cameras: _Floats64 | None,
        unwrap: Literal[True],
        /,
    ) -> _Columns | list[_Columns]: ...
    @overload
    def decode_scales(
        self,
        heads: Sequence[Any],
        transforms: list[_Floats64 | None],
        clips: _Floats64 | None,
        unwrap: Literal[False],
        /,
    ) -> list[_Columns]: ...
    @overload
    def decode_scales(
        self,
        heads: Sequence[Any],
        transforms: list[_Floats64 | None],
        clips: _Floats64 | None,
        unwrap: Literal[True],
        /,
    ) -> _Columns | list[_Columns]: ...
    def column_names(self, channels: Sequence[int], /) -> list[str]: ...
    def settings(self) -> str: ...

class HeadFormat:
    def __init__(self, layout: str, element_type: str, /) -> None: ...

class PeakOptions:
    def __init__(self, options: _Options, tolerance: float, /) -> None: ...

class NmsRule:
    def __init__(self, options: _Options, /) -> None: ...

def find_peaks(
    heatmap: Any, format: HeadFormat, options: PeakOptions, /
) -> _PeakArrays | list[_PeakArrays]: ...
def raw_threshold(score_threshold: float, activation: str, /) -> float: ...
def refine(
    regressed: NDArray[np.float64],
    boxes: NDArray[np.float64] | None,
    candidates: NDArray[np.float64],
    scores: NDArray[np.float32],
    counts: NDArray[np.int32],
    options: _Options,
    /,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]: ...
def rank_quadruples(
    sides: list[_PeakArrays],
    center: Any,
    format: HeadFormat,
    point_threshold: float,
    center_threshold: float,
    max_detections: int,
    class_agnostic: bool,
    all: bool,
    /,
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], int]: ...
def aggregate_edges(
    heatmap: Any, format: HeadFormat, weight: float, along_rows: bool, /
) -> NDArray[np.float32]: ...
def rescore_by_centers(
    xyxy: NDArray[np.float32],
    scores: NDArray[np.float32],
    class_ids: NDArray[np.int32],
    points: NDArray[np.float32],
    point_scores: NDArray[np.float32],
    point_class_ids: NDArray[np.int32],
    area_limit: float,
    /,
) -> NDArray[np.float32]: ...
def cut_masks(
    segmentation: Any,
    parts: Any,
    surface_coords: Any,
    format: HeadFormat,
    rows: list[tuple[NDArray[np.float64], NDArray[np.int32]]],
    rule: MaskRule,
    /,
) -> list[tuple[NDArray[np.uint8], NDArray[np.float32] | None]]: ...
def nms(
    shapes: NDArray[np.float32],
    scores: NDArray[np.float32],
    class_ids: NDArray[np.int32],
    rule: NmsRule,
    /,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...
def active_isa() -> str: ...
def compiled_isas() -> list[str]: ...
def set_isa(name: str, /) -> None: ...
def supported_isas() -> list[str]: ...
