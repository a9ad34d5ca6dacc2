"""Reading what a person wrote about one field: `bigint not null check(amount > 0) -- in cents`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from .model import OnDelete
from .types import FAMILIES, FieldType

FLAGS = ("pk", "unique", "not null", "null", "indexed", "default", "check", "ref", "on delete")
ON_DELETE = ("restrict", "cascade", "set null", "no action")

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?![\w.:-])", re.ASCII)
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_NUMBER_LIMITS = {"varchar": (1, 10_000_000), "char": (1, 255), "vector": (1, 16_000)}


class MistakeError(ValueError):
    """Something in one field or pattern that a person must mend."""


@dataclass(frozen=True)
class Word:
    """One word, number or quoted text, and what stood in parentheses right after it."""

    text: str
    argument: str | None = None
    quoted: bool = False

    @property
    def low(self) -> str:
        """The word without regard to case."""
        return "" if self.quoted else self.text.lower()


@dataclass
class FieldWords:
    """One field, taken apart but not yet seen beside the other fields."""

    name: str
    type: FieldType | None = None
    flags: set[str] = field(default_factory=set)
    default: Word | None = None
    checks: list[str] = field(default_factory=list)
    target: str | None = None
    on_delete: OnDelete | None = None
    note: str = ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like this one, said as the end of a sentence."""
    options = {option.lower(): option for option in known}
    found = difflib.get_close_matches(word.lower(), options, n=1, cutoff=0.4)
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
            words.append(Word(found.group(), argument))
        else:
            raise MistakeError(
                f"`{text[place : place + 20]}` cannot be read: dates and texts need 'quotes'"
            )
    return words, ""


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


def parse_field(name: str, text: str) -> FieldWords:
    """Take one field apart.

    Raises:
        MistakeError: An unknown word, a flag twice, or flags that contradict each other.
    """
    words, note = split_words(text)
    result = FieldWords(name, note=note)
    if not words:
        raise MistakeError("a type is missing")
    queue = list(reversed(words))
    if words[0].low != "ref":
        result.type = parse_type(queue.pop())
    while queue:
        _take_flag(queue, result)
    _check_flags(result)
    return result


def parse_type(word: Word) -> FieldType:
    """Read a type word with its measures.

    Raises:
        MistakeError: The word is unknown, or its measures are.
    """
    name = word.low
    if name not in FAMILIES:
        raise MistakeError(f"unknown type `{word.text}`{nearest(word.text, [*FAMILIES, 'ref'])}")
    if name == "enum":
        return FieldType(name, values=_enum_values(word.argument))
    if name in _NUMBER_LIMITS:
        low, high = _NUMBER_LIMITS[name]
        length = _measure(word, 1)[0]
        if not low <= length <= high:
            raise MistakeError(f"the length of `{name}` is between {low} and {high}")
        return FieldType(name, length=length)
    if name == "decimal" and word.argument is not None:
        precision, scale = _measure(word, 2)
        if not (0 <= scale <= precision and 1 <= precision <= 1000):
            raise MistakeError("`decimal(p,s)` needs 1 <= p <= 1000 and 0 <= s <= p")
        return FieldType(name, precision=precision, scale=scale)
    if name == "decimal":
        raise MistakeError("`decimal` needs its digits, as in `decimal(12,2)`")
    if word.argument is not None:
        raise MistakeError(f"`{name}` takes nothing in parentheses")
    return FieldType(name)


def _measure(word: Word, count: int) -> list[int]:
    parts = [part.strip() for part in (word.argument or "").split(",")]
    if len(parts) != count or not all(re.fullmatch(r"\d{1,9}", part, re.ASCII) for part in parts):
        example = {1: f"{word.low}(20)", 2: "decimal(12,2)"}[count]
        raise MistakeError(f"`{word.low}` needs its size, as in `{example}`")
    return [int(part) for part in parts]


def _enum_values(argument: str | None) -> tuple[str, ...]:
    values = []
    for part in re.split(r"[,|]", argument or ""):
        value = part.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if not value:
            raise MistakeError("`enum` needs its values, as in `enum(open, closed)`")
        if len(value) > 200 or not value.isprintable() or set(value) & set("'\"\\`()<>{}"):
            raise MistakeError(f"enum value `{value[:40]}` has a character that is not allowed")
        values.append(value)
    folded = [value.casefold() for value in values]
    for value in values:
        if folded.count(value.casefold()) > 1:
            raise MistakeError(f"enum value `{value}` is there twice")
    return tuple(values)


def _take_flag(queue: list[Word], result: FieldWords) -> None:
    word = queue.pop()
    following = queue[-1].low if queue else ""
    flag = word.low
    if flag in {"not", "on"} and following == FLAGS[2 if flag == "not" else 8].split()[1]:
        queue.pop()
        flag = f"{flag} {following}"
    if flag not in FLAGS:
        raise MistakeError(f"unknown word `{word.text}`{nearest(word.text, FLAGS)}")
    if flag in result.flags and flag != "check":
        raise MistakeError(f"`{flag}` is there twice")
    if word.argument is not None and flag != "check":
        raise MistakeError(f"`{flag}` takes nothing in parentheses")
    result.flags.add(flag)
    if flag == "check":
        if not word.argument:
            raise MistakeError("`check` needs a rule, as in `check(amount > 0)`")
        result.checks.append(word.argument)
    elif flag == "default":
        result.default = _next(queue, "`default` needs a value")
    elif flag == "ref":
        result.target = _next(queue, "`ref` needs an entity").text
    elif flag == "on delete":
        result.on_delete = _take_on_delete(queue)


def _next(queue: list[Word], missing: str) -> Word:
    if not queue:
        raise MistakeError(missing)
    return queue.pop()


def _take_on_delete(queue: list[Word]) -> OnDelete:
    first = _next(queue, f"`on delete` needs one of {', '.join(ON_DELETE)}")
    action = first.low
    if action in {"set", "no"} and queue:
        action = f"{action} {queue.pop().low}"
    if action not in ON_DELETE:
        raise MistakeError(f"unknown word `{action}` after `on delete`{nearest(action, ON_DELETE)}")
    return cast("OnDelete", action)


def _check_flags(result: FieldWords) -> None:
    flags = result.flags
    if {"null", "not null"} <= flags:
        raise MistakeError("`null` and `not null` contradict each other")
    if {"null", "pk"} <= flags:
        raise MistakeError("`null` and `pk` contradict each other: a key has a value")
    if result.type is not None and "ref" in flags:
        raise MistakeError("a reference takes the type of the key it points to: leave the type out")
    if "on delete" in flags and "ref" not in flags:
        raise MistakeError("`on delete` needs `ref`")
    if "ref" in flags and flags & {"default", "check"}:
        raise MistakeError("a reference takes neither `default` nor `check`")
    if result.on_delete == "set null" and flags & {"pk", "not null"}:
        raise MistakeError("`on delete set null` needs a field that may be null")
    keyed = flags & {"pk", "unique", "indexed"}
    if result.type is not None and keyed and not result.type.orderable:
        raise MistakeError(f"`{result.type.name}` has no order and cannot be {sorted(keyed)[0]}")
