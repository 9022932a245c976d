"""Which keypoints of an object are joined by a line."""

from __future__ import annotations

# By how many keypoints there are, counted from 0. COCO's 17 are nose, eyes, ears,
# shoulders, elbows, wrists, hips, knees, ankles, the left one before the right.
SKELETONS: dict[int, tuple[tuple[int, int], ...]] = {
    17: (
        *((0, 1), (0, 2), (1, 3), (2, 4)),
        *((5, 6), (5, 7), (7, 9), (6, 8), (8, 10)),
        *((5, 11), (6, 12), (11, 12)),
        *((11, 13), (13, 15), (12, 14), (14, 16)),
    ),
}
