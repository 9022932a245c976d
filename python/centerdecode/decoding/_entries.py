"""Families and their rules as entries of the core's decoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..families import Entry, Extra, Family, KeypointRule, KeypointTask, options, rule_entries

_FIELDS = (
    "layout",
    "activation",
    "window",
    "stride",
    "box_encoding",
    "box_units",
    "box_activation",
    "axes",
    "center_shift",
    "depth_activation",
    "first_class",
)
_RULES = ("masks", "levels", "bev", "extreme_points", "triplets")


def keypoint_entries(rule: KeypointRule, task: str | None = None) -> Iterator[Entry]:
    """How keypoints are stored and refined; those of a task begin with its name."""
    own, known = ("", "") if task is None else (f"tasks.{task}.", "tasks.*.")
    yield from rule_entries(f"{own}keypoints", rule, f"{known}keypoints")
    yield from rule_entries(f"{own}refinement", rule.refinement, f"{known}refinement")


def extra_entries(extras: Mapping[str, Extra]) -> Iterator[Entry]:
    """What further heads say at a detection's cell."""
    yield "extras", ",".join(extras)
    for name, rule in extras.items():
        yield from rule_entries(f"extras.{name}", rule, "extras.*")


def task_entries(tasks: Mapping[str, KeypointTask]) -> Iterator[Entry]:
    """The keypoints of several classes."""
    yield "tasks", ",".join(tasks)
    for name, task in tasks.items():
        yield from rule_entries(f"tasks.{name}", task, "tasks.*")
        yield from keypoint_entries(task.rule, name)


def family_entries(family: Family) -> Iterator[Entry]:
    """All that a family says of its heads, but which there are."""
    yield from options(**{name: getattr(family, name) for name in _FIELDS})
    for name in _RULES:
        if (rule := getattr(family, name)) is not None:
            yield from rule_entries(name, rule)
    yield from keypoint_entries(family.keypoints or KeypointRule())
    yield from task_entries(family.keypoint_tasks)
    yield from extra_entries(family.extras)
