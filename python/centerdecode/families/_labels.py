"""Names of classes, and the numbers that data sets give them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# The order in which every COCO detector of 80 classes counts them, from 0 on.
COCO: tuple[str, ...] = tuple(
    """
    person|bicycle|car|motorcycle|airplane|bus|train|truck|boat|traffic light
    fire hydrant|stop sign|parking meter|bench|bird|cat|dog|horse|sheep|cow
    elephant|bear|zebra|giraffe|backpack|umbrella|handbag|tie|suitcase|frisbee
    skis|snowboard|sports ball|kite|baseball bat|baseball glove|skateboard
    surfboard|tennis racket|bottle|wine glass|cup|fork|knife|spoon|bowl|banana
    apple|sandwich|orange|broccoli|carrot|hot dog|pizza|donut|cake|chair|couch
    potted plant|bed|dining table|toilet|tv|laptop|mouse|remote|keyboard
    cell phone|microwave|oven|toaster|sink|refrigerator|book|clock|vase|scissors
    teddy bear|hair drier|toothbrush
    """.strip()
    .replace("\n    ", "|")
    .split("|")
)

# The same classes in COCO's own annotations: 1 to 90 with ten numbers left out.
_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
COCO_CATEGORY_IDS: tuple[int, ...] = tuple(n for n in range(1, 91) if n not in _GAPS)

# Those numbers less 1, as TensorFlow's detectors count them; "" where none is.
COCO_90: tuple[str, ...] = tuple(
    COCO[COCO_CATEGORY_IDS.index(n)] if n in COCO_CATEGORY_IDS else "" for n in range(1, 91)
)

COCO_KEYPOINTS: tuple[str, ...] = (
    "nose",
    *(
        f"{side}_{part}"
        for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)

# COCO's own pairs of them, counted from 0.
COCO_SKELETON: tuple[tuple[int, int], ...] = (
    *((15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7)),
    *((6, 8), (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6)),
)


def name_of(labels: Sequence[str] | None, class_id: int) -> str:
    """The name of a class, or its number where it has none."""
    named = labels is not None and 0 <= class_id < len(labels) and labels[class_id]
    return named or str(class_id)


def read_labels(path: str | Path) -> list[str]:
    """The names in a text file, one a line, the first for class 0.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not UTF-8 text, or empty.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"labels must be UTF-8 text, one name a line ({error})") from None
    if not lines:
        raise ValueError("no labels in it")
    return [line.strip() for line in lines]
