"""Durations, counts and sizes as people write them, and how long something is kept.

The words are in `catalog/lifetimes.yml`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..catalog.entry import CatalogEntry
from ..catalog.reading import CATALOG, load
from .tokens import MistakeError, one_line

LifetimeKind = Literal["creation", "idle", "event", "condition", "ever"]
_SIZES = {"b": 1, "byte": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10}
_SIZES |= {"mib": 2**20, "gib": 2**30, "tib": 2**40}
_MANY = {"": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "billion": 10**9}
_AMOUNT = re.compile(r"(\d[\d,_]{0,20}(?:\.\d{1,6})?)\s*([a-z]*)", re.IGNORECASE)
_GROWTH = re.compile(r"(.+?)\s*(?:\ba\b|\ban\b|\bper\b|\beach\b|/)\s*(\w+)", re.IGNORECASE)
_LARGEST = 1e15
_DAY = 86_400


class Words(CatalogEntry):
    """The vocabulary of times."""

    units: Mapping[str, float]
    weekdays: tuple[str, ...]
    idle: tuple[str, ...]
    after: tuple[str, ...]
    creation: tuple[str, ...]
    ever: tuple[str, ...]
    exceptions: tuple[str, ...]
    others: frozenset[str]


@dataclass(frozen=True)
class Lifetime:
    """How long something is kept.

    Args:
        kind: From when the time runs: `creation`; the last use (`idle`); an event; none with a
            `condition`, which says when it goes; none at all (`ever`).
        text: As it was written.
        seconds: The duration, where there is one.
        event: What the time runs from, for `event`.
    """

    kind: LifetimeKind
    text: str
    seconds: float | None = None
    event: str = ""


@functools.cache
def words() -> Words:
    """Return the vocabulary of the catalog."""
    return load(Words, CATALOG / "lifetimes.yml")


@functools.cache
def _spans() -> re.Pattern[str]:
    units = "|".join(sorted(map(re.escape, words().units), key=len, reverse=True))
    number, ending = r"(?<![\w.])(\d{1,9}(?:\.\d{1,6})?)", r"(?:es?|en|s|n)?(?!\w)"
    return re.compile(rf"{number}[\s-]{{0,3}}({units}){ending}")


def stated_days(text: str) -> list[float]:
    """Return the durations that a text states, such as `7 years` or `90 jours`, in days.

    Letters alone, and milliseconds, are none: they stand beside numbers of other kinds.
    """
    return [_number(found[1]) * words().units[found[2].lower()] / _DAY for found in _told(text)]


def _told(text: str) -> Iterator[re.Match[str]]:
    return _lengths().finditer(text)


@functools.cache
def _lengths() -> re.Pattern[str]:
    short = ("ms", "millisecond", "sec")
    units = [unit for unit in words().units if len(unit) > 2 and unit not in short]
    alternatives = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    number, ending = r"(?<![\w.,])(\d[\d,]{0,12}(?:\.\d{1,6})?)", r"(?:es?|en|s|n)?(?!\w)"
    return re.compile(rf"{number}[\s-]{{0,3}}({alternatives}){ending}", re.IGNORECASE)


def _number(text: str) -> float:
    """Return a number with commas between thousands, or with one before its decimals."""
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return float(text.replace(",", "."))
    return float(text.replace(",", ""))


def seconds(value: object) -> float:
    """Read a text that is one duration, such as `5 s` or `2 hours`.

    Raises:
        MistakeError: It is none.
    """
    found = _spans().fullmatch(value.strip().lower()) if isinstance(value, str) else None
    length = float(found[1]) * words().units[found[2]] if found else 0.0
    if not length:
        raise MistakeError("a number and a unit are expected, as in `5 s`, `15 minutes` or `2 h`")
    return length


def lifetimes(value: object) -> tuple[Lifetime, ...]:
    """Read how long something is kept; several times are told apart by commas.

    Raises:
        MistakeError: It is no text.
    """
    if not isinstance(value, str) or not value.strip():
        raise MistakeError("a text is expected, as in `30 days idle` or `until taken down`")
    text = one_line(value)
    parts = [part.strip() for part in text.split(",")]
    timed = all(_spans().search(part.lower()) for part in parts)
    return tuple(_lifetime(part) for part in (parts if timed else [text]))


def first_span(text: str) -> re.Match[str] | None:
    """Return where a text says a time first, such as `30 days`; None where it says none."""
    return _spans().search(text.lower())


def retained(text: str) -> tuple[Lifetime, ...]:
    """Read a retention, an answer that may hold anything; nothing comes of what says no time."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return lifetimes(shown) if shown.strip() else ()


