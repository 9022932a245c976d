"""Writes a copy of a model that tells DL Streamer how to decode it.

    python describe.py centernet.xml described.xml --labels coco.txt
    gst-launch-1.0 filesrc location=street.mp4 ! decodebin3 ! \\
        gvadetect model=described.xml threshold=0.3 custom-postproc-lib=$(python -c \\
        "import centerdecode; print(centerdecode.get_library('dlstreamer'))") ! \\
        gvawatermark ! autovideosink

The family is recognised as a `Detector` does, or given with --family.
"""

import argparse
from pathlib import Path

import centerdecode as cd
import openvino as ov

RESIZE_TYPES = {"letterbox": "fit_to_window_letterbox", "stretch": "standard"}


def model_info(family, names):
    """What DL Streamer reads from a model's rt_info, of a model with outputs of these names."""
    if family.resize not in RESIZE_TYPES:
        raise SystemExit(f"DL Streamer does not resize by {family.resize!r}: try --resize")
    heads = [head for head, known in family.heads.items() if names & {*known}]
    return {
        "model_type": cd.Decoder(family).settings(heads),  # the library looks for it there
        "iou_threshold": "1",  # the element would thin boxes that are to stay
        "resize_type": RESIZE_TYPES[family.resize],
        "reverse_input_channels": "true" if family.color == "RGB" else "false",
        "mean_values": " ".join(map(str, family.mean)),
        "scale_values": " ".join(map(str, family.scale)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("output")
    parser.add_argument("--family", help="of centerdecode.families")
    parser.add_argument("--resize", choices=[*RESIZE_TYPES])
    parser.add_argument("--color", choices=["BGR", "RGB"])
    parser.add_argument("--mean", type=float, nargs=3)
    parser.add_argument("--scale", type=float, nargs=3)
    parser.add_argument("--labels", help="a file with the name of a class in each line")
    arguments = parser.parse_args()

    model = ov.Core().read_model(arguments.model)
    family = arguments.family and getattr(cd.families, arguments.family)
    wishes = {name: getattr(arguments, name) for name in ("resize", "color", "mean", "scale")}
    family = cd.Detector(model, family=family, **wishes).family
    info = model_info(family, {name for output in model.outputs for name in output.names})
    if arguments.labels:
        names = Path(arguments.labels).read_text().splitlines()
        info["labels"] = " ".join(name.replace(" ", "_") for name in names)
    for key, value in info.items():
        model.set_rt_info(value, ["model_info", key])
    ov.save_model(model, arguments.output, compress_to_fp16=False)


if __name__ == "__main__":
    main()
