"""The rules of answers that hold several statements: notes, regions, alternatives, decisions.

Each may be given as data, or as text that is written in one line or in several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from . import rules

SECTIONS = (
    "description",
    "data-model",
    "schema-design",
    "migration",
    "backup",
    "performance",
    "query-patterns",
    "integrity",
    "sizing",
    "risks",
    "security",
    "observability",
    "requirements",
    "acceptance",
    "dependencies",
    "users",
)
"""The sections of a specification that a note can name, by the key of their part."""

OPEN_ANSWERS = ("backend", "hosting", "topology")
"""The answers of which several can be left open."""

DECISION_KEY = "^D-[a-z0-9]+(-[a-z0-9]+)*$"
"""The form of the key of a decision."""

_PART = re.compile(r"([\w-]+)\s*:\s+(.+)", re.DOTALL)
_ROLE = re.compile(r"(.+?)\s*(?:[:=]\s*|\(\s*)([\w -]+?)\s*\)?")
_OR = re.compile(r"(?:,|(?<![\s,]))\s++or\s+", re.IGNORECASE)
_ROLES = ("writes", "reads")


class Note(NamedTuple):
    """A free statement.

    Args:
        section: One of `SECTIONS`.
        text: The statement, word for word.
    """

    section: str
    text: str


class Region(NamedTuple):
    """A region that the component serves.

    Args:
        name: Its name.
        writes: Whether it takes writes; None where that was not said.
    """

    name: str
    writes: bool | None = None


def notes(value: Any) -> tuple[Note, ...]:
    """Return free statements, each with the section that it belongs to.

    A statement may be a text, or a map from a section to a statement or several. In a text of
    several lines each line is one.
    """
    if isinstance(value, str):
        value = [_keyed(line) for line in _lines(value)]
    return tuple(_notes(rules.structure(value)))


def _notes(value: Any) -> Iterator[Note]:
    if isinstance(value, Mapping):
        for key, held in value.items():
            section = rules.word(key, SECTIONS)
            for item in held if isinstance(held, (list, tuple)) else [held]:
                yield from _note(section, item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _notes(item) if isinstance(item, Mapping) else _note(SECTIONS[0], item)
    elif value is not None:
        yield from _note(SECTIONS[0], value)


def _note(section: str, value: Any) -> Iterator[Note]:
    if value is not None and (said := rules.item(value)):
        yield Note(section, said)


def _lines(value: str) -> list[str]:
    """Return the lines of a text, without the hyphens of a list."""
    lines = (line.strip() for line in rules.text(value).split("\n"))
    return [line.removeprefix("- ").strip() for line in lines if line]


def _keyed(line: str) -> str | dict[str, str]:
    """Return a line that begins with the key of a section as a map."""
    found = _PART.fullmatch(line)
    return {found[1]: found[2]} if found and found[1] in SECTIONS else line


def regions(value: Any) -> tuple[Region, ...]:
    """Return regions, each with whether it takes writes: `eu-central-1: writes, us-east-1: reads`.

    They may be a list, or a map from the name to `writes`, `reads` or nothing.
    """
    if isinstance(value, Mapping):
        pairs = list(value.items())
    else:
        held = value if isinstance(value, (list, tuple)) else rules.items(value)
        pairs = [pair for item in held for pair in _region(item)]
    found = [Region(rules.title(name), _takes_writes(role)) for name, role in pairs]
    if double := [one.name for n, one in enumerate(found) if one.name in _names(found[:n])]:
        raise ValueError(f"must name each region once, not {rules.short(double[0])} again")
    return tuple(found)


def _names(found: Sequence[Region]) -> list[str]:
    return [item.name for item in found]


def _region(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    told = " ".join(rules.required_text(value).split())
    match = _ROLE.fullmatch(told)
    return [(match[1], match[2])] if match else [(told, None)]


def _takes_writes(role: Any) -> bool | None:
    said = rules.text(role)
    return None if not said else rules.word(said.removesuffix(" only"), _ROLES) == _ROLES[0]


def alternatives(value: Any) -> Mapping[str, tuple[str, ...]]:
    """Return what is open, by the answer that it is about: `backend: Redis or Valkey`.

    They may be a map from the answer to a list, or to a text with `or` between; a text has a line
    for each answer, or a semicolon between.
    """
    if isinstance(value, str):
        value = dict(_open_part(part) for part in re.split(r"[;\n]", value) if part.strip())
    found = rules.structure(value)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError("must say what is open, such as `backend: Redis or Valkey`")
    named = {rules.word(name, OPEN_ANSWERS): held for name, held in found.items()}
    named = {name: options(held, commas=name != "topology") for name, held in named.items()}
    return {name: held for name, held in named.items() if held}


def _open_part(part: str) -> tuple[str, str]:
    match = _PART.fullmatch(part.strip().removeprefix("- "))
    if match is None:
        raise ValueError(
            f"must say what is open, such as `backend: Redis or Valkey`, not {rules.short(part)}"
        )
    return match[1], match[2]


def decisions(value: Any) -> Mapping[str, str]:
    """Return decisions that were taken, by their keys: `D-restore-time: 90 min`.

    They may be a map, or a text with a line for each, or a semicolon before each but the first.
    """
    if isinstance(value, str):
        parts = re.split(r"\n|;(?=\s*D-)", value)
        value = dict(_decision(part) for part in parts if part.strip())
    found = rules.structure(value)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError("must say what was decided, such as `D-restore-time: 90 min`")
    for key in found:
        if not re.fullmatch(DECISION_KEY, key):
            raise ValueError(
                f"must name decisions by their keys, D-restore-time, not {rules.short(key)}"
            )
    said = {key: " ".join(rules.item(held).split()) for key, held in found.items()}
    return {key: text for key, text in said.items() if text}


def _decision(part: str) -> tuple[str, str]:
    match = _PART.fullmatch(part.strip().removeprefix("- "))
    if match is None:
        raise ValueError(
            f"must say what was decided, such as `D-restore-time: 90 min`, not {rules.short(part)}"
        )
    return match[1], match[2]


def options(value: Any, *, commas: bool = True) -> tuple[str, ...]:
    """Return what a list, or a text with `or` between, leaves open, each once.

    Args:
        value: The list or text.
        commas: Whether a comma before an `or` stands between two of them as well.
    """
    if isinstance(value, str):
        value = _OR.split(value.strip())
        if commas and len(value) > 1:
            value = [*value[0].split(", "), *value[1:]]
    held = value if isinstance(value, (list, tuple)) else [value]
    said = (" ".join(rules.text(item).split()) for item in held if item is not None)
    return tuple(dict.fromkeys(filter(None, said)))
