"""`centerdecode bench`."""

from ._bench import add_to

__all__ = [
    "add_to",
]
