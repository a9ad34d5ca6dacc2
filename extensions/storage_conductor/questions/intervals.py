"""Rates that free text tells by their interval: `40,000 meters report every 15 minutes`.

Whose rate it is has to be beyond doubt: one large number alone stands before what each of them
does. The words are in `catalog/mentions.yml`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from ..disk.patterns import any_of
from ..units import duration, number
from .amounts import amount, begins, number_pattern, unit_of
from .speech import vocabulary

_REACH = 250  # characters before the verb in which the number of those that do it stands
_NEAR = 25  # characters after the interval in which words such as "at peak" speak of it
_MANY = 100  # from how many on a number is one of clients, and not of regions or copies


class Interval(NamedTuple):
    """What text says of how often each of many does something.

    Args:
        answer: The rate that it tells.
        quote: The words, from the number to the interval.
        value: The rate: times a second.
        arithmetic: How it follows.
    """

    answer: str
    quote: str
    value: float
    arithmetic: str


def intervals(text: str) -> Iterator[Interval]:
    """Yield the rates that a text tells by a number and an interval.

    Args:
        text: A free text.
    """
    if not begins().search(text):
        return
    for answer, pattern in _patterns().items():
        for match in pattern.finditer(text):
            found = _interval(answer, text, match)
            if found is not None:
                yield found


def _interval(answer: str, text: str, match: re.Match[str]) -> Interval | None:
    book, verb = vocabulary(), match.start("verb")
    before = _count().finditer(text, max(verb - _REACH, 0), verb)
    many = [item for item in before if amount(item) >= _MANY]
    if len(many) != 1 or not (match["each"] or _subject().search(text[:verb])):
        return None
    start, end = many[0].start(), match.end()
    if any_of(book.peaks).search(text[start : end + _NEAR]):
        return None
    times = [n for item in _count().finditer(match["what"]) if (n := amount(item)) != 1]
    every = (amount(match) if match["n"] else 1.0) * unit_of(book.durations, match["u"])
    made = amount(many[0]) * (times[0] if times else 1.0)
    if len(times) > 1 or every <= 0:
        return None
    shown = number(amount(many[0])) + (f" × {number(times[0])}" if times else "")
    value = round(made / (every * 60), 6)
    arithmetic = f"{shown} ÷ {duration(every)} = {number(value)}/s"
    return Interval(answer, text[start:end], value, arithmetic)


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return what finds the verb, what is sent and the interval, by the answer that they tell."""
    book = vocabulary()
    each, every = "|".join(book.intervals.each), "|".join(book.intervals.every)
    units = "|".join(book.durations)
    return {
        answer: re.compile(
            rf"(?:\b(?P<each>{each})\s+(?:[\w-]+\s+){{0,4}}?)?\b(?P<verb>{'|'.join(verbs)})\b"
            rf"(?P<what>[^.;:!?\n]{{0,60}}?)\b(?:{every})\s+"
            rf"(?:{number_pattern()}\s*-?\s*)?(?P<u>{units})(?!\w)",
            re.IGNORECASE,
        )
        for answer, verbs in book.intervals.verbs.items()
    }


@functools.cache
def _count() -> re.Pattern[str]:
    """Return what finds a number of things: no time, size or share."""
    book = vocabulary()
    units = "|".join([*book.durations, *book.sizes])
    return re.compile(rf"{number_pattern()}\s+(?!(?:{units})(?!\w))[^\W\d_]", re.IGNORECASE)


@functools.cache
def _subject() -> re.Pattern[str]:
    """Return what finds a number of things that are the subject of the verb after it."""
    aside = "".join(rf"(?<!\b{word}\s)" for word in vocabulary().intervals.aside)
    return re.compile(rf"{aside}{number_pattern()}(?:\s+[^\W\d_][\w-]*){{1,4}}\s+$", re.IGNORECASE)
