"""A model that decodes in its own graph, cut back to its heads."""

from ._cut import cut
from ._tail import find_tail

__all__ = ["cut", "find_tail"]
