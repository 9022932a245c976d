"""The files of the box: python python/digits/export.py WEIGHTS.pt OUTPUT

Writes digits.xml and digits.bin (half-precision weights), and the page that the
demo reads, page.jpg with its truth page.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import openvino as ov
import pages
import sample
import torch
from centerdecode import families
from centerdecode._model_info import store_family
from network import HEADS, Network
from train import MEAN, SCALE

_FAMILY = families.CENTERNET.replace(
    name="DIGITS", color="RGB", mean=MEAN, scale=SCALE, resize="letterbox"
)
_MODEL_INFO = {
    "model_type": "centernet",
    "labels": " ".join(map(str, range(10))),
    "resize_type": "fit_to_window_letterbox",
    "pad_value": "0",
    "reverse_input_channels": "True",
    "mean_values": f"{MEAN} {MEAN} {MEAN}",
    "scale_values": f"{SCALE} {SCALE} {SCALE}",
}


class _Heads(torch.nn.Module):
    """The heads in a fixed order, because OpenVINO wants a tuple."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = self.network(image)
        return tuple(found[name] for name in HEADS)


def model(weights: Path) -> ov.Model:
    network = Network()
    network.load_state_dict(torch.load(weights, weights_only=True))
    shape = [1, 3, pages.SIDE, pages.SIDE]
    converted = ov.convert_model(
        _Heads(network).eval(), example_input=torch.zeros(shape), input=shape
    )
    converted.input().set_names({"image"})
    for output, name in zip(converted.outputs, HEADS, strict=True):
        output.set_names({name})
    for key, value in _MODEL_INFO.items():
        converted.set_rt_info(value, ["model_info", key])
    store_family(converted, _FAMILY.to_json())
    return converted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("output", type=Path)
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    ov.save_model(model(args.weights), args.output / "digits.xml", compress_to_fp16=True)
    sample.write(args.output)


if __name__ == "__main__":
    main()
