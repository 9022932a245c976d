"""Detects objects in a photo with a model that a KServe v2 server runs.

The server infers, and sends the raw heads back as binary tensors; they are decoded here.
Triton, KServe and OpenVINO Model Server speak the protocol.

    pip install "centerdecode[cli,kserve]"
    python client.py localhost:8000 centernet street.jpg --color RGB --mean 0 0 0 --scale 1 1 1
"""

import argparse

import centerdecode as cd
import cv2
import numpy as np
from tritonclient import http


def letterbox(image, height, width):
    """The image in the middle of a black one of the network's size, and the 2 x 3 matrix
    that takes pixels of the latter to those of the image."""
    zoom = min(height / image.shape[0], width / image.shape[1])
    size = round(image.shape[1] * zoom), round(image.shape[0] * zoom)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(image, size)
    inverse = np.linalg.inv(np.diag([size[0] / image.shape[1], size[1] / image.shape[0]]))
    return canvas, np.hstack([inverse, -inverse @ np.array([[left], [top]])])


def infer(client, model, image, family):
    """The model's outputs for a BGR image by name, and the matrix that places them."""
    meta = client.get_model_metadata(model)
    port, shape = meta["inputs"][0], [max(int(n), 1) for n in meta["inputs"][0]["shape"]]
    channels_last = shape[-1] == 3
    canvas, matrix = letterbox(image, *(shape[1:3] if channels_last else shape[2:4]))
    pixels = canvas[..., ::-1] if family.color == "RGB" else canvas
    pixels = (pixels.astype(np.float32) - np.float32(family.mean)) / np.float32(family.scale)
    tensor = pixels[None] if channels_last else pixels.transpose(2, 0, 1)[None]
    given = http.InferInput(port["name"], tensor.shape, "FP32")
    given.set_data_from_numpy(np.ascontiguousarray(tensor), binary_data=True)
    names = [output["name"] for output in meta["outputs"]]
    wanted = [http.InferRequestedOutput(name, binary_data=True) for name in names]
    answer = client.infer(model, [given], outputs=wanted)
    return {name: answer.as_numpy(name) for name in names}, matrix


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", help="host:port of its REST endpoint")
    parser.add_argument("model", help="name of the model there")
    parser.add_argument("image")
    parser.add_argument("--family", default="CENTERNET", help="of centerdecode.families")
    parser.add_argument("--color", choices=["BGR", "RGB"])
    parser.add_argument("--mean", type=float, nargs=3)
    parser.add_argument("--scale", type=float, nargs=3)
    parser.add_argument("--score-threshold", type=float, default=0.3)
    arguments = parser.parse_args()

    input_fields = {"color": arguments.color, "mean": arguments.mean, "scale": arguments.scale}
    given = {name: value for name, value in input_fields.items() if value is not None}
    family = getattr(cd.families, arguments.family).replace(**given)
    # FP16 outputs are float16 arrays; "f16" says that they are not bf16 in disguise.
    decoder = cd.Decoder(family, score_threshold=arguments.score_threshold, element_type="f16")
    with http.InferenceServerClient(arguments.server) as client:
        outputs, matrix = infer(client, arguments.model, cv2.imread(arguments.image), family)
    for xyxy, score, class_id, *_ in decoder(outputs, transform=matrix)[0]:
        print(class_id, score, *xyxy)


if __name__ == "__main__":
    main()
