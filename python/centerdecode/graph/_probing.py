"""What the numbers of heads mean, asked of the decoder that reads them.

It is fed heads of known numbers, and what it answers is held against what `decode_boxes`
says of them under every rule that is known. One rule must fit, and no other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import families
from .._decode import decode_boxes
from .._families import Family
from .._network import default_core

if TYPE_CHECKING:
    import openvino as ov

_RULES = [
    dict(
        zip(
            ("box_encoding", "box_units", "box_activation", "axes", "center_shift"),
            one,
            strict=True,
        )
    )
    for one in itertools.product(
        ("wh", "ltrb"), ("cells", "pixels"), ("none", "relu", "exp"), ("xy", "yx"), (0.0, 0.5)
    )
]


class Found(NamedTuple):
    """A family, and its heads as outputs of the graph with their layouts."""

    family: Family
    heads: Mapping[str, tuple[Any, str]]


def probe(model: ov.Model, tail: Any) -> Found:
    """
    Raises:
        ValueError: no rule fits, or two, or there are too many heads to tell.
    """
    sides = [d.get_length() if d.is_static else -1 for d in model.input(0).partial_shape]
    shape = [*tail.heatmap.get_partial_shape().to_shape()]
    height, width = shape[2:] if tail.layout == "NCHW" else shape[1:3]
    size = sides[1:3] if sides[-1] == 3 else sides[2:]
    if -1 in size or size[0] % height or size[0] // height != size[1] // width:
        raise ValueError(f"the stride is not told: input {sides}, heatmap {shape}")
    stride = size[0] // height
    heads = [(head, _layout_of(head, (height, width))) for head in tail.heads]
    asked = [_Probe(tail, heads, (height, width), seed) for seed in range(3)]
    answers = _answers(model, tail, heads, asked)
    fits = [
        (rule, chosen)
        for chosen in _choices(heads)
        for rule in _RULES
        if all(
            _agrees(probe, answer, rule, chosen, tail, stride)
            for probe, answer in zip(asked, answers, strict=True)
        )
    ]
    if len(fits) != 1:
        known = [f"{head.get_node().get_friendly_name()} {layout}" for head, layout in heads]
        raise ValueError(
            f"{len(fits)} rules fit what the graph makes of the heads {known} and heatmap "
            f"{shape}; one must: {[rule for rule, _ in fits]}"
        )
    rule, chosen = fits[0]
    names = {"heatmap": ("heatmap",), **{name: (name,) for name in chosen}}
    family = families.CENTERNET.replace(
        name="CUT",
        heads=names,
        optional=(),
        layout=tail.layout,
        activation=tail.activation,
        window=tail.window,
        stride=stride,
        mean=0,
        scale=1,
        resize="stretch",
        **rule,
    )
    found = {name: heads[i] for name, i in chosen.items()}
    return Found(family, {"heatmap": (tail.heatmap, tail.layout), **found})


class _Probe:
    """Heads that hold numbers at one cell, where the heatmap has its peak."""

    def __init__(
        self, tail: Any, heads: list[tuple[Any, str]], grid: tuple[int, int], seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        self.grid = grid
        self.cell = grid[0] // 2 - seed, grid[1] // 2 + seed
        shape = [*tail.heatmap.get_partial_shape().to_shape()]
        low, high = (-8.0, 3.0) if tail.activation == "sigmoid" else (0.0, 0.9)
        self.heatmap = np.full(shape, low, np.float32)
        self.at(self.heatmap, tail.layout)[shape[1 if tail.layout == "NCHW" else 3] - 1] = high
        self.heads = []
        for head, layout in heads:
            array = np.full([*head.get_partial_shape().to_shape()], 0.75, np.float32)
            count = len(self.at(array, layout))
            numbers = rng.uniform(0.25, 0.875, count)
            if seed == 2:  # are numbers below zero kept?
                numbers[0] *= -1
            self.at(array, layout)[:] = numbers
            self.heads.append(array)

    def at(self, array: NDArray[np.float32], layout: str) -> NDArray[np.float32]:
        y, x = self.cell
        return array[0, :, y, x] if layout == "NCHW" else array[0, y, x]


def _layout_of(head: Any, grid: tuple[int, int]) -> str:
    shape = [*head.get_partial_shape().to_shape()]
    return "NCHW" if tuple(shape[2:]) == grid else "NHWC"


def _choices(heads: list[tuple[Any, str]]) -> Iterator[dict[str, int]]:
    """Which head may be which: by number, sizes and then offsets."""
    counts = [
        [*head.get_partial_shape().to_shape()][1 if layout == "NCHW" else 3]
        for head, layout in heads
    ]
    for wh, count in enumerate(counts):
        if count not in (2, 4):
            continue
        yield {"wh": wh}
        yield from ({"wh": wh, "offset": i} for i, n in enumerate(counts) if i != wh and n == 2)


def _answers(
    model: ov.Model, tail: Any, heads: list[tuple[Any, str]], probes: list[_Probe]
) -> list[list[NDArray[Any]]]:
    """What the decoder answers to each probe."""
    import openvino as ov
    from openvino import opset13

    sources = [tail.heatmap, *(head for head, _ in heads)]
    targets = [[*source.get_target_inputs()] for source in sources]
    parameters = [opset13.parameter(s.get_partial_shape(), s.get_element_type()) for s in sources]
    for parameter, inputs in zip(parameters, targets, strict=True):
        for target in inputs:
            target.replace_source_output(parameter.output(0))
    try:
        ends = [result.input_value(0) for result in model.get_results()]
        own = [*model.get_parameters()]
        decoder = ov.Model(
            [opset13.result(end) for end in ends], [*parameters, *own], "decoder"
        ).clone()
    finally:
        for source, inputs in zip(sources, targets, strict=True):
            for target in inputs:
                target.replace_source_output(source)
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = default_core().compile_model(decoder, "CPU", config)
    found = []
    for one in probes:
        given = [one.heatmap, *one.heads]
        rest = [
            np.zeros(p.get_partial_shape().to_shape(), p.get_element_type().to_dtype()) for p in own
        ]
        given = [
            array.astype(p.get_element_type().to_dtype())
            for array, p in zip(given, parameters, strict=True)
        ]
        answer = compiled([*given, *rest])
        found.append([np.array(answer[i]) for i in range(len(ends))])
    return found


def _agrees(
    probe: _Probe,
    answer: list[NDArray[Any]],
    rule: dict[str, Any],
    chosen: dict[str, int],
    tail: Any,
    stride: int,
) -> bool:
    """Whether an answer has the box that a rule says, in pixels, cells or parts of the map."""
    layout = tail.layout
    heads = {}
    for name, i in chosen.items():
        array = probe.heads[i]
        own = "NCHW" if array.shape[2:] == probe.grid else "NHWC"
        if own != layout:
            array = np.ascontiguousarray(
                np.moveaxis(array, 1, 3) if own == "NCHW" else np.moveaxis(array, 3, 1)
            )
        heads[name] = array
    if heads["wh"].shape[1 if layout == "NCHW" else 3] != (
        2 if rule["box_encoding"] == "wh" else 4
    ):
        return False
    found = decode_boxes(
        probe.heatmap,
        heads["wh"],
        heads.get("offset"),
        stride=stride,
        top_k=1,
        layout=layout,
        activation=tail.activation,
        **rule,
    )[0]
    box = found.xyxy[0]
    height, width = probe.grid
    for array in answer:
        if array.ndim != 3 or array.shape[2] not in (4, 5, 6):
            continue
        row = array[0, 0, :4]
        for order in ([0, 1, 2, 3], [1, 0, 3, 2]):
            sides = np.array([width, height, width, height])
            for scale in (1.0, 1 / stride, 1 / (sides * stride)):
                if np.allclose(row, (box * scale)[order], rtol=1e-4, atol=1e-6):
                    return True
    return False