def _lifetime(text: str) -> Lifetime:
    low, known = text.lower(), words()
    found = _spans().search(low)
    length = float(found[1]) * known.units[found[2]] if found else None
    if any(word in low for word in known.idle) and length:
        return Lifetime("idle", text, length)
    if found is None or not length:
        return Lifetime("ever" if for_ever(text) else "condition", text)
    event = _event(text[found.end() :].strip())
    return Lifetime("event", text, length, event) if event else Lifetime("creation", text, length)


def for_ever(text: str) -> bool:
    """Tell whether a text says that nothing ever goes, without a time and without an exception."""
    low, known = text.lower(), words()
    excepted = any(re.search(rf"\b{re.escape(word)}\b", low) for word in known.exceptions)
    return not (excepted or _spans().search(low)) and any(word in low for word in known.ever)


def _event(rest: str) -> str:
    """Return the event that a time runs from; nothing for the creation, or without one."""
    known = words()
    for word in known.after:
        if rest.lower().startswith(f"{word} "):
            event = rest[len(word) :].strip()
            return "" if event.lower().startswith(known.creation) else event
    return ""


def interval(text: str) -> float | None:
    """Return how often a job runs in seconds, such as of `day at 02:00` or `5 minutes`, or None."""
    low, known = text.lower(), words()
    if found := _spans().match(low):
        return float(found[1]) * known.units[found[2]] or None
    first = re.match(r"[^\W\d_]+", low)
    if first is None:
        return None
    if first[0] in known.weekdays:
        return known.units["week"]
    return known.units.get(first[0])


def count(value: object) -> float:
    """Read how many there are: a number, or one with `k`, `million` or `billion`.

    Raises:
        MistakeError: It is none, or below zero.
    """
    found = _amount(value)
    factor = _MANY.get(found[1]) if found else None
    if found is None or factor is None or not found[0] * factor <= _LARGEST:
        raise MistakeError("a number is expected, as in `300`, `1.2 million` or `180 M`")
    return found[0] * factor


def size(value: object) -> float:
    """Read a number of bytes, or one with a unit such as `4 kB` or `2 MiB`.

    Raises:
        MistakeError: It is none.
    """
    found = _amount(value)
    factor = (_SIZES.get(found[1].removesuffix("s")) if found[1] else 1) if found else None
    if found is None or factor is None or not 0 < found[0] * factor <= _LARGEST:
        raise MistakeError("a number of bytes is expected, as in `400`, `400 B` or `4 kB`")
    return found[0] * factor


@dataclass(frozen=True)
class Growth:
    """What comes in a second, in entries or in bytes, and the text that says it.

    Args:
        text: As it was stated, or as it follows.
        items: Entries a second.
        bytes: Bytes a second.
        derived: Whether nobody stated it, and it follows from the rates of what inserts.
    """

    text: str
    items: float | None = None
    bytes: float | None = None
    derived: bool = False


def growth(value: object) -> Growth:
    """Read a growth, such as `400,000 a year`, `2 GB a month` or `90 per day`.

    Raises:
        MistakeError: It is none.
    """
    found = _over_time(value)
    if found is None:
        raise MistakeError("entries or bytes and a time are expected, as in `2 GB a month`")
    text, (much, span) = one_line(str(value)), found
    amount = _amount(much)
    if amount and amount[1].removesuffix("s") in _SIZES:
        return Growth(text, bytes=size(much) / span)
    return Growth(text, items=count(much) / span)


def rate(value: object) -> float:
    """Read how often something happens: a number of times a second, or with a time, `400 a day`.

    Raises:
        MistakeError: It is neither.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return float(value)
    try:
        timed = rate_over_time(value)
        return count(value) if timed is None else timed
    except MistakeError:
        said = "times a second are expected, or with another time, as in `400 a day`"
        raise MistakeError(said) from None


def rate_over_time(value: object) -> float | None:
    """Return how often a second a text such as `400 a day` says; None where it names no time.

    Raises:
        MistakeError: It names one, and before it stands no number.
    """
    found = _over_time(value)
    return count(found[0]) / found[1] if found else None


def _over_time(value: object) -> tuple[str, float] | None:
    """Return how much, and the seconds in which; None where a text is no `400 a day`."""
    found = _GROWTH.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if found is None:
        return None
    unit, units = found[2].lower(), words().units
    span = units.get(unit) or units.get(unit.removesuffix("s"))
    return (found[1], span) if span else None


def _amount(value: object) -> tuple[float, str] | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = _AMOUNT.fullmatch(str(value).strip())
    return (float(re.sub("[,_]", "", found[1])), found[2].lower()) if found else None
