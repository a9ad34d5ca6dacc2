"""The types that a field can have, and what each can hold."""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Family = Literal[
    "number", "text", "bool", "date", "time", "timestamp", "timestamptz", "uuid", "opaque"
]

FAMILIES: dict[str, Family] = {
    "uuid": "uuid",
    "text": "text",
    "varchar": "text",
    "char": "text",
    "smallint": "number",
    "int": "number",
    "bigint": "number",
    "decimal": "number",
    "real": "number",
    "float": "number",
    "bool": "bool",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "json": "opaque",
    "bytes": "opaque",
    "vector": "opaque",
    "point": "opaque",
    "enum": "text",
}
"""Every type word, and the family within which its values can be compared."""

TIMED = ("time", "timestamp", "timestamptz")
"""Types that take the number of digits of a second, as in `timestamp(3)`."""
SECOND_DIGITS = 6
"""Most digits of a second, and how many are kept where nothing is said."""
WHOLE = ("smallint", "int", "bigint")
"""Types of whole numbers, which a store can count."""


def _moment(text: str, *, zoned: bool) -> str:
    moment = datetime.datetime.fromisoformat(text)
    if (moment.tzinfo is not None) is not zoned:
        raise ValueError(text)
    return moment.isoformat()


def _time(text: str) -> str:
    time = datetime.time.fromisoformat(text)
    if time.tzinfo is not None:
        raise ValueError(text)
    return time.isoformat()


def _json(text: str) -> str:
    json.loads(text, parse_constant=int)  # refuses NaN and Infinity, which JSON has not
    return text


_NUMBER = re.compile(r"[+-]?\d{1,38}(\.\d{1,38})?", re.ASCII)
_READERS: dict[str, tuple[Callable[[str], str], str]] = {
    "bool": (lambda text: {"true": text, "false": text}[text], "true or false"),
    "uuid": (lambda text: str(uuid.UUID(text)), "a UUID"),
    "date": (lambda text: datetime.date.fromisoformat(text).isoformat(), "a date like 2026-01-31"),
    "time": (_time, "a time of day like 12:30:00"),
    "timestamp": (
        lambda text: _moment(text, zoned=False),
        "a time without an offset, like 2026-01-31T12:00:00",
    ),
    "timestamptz": (
        lambda text: _moment(text, zoned=True),
        "a time with an offset, like 2026-01-31T12:00:00Z",
    ),
    "json": (_json, "JSON"),
}
_INTEGER_BITS = {"smallint": 16, "int": 32, "bigint": 64}


@dataclass(frozen=True)
class FieldType:
    """A type with its measures.

    Args:
        name: A word of `FAMILIES`.
        length: Characters, for `varchar` and `char`; dimensions, for `vector`.
        precision: Digits in all for `decimal`, of a second for `TIMED`; `None` when not stated.
        scale: Digits after the point, for `decimal`.
        values: Allowed values, for `enum`.
        array: Whether it is a list of such values.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    array: bool = False

    def __str__(self) -> str:
        return f"{self._single}[]" if self.array else self._single

    @property
    def _single(self) -> str:
        if self.length is not None:
            return f"{self.name}({self.length})"
        if self.scale is not None:
            return f"{self.name}({self.precision},{self.scale})"
        if self.precision is not None:
            return f"{self.name}({self.precision})"
        if self.values:
            return f"{self.name}({', '.join(self.values)})"
        return self.name

    @property
    def family(self) -> Family:
        """What its values can be compared with."""
        return "opaque" if self.array else FAMILIES[self.name]

    @property
    def orderable(self) -> bool:
        """Whether it can be a key, a filter or a sort column."""
        return self.name not in {"json", "vector", "point"} and not self.array

    @property
    def document(self) -> bool:
        """Whether a store without a type for it keeps it as JSON."""
        return self.name == "json" or self.array

    @property
    def bits(self) -> int | None:
        """Bits of a whole number, or `None` for any other type."""
        return None if self.array else _INTEGER_BITS.get(self.name)

    def read(self, text: str) -> str:
        """Read a literal of this type, and write it as every store reads it.

        Raises:
            ValueError: With the reason, as the end of a sentence.
        """
        mistake = None
        if self.array:
            mistake = "is not possible: a list has no written form"
        elif self.family == "number":
            mistake = self._mistake_in_number(text)
        elif self.family == "text":
            mistake = self._mistake_in_text(text)
        elif self.name in {"bytes", "vector", "point"}:
            mistake = "has no written form"
        else:
            read, expected = _READERS[self.name]
            try:
                text = read(text)
            except (KeyError, ValueError, RecursionError):
                mistake = f"is not {expected}"
        if mistake is None and (not text.isprintable() or "\\" in text):
            mistake = "has a backslash or a character that cannot be printed"
        if mistake is not None:
            raise ValueError(mistake)
        return text

    def _mistake_in_number(self, text: str) -> str | None:
        if not _NUMBER.fullmatch(text):
            return "is not a number"
        number = Decimal(text)
        if self.bits is not None:
            limit = 2 ** (self.bits - 1)
            fits = number == number.to_integral_value() and -limit <= number < limit
            return None if fits else f"does not fit {self.name}"
        if self.precision is not None and self.scale is not None:
            exponent = number.as_tuple().exponent
            places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
            whole = len(str(abs(int(number)))) if int(number) else 0
            if places > self.scale or whole > self.precision - self.scale:
                return f"does not fit {self}"
        return None

    def _mistake_in_text(self, text: str) -> str | None:
        if self.values and text not in self.values:
            return f"is none of {', '.join(self.values)}"
        if self.length is not None and len(text) > self.length:
            return f"is longer than {self}"
        return None
