"""A decoder in operations that OpenVINO and ONNX have in common."""

from ._decode import RANKS, decode
from ._maps import map_of
from ._onnx_ops import LEAST_OPSET, OnnxOps
from ._openvino_ops import OpenVINOOps
from ._ops import Value
from ._portable_rules import decoder_of

__all__ = [
    "LEAST_OPSET",
    "RANKS",
    "OnnxOps",
    "OpenVINOOps",
    "Value",
    "decode",
    "decoder_of",
    "map_of",
]
