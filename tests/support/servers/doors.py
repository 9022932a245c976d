"""The ways into the library besides Python's: what each of them finds in the same heads.

`python -m support.servers.doors CASES RESULTS` goes through the C library and OpenVINO's operation
in a process of its own, because an instruction set is chosen once in each.
"""

import json
import os
import pickle
import subprocess
import sys
from typing import Any, NamedTuple

import centerdecode as cd
import numpy as np
from centerdecode import families, graph
from support import c_library
from support.graphs import compiled, head_model
from support.paths import ROOT
from support.sayable import make_heads, make_rows

PLACE = {"transform": [[1.7, 0.25, -11.3], [0, 2.1, 4.7]], "clip": (61.3, 89.9)}
CAMERA = [[700.0, 0, 40, 3], [0, 710, 20, -2], [0, 0, 1, 0.01]]
NOT_MIRRORED = ("boxes3d", "bev", "levels")
DECODED = ("detection_output", "zoo", "embedded")


# Keypoints of two classes, which no family of the package has.
_TASK_HEADS = ("keypoints", "keypoint_heatmap", "keypoint_offset")
TASKS = families.CENTERNET.replace(
    name="TASKS",
    decoder="pose_tasks",
    heads=families.CENTERNET.heads
    | {f"{task}/{head}": (f"{task}_{head}",) for task in ("a", "b") for head in _TASK_HEADS},
    optional=("offset", *(f"{task}/{head}" for task in ("a", "b") for head in _TASK_HEADS[1:])),
    keypoint_tasks={
        "a": cd.KeypointTask(class_id=1),
        "b": cd.KeypointTask(class_id=2, indices=(4, 3, 7, 1, 0)),
    },
)


# What `embed` makes of a family with extras.
COLUMNS = {"point": 2, "step": 2, "box": 4, "plain": 3}
EXTRAS = families.EMBEDDED.replace(
    name="EXTRAS",
    heads=families.EMBEDDED.heads | {name: (name,) for name in (*COLUMNS, "whole")},
    extras={
        "point": cd.Extra(frame="cell"),
        "step": cd.Extra(frame="displacement"),
        "box": cd.Extra(frame="box"),
        "plain": cd.Extra(),
        "whole": cd.Extra(),
    },
)


class Case(NamedTuple):
    """A decoder, the heads of a batch by name, and where what is found goes."""

    family: cd.Family
    options: dict[str, Any]
    heads: dict[str, Any]
    place: dict[str, Any] = {}  # noqa: RUF012

    def decoder(self):
        return cd.Decoder(self.family, **self.options)

    def settings(self):
        return self.decoder().settings([*self.heads], input_size=self.place.get("input_size"))

    def by_python(self):
        decoder = self.decoder()
        return decoder.decode_heads(self.heads, self._placements())

    def _placements(self):
        from centerdecode.decoding import Placements

        place = dict.fromkeys(("transform", "clip", "input_size")) | self.place
        return Placements(
            None if place["transform"] is None else np.array(place["transform"], float)[None],
            None if place["clip"] is None else np.array(place["clip"], float)[None],
            place["input_size"],
        )


def cases():
    """Every family, with the options that change its heads or its columns."""
    for family in (*families.ALL, TASKS):
        if family.decoder in DECODED:
            size = {} if family.decoder == "embedded" else {"input_size": (320, 544)}
            rows = make_rows(family)
            yield family.name, Case(family, {"score_threshold": 0.2}, rows, size)
            yield f"{family.name} placed", Case(family, {"top_k": 3}, rows, PLACE | size)
            if family is families.EMBEDDED:
                more = {name: rows["boxes"][..., :n] for name, n in COLUMNS.items()}
                more["whole"] = np.stack([rows["class_ids"]] * 3, 2)
                yield "EMBEDDED with extras", Case(EXTRAS, {"top_k": 3}, rows | more, PLACE)
            continue
        heads = make_heads(family, family.heads)
        more = {"calibration": CAMERA} if family.decoder == "boxes3d" else {}
        yield family.name, Case(family, {"top_k": 30} | more, heads)
        yield f"{family.name} placed", Case(family, {"top_k": 30} | more, heads, PLACE)
        least = {head: heads[head] for head in family.required}
        yield f"{family.name} of least heads", Case(family, {"top_k": 7} | more, least)
        if family.decoder not in NOT_MIRRORED and family is not TASKS:
            pairs = make_heads(family, least, batch=4, joints=17)  # each image and its mirror image
            yield f"{family.name} flipped", Case(family, {"top_k": 9, "flip": True}, pairs)


def by_c(case):
    library = c_library.Decoder(case.settings())
    tensors = [c_library.Tensor.of(head) for head in case.heads.values()]
    images = library.number("num_images", tensors)
    return [library(tensors, i, **case.place) for i in range(images)]


def by_graph(case):
    """What the operation finds; it places nothing."""
    model = head_model(case.family, case.heads)
    network = compiled(graph.embed(model, case.family, **case.options))
    found = network([*case.heads.values()])
    outputs = {port.get_any_name(): array for port, array in found.items()}
    counts = outputs.pop("counts")
    names = ("boxes", "scores", "class_ids", "keypoints", "keypoint_scores")
    images = []
    for i, count in enumerate(counts):
        rows = {name: array[i][:count] for name, array in outputs.items()}
        common = [rows.pop(name, None) for name in names]
        images.append(cd.Detections(*common, extras=rows))
    return images


def build_cpp(folder):
    """Compile the program that decodes in C++; return its path."""
    target = folder / "decode_cases"
    lib = os.path.dirname(cd.get_library())
    command = ["c++", "-std=c++17", "-O1", ROOT / "tests" / "cpp" / "doors" / "decode_cases.cpp"]
    command += ["-I", cd.get_include(), f"{lib}/libcenterdecode_core.a", "-o", target]
    subprocess.run(command, check=True)
    return target


TYPES = ("float32", "float16", "bfloat16", "int8", "uint8", "int16", "uint16", "int32")


def by_cpp(program, case, folder, env):
    """What the program finds: heads go by files, and so do columns."""
    folder.mkdir()
    place = case.place
    lines = [case.settings().replace(";", "\n"), "---", str(len(case.heads))]
    for i, head in enumerate(case.heads.values()):
        head.tofile(folder / f"head{i}")
        lines.append(f"{TYPES.index(head.dtype.name)} {head.ndim} {' '.join(map(str, head.shape))}")
    for name in ("transform", "clip", "input_size"):
        numbers = np.ravel(place.get(name, [])).astype(float)
        lines.append(f"{numbers.size} {' '.join(number.hex() for number in numbers.tolist())}")
    (folder / "case").write_text("\n".join(lines))
    run = subprocess.run([program, folder], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = [{} for _ in range(json.loads((folder / "images").read_text()))]
    for line in run.stdout.splitlines():
        image, name, dtype, shape = line.split("|")
        array = np.fromfile(folder / f"{image}.{name}", dtype)
        found[int(image)][name] = array.reshape(json.loads(shape))
    images = []
    for rows in found:
        names = ("xyxy", "scores", "class_ids", "keypoints", "keypoint_scores")
        images.append(cd.Detections(*(rows.pop(name, None) for name in names), extras=rows))
    return images


def main(cases_path, results_path):
    with open(cases_path, "rb") as file:
        asked = pickle.load(file)
    found = {}
    for name, case in asked.items():
        found["C", name] = by_c(case)
        if case.family.decoder not in DECODED and not case.place:
            found["graph", name] = by_graph(case)
    with open(results_path, "wb") as file:
        pickle.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
