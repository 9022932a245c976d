"""What other programs load to detect or decode inside them; each imports its own lazily."""

from . import _cluster as cluster

__all__ = ["cluster"]
