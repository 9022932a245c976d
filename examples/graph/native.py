"""Detects with a model that decodes in its own graph: python native.py MODEL.xml IMAGE OUT.xml

The model with the decoder goes to OUT.xml, and is then used by a Detector, which needs to be
told nothing, and compiled by OpenVINO alone.
"""

import sys

import centerdecode as cd
import cv2
import openvino as ov
from centerdecode import graph

model, image, out = sys.argv[1:]
ov.save_model(graph.embed(model, score_threshold=0.3), out, compress_to_fp16=False)

photo = cv2.imread(image)
for xyxy, score, class_id, *_ in cd.Detector(out)(photo):
    print(class_id, f"{score:.6f}", *xyxy.round(2))

core = ov.Core()
graph.add_to(core)  # it knows the operation now; benchmark_app has -extensions for that
network = core.compile_model(out, "CPU")
print(*(f"{port.get_any_name()} {port.partial_shape}" for port in network.outputs), sep="\n")
