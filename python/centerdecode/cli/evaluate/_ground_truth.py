"""Annotations as COCO has them, and which of their categories a model's classes are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...families import COCO_CATEGORY_IDS
from ..console import CommandError, reason

_PARTS = {
    "images": ("id", "file_name"),
    "annotations": ("id", "image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}


class CategoryMapping(NamedTuple):
    """The category of each class that has one, and how that is known."""

    category_ids: Mapping[int, int]
    why: str


def read(path: str) -> dict[str, Any]:
    """An instances.json or person_keypoints.json.

    A missing "iscrowd" is 0, a missing "area" is that of the box.

    Raises:
        CommandError: it cannot be read, or lacks what an evaluation needs.
    """
    try:
        content = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"--annotations {path}: {reason(error)}") from None
    for part, fields in _PARTS.items():
        entries = content.get(part) if isinstance(content, dict) else None
        if not isinstance(entries, list) or not entries:
            raise CommandError(f'--annotations {path}: no "{part}" in it, as COCO has them')
        for entry in entries:
            lacking = [field for field in fields if field not in entry]
            if lacking:
                raise CommandError(f"--annotations {path}: {part}: no {lacking[0]} in {entry}")
        _check_unique(path, part, [entry["id"] for entry in entries])
    truth: dict[str, Any] = content
    for annotation in truth["annotations"]:
        annotation.setdefault("iscrowd", 0)
        annotation.setdefault("area", annotation["bbox"][2] * annotation["bbox"][3])
    return truth


def map_categories(
    categories: Sequence[Mapping[str, Any]],
    labels: Sequence[str] | None,
    classes: int | None,
    requested: Sequence[int] | None,
) -> CategoryMapping:
    """Which category each class_id is.

    By `requested`; else by the labels, where they are names of categories; else, if the
    ids are those of COCO's 80 categories and the classes are 80, in COCO's order;
    else, if there are as many classes as categories, in ascending order of ids.

    Args:
        labels: the model's; None: it has none.
        classes: how many the model has; None: it does not tell.
        requested: a category for each class, given by the user.

    Raises:
        CommandError: no rule holds, or one is ambiguous.
    """
    ids = sorted(int(category["id"]) for category in categories)
    if requested is not None:
        unknown = sorted({*requested} - {*ids})
        if unknown:
            raise CommandError(f"--category-ids: no category {unknown[0]}, there are {ids}")
        return CategoryMapping(dict(enumerate(requested)), "as --category-ids says")
    if labels is not None:
        return _by_name(categories, labels)
    if tuple(ids) == COCO_CATEGORY_IDS and classes in (80, None):
        return CategoryMapping(dict(enumerate(ids)), "the 80 of COCO, in its order")
    if classes == len(ids):
        return CategoryMapping(dict(enumerate(ids)), "as many as categories, in order of their ids")
    raise CommandError(
        f"which category is which class? The model has {classes or 'an unknown number of'} "
        f"classes and no labels, the annotations have {len(ids)} categories; "
        "pass --labels or --category-ids"
    )


def _by_name(categories: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> CategoryMapping:
    ids = {_plain(category["name"]): int(category["id"]) for category in categories}
    _check_names("categories", (category["name"] for category in categories))
    known = {i: ids[_plain(label)] for i, label in enumerate(labels) if _plain(label) in ids}
    if not known:
        raise CommandError(
            f"none of the model's labels ({', '.join(labels[:5])}, ...) is the name of a category "
            f"({', '.join(str(category['name']) for category in categories[:5])}, ...); pass "
            "--labels or --category-ids"
        )
    _check_names("labels", (labels[i] for i in known))
    why = f"{len(known)} of {len(labels)} labels are names of {len(ids)} categories"
    return CategoryMapping(known, why)


def _plain(name: Any) -> str:
    """rt_info has lists parted by spaces, so that "traffic light" is traffic_light there."""
    return str(name).strip().casefold().replace("_", " ")


def _check_names(what: str, names: Iterable[Any]) -> None:
    for name, count in Counter(map(_plain, names)).items():
        if count > 1:
            raise CommandError(f"{what}: {count} are named {name!r}; pass --category-ids")


def _check_unique(path: str, part: str, ids: Iterable[Any]) -> None:
    for number, count in Counter(ids).items():
        if count > 1:
            raise CommandError(f"--annotations {path}: {part}: {count} have the id {number}")
