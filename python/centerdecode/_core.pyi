"""The extension module. Private: import from `centerdecode` instead."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, overload

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
_PoseArrays: TypeAlias = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.float32] | None,
    NDArray[np.int32],
    NDArray[np.int32],
]

_Box3dArrays: TypeAlias = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.int32],
]
_BevArrays: TypeAlias = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32] | None,
    NDArray[np.int32],
    NDArray[np.int32],
]
_ExtremeArrays: TypeAlias = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
]
_PairArrays: TypeAlias = tuple[
    NDArray[np.float32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]
]
_CenterArrays: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]

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
    def of_scores(self) -> PeakOptions: ...
    @property
    def raw_threshold(self) -> float: ...

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

class Refinement:
    def __init__(
        self,
        ranking: str,
        score_threshold: float,
        box_scale: float,
        search_scale: float,
        distance_offset: float,
        distance_multiplier: float,
        std_devs: list[float],
        extent_margin: float | None,
        /,
    ) -> None: ...

class PoseRule:
    def __init__(
        self,
        order: str,
        axes: str,
        frame: str,
        activation: str,
        candidates: PeakOptions,
        refinement: Refinement,
        unmatched_score: float | None,
        single: bool,
        /,
    ) -> None: ...

class ExtremeFormat:
    def __init__(
        self,
        point_threshold: float,
        center_threshold: float,
        score_threshold: float,
        max_detections: int,
        class_agnostic: bool,
        edge_weight: float,
        /,
    ) -> None: ...

class MaskRule:
    def __init__(
        self,
        height: int,
        width: int,
        score_threshold: float,
        activation: str,
        part_class: int,
        stride: float | None,
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
        shape: str,
        radius: float,
        /,
    ) -> None: ...

class BevRule:
    def __init__(
        self,
        voxel: Sequence[float],
        origin: Sequence[float],
        range: Sequence[float],
        clockwise: bool,
        /,
    ) -> None: ...

class KeypointPairs:
    def __init__(self, pairs: list[tuple[int, int]], of: int | None, /) -> None: ...

class Unmirrored:
    def __init__(self, head: Any, /) -> None: ...

def find_peaks(
    heatmap: Any, format: HeadFormat, options: PeakOptions, /
) -> _PeakArrays | list[_PeakArrays]: ...
@overload
def decode_boxes(
    heatmap: Any,
    wh: Any,
    offset: Any,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    with_cells: Literal[False],
    /,
) -> _RowArrays | list[_RowArrays]: ...
@overload
def decode_boxes(
    heatmap: Any,
    wh: Any,
    offset: Any,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    with_cells: Literal[True],
    /,
) -> _BoxArrays | list[_BoxArrays]: ...
def decode_poses(
    heatmap: Any,
    wh: Any,
    offset: Any,
    keypoints: Any,
    keypoint_heatmap: Any,
    keypoint_offset: Any,
    keypoint_depth: Any,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    pose: PoseRule,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    given: list[_PeakArrays] | None,
    /,
) -> _PoseArrays | list[_PoseArrays]: ...
def refine(
    regressed: NDArray[np.float64],
    boxes: NDArray[np.float64] | None,
    candidates: NDArray[np.float64],
    scores: NDArray[np.float32],
    counts: NDArray[np.int32],
    pose: PoseRule,
    /,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]: ...
def decode_boxes3d(
    heatmap: Any,
    rotation: Any,
    depth: Any,
    dimensions: Any,
    wh: Any,
    offset: Any,
    amodal_offset: Any,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    depth_activation: str,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    calibrations: NDArray[np.float64] | None,
    /,
) -> _Box3dArrays | list[_Box3dArrays]: ...
def decode_levels(
    heatmaps: list[Any] | None,
    agnostics: list[Any] | None,
    whs: list[Any],
    format: HeadFormat,
    options: PeakOptions,
    boxes: list[BoxFormat],
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    /,
) -> tuple[list[list[_RowArrays]], bool]: ...
def decode_bev(
    heatmap: Any,
    offset: Any,
    height: Any,
    dimensions: Any,
    heading: Any,
    velocity: Any,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    bev: BevRule,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    /,
) -> _BevArrays | list[_BevArrays]: ...
def decode_extreme_points(
    sides: tuple[Any, ...],
    center: Any,
    offsets: tuple[Any, ...] | None,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    extreme: ExtremeFormat,
    flip: bool,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    /,
) -> tuple[list[_ExtremeArrays], bool]: ...
def rank_quadruples(
    sides: list[_PeakArrays],
    center: Any,
    format: HeadFormat,
    extreme: ExtremeFormat,
    all: bool,
    /,
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], int]: ...
def aggregate_edges(
    heatmap: Any, format: HeadFormat, weight: float, along_rows: bool, /
) -> NDArray[np.float32]: ...
def decode_pairs(
    top_left: tuple[Any, Any, Any],
    bottom_right: tuple[Any, Any, Any],
    center: tuple[Any, Any, Any] | None,
    format: HeadFormat,
    options: PeakOptions,
    box: BoxFormat,
    tag_threshold: float,
    max_pairs: int,
    margin: float | None,
    flip: bool,
    transforms: NDArray[np.float64] | None,
    clips: NDArray[np.float64] | None,
    /,
) -> tuple[list[tuple[_PairArrays, _CenterArrays | None]], bool]: ...
def join_pairs(
    parts: Sequence[_PairArrays],
    centers: Sequence[_CenterArrays] | None,
    area_limit: float,
    least: float,
    most: int,
    /,
) -> _PairArrays: ...
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
def decode_detection_output(
    tensor: Any,
    element_type: str,
    image_id: int,
    height: float,
    width: float,
    score_threshold: float,
    /,
) -> _RowArrays: ...
def count_detection_images(tensor: Any, element_type: str, /) -> int: ...
def gather(
    heatmap: Any,
    head: Any,
    name: str,
    channels: int | None,
    format: HeadFormat,
    cells: list[tuple[NDArray[np.int32], NDArray[np.int32]]],
    /,
) -> list[NDArray[np.float32]]: ...
def cut_masks(
    segmentation: Any,
    parts: Any,
    surface_coords: Any,
    format: HeadFormat,
    rows: list[tuple[NDArray[np.float64], NDArray[np.int32]]],
    rule: MaskRule,
    /,
) -> list[tuple[NDArray[np.uint8], NDArray[np.float32] | None]]: ...
def merge_heatmap(
    heatmap: Any, format: HeadFormat, options: PeakOptions, all: bool, /
) -> NDArray[np.float32]: ...
def merge_sizes(
    wh: Any, format: HeadFormat, box: BoxFormat, has_offset: bool, /
) -> NDArray[np.float32]: ...
def merge_keypoints(
    keypoints: Any, format: HeadFormat, pose: PoseRule, pairs: KeypointPairs, /
) -> NDArray[np.float32]: ...
def merge_keypoint_heatmap(
    heatmap: Any, format: HeadFormat, pose: PoseRule, pairs: KeypointPairs, /
) -> NDArray[np.float32]: ...
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
