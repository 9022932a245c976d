"""A model written anew, with all that a `Detector` wants to know of it in its rt_info."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import centerdecode as cd

from ..decoding import base_names
from ..models import store
from .console import CommandError, reason

if TYPE_CHECKING:
    import openvino as ov


def write(model: ov.Model, detector: cd.Detector, path: str, *, overwrite: bool) -> None:
    """Write `model` as IR, both files whole or not at all.

    Args:
        model: that of the detector, as it was read. It is changed.
        path: of the .xml; the .bin goes beside it.
        overwrite: may there be such files already?

    Raises:
        CommandError: there are, or they cannot be written.
    """
    import openvino as ov

    xml = Path(path)
    if xml.suffix != ".xml":
        raise CommandError(f"--write-family: must end in .xml, got {path}")
    files = (xml.with_suffix(".bin"), xml)
    taken = [str(file) for file in files if file.exists()]
    if taken and not overwrite:
        raise CommandError(f"--write-family: {taken[0]} is there; pass --overwrite to replace it")
    store(model, _named(model, detector), detector.labels)
    try:
        # Beside them, because os.replace does not cross file systems.
        with tempfile.TemporaryDirectory(prefix=".", dir=xml.parent) as folder:
            ov.save_model(model, Path(folder) / xml.name, compress_to_fp16=False)
            for file in files:
                os.replace(Path(folder) / file.name, file)
    except (OSError, RuntimeError) as error:
        raise CommandError(f"--write-family: {path}: {reason(error)}") from None


def _named(model: ov.Model, detector: cd.Detector) -> cd.Family:
    """The family by whose names each head is found, also if it was told by its shape."""
    family = detector.family
    heads = dict(family.heads)
    for head, i in detector._open().recognition.heads.items():
        port = model.outputs[i]
        if not port.names:
            port.get_tensor().set_names({head})
        if not base_names(port.names) & {*heads[head]}:
            heads[head] = (min(port.names),)
    return family.replace(heads=heads)
