"""What the numbers of heads mean, asked of the decoder that reads them.

It is fed heads of known numbers, and what it answers is held against what `decode_boxes`
says of them under every rule that is known. One rule must fit, and no other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ... import families
from ...decoding import decode_boxes, find_peaks
from ...families import Family
from ._probes import Answer, Probe, ask, make_probes
from ._tail import Head, Tail, name_of, shape_of

if TYPE_CHECKING:
    import openvino as ov

_FIELDS = ("box_encoding", "box_units", "box_activation", "axes", "center_shift")
_RULES = [
    dict(zip(_FIELDS, one, strict=True))
    for one in itertools.product(
        ("wh", "ltrb"), ("cells", "pixels"), ("none", "relu", "exp"), ("xy", "yx"), (0.0, 0.5)
    )
]
_BOX_NUMBERS = (4, 5, 6)  # alone, or with a score and a class
_MOST_PEAKS = 100


class Found(NamedTuple):
    """A family, and its heads as outputs of the graph."""

    family: Family
    heads: Mapping[str, Head]


def probe(model: ov.Model, tail: Tail) -> Found:
    """
    Raises:
        ValueError: no rule fits, or two, or there are too many heads to tell; or the model
            has no image of known size or no rows of boxes, or gives other scores than its
            heatmap's.
    """
    stride = _stride_of(model, tail.heatmap)
    outputs = [port for port in model.outputs if len(shape_of(port)) != 4]  # maps are no rows
    answers = ask(model, tail, outputs, make_probes(tail, _most_peaks(outputs)))
    _check_scores(answers, [*map(_any_name, outputs)], tail)
    fits = [
        (rule, chosen)
        for chosen in _choices(tail.heads)
        for rule in _RULES
        if all(_agrees(answer, rule, chosen, tail, stride) for answer in answers)
    ]
    if len(fits) != 1:
        known = [f"{name_of(head.output)} {head.layout}" for head in tail.heads]
        raise ValueError(
            f"{len(fits)} rules fit what the graph makes of the heads {known} and heatmap "
            f"{tail.heatmap.shape}; one must: {[rule for rule, _ in fits]}"
        )
    rule, chosen = fits[0]
    names = {"heatmap": ("heatmap",), **{name: (name,) for name in chosen}}
    family = families.CENTERNET.replace(
        name="CUT",
        heads=names,
        optional=(),
        layout=tail.heatmap.layout,
        activation=tail.activation,
        window=tail.window,
        stride=stride,
        mean=0,
        scale=1,
        resize="stretch",
        **rule,
    )
    return Found(
        family, {"heatmap": tail.heatmap, **{name: tail.heads[i] for name, i in chosen.items()}}
    )


def _stride_of(model: ov.Model, heatmap: Head) -> int:
    """How many pixels of the image a cell has."""
    known = {_any_name(port): shape_of(port) for port in model.inputs}
    images = [sides for sides in known.values() if len(sides) == 4 and 3 in (sides[1], sides[3])]
    if len(images) != 1 or any(port.get_partial_shape().is_dynamic for port in model.inputs):
        raise ValueError(
            "model must have one input that is an image of 3 channels, and all inputs of known "
            f"size, got {known}; give it fixed ones with reshape"
        )
    (sides,) = images
    size = sides[1:3] if sides[3] == 3 else sides[2:]
    height, width = heatmap.grid
    if size[0] % height or size[0] // height != size[1] // width:
        raise ValueError(f"the stride is not told: input {sides}, heatmap {heatmap.shape}")
    return size[0] // height


def _any_name(port: Any) -> str:
    return min(port.names, default=name_of(port))


def _most_peaks(outputs: Sequence[Any]) -> int:
    """How many peaks a probe may have: no more than there are rows of boxes."""
    shapes = [shape_of(port) for port in outputs]
    rows = [shape[1] for shape in shapes if len(shape) == 3 and shape[2] in _BOX_NUMBERS]
    return max(1, min([*rows, _MOST_PEAKS]))


def _check_scores(answers: Sequence[Answer], names: Sequence[str], tail: Tail) -> None:
    """
    Raises:
        ValueError: no output has the scores that a Detector would give, in its order.
    """
    wanted = [_scores_of(answer.probe, tail) for answer in answers]
    for i in range(len(names)):
        given = [_rows(answer, i) for answer in answers]
        for column in range(min(own.shape[1] for own in given)):
            own = [rows[:, column] for rows in given]
            if all(np.allclose(*pair, rtol=1e-4) for pair in zip(own, wanted, strict=True)):
                return
    seen = {name: _said(_rows(answers[0], i)[:, :6]) for i, name in enumerate(names)}
    raise ValueError(
        "model must give each peak of its heatmap with its score: a Detector would know of no "
        "choice among classes, no weight of them, and no factor from elsewhere; of peaks that "
        f"score {_said(wanted[0])} it made {seen}"
    )


def _said(numbers: NDArray[Any]) -> str:
    return np.array2string(numbers, precision=3, separator=", ").replace("\n", "")


def _scores_of(probe: Probe, tail: Tail) -> NDArray[np.float32]:
    """What a Detector would say of the peaks, strongest first."""
    found = find_peaks(
        probe.heatmap,
        top_k=probe.peaks,
        activation=tail.activation,
        window=tail.window,
        layout=tail.heatmap.layout,
    )
    assert isinstance(found, list)
    return found[0].scores


def _rows(answer: Answer, output: int) -> NDArray[Any]:
    """As many rows of an output as there are peaks, (count, n); n is 0 if it has not so many."""
    array, count = answer.outputs[output], answer.probe.peaks
    if array.ndim not in (2, 3) or len(array) == 0 or array.shape[1] < count:
        return np.empty((count, 0))
    return array[0, :count].reshape(count, -1)


def _choices(heads: Sequence[Head]) -> Iterator[dict[str, int]]:
    """Which head may be which: by number, sizes and then offsets."""
    counts = [head.channels for head in heads]
    for wh, count in enumerate(counts):
        if count not in (2, 4):
            continue
        yield {"wh": wh}
        yield from ({"wh": wh, "offset": i} for i, n in enumerate(counts) if i != wh and n == 2)


def _agrees(
    answer: Answer, rule: dict[str, Any], chosen: dict[str, int], tail: Tail, stride: int
) -> bool:
    """Whether an answer has the boxes that a rule says, in pixels, cells or parts of the map."""
    if tail.heads[chosen["wh"]].channels != (2 if rule["box_encoding"] == "wh" else 4):
        return False
    heads = {name: answer.probe.heads[i] for name, i in chosen.items()}
    boxes = decode_boxes(
        answer.probe.heatmap,
        heads["wh"],
        heads.get("offset"),
        stride=stride,
        top_k=answer.probe.peaks,
        layout=tail.heatmap.layout,
        activation=tail.activation,
        window=tail.window,
        **rule,
    )[0].xyxy
    height, width = tail.heatmap.grid
    scales = (1.0, 1 / stride, 1 / (np.array([width, height, width, height]) * stride))
    return any(
        np.allclose(_rows(answer, i)[:, :4], (boxes * scale)[:, order], rtol=1e-4, atol=1e-6)
        for i, array in enumerate(answer.outputs)
        if array.ndim == 3 and array.shape[2] in _BOX_NUMBERS and _rows(answer, i).size
        for order in ([0, 1, 2, 3], [1, 0, 3, 2])
        for scale in scales
    )
