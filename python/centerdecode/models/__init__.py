"""OpenVINO's models: read, recognised, given their preprocessing, compiled."""

from ._embedded import EmbeddedDecoder, limits_of
from ._extension import add_to, build_extension, default_core, extension_path
from ._identity import INPUT_FIELDS, Identity, identify
from ._network import Network, build, names_of, read
from ._outputs import Output, outputs_of
from ._recognise import Recognition, match, recognise
from ._rt_info import ONNX_EMBEDDED, ONNX_FAMILY, ONNX_LABELS, store, store_decoder

__all__ = [
    "INPUT_FIELDS",
    "ONNX_EMBEDDED",
    "ONNX_FAMILY",
    "ONNX_LABELS",
    "EmbeddedDecoder",
    "Identity",
    "Network",
    "Output",
    "Recognition",
    "add_to",
    "build",
    "build_extension",
    "default_core",
    "extension_path",
    "identify",
    "limits_of",
    "match",
    "names_of",
    "outputs_of",
    "read",
    "recognise",
    "store",
    "store_decoder",
]
