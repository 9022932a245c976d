"""What else a head says of a detection, as data that families share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from ._checks import one_of, real_number

_ACTIVATIONS = ("none", "sigmoid", "exp", "inverse_sigmoid")


_CHANNELS = {"none": None, "displacement": 2, "box": 4, "cell": 0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Extra:
    """How the numbers of a head at a detection's integer cell become an extra.

    activation: "none"; "sigmoid"; "exp"; or "inverse_sigmoid", meters = 1 / (sigmoid(z)
        + 1e-6) - 1, as in `decode_boxes3d`.
    scale: what the numbers are multiplied with then.
    normalize: they are divided by their length (L2), as embeddings are; zeros stay.
    frame: "none": they come as they are, (n, C), or (n,) of a head of one channel.
        "displacement": a difference of two points in cells becomes one in pixels,
            (n, 2), x before y. A transform scales and turns it, and does not move it.
        "box": the corners x1 y1 x2 y2 as seen from the cell, in cells and signed,
            become corners in pixels, (n, 4), placed and clipped as xyxy is.
        "cell": reads no head: where the integer cell is in pixels, (n, 2), x before y.
    axes: "xy" or "yx", which axis comes first in the head; None: as in the other heads.
    replaces_box: a "box" becomes xyxy, and the box that is decoded otherwise becomes
        the extra "visible_box". For heads that say how far an object reaches that is
        hidden or cut in part.

    Raises:
        TypeError, ValueError: an option that is not known, or does not fit the frame.
    """

    activation: Literal["none", "sigmoid", "exp", "inverse_sigmoid"] = "none"
    scale: float = 1.0
    normalize: bool = False
    frame: Literal["none", "displacement", "box", "cell"] = "none"
    axes: Literal["xy", "yx"] | None = None
    replaces_box: bool = False

    def __post_init__(self) -> None:
        one_of("activation", self.activation, _ACTIVATIONS)
        one_of("frame", self.frame, tuple(_CHANNELS))
        if self.axes is not None:
            one_of("axes", self.axes, ("xy", "yx"))
        real_number("scale", self.scale)
        if self.replaces_box and self.frame != "box":
            raise ValueError(f'frame must be "box" to replace the box, got {self.frame!r}')

    @property
    def channels(self) -> int | None:
        """How many its head has; None: any number, 0: it reads none."""
        return _CHANNELS[self.frame]

    def replace(self, **changes: Any) -> Extra:
        """This one with other fields."""
        return replace(self, **changes)
