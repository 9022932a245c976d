"""Decoders inside OpenVINO models.

>>> embedded = graph.embed("centernet.xml", score_threshold=0.1)
>>> ov.save_model(embedded, "embedded.xml")
>>> detections = cd.Detector("embedded.xml")(cv2.imread("street.jpg"))
"""

from ..models import add_to, build_extension, extension_path
from ._embed import embed
from ._embed_onnx import embed_onnx
from .cutting import cut

__all__ = ["add_to", "build_extension", "cut", "embed", "embed_onnx", "extension_path"]
