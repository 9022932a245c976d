"""The Python node of graph.pbtxt: raw heads and a transform in, detections out."""

from centerdecode import families
from centerdecode.adapters import ovms


class OvmsPythonModel(ovms.OvmsPythonModel):
    family = families.CENTERNET
    options = {"score_threshold": 0.1}  # noqa: RUF012
