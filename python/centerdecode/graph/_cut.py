"""A model that decodes in its own graph, cut back to its heads.

What is told by structure: a MaxPool of one step that numbers are compared with, a TopK of
what is left, and heads that are gathered where it points. What the numbers of a head mean
is not: `_probing` asks the graph itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .._identity import INPUT_FIELDS, identify
from .._model_info import store
from .._network import default_core, names_of, read
from ._probing import Found, probe

if TYPE_CHECKING:
    import openvino as ov

_MOVES = ("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Convert", "Result")
_GATHERS = ("Gather", "GatherND", "GatherElements")
_COMPARISONS = ("Equal", "Less", "LessEqual", "GreaterEqual", "Subtract")
_LAYOUTS = {(0, 1, 2, 3): "NCHW", (0, 3, 1, 2): "NHWC"}


class Tail(NamedTuple):
    """What a decode in the graph is made of: its outputs before they are moved about."""

    heatmap: Any  # raw, before the sigmoid if there is one
    layout: str
    activation: str
    window: int
    heads: Sequence[Any]


def cut(model: str | Path | ov.Model) -> ov.Model:
    """Give a model back its raw heads, so that a `Detector` decodes them.

    For CenterNets that were exported with their decoder: those of TensorFlow's detection
    zoo, and others that compare a heatmap with its MaxPool and gather at the places of a TopK
    (flat, or of each class and then of all). Threshold and number of rows are then the
    Detector's; class_ids are channels of the heatmap, from 0 on.

    Args:
        model: path to a file, or an `openvino.Model` (not changed).

    Returns:
        A model with the outputs heatmap, wh and, where there is one, offset. Its rt_info has
        a family that says how they are to be read: layout, activation and window by the
        graph's structure; box_encoding, box_units, axes, stride and the rest by what its own
        decoder makes of heads of known numbers. What is fed to it is said by the family it
        was recognised as, or by nobody.

    Raises:
        FileNotFoundError: no such file.
        ValueError: nothing of the kind, or more than one, or a part of it that is not
            understood; the message says what was seen.
    """
    import openvino as ov

    own = model.clone() if isinstance(model, ov.Model) else read(model, default_core())
    names = [] if isinstance(model, ov.Model) else names_of(model)
    tail = find_tail(own)
    found = probe(own, tail)
    try:
        origin = identify(own, [*names, own.get_friendly_name()], None, None, {})
    except ValueError:
        fields, labels = {}, None
    else:
        fields = {field: getattr(origin.family, field) for field in INPUT_FIELDS}
        labels = origin.labels
    _replace_outputs(own, tail, found)
    store(own, found.family.replace(**fields), labels)
    return own


def find_tail(model: ov.Model) -> Tail:
    """The one decode in a graph.

    Raises:
        ValueError: as `cut`.
    """
    pools = [node for node in model.get_ordered_ops() if node.get_type_name() == "MaxPool"]
    suppressing = [pool for pool in pools if _is_nms(pool)]
    if len(suppressing) != 1:
        seen = [f"{_name(node)} {_window(node)}" for node in suppressing or pools]
        raise ValueError(
            "model must have one MaxPool of one step with an odd window that a heatmap is "
            f"compared with, got {seen or 'none'}; there is nothing sure to cut"
        )
    pool = suppressing[0]
    top_k = [node for node in _after(pool, stop=("TopK",)) if node.get_type_name() == "TopK"]
    if not top_k:
        raise ValueError(f"no TopK comes after MaxPool {_name(pool)}")
    raw, order = _before(pool.input_value(0))
    scores, activation = raw, "none"
    if raw.get_node().get_type_name() == "Sigmoid":
        activation, raw = "sigmoid", raw.get_node().input_value(0)
    shape = _shape(raw)
    if order not in _LAYOUTS or len(shape) != 4 or -1 in shape:
        raise ValueError(
            f"the heatmap {_name(raw)} of shape {shape} is no map of known size; give "
            "the model a fixed input with reshape"
        )
    layout = _LAYOUTS[order]
    grid = tuple(shape[2:] if layout == "NCHW" else shape[1:3])
    heads = _gathered(top_k[0], grid, {_name(raw), _name(scores)})
    if not heads:
        raise ValueError(f"no head of {grid} cells is gathered where {_name(top_k[0])} points")
    return Tail(raw, layout, activation, _window(pool)[0], heads)


def _name(output: Any) -> str:
    node = output.get_node() if hasattr(output, "get_node") else output
    return str(node.get_friendly_name())


def _window(pool: Any) -> tuple[int, int]:
    kernel = pool.get_attributes()["kernel"]
    return int(kernel[0]), int(kernel[-1])


def _is_nms(pool: Any) -> bool:
    """Whether a pool is one that finds peaks: what it reads is held against what it gives."""
    kernel = [*pool.get_attributes()["kernel"]]
    if len(kernel) != 2 or kernel[0] != kernel[1] or kernel[0] % 2 == 0 or kernel[0] < 3:
        return False
    if {*pool.get_attributes()["strides"]} != {1}:
        return False
    return any(
        node.get_type_name() in _COMPARISONS
        for node in _after(pool, stop=_COMPARISONS, only=_MOVES)
    )


def _after(node: Any, stop: Sequence[str], only: Sequence[str] | None = None) -> list[Any]:
    """The nodes that come after one, up to those of the kinds in `stop`."""
    found, rest, seen = [], [node], set()
    while rest:
        for output in rest.pop().outputs():
            for target in output.get_target_inputs():
                after = target.get_node()
                if after.get_friendly_name() in seen:
                    continue
                seen.add(after.get_friendly_name())
                found.append(after)
                kind = after.get_type_name()
                if kind not in stop and (only is None or kind in only):
                    rest.append(after)
    return found


def _before(output: Any) -> tuple[Any, tuple[int, ...]]:
    """The tensor that an output is, but for transpositions, and their order in all."""
    order: tuple[int, ...] = (0, 1, 2, 3)
    while output.get_node().get_type_name() == "Transpose":
        own = [int(axis) for axis in output.get_node().input_value(1).get_node().data]
        order = tuple(own[axis] for axis in order)
        output = output.get_node().input_value(0)
    return output, order


def _gathered(top_k: Any, grid: tuple[int, ...], besides: set[str]) -> list[Any]:
    """The heads that are read where a TopK points."""
    heads: dict[str, Any] = {}
    for node in _after(top_k, stop=()):
        if node.get_type_name() not in _GATHERS:
            continue
        source = node.input_value(0)
        while len(_shape(source)) != 4 and source.get_node().get_type_name() in _MOVES:
            source = source.get_node().input_value(0)
        source, _ = _before(source)
        shape = _shape(source)
        is_map = len(shape) == 4 and grid in (tuple(shape[2:]), tuple(shape[1:3]))
        if is_map and _name(source) not in besides:
            heads[_name(source)] = source
    return [*heads.values()]


def _shape(output: Any) -> list[int]:
    shape = output.get_partial_shape()
    if shape.rank.is_dynamic:
        return []
    return [d.get_length() if d.is_static else -1 for d in shape]


def _replace_outputs(model: ov.Model, tail: Tail, found: Found) -> None:
    from openvino import opset13

    for result in model.get_results():
        model.remove_result(result)
    results = []
    for name, (output, layout) in found.heads.items():
        if layout != found.family.layout:
            order = (0, 2, 3, 1) if layout == "NCHW" else (0, 3, 1, 2)
            output = opset13.transpose(output, [*order]).output(0)
        else:  # a name of its own, whatever else the tensor is called
            output = opset13.multiply(
                output, opset13.constant(1, output.get_element_type())
            ).output(0)
        output.set_names({found.family.heads[name][0]})
        results.append(opset13.result(output))
    model.add_results(results)
    model.validate_nodes_and_infer_types()
