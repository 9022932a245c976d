"""The decode in a graph, told by structure: a MaxPool of one step that numbers are compared
with, a TopK of what is left, and heads that are gathered where it points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import openvino as ov

_MOVES = ("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Convert", "Result")
_GATHERS = ("Gather", "GatherND", "GatherElements")
_COMPARISONS = ("Equal", "Less", "LessEqual", "GreaterEqual", "Subtract")
_LAYOUTS = {(0, 1, 2, 3): "NCHW", (0, 3, 1, 2): "NHWC"}


class Head(NamedTuple):
    """An output of the graph, and how it stores a map: "NCHW" or "NHWC"."""

    output: Any
    layout: str

    @property
    def shape(self) -> list[int]:
        return shape_of(self.output)

    @property
    def channels(self) -> int:
        return self.shape[self.layout.index("C")]

    @property
    def grid(self) -> tuple[int, int]:
        first = self.layout.index("H")
        height, width = self.shape[first : first + 2]
        return height, width


class Tail(NamedTuple):
    """What a decode in the graph is made of: its outputs before they are moved about."""

    heatmap: Head  # raw, before the sigmoid if there is one
    activation: str
    window: int
    heads: Sequence[Head]


def find_tail(model: ov.Model) -> Tail:
    """The one decode in a graph.

    Raises:
        ValueError: as `cut`.
    """
    pools = [node for node in model.get_ordered_ops() if node.get_type_name() == "MaxPool"]
    suppressing = [pool for pool in pools if _finds_peaks(pool)]
    if len(suppressing) != 1:
        seen = [f"{name_of(node)} {_window(node)}" for node in suppressing or pools]
        raise ValueError(
            "model must have one MaxPool of one step with an odd window that a heatmap is "
            f"compared with, got {seen or 'none'}; there is nothing sure to cut"
        )
    pool = suppressing[0]
    top_k = [
        node for node in _after(pool.outputs(), stop=("TopK",)) if node.get_type_name() == "TopK"
    ]
    if not top_k:
        raise ValueError(f"no TopK comes after MaxPool {name_of(pool)}")
    thinning = [node for node in _after(top_k[0].outputs()) if _thins(node)]
    if thinning:
        raise ValueError(
            f"boxes behind {name_of(top_k[0])} must not be thinned by "
            f"{[name_of(node) for node in thinning]}, which would be lost"
        )
    raw, order = _before(pool.input_value(0))
    activation = "none"
    if raw.get_node().get_type_name() == "Sigmoid":
        activation, raw = "sigmoid", raw.get_node().input_value(0)
    shape = shape_of(raw)
    if order not in _LAYOUTS or len(shape) != 4 or -1 in shape:
        raise ValueError(
            f"the heatmap {name_of(raw)} of shape {shape} is no map of known size; give "
            "the model a fixed input with reshape"
        )
    heatmap = Head(raw, _LAYOUTS[order])
    heads = _gathered(top_k[0], heatmap)
    if not heads:
        raise ValueError(
            f"no head of {heatmap.grid} cells is gathered where {name_of(top_k[0])} points"
        )
    return Tail(heatmap, activation, _window(pool)[0], heads)


def unread(model: ov.Model, first: int = 0) -> list[Any]:
    """The parameters, from the first on, that come into no output."""
    read = {
        source.get_node().get_name()
        for node in model.get_ordered_ops()
        for source in node.input_values()
    }
    return [own for own in model.get_parameters()[first:] if own.get_name() not in read]


def name_of(output: Any) -> str:
    node = output.get_node() if hasattr(output, "get_node") else output
    return str(node.get_friendly_name())


def shape_of(output: Any) -> list[int]:
    """-1 for each extent that is not known; empty where not even their number is."""
    shape = output.get_partial_shape()
    if shape.rank.is_dynamic:
        return []
    return [d.get_length() if d.is_static else -1 for d in shape]


def _key(output: Any) -> tuple[str, int]:
    """What tells an output from all others, those of its own node included."""
    return output.get_node().get_name(), output.get_index()


def _window(pool: Any) -> tuple[int, int]:
    kernel = pool.get_attributes()["kernel"]
    return int(kernel[0]), int(kernel[-1])


def _thins(node: Any) -> bool:
    """Whether a node is an NMS of boxes."""
    return any(part in node.get_type_name() for part in ("NonMaxSuppression", "Nms"))


def _finds_peaks(pool: Any) -> bool:
    """Whether a pool is one that finds peaks: what it reads is held against what it gives."""
    kernel = [*pool.get_attributes()["kernel"]]
    if len(kernel) != 2 or kernel[0] != kernel[1] or kernel[0] % 2 == 0 or kernel[0] < 3:
        return False
    if {*pool.get_attributes()["strides"]} != {1}:
        return False
    return any(
        node.get_type_name() in _COMPARISONS
        for node in _after(pool.outputs(), stop=_COMPARISONS, only=_MOVES)
    )


def _after(
    outputs: Sequence[Any], stop: Sequence[str] = (), only: Sequence[str] | None = None
) -> list[Any]:
    """The nodes that come after outputs, up to those of the kinds in `stop`."""
    found, rest, seen = [], [*outputs], set()
    while rest:
        for target in rest.pop().get_target_inputs():
            node = target.get_node()
            if node.get_name() in seen:  # friendly names may be shared
                continue
            seen.add(node.get_name())
            found.append(node)
            kind = node.get_type_name()
            if kind not in stop and (only is None or kind in only):
                rest += node.outputs()
    return found


def _before(output: Any) -> tuple[Any, tuple[int, ...]]:
    """The tensor that an output is, but for transpositions, and their order in all."""
    order: tuple[int, ...] = (0, 1, 2, 3)
    while output.get_node().get_type_name() == "Transpose":
        own = [int(axis) for axis in output.get_node().input_value(1).get_node().data]
        order = tuple(own[axis] for axis in order)
        output = output.get_node().input_value(0)
    return output, order


def _gathered(top_k: Any, heatmap: Head) -> list[Head]:
    """The heads that are read where a TopK points, but for the heatmap and what is made of it."""
    heads: dict[tuple[str, int], Head] = {}
    besides = {node.get_name() for node in _after([heatmap.output])}
    for node in _after(top_k.outputs()):
        if node.get_type_name() not in _GATHERS:
            continue
        source = node.input_value(0)
        while len(shape_of(source)) != 4 and source.get_node().get_type_name() in _MOVES:
            source = source.get_node().input_value(0)
        source, _ = _before(source)
        layout = _layout_of(source, heatmap.grid)
        is_scores = source.get_node().get_name() in besides or _key(source) == _key(heatmap.output)
        if layout is None or is_scores:
            continue
        if -1 in shape_of(source):
            raise ValueError(
                f"the head {name_of(source)} of shape {shape_of(source)} is no map of known "
                "size; give the model a fixed input with reshape"
            )
        heads[_key(source)] = Head(source, layout)
    return [*heads.values()]


def _layout_of(output: Any, grid: tuple[int, int]) -> str | None:
    """None: it is no map of the grid."""
    shape = shape_of(output)
    if len(shape) != 4:
        return None
    places = {"NCHW": tuple(shape[2:]), "NHWC": tuple(shape[1:3])}
    return next((layout for layout, sides in places.items() if sides == grid), None)
