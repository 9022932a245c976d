"""Options of TensorFlow's CenterNet, under the names of its proto."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Keypoints of one class of objects."""

    class_id: int = 0
    keypoint_indices: Sequence[int] | None = None
    keypoint_std_dev: Sequence[float] | None = None
    keypoint_candidate_score_threshold: float = 0.1
    num_candidates_per_keypoint: int = 100
    peak_max_pool_kernel_size: int | None = 3
    unmatched_keypoint_score: float = 0.1
    box_scale: float = 1.2
    candidate_search_scale: float = 0.3
    candidate_ranking_mode: str = "min_distance"
    score_distance_offset: float = 1e-6
    score_distance_multiplier: float = 0.1
    std_dev_multiplier: float = 1.0
    rescore_instances: bool = False
    rescoring_threshold: float = 0.0
    clip_out_of_frame_keypoints: bool = False
    argmax_postprocessing: bool = False
    gaussian_denom_ratio: float = 0.1

    def columns(self, joints: int) -> list[int]:
        """Where its keypoints are among those of all tasks; of itself it has so many."""
        indices = self.keypoint_indices
        return list(range(joints)) if indices is None else [int(index) for index in indices]

    def std_devs(self, joints: int) -> list[float]:
        given = [1.0] * joints if self.keypoint_std_dev is None else self.keypoint_std_dev
        return [float(value) * self.std_dev_multiplier for value in given]


@dataclass(frozen=True, kw_only=True, slots=True)
class Masks:
    mask_height: int = 256
    mask_width: int = 256
    score_threshold: float = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class DensePose:
    class_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppression:
    """NMS of boxes."""

    score_threshold: float = 0.0
    iou_threshold: float = 0.6
    max_detections_per_class: int = 100
    max_total_detections: int = 100


Options = TypeVar("Options", Task, Masks, DensePose, Suppression)


def options_of(kind: type[Options], given: Any) -> Options:
    """A mapping as options of a kind; or a named tuple of upstream's, whose fields that
    training alone has are passed over.

    Raises:
        TypeError: neither, or an option that is not known.
    """
    if isinstance(given, kind):
        return given
    known = [field.name for field in fields(kind)]
    if hasattr(given, "_asdict"):
        return kind(**{name: value for name, value in given._asdict().items() if name in known})
    if not isinstance(given, Mapping):
        raise TypeError(f"options must be a mapping or a named tuple, got {given!r}")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise TypeError(f"options must be among {', '.join(known)}, got {', '.join(unknown)}")
    return kind(**given)
