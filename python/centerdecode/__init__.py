"""Decode the heads of CenterNet-family detectors natively, in place.

>>> import centerdecode as cd
>>> detections = cd.decode_boxes(heatmap, wh, offset, stride=4)
>>> detections.xyxy[detections.scores > 0.5]
"""

import importlib
from types import FunctionType
from typing import TYPE_CHECKING, Any

try:
    from . import _core
except ImportError as error:
    raise ImportError(
        f"the extension module of centerdecode does not load ({error}); "
        "was it built? In a checkout: pip install ."
    ) from error

from . import _moved, families, interop
from ._isa import active_isa, build_info, supported_isas, use_isa
from ._paths import get_cmake_dir, get_include, get_library
from .decoding import (
    Decoder,
    decode_bev,
    decode_boxes,
    decode_boxes3d,
    decode_detection_output,
    decode_extreme_points,
    decode_faces,
    decode_levels,
    decode_masks,
    decode_poses,
    decode_triplets,
    find_peaks,
)
from .families import (
    NMS,
    BevRule,
    Extra,
    ExtremeRule,
    Family,
    KeypointRule,
    KeypointTask,
    LevelRule,
    MaskRule,
    Refinement,
    TripletRule,
)
from .results import Detection, Detections, Masks, Peaks

if TYPE_CHECKING:
    from . import compat, graph, presets, video
    from .detector import Detector

__version__ = _core.__version__
__all__ = [
    "NMS",
    "BevRule",
    "Decoder",
    "Detection",
    "Detections",
    "Detector",
    "Extra",
    "ExtremeRule",
    "Family",
    "KeypointRule",
    "KeypointTask",
    "LevelRule",
    "MaskRule",
    "Masks",
    "Peaks",
    "Refinement",
    "TripletRule",
    "active_isa",
    "build_info",
    "compat",
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
    "families",
    "find_peaks",
    "get_cmake_dir",
    "get_include",
    "get_library",
    "graph",
    "interop",
    "presets",
    "supported_isas",
    "use_isa",
    "video",
]


def _adopt(value: object) -> None:
    """Let reprs and pickles name a class or a function by this package, whatever its file."""
    if isinstance(value, (type, FunctionType)):
        value.__module__ = __name__


for _name in __all__:
    _adopt(globals().get(_name))
_moved.register()


def __getattr__(name: str) -> Any:
    # What most programs do not need is imported when it is asked for.
    if name == "Detector":
        from .detector import Detector

        _adopt(Detector)
        return Detector
    if name in ("compat", "graph", "presets", "video"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
