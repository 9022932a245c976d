"""What `compat.open_model_zoo` is made of: the wrapper of models, and parsers of SSD outputs."""

from ._ssd_parsers import BoxesLabelsParser, Detection, MultipleOutputParser, SingleOutputParser
from ._wrapper import Outputs, Wrapper

__all__ = [
    "BoxesLabelsParser",
    "Detection",
    "MultipleOutputParser",
    "Outputs",
    "SingleOutputParser",
    "Wrapper",
]
