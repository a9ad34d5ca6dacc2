"""A retention that names entities: `scans 18 months, parcels 3 years after delivery`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from . import durations
from .durations import Lifetime
from .model import DataModel, Entity

_PARTS = re.compile(r"[;\n]+|,(?!\d)|\.\s")
_JOINED = re.compile(rf"{_PARTS.pattern}|\b(?:and|und|et|y|e)\b")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def told_by_name(model: DataModel, retention: str) -> DataModel:
    """Return the model with the lifetimes that a retention tells of entities by their names.

    What an entity says of itself stays, and a part that names none is no lifetime of one.
    """
    told: dict[str, list[Lifetime]] = {}
    for part in _parts(retention):
        for entity in model.entities:
            if _name(entity).search(part):
                told.setdefault(entity.name, []).extend(_lifetime(part))
    return replace(
        model,
        entities=tuple(
            replace(entity, facts=replace(entity.facts, lifetimes=tuple(told[entity.name])))
            if entity.name in told and not entity.facts.lifetimes
            else entity
            for entity in model.entities
        ),
    )


def _parts(retention: str) -> list[str]:
    """Split a retention into parts with a time each; by "and" only where that leaves each one."""
    for pattern in (_JOINED, _PARTS):
        parts = [part.strip() for part in pattern.split(retention) if part.strip()]
        if all(durations.first_span(part) for part in parts):
            return parts
    return []


def _lifetime(part: str) -> Iterator[Lifetime]:
    """Yield what a part says, in its words from the time on."""
    span = durations.first_span(part)
    for found in durations.retained(part):
        if span and found.kind in ("creation", "event", "idle"):
            yield replace(found, text=part if found.kind == "idle" else part[span.start() :])


def _name(entity: Entity) -> re.Pattern[str]:
    """Return a pattern of an entity's name as people write it, of one or of many."""
    words = [word.casefold() for word in _WORDS.findall(entity.name)]
    last = re.escape(words[-1])
    many = rf"(?:{last[:-1]}ies|{last})" if words[-1].endswith("y") else rf"{last}(?:e?s|en|n)?"
    return re.compile(r"\b" + r"[\s_-]?".join([*map(re.escape, words[:-1]), many]) + r"\b", re.I)
