"""How many detections of a class are kept, for decoders that group peaks."""

from __future__ import annotations

from collections import Counter

from ..results import Detections


def limited(detections: Detections, max_per_class: int | None) -> Detections:
    """The strongest `max_per_class` of each class; None: all."""
    if max_per_class is None:
        return detections
    seen: Counter[int] = Counter()
    kept = []
    for row, class_id in enumerate(detections.class_ids.tolist()):
        seen[class_id] += 1
        if seen[class_id] <= max_per_class:
            kept.append(row)
    return detections[kept]
