"""What a command prints: errors, colors, progress."""

from ._console import CommandError, bold, print_error, reason
from ._progress import Progress, shown_logs

__all__ = [
    "CommandError",
    "Progress",
    "bold",
    "print_error",
    "reason",
    "shown_logs",
]
