"""A model made ready to run: read, recognised, given its preprocessing, compiled."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..families import Family
from ..images import (
    Image,
    Matrix,
    Size,
    convert,
    embed,
    fit,
    is_scaled,
    reduction,
    surround,
    zoomed,
)
from ..presets import Preset
from ._extension import add_to, default_core
from ._identity import Identity, identify
from ._recognise import Recognition

if TYPE_CHECKING:
    import openvino as ov

log = logging.getLogger("centerdecode")


class Network(NamedTuple):
    """A compiled model and what it takes to feed it."""

    compiled: ov.CompiledModel
    identity: Identity
    layout: str
    size: Size | None  # None: any
    embedded: bool  # takes BGR bytes; else the host converts

    @property
    def recognition(self) -> Recognition:
        return self.identity.recognition

    def prepare(
        self, image: Image, original: Size | None = None, zoom: float = 1.0
    ) -> tuple[NDArray[Any], Matrix, Size]:
        """The input tensor, the map from its pixels to the image's, and its size.

        Args:
            original: the size of the picture that `image` shows at 1/n; the map leads
                there.
            zoom: a test scale. A network that takes any size gets an input of another;
                one of fixed size gets a smaller image in the middle of its input.
        """
        family = self.recognition.family
        n = 1 if original is None else reduction(image, original)
        seen = zoomed(self.size or (image.shape[0], image.shape[1]), zoom)
        placed, back = fit(image, family, seen, n)
        size = self.size or seen
        if size != seen:
            placed, back = surround(placed, back, family, size)
        if self.embedded:
            return placed[None], back, size
        dtype = self.compiled.input().element_type.to_dtype()
        return convert(placed, self.layout, np.dtype(dtype), family), back, size


def build(
    model: str | Path | ov.Model | ov.CompiledModel,
    device: str,
    config: Mapping[str, Any],
    core: ov.Core | None,
    family: Family | None,
    preset: Preset | None,
    wishes: Mapping[str, Any],
    batch: int = 1,
) -> Network:
    """Make `model` ready.

    Args:
        family: taken at its word; None: recognised.
        preset: instead of a family.
        wishes: fields of the family that the user gave; they win over all else.
        batch: how many images its input shall hold.

    Raises:
        FileNotFoundError: `model` is a path and there is none.
        ValueError: the family or the input is not recognised, or both family and
            preset are given.
    """
    import openvino as ov

    if family is not None and not isinstance(family, Family):
        raise TypeError(f"family must be a Family, got {family!r}")
    if family is not None and preset is not None:
        raise ValueError(f"family must be None where a preset is given, got {family.name}")
    if isinstance(model, ov.CompiledModel):
        identity = identify(model, [], family, preset, wishes)
        layout, size = input_of(model, identity.family, batch)
        is_scaled(model, identity.family)
        return Network(model, identity, layout, size, embedded=False)
    core = core or default_core()
    own, model = model, model.clone() if isinstance(model, ov.Model) else read(model, core)
    names = [*([] if isinstance(own, ov.Model) else names_of(own)), model.get_friendly_name()]
    identity = identify(model, names, family, preset, wishes)
    _reshape(model, identity.family, batch)
    layout, size = input_of(model, identity.family, batch)
    compiled = core.compile_model(embed(model, layout, identity.family), device, dict(config))
    log.info("%s on %s: %s", identity.family.name, device, "; ".join(identity.recognition.why))
    return Network(compiled, identity, layout, size, embedded=True)


def names_of(path: str | Path) -> list[str]:
    """What a file, or the folder of a SavedModel, calls its model."""
    own = Path(path)
    return [own.stem, own.parent.name if own.name == "saved_model" else own.name]


def read(path: str | Path, core: ov.Core) -> ov.Model:
    if not isinstance(path, (str, Path)):
        raise TypeError(
            "model must be a path, an openvino.Model or an openvino.CompiledModel, "
            f"got {type(path).__name__}"
        )
    if not Path(path).exists():
        raise FileNotFoundError(f"model: no file {str(path)!r}")
    try:
        return core.read_model(Path(path))
    except RuntimeError as error:
        if "unsupported opset: centerdecode" not in str(error):
            raise
    add_to(core)  # the model has a decoder in its graph
    return core.read_model(Path(path))


def input_of(
    model: ov.Model | ov.CompiledModel, family: Family, batch: int = 1
) -> tuple[str, Size | None]:
    """The layout of the model's image input, and its size unless it takes any.

    Raises:
        ValueError: no single image input of `batch` images, or no size known.
    """
    if len(model.inputs) != 1:
        raise ValueError(f"model must have one input, an image; got {model.inputs}")
    shape = model.input().partial_shape
    sides = [d.get_length() if d.is_static else -1 for d in shape]
    layouts = {"NCHW": (1, 2, 3), "NHWC": (3, 1, 2)}
    for layout, (channel, y, x) in layouts.items():
        if len(sides) == 4 and sides[channel] == 3 and sides[0] in (batch, -1):
            height, width = sides[y], sides[x]
            if family.size is not None and (height, width) in (family.size, (-1, -1)):
                return layout, family.size
            if family.size is not None:
                raise ValueError(f"size must be that of the model input {shape}, got {family.size}")
            if height > 0 and width > 0:
                return layout, (height, width)
            if family.resize == "none":
                return layout, None
            raise ValueError(
                f"model input {shape} has no fixed size; pass size=(height, width), "
                'or resize="none" if the model takes images of any size'
            )
    images = "one image" if batch == 1 else f"{batch} images"
    raise ValueError(f"model input must be {images} of 3 channels, got {shape}")


def _reshape(model: ov.Model, family: Family, batch: int) -> None:
    """So many images of the wanted size, where the model's own input is something else."""
    shape = model.input(0).partial_shape
    if len(model.inputs) != 1 or shape.rank.is_dynamic or shape.rank.get_length() != 4:
        return  # input_of will say what is wrong
    wanted = [d.get_length() if d.is_static else -1 for d in shape]
    wanted[0] = batch
    if family.size is not None:
        first = 2 if wanted[1] == 3 else 1
        wanted[first : first + 2] = family.size
    if str(shape) == str(wanted):
        return
    try:
        model.reshape(wanted)
    except RuntimeError as error:
        raise ValueError(f"model input {shape} cannot become {wanted}: {error}") from error
