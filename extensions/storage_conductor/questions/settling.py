"""Decisions that were taken: what their words mean for the answers and numbers of a component.

A decision is taken by the answer `decisions`, or in its row of the specification. Words that hold
no number where one is meant, and no answer, are a design of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .amounts import amounts
from .answers import RULES, Answers
from .mentions import found_in

Unit = Literal["minutes", "days", "ms", "percent", "bytes", "gb", "count"]
"""What the number of a decision is counted in."""

_STATED = re.compile(r"\s*(?:as|the|what (?:is|was)|keep(?: the)?)?\s*stated\b.*", re.I | re.S)
_NO = re.compile(r"(?:no|not|none|never|without)\b.*", re.I | re.S)
_PARTS = re.compile(r"\s*(?:[,;](?!\d)|\band\b)\s*", re.I)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,_]*(?:\.\d+)?")
# The kind of amount that text holds, and how many of the unit one of its own is.
_AMOUNTS: Mapping[Unit, tuple[str, float]] = {
    "minutes": ("duration", 1.0),
    "days": ("duration", 1 / 1_440),
    "ms": ("duration", 60_000.0),
    "percent": ("percent", 1.0),
    "bytes": ("size", 1e9),
    "gb": ("size", 1.0),
}
_UNITS: tuple[tuple[str, Unit], ...] = (
    ("_minutes", "minutes"),
    ("_ms", "ms"),
    ("_percent", "percent"),
    ("_bytes", "bytes"),
    ("_gb", "gb"),
    ("_gb_per_month", "gb"),
    ("_per_second", "count"),
    ("_factor", "count"),
    ("_count", "count"),
)


class Settled(NamedTuple):
    """A decision that somebody has taken.

    Args:
        key: Its key, such as `D-restore-time`.
        text: What was decided, in the words of whoever decided.
    """

    key: str
    text: str

    @property
    def as_stated(self) -> bool:
        """Tell whether what was stated is to hold in spite of what was found."""
        return _STATED.fullmatch(self.text) is not None

    @property
    def denies(self) -> bool:
        """Tell whether it says no to what it is about."""
        return _NO.fullmatch(self.text) is not None

    def number(self, unit: Unit) -> float | None:
        """Return the first amount of a unit that it names, or a number alone; None without one."""
        if unit in _AMOUNTS:
            kind, factor = _AMOUNTS[unit]
            found = next(iter(amounts(kind, self.text)), None)
            if found is not None:
                return round(found * factor, 6)
        bare = _NUMBER.search(self.text)
        alone = bare is not None and (unit == "count" or bare[0] == self.text.strip())
        return float(re.sub("[,_]", "", bare[0])) if bare is not None and alone else None


def settled(answers: Answers, *rules: str) -> Settled | None:
    """Return the first of these decisions that was taken.

    Args:
        answers: The answers.
        rules: Keys of decisions without their `D-`.
    """
    keys = (f"D-{rule}" for rule in rules)
    return next((Settled(k, answers.decisions[k]) for k in keys if k in answers.decisions), None)


def settled_number(answers: Answers, unit: Unit, stated: float | None, *rules: str) -> float | None:
    """Return the number that the first of these decisions puts in the place of others, or None.

    Args:
        answers: The answers.
        unit: What it is counted in.
        stated: What holds where the decision is for what was stated.
        rules: Keys of decisions without their `D-`.
    """
    found = settled(answers, *rules)
    if found is None:
        return None
    return stated if found.as_stated else found.number(unit)


def answered(names: Sequence[str], text: str) -> dict[str, Any]:
    """Return the answers that the words of a decision give; those that they do not are left out.

    Args:
        names: The answers that the decision waits for.
        text: The words.
    """
    if len(names) != 1:
        return _found(names, text)
    name = names[0]
    unit = next((unit for end, unit in _UNITS if name.endswith(end)), None)
    value: Any = text if unit is None else Settled("", text).number(unit)
    if value is None:
        return _found(names, text)
    try:
        found = RULES[name](value)
    except ValueError:
        return _found(names, text)
    return {name: found} if found not in (None, "", (), {}) else {}


def _found(names: Sequence[str], text: str) -> dict[str, Any]:
    """Return what text says of answers, by the words that speak of each."""
    apart = ". ".join(_PARTS.split(text))
    said = found_in(Answers(title="-", description=apart))
    return {it.answer: it.value for it in said if it.answer in names and it.value is not None}
