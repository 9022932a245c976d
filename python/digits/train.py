"""Train the model in the box.

    python python/digits/train.py WEIGHTS.pt

One thread and fixed seeds, so that two runs on one machine give the same weights.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import pages
import torch
from network import HEADS, STRIDE, Network
from torch.nn.functional import logsigmoid

_BATCH = 8
_GRID = pages.SIDE // STRIDE
_BEST_RATE = 2e-3
_SHARE = 0.54  # of a box that its Gaussian spans, as in TTFNet
_TOLD = 50  # steps between two lines of progress
_NEAR = 0.3  # a cell with that much of a Gaussian learns its box, too
MEAN, SCALE = 127.5, 63.75


def targets(page: pages.Page) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network should say of a page.

    Returns:
        heatmap (10, G, G); corners (4, G, G), xyxy in cells of the box that a cell
        belongs to; weights (G, G), how much a cell's box counts.
    """
    heatmap = np.zeros((HEADS["hm"], _GRID, _GRID), np.float32)
    corners = np.zeros((4, _GRID, _GRID), np.float32)
    weights = np.zeros((_GRID, _GRID), np.float32)
    cells = np.arange(_GRID)
    for box, digit in zip(page.boxes / STRIDE, page.digits, strict=True):
        center = (box[:2] + box[2:]) / 2
        sigmas = np.maximum((box[2:] - box[:2]) * _SHARE / 6, 0.4)
        across, down = (
            np.exp(-((cells - np.floor(middle)) ** 2) / (2 * sigma**2))
            for middle, sigma in zip(center, sigmas, strict=True)
        )
        spot = np.outer(down, across).astype(np.float32)
        heatmap[digit] = np.maximum(heatmap[digit], spot)
        own = (spot >= _NEAR) & (spot > weights)
        weights[own] = spot[own]
        corners[:, own] = box[:, None]
    return heatmap, corners, weights


def heatmap_loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The focal loss of "Objects as Points", by digit."""
    centers = truth == 1
    scores = torch.sigmoid(logits)
    found = logsigmoid(logits) * (1 - scores) ** 2
    clear = logsigmoid(-logits) * scores**2 * (1 - truth) ** 4
    return -torch.where(centers, found, clear).sum() / centers.sum().clamp(min=1)


def box_loss(
    wh: torch.Tensor, offset: torch.Tensor, corners: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """1 - IoU, and how far the corners are, as a share of the box; both by weight."""
    cells = torch.arange(_GRID, dtype=torch.float32)
    center = offset + torch.stack(torch.meshgrid(cells, cells, indexing="xy"))
    low, high = center - wh / 2, center + wh / 2
    chosen = weights > 0
    low, high, truth = (part.movedim(1, -1)[chosen] for part in (low, high, corners))
    weight = weights[chosen]
    extent = truth[:, 2:] - truth[:, :2]
    shared = (torch.minimum(high, truth[:, 2:]) - torch.maximum(low, truth[:, :2])).clamp(min=0)
    area = (high - low).clamp(min=0).prod(dim=1) + extent.prod(dim=1)
    iou = shared.prod(dim=1) / (area - shared.prod(dim=1))
    far = ((low - truth[:, :2]).abs() + (high - truth[:, 2:]).abs()) / extent
    return (weight * (1 - iou + far.mean(dim=1))).sum() / weight.sum().clamp(min=1)


def batch(number: int) -> list[torch.Tensor]:
    """Images as the network wants them, heatmaps, corners and weights of one step."""
    rows = [pages.page("train", number * _BATCH + i) for i in range(_BATCH)]
    images = np.stack([row.image[..., ::-1] for row in rows]).astype(np.float32)
    images = (images.transpose(0, 3, 1, 2) - MEAN) / SCALE
    parts = [images, *map(np.stack, zip(*map(targets, rows), strict=True))]
    return [torch.from_numpy(np.ascontiguousarray(part)) for part in parts]


def train(steps: int, seed: int) -> Network:
    torch.manual_seed(seed)
    network = Network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_BEST_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _BEST_RATE, steps, pct_start=0.1)
    start, sums = time.monotonic(), np.zeros(2)
    for step in range(1, steps + 1):
        images, heatmap, corners, weights = batch(step)
        found = network(images.contiguous(memory_format=torch.channels_last))
        what = heatmap_loss(found["hm"], heatmap)
        where = box_loss(found["wh"], found["reg"], corners, weights)
        optimizer.zero_grad()
        (what + where).backward()
        optimizer.step()
        schedule.step()
        sums += [what.item(), where.item()]
        if step % _TOLD == 0:
            mean, seconds = sums / _TOLD, time.monotonic() - start
            print(
                f"{step}: heatmap {mean[0]:.3f}, boxes {mean[1]:.3f}, {seconds:.0f} s", flush=True
            )
            sums[:] = 0
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.save(train(args.steps, args.seed).state_dict(), args.weights)


if __name__ == "__main__":
    main()
