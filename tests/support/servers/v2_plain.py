"""A KServe v2 server of the standard library alone, with the binary tensors of the
protocol's extension, where KServe's own is not installed: see v2_server.py.

Runs as `python v2_plain.py MODEL ELEMENT_TYPE`.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import openvino as ov

DTYPES = {"FP32": np.float32, "FP16": np.float16}
DATATYPES = {"f32": "FP32", "f16": "FP16"}
LENGTH = "Inference-Header-Content-Length"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        assert self.path == "/v2/models/centernet", self.path
        described = {
            "name": "centernet",
            "inputs": [self.described(port, "FP32") for port in self.compiled.inputs],
            "outputs": [self.described(port, self.datatype) for port in self.compiled.outputs],
        }
        self.answer(json.dumps(described).encode())

    def do_POST(self):
        assert self.path == "/v2/models/centernet/infer", self.path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        start = int(self.headers[LENGTH])
        (given,) = json.loads(body[:start])["inputs"]
        size = given["parameters"]["binary_data_size"]
        assert len(body) == start + size
        tensor = np.frombuffer(body[start:], DTYPES[given["datatype"]]).reshape(given["shape"])
        found = self.compiled({given["name"]: tensor})
        heads = {port: found[port].astype(DTYPES[self.datatype]) for port in self.compiled.outputs}
        outputs = [
            self.described(port, self.datatype) | {"parameters": {"binary_data_size": head.nbytes}}
            for port, head in heads.items()
        ]
        head = json.dumps({"model_name": "centernet", "outputs": outputs}).encode()
        self.answer(head + b"".join(one.tobytes() for one in heads.values()), {LENGTH: len(head)})

    def answer(self, body, headers=()):
        self.send_response(200)
        for name, value in {**dict(headers), "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def described(port, datatype):
        return {"name": port.any_name, "datatype": datatype, "shape": [*port.shape]}


def main():
    path, element_type = sys.argv[1:]
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    Handler.compiled = ov.Core().compile_model(path, "CPU", settings)
    Handler.datatype = DATATYPES[element_type]
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
