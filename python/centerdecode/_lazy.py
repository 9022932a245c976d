"""Optional libraries, imported where they are used."""

from __future__ import annotations

import importlib
from typing import Any


def require(module: str, distribution: str, extra: str) -> Any:
    """The module, or an ImportError that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f'{distribution} is needed for this: pip install "centerdecode[{extra}]" ({error})'
        ) from error
