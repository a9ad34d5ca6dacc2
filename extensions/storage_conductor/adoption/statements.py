"""The statements of a text as they are searched for amounts: behind a label, or in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..markdown import tables
from ..markdown.outline import Outline, plain
from ..questions import amounts

LABEL = re.compile(r"\s*(?:[-*+]\s+)?\*\*([^*:]+?):?\*\*\s*:?\s*(\S.*)")
ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[.\]\s+)?(\S.*)")
_PLAIN_LABEL = re.compile(r"(\w[\w /()-]{0,60}?)\s*:\s+(\S.*)")
_NUMBER = re.compile(r"\d[\d.,]*(?:\s*(?:k|thousand|million|billion)\b)?", re.IGNORECASE)
_LONGEST = 500  # characters of a line that is searched
_MOST_LINES = 5_000


class TextStatement(NamedTuple):
    """A line of a text that is no code.

    Args:
        line: 1-based line.
        text: What it says, as plain text; a label and its value with a colon between them.
        forms: The same as it is searched, the likeliest form first.
    """

    line: int
    text: str
    forms: tuple[str, ...]

    @property
    def has_amount(self) -> bool:
        """Tell whether it states a rate, a size, a share, a count or a time."""
        return any(
            next(amounts.amounts(kind, form), None) is not None
            for form in self.forms
            for kind in amounts.KINDS
        )


def lines(spec: Outline) -> Iterator[tuple[int, str]]:
    """Yield the lines that are no code."""
    for number, line in enumerate(spec.lines[:_MOST_LINES], start=1):
        if line.strip() and number - 1 not in spec.literal:
            yield number, line


def statements(spec: Outline) -> Iterator[TextStatement]:
    """Yield what a text says, line by line."""
    for number, line in lines(spec):
        label, value = _parts(line)
        if not label:
            yield TextStatement(number, value, (value,))
            continue
        # A colon would end the clause that the value belongs to; and of a rate the words count that
        # stand in it, as in `400 reads per second`.
        forms = [f"{label} {value}"]
        if found := _NUMBER.search(value):
            forms.append(f"{value[: found.end()]} {_words(label)}{value[found.end() :]}")
        yield TextStatement(number, f"{label}: {value}", tuple(forms))


def _parts(line: str) -> tuple[str, str]:
    """Return a label and what stands behind it; an empty label where there is none."""
    line = line[:_LONGEST]
    if match := LABEL.fullmatch(line):
        return plain(match[1]).strip(), plain(match[2])
    if line.lstrip().startswith("|"):
        cells = [text for text in map(tables.plain, tables.cells(line)) if text.strip(" :-")]
        return (cells[0], ", ".join(cells[1:])) if len(cells) > 1 else ("", " ".join(cells))
    item = ITEM.fullmatch(line)
    text = plain(item[1] if item else line.strip().lstrip("> "))
    match = _PLAIN_LABEL.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)


def _words(label: str) -> str:
    """Return a label as words that can stand within an amount: `Peak reads (average)` has three."""
    return " ".join(re.findall(r"[\w/-]+", label))
