"""`centerdecode evaluate`."""

from ._evaluate import add_to

__all__ = [
    "add_to",
]
