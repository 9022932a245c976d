"""COCO's numbers, by faster-coco-eval, and how they are printed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..._lazy import require
from ..console import CommandError

Rows = list[dict[str, Any]]

KEYPOINTS = 17
_ALL, _SINGLE = "0.50:0.95", ("0.50", "0.75")
# What each of COCO's numbers is: precision or recall, IoU, area, detections an image.
_LINES: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    "bbox": (
        ("AP", _ALL, "all", 100),
        *(("AP", iou, "all", 100) for iou in _SINGLE),
        *(("AP", _ALL, area, 100) for area in ("small", "medium", "large")),
        *(("AR", _ALL, "all", most) for most in (1, 10, 100)),
        *(("AR", _ALL, area, 100) for area in ("small", "medium", "large")),
    ),
    "keypoints": tuple(
        line
        for what in ("AP", "AR")
        for line in (
            (what, _ALL, "all", 20),
            *((what, iou, "all", 20) for iou in _SINGLE),
            *((what, _ALL, area, 20) for area in ("medium", "large")),
        )
    ),
}
_WORDS = {"AP": "Average Precision", "AR": "Average Recall"}


class Metrics(NamedTuple):
    """numbers: COCO's twelve, or ten, by name, None where there is nothing to measure;
    classes: a row of each category that has objects."""

    iou_type: str
    numbers: dict[str, float | None]
    classes: list[dict[str, Any]]


def measure(
    truth: Mapping[str, Any],
    rows: Rows,
    iou_type: str,
    image_ids: Collection[int],
    sigmas: Sequence[float] | None,
) -> Metrics:
    """How right `rows`, detections in COCO's results format, are.

    Args:
        iou_type: "bbox", or "keypoints" for object keypoint similarity.
        image_ids: the images that count.
        sigmas: one for each keypoint; None: COCO's, of its 17.

    Raises:
        ImportError: faster-coco-eval is missing; the message names the extra.
    """
    library = require("faster_coco_eval", "faster-coco-eval", "evaluate")
    # It puts fields of its own into the rows that it is given.
    own = {"annotations": [dict(row) for row in truth["annotations"]]}
    annotated = library.COCO({**truth, **own})
    found = annotated.loadRes([dict(row) for row in rows])
    judge = library.COCOeval_faster(annotated, found, iou_type, kpt_oks_sigmas=sigmas)
    judge.params.imgIds = sorted(image_ids)
    judge.params.catIds = categories = _categories(truth, iou_type)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    lines = _LINES[iou_type]
    names = [_name(line, iou_type) for line in lines]
    numbers = dict(zip(names, map(_number_or_none, judge.stats), strict=True))
    return Metrics(iou_type, numbers, [*_by_class(truth, judge, categories, image_ids)])


def keypoints_of(truth: Mapping[str, Any]) -> int:
    """How many keypoints the objects have; 0: none.

    Raises:
        CommandError: not the same number everywhere.
    """
    counts = {len(row["keypoints"]) // 3 for row in truth["annotations"] if row.get("keypoints")}
    if len(counts) > 1:
        raise CommandError(
            f"--annotations: objects have {sorted(counts)} keypoints, not one number"
        )
    return counts.pop() if counts else 0


def text(metrics: Metrics) -> str:
    """COCO's lines as its own program prints them, and a table of the classes."""
    lines = []
    for (what, iou, area, most), value in zip(
        _LINES[metrics.iou_type], metrics.numbers.values(), strict=True
    ):
        where = f"IoU={iou:<9} | area={area:>6} | maxDets={most:>3}"
        shown = -1.0 if value is None else value  # as COCO's own program has it
        lines.append(f" {_WORDS[what]:<18} ({what}) @[ {where} ] = {shown:0.3f}")
    wide = max(len(str(row["name"])) for row in [*metrics.classes, {"name": "class"}])
    lines.append(f"\n {'class':{wide}}  objects     AP   AP50   AP75     AR")
    for row in metrics.classes:
        cells = "".join(f"  {row[name]:5.3f}" for name in ("AP", "AP50", "AP75", "AR"))
        lines.append(f" {row['name']:{wide}}  {row['objects']:7}{cells}")
    return "\n".join(lines)


def _categories(truth: Mapping[str, Any], iou_type: str) -> list[int]:
    """All; of keypoints those that have any, as others cannot be found by them."""
    if iou_type == "bbox":
        return sorted(category["id"] for category in truth["categories"])
    return sorted({row["category_id"] for row in truth["annotations"] if row.get("keypoints")})


def _by_class(
    truth: Mapping[str, Any], judge: Any, categories: Sequence[int], image_ids: Collection[int]
) -> Iterator[dict[str, Any]]:
    names = {category["id"]: category["name"] for category in truth["categories"]}
    counted = {*image_ids}
    # IoU, recall, class, area, most detections; and the same without recall.
    precision = np.asarray(judge.eval["precision"])[:, :, :, 0, -1]
    recall = np.asarray(judge.eval["recall"])[:, :, 0, -1]
    for i, category in enumerate(categories):
        objects = sum(
            row["category_id"] == category
            and row["image_id"] in counted
            and not row["iscrowd"]
            and (judge.params.iouType == "bbox" or bool(row.get("num_keypoints")))
            for row in truth["annotations"]
        )
        if objects > 0:
            own = precision[:, :, i]
            yield {
                "category_id": category,
                "name": names[category],
                "objects": objects,
                "AP": float(own.mean()),
                "AP50": float(own[0].mean()),
                "AP75": float(own[5].mean()),
                "AR": float(recall[:, i].mean()),
            }


def _name(line: tuple[str, str, str, int], iou_type: str) -> str:
    """AP, AP50, APsmall, AR1, ..., as one calls them."""
    what, iou, area, most = line
    if iou != _ALL:
        return what + iou[2:]
    if area != "all":
        return what + area
    return f"{what}{most}" if what == "AR" and iou_type == "bbox" else what


def _number_or_none(value: float) -> float | None:
    return None if value < 0 else float(value)
