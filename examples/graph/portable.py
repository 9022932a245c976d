"""A decoder in a model's graph, in standard operations; and one taken out of it.

python portable.py MODEL.xml OUT.xml          puts a decoder into a model with heads
python portable.py --cut MODEL.xml OUT.xml    takes out the one that a model has
"""

import sys

import openvino as ov
from centerdecode import graph

*options, model, out = sys.argv[1:]
made = graph.cut(model) if options == ["--cut"] else graph.embed(model, native=False)
ov.save_model(made, out, compress_to_fp16=False)
print(*made.outputs, sep="\n")
