"""A CenterNet of some 400 000 weights: down to a sixteenth, up again to a quarter."""

from __future__ import annotations

import torch
from torch import nn

HEADS = {"hm": 10, "wh": 2, "reg": 2}
STRIDE = 4
_RARE = -4.6  # the logit of one center in a hundred cells, where the heatmap starts


def _layer(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _layer(channels, channels)
        self.second = _layer(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(self.first(x))


class Network(nn.Module):
    """(B, 3, H, W) to hm (B, 10, H/4, W/4) logits, wh and reg (B, 2, H/4, W/4) in cells.

    H and W are multiples of 16.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fourth = nn.Sequential(_layer(3, 32, size=7, stride=4), _layer(32, 32))
        self.eighth = _layer(32, 64, stride=2)
        self.sixteenth = nn.Sequential(_layer(64, 80, stride=2), _Residual(80), _Residual(80))
        self.to_eighth = _layer(80, 64, size=1)
        self.at_eighth = _Residual(64)
        self.to_fourth = _layer(64, 32, size=1)
        self.at_fourth = _layer(32, 32)
        self.what, self.where = _layer(32, 32), _layer(32, 32)
        self.heads = nn.ModuleDict({name: nn.Conv2d(32, n, 1) for name, n in HEADS.items()})
        for name, start in {"hm": _RARE, "wh": 8.0, "reg": 0.5}.items():
            nn.init.constant_(self.heads[name].bias, start)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        fourth = self.fourth(x)
        eighth = self.eighth(fourth)
        up = nn.functional.interpolate(self.to_eighth(self.sixteenth(eighth)), scale_factor=2.0)
        eighth = self.at_eighth(eighth + up)
        up = nn.functional.interpolate(self.to_fourth(eighth), scale_factor=2.0)
        fourth = self.at_fourth(fourth + up)
        what, where = self.what(fourth), self.where(fourth)
        return {name: head(what if name == "hm" else where) for name, head in self.heads.items()}
