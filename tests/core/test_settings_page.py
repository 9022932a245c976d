"""The page of the C++ interface lists every key of the settings, with its default."""

import re

import numpy as np
import pytest
from centerdecode import _core
from support.paths import ROOT

PAGE = ROOT / "docs" / "cpp.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason=f"no {PAGE}")


def listed():
    """The keys of the table, and their defaults."""
    found = {}
    for keys, defaults in re.findall(r"^\| (`.*?) \| (`.*?) \|$", PAGE.read_text(), re.MULTILINE):
        names = re.findall(r"`(.+?)`", keys)
        values = re.findall(r"`(.*?)`", defaults.split(";")[0])
        assert len(names) == len(values), keys
        group = ""
        for name, value in zip(names, values, strict=True):
            if name.startswith("."):
                name = group + name
            group = name.rpartition(".")[0]
            assert name not in found
            found[name.replace("<name>", "*")] = value.replace('""', "")
    return found


def numbers_of(text):
    try:
        return [np.float32(number) for number in text.split(",")]
    except ValueError:
        return text


def test_the_table_has_every_key_and_its_default():
    keys = {key: value for key, _, _, value in _core.option_keys()}
    of_tasks = {key: value for key, value in keys.items() if key.count(".") > 2}
    page = listed()
    assert {*page} == {*keys} - {*of_tasks}
    assert {key: numbers_of(value) for key, value in page.items()} == {
        key: numbers_of(value) for key, value in keys.items() if key not in of_tasks
    }
    # Which the page says are as those of all.
    assert of_tasks == {
        f"tasks.*.{key}": value
        for key, value in keys.items()
        if key.startswith(("keypoints.", "refinement."))
    }
