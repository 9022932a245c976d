"""What the outputs of a model tell: their names, their shapes, and what they end in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import openvino as ov

# Where the numbers of an output come from: the last sigmoid or linear layer before
# it. A compiled model has only stand-ins for its layers.
Ending: TypeAlias = Literal["sigmoid", "linear", "hidden", "other"]
_LINEAR = {
    "Convolution",
    "GroupConvolution",
    "ConvolutionBackpropData",
    "GroupConvolutionBackpropData",
    "MatMul",
}


class Output(NamedTuple):
    """One output of a model; a dimension of -1 is dynamic."""

    names: frozenset[str]
    shape: tuple[int, ...]
    ending: Ending

    def __str__(self) -> str:
        return f"{'|'.join(sorted(self.names)) or '(no name)'} {[*self.shape]}"


def outputs_of(model: ov.Model | ov.CompiledModel) -> list[Output]:
    return [_output(port) for port in model.outputs]


def _output(port: Any) -> Output:
    shape = tuple(d.get_length() if d.is_static else -1 for d in port.partial_shape)
    return Output(frozenset(port.names), shape, _ending_of(port.get_node()))


def _ending_of(result: Any) -> Ending:
    """Looks back from an output through all that is no layer, down to the layers."""
    found: set[str] = set()
    seen: set[str] = set()
    rest = [result]
    while rest:
        node = rest.pop()
        if node.get_friendly_name() in seen:
            continue
        seen.add(node.get_friendly_name())
        kind = node.get_type_name()
        found.add(kind)
        if kind != "Sigmoid" and kind not in _LINEAR:
            rest += [node.input_value(i).get_node() for i in range(node.get_input_size())]
    if found == {"Result", "Parameter"}:
        return "hidden"
    if "Sigmoid" in found:
        return "sigmoid"
    return "linear" if found & _LINEAR else "other"
