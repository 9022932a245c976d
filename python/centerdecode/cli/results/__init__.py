"""What was found as text: tables, results files, and the journal of a run."""

from ._format import Format, ImageResult, finite
from ._journal import Item, Journal
from ._results import FILES, FORMATS, table

__all__ = [
    "FILES",
    "FORMATS",
    "Format",
    "ImageResult",
    "Item",
    "Journal",
    "finite",
    "table",
]
