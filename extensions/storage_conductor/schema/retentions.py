"""A retention that names entities: `scans 18 months, parcels 3 years after delivery`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from . import durations
from .durations import Lifetime

if TYPE_CHECKING:
    from .model import DataModel, Entity

_PARTS = re.compile(r"[;\n]+|,(?!\d)|\.\s")
_JOINED = re.compile(rf"{_PARTS.pattern}|\b(?:and|und|et|y|e)\b")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def told_by_name(model: DataModel, retention: str) -> DataModel:
    """Return the model with the lifetimes that a retention tells of entities by their names.

    What an entity says of itself stays, and a part that names none is no lifetime of one.
    """
    found = told(retention, [entity.name for entity in model.entities])
    return replace(
        model,
        entities=tuple(
            _living(entity, found[entity.name])
            if entity.name in found and not entity.facts.lifetimes
            else entity
            for entity in model.entities
        ),
    )


def _living(entity: Entity, lifetimes: tuple[Lifetime, ...]) -> Entity:
    facts = replace(entity.facts, lifetimes=lifetimes)
    seconds = facts.lasting_seconds("creation")
    return replace(entity, facts=facts, ttl_seconds=int(seconds) if seconds else None)


def told(retention: str, names: Iterable[str]) -> Mapping[str, tuple[Lifetime, ...]]:
    """Return the lifetimes that a retention tells of entities, by their names."""
    found: dict[str, tuple[Lifetime, ...]] = {}
    known = tuple(names)
    for part in _parts(retention):
        for name in _named(part, known):
            found[name] = (*found.get(name, ()), *_lifetime(part))
    return found


@functools.cache
def of_the_rest(retention: str, names: tuple[str, ...]) -> str:
    """Return what a retention says of entities that it does not name; all where it names none.

    Beside parts that name entities, one that speaks of something else is of none of them.
    """
    parts = _parts(retention)
    rest = [part for part in parts if not _named(part, names)]
    if len(rest) == len(parts):
        return retention
    return ", ".join(part for part in rest if not _subject(part))


def of_none(retention: str, names: tuple[str, ...]) -> list[str]:
    """Return the parts of a retention that speak of something which is no entity.

    Where no part names an entity, all of them are of what is stored.
    """
    rest = [part for part in _parts(retention) if not _named(part, names)]
    return [part for part in rest if _subject(part)] if rest != _parts(retention) else []


def _named(part: str, names: tuple[str, ...]) -> list[str]:
    """Return the entities that a part names: in full, else the one that it names by its last word.

    `audit events` are those of `AccessEvent`, where no other entity is one of events.
    """
    found = [name for name in names if _name(name).search(part)]
    if found:
        return found
    subject = _subject(part)
    last = [name for name in names if _name(_WORDS.findall(name)[-1]).search(subject)]
    return last if len(last) == 1 else []


def _subject(part: str) -> str:
    """Return what a part speaks of before its time; nothing for all, or for all that is left."""
    span = durations.first_span(part)
    before = part[: span.start()].strip(" :-") if span else ""
    said = re.findall(r"[^\W\d_]+", before.casefold())
    return "" if any(word in durations.words().others for word in said) else before


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


@functools.cache
def _name(entity: str) -> re.Pattern[str]:
    """Return a pattern of a name as people write it: of one or many, `Rollup` as `roll-up`."""
    words = ["-?".join(word.casefold()) for word in _WORDS.findall(entity)]
    last = words[-1]
    many = rf"(?:{last[:-1]}ies|{last})" if last.endswith("y") else rf"{last}(?:e?s|en|n)?"
    return re.compile(r"\b" + r"[\s_-]?".join([*words[:-1], many]) + r"\b", re.I)
