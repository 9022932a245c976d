"""What decides on the results of a run."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

import centerdecode as cd

# Of the arguments, those that do not change what is found.
_NOT_SETTINGS = {
    "image",
    "images",
    "json",
    "max_pixels",
    "output",
    "quiet",
    "resume",
    "run",
}


def settings_of(args: argparse.Namespace, detector: cd.Detector) -> dict[str, Any]:
    """What decides on the results of a run: arguments, model, version, as JSON holds it."""
    told = {name: value for name, value in vars(args).items() if name not in _NOT_SETTINGS}
    told |= {"family": detector.family.to_json(), "labels": detector.labels}
    told["model"] = model = os.path.realpath(args.model)
    weights = str(Path(model).with_suffix(".bin"))
    told |= {f"state of {path}": _state(path) for path in (model, weights)}
    told["version"] = cd.__version__
    return json.loads(json.dumps(told, default=_plain))  # type: ignore[no-any-return]


def _state(path: str) -> list[int] | None:
    """Size and time of a file; None: there is none."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else str(value)
