"""`centerdecode detect` on images, here or on a cluster; `videos` has the rest."""

from ._detect import add_to

__all__ = [
    "add_to",
]
