"""Heads of known numbers, and what the decoder behind them answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...models import default_core
from ._tail import Head, Tail, unread

if TYPE_CHECKING:
    import openvino as ov

_LEAST = 4  # how many probes there are; more where there are many classes
_REACH = 3  # so many cells a box may reach from its peak, and is still inside of the map


class Probe(NamedTuple):
    """A heatmap with so many peaks, and heads of numbers everywhere.

    Each is as the graph holds it, and the heads are in the heatmap's layout, too.
    """

    peaks: int
    heatmap: NDArray[np.float32]
    fed: Sequence[NDArray[np.float32]]
    heads: Sequence[NDArray[np.float32]]


class Answer(NamedTuple):
    """What the graph made of a probe, an array for each output that was asked."""

    probe: Probe
    outputs: Sequence[NDArray[Any]]


def make_probes(tail: Tail, most: int) -> list[Probe]:
    """Probes with `most` peaks each, or fewer, that have a peak of each class once."""
    height, width = tail.heatmap.grid
    rows, columns = (_places(side) for side in (height, width))
    cells = [(y, x) for y in rows for x in columns]
    count = min(most, 2 * len(cells), tail.heatmap.channels)
    number = max(_LEAST, -(-tail.heatmap.channels // count))
    return [_make_probe(tail, cells, count, seed) for seed in range(number)]


def _places(side: int) -> range:
    """Where peaks may be along an axis."""
    middle = side // 2
    return range(min(_REACH, middle), max(side - _REACH, middle + 1))


def _make_probe(tail: Tail, cells: list[tuple[int, int]], count: int, seed: int) -> Probe:
    """A probe with peaks of different classes, two in each cell."""
    rng = np.random.default_rng(seed)
    low, high, highest = (-8.0, 1.0, 3.0) if tail.activation == "sigmoid" else (0.0, 0.6, 0.9)
    heatmap = np.full(tail.heatmap.shape, low, np.float32)
    planes = _channels_first(heatmap, tail.heatmap.layout)
    heights = np.linspace(highest, high, count)
    places = rng.permutation(len(cells))
    for i in range(count):
        y, x = cells[places[i // 2]]
        planes[0, (seed * count + i) % len(planes[0]), y, x] = heights[i]
    fed = [_numbers(rng, head, seed % 2 == 1) for head in tail.heads]
    heads = [_moved(array, h, tail.heatmap) for array, h in zip(fed, tail.heads, strict=True)]
    return Probe(count, heatmap, fed, heads)


def _numbers(rng: np.random.Generator, head: Head, below: bool) -> NDArray[np.float32]:
    """Numbers that all element types hold; below: the first of a cell is less than zero."""
    numbers = (rng.integers(64, 224, head.shape) / 256).astype(np.float32)
    if below:
        _channels_first(numbers, head.layout)[:, 0] *= -1
    return numbers


def _channels_first(array: NDArray[np.float32], layout: str) -> NDArray[np.float32]:
    return array if layout == "NCHW" else np.moveaxis(array, 3, 1)


def _moved(array: NDArray[np.float32], head: Head, heatmap: Head) -> NDArray[np.float32]:
    planes = _channels_first(array, head.layout)
    return np.ascontiguousarray(planes if heatmap.layout == "NCHW" else np.moveaxis(planes, 1, 3))


def ask(
    model: ov.Model, tail: Tail, outputs: Sequence[Any], probes: Sequence[Probe]
) -> list[Answer]:
    """What these outputs of a model answer to each probe: with several images each, if any
    still reaches them, so that what they have by another way than the heads is seen."""
    decoder = _decoder_of(
        model, [tail.heatmap.output, *(head.output for head in tail.heads)], outputs
    )
    compiled = default_core().compile_model(decoder, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    kinds = [port.get_element_type().to_dtype() for port in decoder.inputs]
    found = []
    for seed, probe in enumerate(probes):
        heads = [probe.heatmap, *probe.fed]
        for images in _images(seed, [port.shape for port in decoder.inputs[len(heads) :]]):
            given = zip([*heads, *images], kinds, strict=True)
            answer = compiled([array.astype(kind) for array, kind in given])
            found.append(Answer(probe, [np.array(answer[i]) for i in range(len(answer))]))
    return found


def _images(seed: int, shapes: Sequence[Sequence[int]]) -> Iterator[list[NDArray[Any]]]:
    """Inputs of these shapes, and none of zeros: of bytes, and of a normal distribution."""
    rng = np.random.default_rng(seed)
    yield [rng.uniform(1, 255, shape) for shape in shapes]
    if shapes:
        yield [rng.normal(0, 2, shape) for shape in shapes]


def _decoder_of(model: ov.Model, sources: Sequence[Any], outputs: Sequence[Any]) -> ov.Model:
    """The model between sources, which are its first inputs, and outputs."""
    import openvino as ov
    from openvino import opset13

    targets = [[*source.get_target_inputs()] for source in sources]
    parameters = [opset13.parameter(s.get_partial_shape(), s.get_element_type()) for s in sources]
    for parameter, inputs in zip(parameters, targets, strict=True):
        for target in inputs:
            target.replace_source_output(parameter.output(0))
    try:
        ends = [opset13.result(output.get_node().input_value(0)) for output in outputs]
        others = [*model.get_parameters()]
        decoder = ov.Model(ends, [*parameters, *others], "decoder").clone()
    finally:
        for source, inputs in zip(sources, targets, strict=True):
            for target in inputs:
                target.replace_source_output(source)
    for parameter in unread(decoder, len(sources)):
        decoder.remove_parameter(parameter)
    return decoder
