"""What decides on the results of a run."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

import numpy as np

import centerdecode as cd

from ..._files import states_of

# Of the arguments, those that do not change what is found.
_NOT_SETTINGS = {
    "cpus_per_worker",
    "image",
    "images",
    "json",
    "max_pixels",
    "output",
    "quiet",
    "ray",
    "ray_workers",
    "resume",
    "run",
}


def settings_of(args: argparse.Namespace, detector: cd.Detector) -> dict[str, Any]:
    """What decides on the results of a run: arguments, model, version, as JSON holds it."""
    settings = {name: value for name, value in vars(args).items() if name not in _NOT_SETTINGS}
    decoder = detector.decoder  # what holds where nothing was asked for; 0.3, not all its digits
    settings["score_threshold"] = float(str(np.float32(decoder.score_threshold)))
    settings["top_k"] = decoder.top_k
    settings |= {"family": detector.family.to_json(), "labels": detector.labels}
    settings["model"] = os.path.realpath(args.model)
    settings |= {f"state of {path}": state for path, state in states_of(args.model).items()}
    settings["version"] = cd.__version__
    return json.loads(json.dumps(settings, default=_plain))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else str(value)
