"""The extension module. Private: import from `centerdecode` instead."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

_PeakArrays: TypeAlias = tuple[
    NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]
]
_RowArrays: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]
_BoxArrays: TypeAlias = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.int32],
]

__version__: str
compiler: str

class HeadFormat:
    def __init__(self, layout: str, element_type: str, /) -> None: ...

class PeakOptions:
    def __init__(
        self,
        top_k: int,
        score_threshold: float,
        activation: str,
        window: int,
        plateaus: str,
        classes: list[int] | None,
        best_class: bool,
        most_per_class: int,
        tolerance: float,
        /,
    ) -> None: ...

class BoxFormat:
    def __init__(
        self,
        stride: float,
        encoding: str,
        units: str,
        activation: str,
        axes: str,
        center_shift: float | None,
        /,
    ) -> None: ...

class NmsRule:
    def __init__(
        self,
        kind: str,
        iou_threshold: float,
        sigma: float,
        score_threshold: float,
        class_agnostic: bool,
        whole_pixels: bool,
        inclusive: bool,
        /,
    ) -> None: ...

def find_peaks(
    heatmap: Any, format: HeadFormat, options: PeakOptions, /
) -> _PeakArrays | list[_PeakArrays]: ...
def decode_boxes(
    heatmap: Any,
    wh: Any,
    offset: Any,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    /,
) -> _BoxArrays | list[_BoxArrays]: ...
def decode_detection_output(
    tensor: Any,
    element_type: str,
    image_id: int,
    height: float,
    width: float,
    score_threshold: float,
    /,
) -> _RowArrays: ...
def gather(
    head: Any, format: HeadFormat, image: int, ys: NDArray[np.int32], xs: NDArray[np.int32], /
) -> NDArray[np.float32]: ...
def nms(
    xyxy: NDArray[np.float32],
    scores: NDArray[np.float32],
    class_ids: NDArray[np.int32],
    rule: NmsRule,
    /,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...
def active_isa() -> str: ...
def compiled_isas() -> list[str]: ...
def set_isa(name: str, /) -> None: ...
def supported_isas() -> list[str]: ...
