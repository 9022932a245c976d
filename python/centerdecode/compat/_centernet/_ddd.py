"""The 3D decoder of xingyizhou/CenterNet (ddd), and its way back to the image."""
# ruff: noqa: N803  (upstream's own argument names)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._shared import as_numpy, like, top_k


def ddd_decode(
    heat: Any, rot: Any, depth: Any, dim: Any, wh: Any = None, reg: Any = None, K: int = 40
) -> Any:
    """Read the 3D heads at the K best peaks.

    Args:
        heat: (B, C, H, W) scores (after the sigmoid).
        rot: (B, 8, H, W); depth: (B, 1, H, W), in meters; dim: (B, 3, H, W).
        wh: (B, 2, H, W) or None. reg: (B, 2, H, W); None: half a cell.

    Returns:
        (B, K, 18) float32 rows [x, y, score, rot 8, depth, dim 3, wh 2, class] in
        cells; without wh (B, K, 16).

    Raises:
        ValueError: K exceeds the cells of a map.
    """
    maps = as_numpy(heat)
    if maps.shape[2] * maps.shape[3] < K:
        raise ValueError(f"K must be at most the cells of a plane of {maps.shape}, got {K}")
    found = top_k(maps, K)
    images = np.arange(len(maps))[:, None]

    def at_peaks(head: Any) -> NDArray[Any]:
        return np.asarray(as_numpy(head)[images, :, found.ys, found.xs])

    cells = np.stack([found.xs, found.ys], axis=-1).astype(np.float32)
    centers = cells + (np.float32(0.5) if reg is None else at_peaks(reg))
    heads = [at_peaks(head) for head in (rot, depth, dim, wh) if head is not None]
    columns = [centers, found.scores[..., None], *heads, found.class_ids[..., None]]
    return like(heat, np.concatenate(columns, axis=-1).astype(np.float32))


def get_alpha(rot: Any) -> NDArray[Any]:
    """The observation angles (N,) of two-bin rotations (N, 8), not wrapped.

    The bin whose second number is greater decides; the first numbers are not used.
    """
    _, first, sin1, cos1, _, second, sin2, cos2 = np.asarray(rot).T
    low, high = np.arctan2(sin1, cos1) - 0.5 * np.pi, np.arctan2(sin2, cos2) + 0.5 * np.pi
    return np.asarray(np.where(first > second, low, high))


def ddd_post_process(
    dets: Any,
    c: Sequence[Any],
    s: Sequence[Any],
    calibs: Sequence[Any],
    opt: Any,
    *,
    upstream_bugs: bool = False,
) -> list[dict[int, NDArray[np.float32]]]:
    """Take rows of `ddd_decode` to the image, and into space.

    Args:
        dets: (B, K, 18).
        c, s: center and scale of each image, as in `get_affine_transform`.
        calibs: (3, 4) camera matrices, one for each image, or one for all.
        opt: has output_w, output_h, the size of the feature map, and num_classes.
        upstream_bugs: upstream moves wh to the image as if it were a point, and uses
            calibs[0] for every image of a batch. Here wh is scaled, and each image has
            its own matrix, unless this is True.

    Returns:
        For each image {1..num_classes: (n, 13) float32 rows [alpha, x1, y1, x2, y2, h,
        w, l, X, Y, Z, rotation_y, score]}, in the order of `dets`.

    Raises:
        ValueError: rows without wh, or as many matrices as neither one nor the images.
    """
    rows = np.asarray(dets, np.float64)
    if rows.ndim != 3 or rows.shape[2] != 18:
        raise ValueError(f"dets must be of shape (B, K, 18), with wh, got {rows.shape}")
    if not upstream_bugs and len(calibs) not in (1, len(rows)):
        raise ValueError(f"calibs must be 1 or {len(rows)}, got {len(calibs)}")
    found = []
    for i, image in enumerate(rows):
        zoom = float(np.ravel(s[i])[0]) / opt.output_w
        output_center = np.array([opt.output_w, opt.output_h]) / 2
        origin = np.asarray(c[i], np.float64) - zoom * output_center
        extents = zoom * image[:, 15:17] + (origin if upstream_bugs else 0)
        matrix = calibs[0 if upstream_bugs or len(calibs) == 1 else i]
        whole = _in_space(image, zoom * image[:, :2] + origin, extents, np.asarray(matrix))
        classes = image[:, 17]
        found.append({j + 1: whole[classes == j] for j in range(opt.num_classes)})
    return found


def _in_space(
    rows: NDArray[np.float64],
    centers: NDArray[np.float64],
    extents: NDArray[np.float64],
    matrix: NDArray[Any],
) -> NDArray[np.float32]:
    """Rows of `ddd_decode`, whose centers and extents lie in the image -> rows of 13."""
    (fx, _, px, tx), (_, fy, py, ty), (_, _, _, tz) = matrix.astype(np.float64)
    alphas = get_alpha(rows[:, 3:11])
    depths, sizes = rows[:, 11], rows[:, 12:15]
    u, v = centers.T
    z = depths - tz
    x = (u * depths - tx - px * z) / fx
    y = (v * depths - ty - py * z) / fy + sizes[:, 0] / 2
    turns = alphas + np.arctan2(u - px, fx)
    turns = np.where(turns > np.pi, turns - 2 * np.pi, turns)
    turns = np.where(turns < -np.pi, turns + 2 * np.pi, turns)
    boxes = np.hstack([centers - extents / 2, centers + extents / 2])
    columns = [alphas, *boxes.T, *sizes.T, x, y, z, turns, rows[:, 2]]
    return np.stack(columns, axis=1).astype(np.float32)
