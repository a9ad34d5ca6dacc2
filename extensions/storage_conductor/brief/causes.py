"""Which answers a decision rests on: those that have to be revised to end it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..catalog import rulebook
from ..component.component import Component
from ..component.track import Track
from ..findings import FeasibilityCase, broken
from ..questions.answers import RULES, Answers

# What says which component is meant, or what was decided, and not how it is to be.
IDENTITY = {
    "title",
    "description",
    "storage_type",
    "backend",
    "backends",
    "other_backend",
    "detail",
    "id_scheme",
    "decisions",
}


def causes(track: Track) -> dict[str, tuple[str, ...]]:
    """Return the names of the answers behind each decision, by its key.

    A finding rests on the given answers without which it is not found; one that names what is
    missing, on that. A decision about a document alone has no entry.
    """
    component = track.component
    found: dict[str, list[str]] = {}
    for finding, _ in component.findings:
        named = re.findall(r"\w+", str(finding.values.get("names", "")))
        found[finding.decision] = [name for name in named if name in RULES]
    for name in given(component.stated):
        if name not in IDENTITY:
            left = _keys_without(component, name)
            for key in found.keys() - left:
                found[key].append(name)
    for key in _drafted(track):
        found.setdefault(key, ["entities", "access_patterns"])
    for item in component.mentions:
        found[item.decision] = [item.answer, *item.also]
    found |= {block.why.decision: ["blocks"] for block in component.blocks if block.why}
    for choice in track.choices:
        found[choice.decision] = [choice.answer]
    for assumption in rulebook.assumptions():
        if assumption.answer:
            found[f"D-{assumption.key}"] = [assumption.answer]
    return {key: tuple(dict.fromkeys(names)) for key, names in found.items() if names}


def given(answers: Answers) -> Iterator[str]:
    """Yield the names of the answers that say something."""
    for name, value in answers._asdict().items():
        if value not in (None, "", (), {}):
            yield name


def _keys_without(component: Component, name: str) -> set[str]:
    """Return the keys of what is still found when one answer is not given."""
    blank: dict[str, Any] = {name: _blank(name)}
    stated = component.stated._replace(**blank)
    model = component.model if name not in ("entities", "access_patterns") else None
    backends = (component.as_stated(stated) if name == "hosting" else component).backends
    case = FeasibilityCase(stated, backends, component.demands, model, component.open_names)
    rules = {finding.rule for finding, _ in component.findings}
    return {finding.decision for finding in broken(case, rules)}


def _blank(name: str) -> Any:
    nothing = Answers(title="-", description="-")
    return getattr(nothing, name)


def _drafted(track: Track) -> set[str]:
    """Return the keys of the decisions that the schema draft brings."""
    drafted = track.component.design.findings if track.component.design else ()
    raised = {finding.decision for finding, _ in track.component.findings}
    keys = {f"D-{item.key}" for item in drafted} | {f"D-{item.key}-others" for item in drafted}
    return {decision.key for decision in track.decisions} & keys - raised
