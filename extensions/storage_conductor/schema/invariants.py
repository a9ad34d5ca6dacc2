"""What the words of an operation tell: a rule, who is told, what is asked of many or changed."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from ..catalog.entry import CatalogEntry
from ..catalog.reading import CATALOG, load
from .aggregates import Function
from .model import DataModel, Pattern

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_WORD = re.compile(r"[^\W_]+")


class InvariantWords(CatalogEntry):
    """Words by what they tell; `catalog/invariants.yml` says of each list what."""

    unique: tuple[str, ...]
    sum: tuple[str, ...]
    tell: tuple[str, ...]
    hand: tuple[str, ...]
    articles: tuple[str, ...]
    until: tuple[str, ...]
    count: tuple[str, ...]
    total: tuple[str, ...]
    average: tuple[str, ...]
    alter: tuple[str, ...]
    drain: tuple[str, ...]
    rank: tuple[str, ...]
    rolled: tuple[str, ...]
    spans: tuple[str, ...]


@functools.cache
def _words() -> InvariantWords:
    return load(InvariantWords, CATALOG / "invariants.yml")


@functools.cache
def _speaking(kind: str) -> re.Pattern[str]:
    words = sorted(getattr(_words(), kind), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.IGNORECASE)


def once(invariant: str) -> bool:
    """Whether an invariant forbids that something is there twice."""
    return _speaking("unique").search(invariant) is not None


def summed(text: str) -> str:
    """Return the words by which a text states a rule about a total over several rows, or none."""
    found = _speaking("sum").search(text)
    return found[0] if found else ""


def asked_of_many(name: str) -> Function | None:
    """Return what the name of a read asks of its entries together: how many, a sum, a mean."""
    if _speaking("average").search(name):
        return "average"
    if _speaking("count").match(name):
        return "count"
    return "sum" if _speaking("total").search(name) else None


def rolled_up(name: str) -> bool:
    """Tell whether a name asks for what is computed of each span of time, as `hourly averages`."""
    apart = _CAMEL.sub(" ", name)
    return all(_speaking(kind).search(apart) for kind in ("rolled", "spans"))


def alters(name: str) -> bool:
    """Tell whether the name of a write says that it changes an entry that is there."""
    return _speaking("alter").match(name) is not None


def drains(name: str) -> bool:
    """Tell whether the name of a job says that it does something to each entry once."""
    return _speaking("drain").search(name) is not None


def asks_rank(name: str) -> bool:
    """Tell whether the name of a read asks for the place of an entry in an order."""
    return _speaking("rank").search(name) is not None


def sum_rule(model: DataModel, texts: Iterable[str]) -> str:
    """Return the words that state a rule about a total, in free texts, invariants or notes.

    Args:
        model: The model, whose invariants and notes are looked at first.
        texts: What else a person wrote.
    """
    said = [rule for pattern in model.patterns for rule in pattern.operation.invariants]
    notes = [note for entity in model.entities for note in _notes_of(entity.note, entity.notes)]
    return next((quote for text in (*said, *notes, *texts) if (quote := summed(text))), "")


def _notes_of(own: str, fields: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (own, *(note for _, note in fields))


def outsiders(pattern: Pattern, depends_on: Iterable[str]) -> tuple[str, ...]:
    """Return who outside of the stores is told by an operation, as its name says it.

    Args:
        pattern: The operation; one that only reads tells nobody.
        depends_on: Components and services that must be there first.
    """
    if not (pattern.changes or pattern.job):
        return ()
    spoken = _WORD.findall(pattern.name)
    verb, rest = (spoken or [""])[0].casefold(), spoken[1:]
    if verb in _words().tell:
        return (told,) if (told := _named(rest)) else ()
    to = next((number for number, word in enumerate(rest) if word.casefold() == "to"), None)
    if verb not in _words().hand or to is None:
        return ()
    behind = {word.casefold() for word in rest[to + 1 :]}
    return tuple(
        name
        for name in depends_on
        if behind.intersection(word.casefold() for word in _WORD.findall(name))
    )


def _named(words: Iterable[str]) -> str:
    found: list[str] = []
    for word in words:
        if word.casefold() in _words().until and found:
            break
        if found or word.casefold() not in _words().articles:
            found.append(word)
    return " ".join(found)
