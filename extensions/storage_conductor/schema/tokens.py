"""The words of one field: split apart, and compared with those that are known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

TEXT_LENGTH = 20_000
"""Most characters of a text in an answer, that of a field among them."""
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?![\w.:-])", re.ASCII)
_QUOTED = re.compile(r"'(?:[^']|'')*'")


class MistakeError(ValueError):
    """Something in one field or pattern that a person must mend."""


@dataclass(frozen=True)
class Word:
    """One word, number or quoted text, and what stood in parentheses or brackets right after it."""

    text: str
    argument: str | None = None
    quoted: bool = False
    array: bool = False

    @property
    def low(self) -> str:
        """The word without regard to case."""
        return "" if self.quoted else self.text.lower()


def nearest(word: str, known: Iterable[str], *, least: float = 0.4) -> str:
    """The known word that looks most like this one, said as the end of a sentence.

    Args:
        word: What was written.
        known: What is understood.
        least: How alike the two must be, from 0 to 1.
    """
    options = {option.lower(): option for option in known}
    found = difflib.get_close_matches(word.lower(), options, n=1, cutoff=least)
    if found:
        return f"; the nearest known word is `{options[found[0]]}`"
    return f"; known are {', '.join(options.values())}" if options else ""


def one_line(text: str) -> str:
    """Put a note on one line.

    Raises:
        MistakeError: It has characters that cannot be printed.
    """
    line = " ".join(text.split())
    if not line.isprintable():
        raise MistakeError("the note has characters that cannot be printed")
    return line


def split_words(text: str) -> tuple[list[Word], str]:
    """Split a field's text into words and its note (after ` -- `).

    Raises:
        MistakeError: A quote or parenthesis is not closed, or a character has no meaning.
    """
    words: list[Word] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
        elif text.startswith("--", place):
            return words, one_line(text[place + 2 :])
        elif found := _QUOTED.match(text, place):
            words.append(Word(found.group()[1:-1].replace("''", "'"), quoted=True))
            place = found.end()
        elif found := _NUMBER.match(text, place) or _WORD.match(text, place):
            place = found.end()
            argument, place = _argument(text, place)
            array = text.startswith("[]", place)
            place += 2 * array
            words.append(Word(found.group(), argument, array=array))
        else:
            told = _meant(text[place:], words[-1] if words else None)
            raise MistakeError(f"`{text[place : place + 20]}` cannot be read: {told}")
    return words, ""


def _meant(text: str, before: Word | None) -> str:
    if before and before.low == "check":
        return "a rule stands in parentheses, as in `check(amount > 0)`"
    if text.startswith((">", "->", "=>")):
        return "a reference is written `ref ENTITY`, in place of a type"
    return "dates and texts need 'quotes'"


def _argument(text: str, place: int) -> tuple[str | None, int]:
    start = place
    while start < len(text) and text[start] == " ":
        start += 1
    if start == len(text) or text[start] != "(":
        return None, place
    depth, at = 0, start
    while at < len(text):
        if found := _QUOTED.match(text, at):
            at = found.end()
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            return text[start + 1 : at - 1].strip(), at
    raise MistakeError(f"the parenthesis of `{text[start : start + 20]}` is not closed")
