"""Annotations: which category a class is, and what cannot be read or told."""

import json

import pytest
from centerdecode.cli.console import CommandError
from centerdecode.cli.evaluate import _ground_truth
from centerdecode.families import COCO, COCO_CATEGORY_IDS
from support.command_line import CATEGORIES, NAMES


def categories(ids):
    return [{"id": number, "name": f"name {number}"} for number in ids]


def test_cocos_gaps_are_known():
    numbering = _ground_truth.map_categories(categories(COCO_CATEGORY_IDS), None, None, None)
    assert [numbering.category_ids[i] for i in (0, 11, 79)] == [1, 13, 90]
    named = [{"id": i, "name": name} for i, name in zip(COCO_CATEGORY_IDS, COCO, strict=True)]
    by_name = _ground_truth.map_categories(named[::-1], COCO, 80, None)
    assert dict(by_name.category_ids) == dict(enumerate(COCO_CATEGORY_IDS))


AMBIGUOUS = {
    "too many classes": (categories([1, 2]), None, 3, None, "3 classes and no labels"),
    "unknown": (categories([1, 2]), None, None, None, "unknown number of classes"),
    "91 of COCO's 80": (categories(COCO_CATEGORY_IDS), None, 91, None, "91 classes"),
    "no name": (CATEGORIES, ["a", "b"], 2, None, "none of the model's labels (a, b, ...)"),
    "two categories": (
        [*CATEGORIES, {"id": 1, "name": "Dog"}],
        NAMES,
        3,
        None,
        "2 are named 'dog'",
    ),
    "two labels": (CATEGORIES, ["dog", "Dog"], 2, None, "labels: 2 are named 'dog'"),
    "no such id": (CATEGORIES, NAMES, 3, [9, 8], "no category 8, there are [5, 7, 9]"),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_is_ambiguous_is_refused(case):
    *arguments, message = AMBIGUOUS[case]
    with pytest.raises(CommandError) as error:
        _ground_truth.map_categories(*arguments)
    assert message in str(error.value)


BROKEN = {
    "no JSON": ("{", "Expecting property name"),
    "a list": ([], 'no "images" in it'),
    "no annotations": ({"images": [{"id": 1, "file_name": "a"}]}, 'no "annotations" in it'),
    "no name": ({"images": [{"id": 1}]}, "images: no file_name in {'id': 1}"),
    "twice": ({"images": [{"id": 1, "file_name": "a"}] * 2}, "images: 2 have the id 1"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_annotations_are_refused(case, tmp_path):
    content, message = BROKEN[case]
    path = tmp_path / "truth.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(CommandError) as error:
        _ground_truth.read(str(path))
    assert message in str(error.value)
    with pytest.raises(CommandError, match="No such file"):
        _ground_truth.read(str(tmp_path / "none.json"))
