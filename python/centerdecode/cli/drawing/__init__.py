"""What was found, drawn on images."""

from ._annotate import draw, encode

__all__ = [
    "draw",
    "encode",
]
