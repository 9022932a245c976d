"""What is known of a model before it is compiled, and who says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..families import Family
from ..presets import Preset
from ._embedded import EmbeddedDecoder
from ._outputs import outputs_of
from ._recognise import Recognition, match, match_preset, recognise
from ._rt_info import conversion, stored_decoder, stored_family, stored_input, stored_labels

if TYPE_CHECKING:
    import openvino as ov

INPUT_FIELDS = ("size", "resize", "color", "mean", "scale", "pad_value")
_RT_INFO = "the model's rt_info"
_IN_GRAPH = "in the graph already, says the conversion in the model's rt_info"


class Identity(NamedTuple):
    """A family with all fields of its input, labels, and who says each of them.

    origins: for each of INPUT_FIELDS and "labels" who says it, in words.
    embedded: the decoder in the graph; None: there is none, or nothing is known of it.
    """

    recognition: Recognition
    labels: list[str] | None
    origins: Mapping[str, str]
    embedded: EmbeddedDecoder | None = None

    @property
    def family(self) -> Family:
        return self.recognition.family


def identify(
    model: ov.Model | ov.CompiledModel,
    names: list[str],
    family: Family | None,
    preset: Preset | None,
    wishes: Mapping[str, Any],
) -> Identity:
    """Recognise the family of a model, unless it is given, and complete it.

    Args:
        names: what the model is called.
        family, preset, wishes: as in `build`.

    Raises:
        ValueError: as `recognise`, or what the rt_info says does not fit together.
    """
    outputs = outputs_of(model)
    stored = stored_family(model)
    if family is not None:
        found = match(family, outputs)
        found = found._replace(why=("the family was given", *found.why))
    elif preset is not None:
        found = match_preset(preset, outputs)
        found = found._replace(why=("the preset was given", *found.why))
    else:
        found = recognise(outputs, stored, names)
    known = family is not None or preset is not None
    owner = f"family {found.family.name}" if found.preset is None else f"preset {found.preset.name}"
    says: dict[str, Mapping[str, Any]] = {}
    if stored is not None and not known:
        owner = _RT_INFO  # the fullest statement: by somebody who knew the rest
    else:
        says[_IN_GRAPH] = _conversion(model, found.family, wishes)
        says[_RT_INFO] = {} if known else stored_input(model, besides=wishes)
    origins = dict.fromkeys(INPUT_FIELDS, owner)
    for who, fields in says.items():
        if fields:
            found = found._replace(why=(*found.why, f"{who}: {dict(fields)}"))
    for who, fields in (says | {"asked for": wishes}).items():
        found = found._replace(family=found.family.replace(**fields))
        origins |= dict.fromkeys(fields, who)
    labels, origins["labels"] = _labels(model, preset, found)
    embedded = stored_decoder(model) if found.family.decoder == "embedded" else None
    return Identity(found, labels, origins, embedded)


def _conversion(
    model: ov.Model | ov.CompiledModel, family: Family, wishes: Mapping[str, Any]
) -> dict[str, Any]:
    """What the graph does already, and must not be done twice.

    Raises:
        ValueError: it takes the mean away, and the family has a scale before that.
    """
    done = {field: value for field, value in conversion(model).items() if field not in wishes}
    if "mean" in done and "scale" not in {*done, *wishes} and set(family.scale) != {1.0}:
        raise ValueError(
            f"the model was converted with mean_values and no scale_values, but family "
            f"{family.name} has scale {family.scale}; pass mean= and scale="
        )
    return done


def _labels(
    model: ov.Model | ov.CompiledModel, preset: Preset | None, recognition: Recognition
) -> tuple[list[str] | None, str]:
    """The labels, if any, and who says them: a preset that is given, then the model."""
    stored = None if preset is not None else stored_labels(model)
    if stored is not None:
        return stored, _RT_INFO
    if recognition.preset is None:
        return None, "nobody"
    return [*recognition.preset.labels], f"preset {recognition.preset.name}"
