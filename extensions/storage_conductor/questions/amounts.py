"""Amounts in free text: numbers as people write them, with the units that the catalog knows.

What an amount means is for `mentions` to say; the words are in `catalog/mentions.yml`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping

from ..disk.patterns import any_of
from .speech import vocabulary

Values = Iterator[tuple[re.Match[str], float]]


@functools.cache
def begins() -> re.Pattern[str]:
    """Return what every amount begins with; most texts have none, and are told so at once."""
    return re.compile(rf"\d|\b(?:{'|'.join(vocabulary().numbers)})\b", re.IGNORECASE)


def number_pattern() -> str:
    """Return what finds a number: `n` holds it, and `x` a word such as `thousand` after it."""
    book = vocabulary()
    words, multiples = "|".join(book.numbers), "|".join(book.multiples)
    # A number begins once and is not given back, or a long run of digits would take for ever.
    grouped = r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3}){1,6}+(?!\d)"
    number = (
        rf"(?<![\d.,])(?:{grouped}|\d[\d,]{{0,30}}+)(?:\.\d{{1,30}}+){{0,6}}+(?:,\d{{1,30}}+)?+"
    )
    return rf"(?P<n>{number}|\b(?:{words})\b)(?:\s*(?P<x>{multiples})\b)?"


def amount(match: re.Match[str]) -> float:
    """Return the number that a match of `number_pattern` holds."""
    book, text = vocabulary(), match["n"].casefold()
    if text[0].isdigit():
        amount = _digits(re.sub(r"[^\d.,]", "", text), match.string)
    else:
        amount = next(value for word, value in book.numbers.items() if re.fullmatch(word, text))
    return amount * (book.multiples[match["x"].casefold()] if match["x"] else 1)


def _digits(text: str, clause: str) -> float:
    """Return a number as its clause writes it: `1,500.5`, `1.500,5` or `0,5`."""
    comma = re.fullmatch(r"\d+,\d{1,2}|0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}", text)
    if "," not in text and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        comma = any_of(vocabulary().decimal_comma).search(clause)
    if comma:
        text = text.replace(".", "").replace(",", ".")
    return float(text.replace(",", ""))


def unit_of(units: Mapping[str, float], text: str) -> float:
    """Return what a unit is worth, of units whose names are regular expressions."""
    return next(value for word, value in units.items() if re.fullmatch(word, text.casefold()))


def _durations(clause: str) -> Values:
    units, per = vocabulary().durations, "|".join(vocabulary().per)
    for match in _compiled(rf"\s*-?\s*(?P<u>{'|'.join(units)})(?!\w)").finditer(clause):
        if not re.search(rf"(?:\b(?:{per})|/)\s*$", clause[: match.start()]):
            yield match, amount(match) * unit_of(units, match["u"])


def _sizes(clause: str) -> Values:
    units = vocabulary().sizes
    for match in _compiled(rf"\s*(?P<u>{'|'.join(units)})(?!\w)").finditer(clause):
        yield match, amount(match) * unit_of(units, match["u"])


def _percentages(clause: str) -> Values:
    for match in _compiled(r"\s*(?:%|percent\b|per cent\b)").finditer(clause):
        yield match, amount(match)


def _counts(clause: str) -> Values:
    for match in _compiled(rf"\s+(?P<u>{'|'.join(vocabulary().counted)})(?!\w)").finditer(clause):
        yield match, amount(match)


def _rates(clause: str) -> Values:
    units = vocabulary().rates
    per = "|".join(vocabulary().per)
    tail = rf"(?:\s+[\w-]+){{0,3}}?\s*(?:\b(?:{per})\s+|/)(?P<u>{'|'.join(units)})(?!\w)"
    for match in _compiled(tail).finditer(clause):
        yield match, amount(match) / unit_of(units, match["u"])


@functools.cache
def _compiled(tail: str) -> re.Pattern[str]:
    return re.compile(number_pattern() + tail, re.IGNORECASE)


KINDS: Mapping[str, Callable[[str], Values]] = {
    "duration": _durations,
    "percent": _percentages,
    "size": _sizes,
    "rate": _rates,
    "count": _counts,
}


def amounts(kind: str, text: str) -> Iterator[float]:
    """Yield the amounts in a text: minutes, percentages, gigabytes, or times a second.

    Args:
        kind: `duration`, `percent`, `size` or `rate`.
        text: The text.
    """
    yield from (value for _, value in KINDS[kind](text))
