"""From the tensors of heads to detections."""

from ._bev import decode_bev
from ._boxes import decode_boxes, decode_detection_output
from ._boxes3d import decode_boxes3d
from ._corner_pairs import Centers
from ._decoder import Decoder
from ._extreme_points import decode_extreme_points
from ._faces import decode_faces
from ._heads import base_names, match_heads
from ._levels import decode_levels
from ._limits import limited
from ._masks import decode_masks
from ._merging import zooms_of
from ._placements import Placements
from ._poses import decode_poses
from ._stages import find_peaks
from ._triplets import decode_triplets

__all__ = [
    "Centers",
    "Decoder",
    "Placements",
    "base_names",
    "decode_bev",
    "decode_boxes",
    "decode_boxes3d",
    "decode_detection_output",
    "decode_extreme_points",
    "decode_faces",
    "decode_levels",
    "decode_masks",
    "decode_poses",
    "decode_triplets",
    "find_peaks",
    "limited",
    "match_heads",
    "zooms_of",
]
