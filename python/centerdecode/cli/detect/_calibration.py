"""The camera of --calibration."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..console import reason


def read_calibration(path: str) -> NDArray[np.float64]:
    """The (3, 4) matrix in a text file: its 12 numbers, row by row, or the line "P2:" of
    a calibration file of KITTI.

    Raises:
        ArgumentTypeError: it cannot be read, or does not hold such a matrix.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        of_kitti = [line for line in text.splitlines() if line.startswith("P2:")]
        words = (of_kitti[0].removeprefix("P2:") if of_kitti else text).replace(",", " ").split()
        matrix = np.array([float(word) for word in words])
        return matrix.reshape(3, 4)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "must be 12 numbers, or have a P2:"
        raise argparse.ArgumentTypeError(f"{path}: {why}") from None
