"""Decode the heads of CenterNet-family detectors natively, in place.

>>> import centerdecode as cd
>>> detections = cd.decode_boxes(heatmap, wh, offset, stride=4)
>>> detections.xyxy[detections.scores > 0.5]
"""

from typing import TYPE_CHECKING, Any

try:
    from . import _core
except ImportError as error:
    raise ImportError(
        f"the extension module of centerdecode does not load ({error}); "
        "was it built? In a checkout: pip install ."
    ) from error

from . import families
from ._decode import decode_boxes, decode_detection_output, find_peaks
from ._decoder import Decoder
from ._detections import Detection, Detections, Peaks
from ._families import Family
from ._isa import active_isa, supported_isas, use_isa
from ._nms import NMS

if TYPE_CHECKING:
    from ._detector import Detector

__version__ = _core.__version__
__all__ = [
    "NMS",
    "Decoder",
    "Detection",
    "Detections",
    "Detector",
    "Family",
    "Peaks",
    "active_isa",
    "decode_boxes",
    "decode_detection_output",
    "families",
    "find_peaks",
    "supported_isas",
    "use_isa",
]


def __getattr__(name: str) -> Any:
    # Detector lies beside OpenVINO, which is only imported where it is used.
    if name == "Detector":
        from ._detector import Detector

        return Detector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
