"""A model that decodes in its own graph, cut back to its heads.

What is told by structure is in `_tail`. What the numbers of a head mean is not told so:
`_probing` asks the graph itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...models import INPUT_FIELDS, default_core, identify, names_of, read, store
from ._probing import Found, probe
from ._tail import find_tail, unread

if TYPE_CHECKING:
    import openvino as ov


def cut(model: str | Path | ov.Model) -> ov.Model:
    """Give a model back its raw heads, so that a `Detector` decodes them.

    For CenterNets that were exported with their decoder: those of TensorFlow's detection
    zoo, and others that compare a heatmap with its MaxPool and gather at the places of a TopK
    (flat, or of each class and then of all). Threshold and number of rows are then the
    Detector's; class_ids are channels of the heatmap, from 0 on.

    Args:
        model: path to a file, or an `openvino.Model` (not changed).

    Returns:
        A model with the outputs heatmap, wh and, where there is one, offset, and the inputs
        that they are made of. Its rt_info has
        a family that says how they are to be read: layout, activation and window by the
        graph's structure; box_encoding, box_units, axes, stride and the rest by what its own
        decoder makes of heads of known numbers. What is fed to it is said by the family it
        was recognised as, or by nobody.

    Raises:
        FileNotFoundError: no such file.
        ValueError: nothing of the kind, or more than one, or a part of it that is not
            understood, as inputs of unknown size, boxes that come of more than these heads,
            or scores that are not the heatmap's; the message says what was seen.
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
    _replace_outputs(own, found)
    store(own, found.family.replace(**fields), labels)
    return own


def _replace_outputs(model: ov.Model, found: Found) -> None:
    """Leave the heads, and the inputs that they are made of."""
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
    for parameter in unread(model):
        model.remove_parameter(parameter)
    model.validate_nodes_and_infer_types()
