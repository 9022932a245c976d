"""A KServe v2 server for the tests: KServe's own, with an OpenVINO model's raw heads.

Runs as `python v2_server.py MODEL ELEMENT_TYPE`, on a free port of loopback, which it
prints when it listens. ELEMENT_TYPE is that of the outputs, f32 or f16.
"""

import socket
import sys

import numpy as np
import openvino as ov
from kserve import InferOutput, InferResponse, Model, ModelServer
from kserve.protocol.rest.server import RESTServer

DATATYPES = {"f32": "FP32", "f16": "FP16"}
DTYPES = {"f32": np.float32, "f16": np.float16}


class Heads(Model):
    """Gives the model's outputs as they are."""

    def __init__(self, path, element_type):
        super().__init__("centernet")
        settings = {"INFERENCE_PRECISION_HINT": "f32"}
        self.compiled = ov.Core().compile_model(path, "CPU", settings)
        self.element_type = element_type
        self.ready = True

    async def get_input_types(self):
        return [{**described(port), "datatype": "FP32"} for port in self.compiled.inputs]

    async def get_output_types(self):
        datatype = DATATYPES[self.element_type]
        return [{**described(port), "datatype": datatype} for port in self.compiled.outputs]

    def predict(self, payload, headers=None, response_headers=None):
        found = self.compiled({one.name: one.as_numpy() for one in payload.inputs})
        outputs = []
        for port in self.compiled.outputs:
            head = found[port].astype(DTYPES[self.element_type])
            output = InferOutput(port.any_name, [*head.shape], DATATYPES[self.element_type])
            output.set_data_from_numpy(head)
            outputs.append(output)
        return InferResponse(payload.id, self.name, outputs, use_binary_outputs=True)


def described(port):
    return {"name": port.any_name, "shape": [*port.shape]}


def main():
    server = ModelServer(enable_grpc=False)
    server.register_model(Heads(*sys.argv[1:]))
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    app = "kserve.model_server:app"
    RESTServer(app, server.dataplane, server.model_repository_extension, 0).run([listening])


if __name__ == "__main__":
    main()
