"""The types that a field can have, and what each can hold."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Family = Literal["number", "text", "bool", "date", "timestamp", "timestamptz", "uuid", "opaque"]

FAMILIES: dict[str, Family] = {
    "uuid": "uuid",
    "text": "text",
    "varchar": "text",
    "char": "text",
    "int": "number",
    "bigint": "number",
    "decimal": "number",
    "float": "number",
    "bool": "bool",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "json": "opaque",
    "bytes": "opaque",
    "enum": "text",
}
"""Every type word, and the family within which its values can be compared."""

_READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "bool": (("false", "true").index, "is neither true nor false"),
    "uuid": (uuid.UUID, "is not a UUID"),
    "date": (datetime.date.fromisoformat, "is not a date like 2026-01-31"),
    "timestamp": (datetime.datetime.fromisoformat, "is not a time like 2026-01-31T12:00:00"),
    "timestamptz": (datetime.datetime.fromisoformat, "is not a time like 2026-01-31T12:00:00Z"),
    "json": (json.loads, "is not JSON"),
}
_INTEGER_BITS = {"int": 32, "bigint": 64}


@dataclass(frozen=True)
class FieldType:
    """A type with its measures.

    Args:
        name: A word of `FAMILIES`.
        length: Characters, for `varchar` and `char`.
        precision: Digits in all, for `decimal`; `None` when not stated.
        scale: Digits after the point, for `decimal`.
        values: Allowed values, for `enum`.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.length is not None:
            return f"{self.name}({self.length})"
        if self.precision is not None:
            return f"{self.name}({self.precision},{self.scale})"
        if self.values:
            return f"{self.name}({', '.join(self.values)})"
        return self.name

    @property
    def family(self) -> Family:
        """What its values can be compared with."""
        return FAMILIES[self.name]

    @property
    def orderable(self) -> bool:
        """Whether it can be a key, a filter or a sort column."""
        return self.name != "json"

    def mistake_in(self, text: str) -> str | None:
        """Say why a literal is not of this type, or `None` when it is."""
        if self.family == "number":
            return self._mistake_in_number(text)
        if self.family == "text":
            return self._mistake_in_text(text)
        if self.name == "bytes":
            return "has no written form"
        read, reason = _READERS[self.name]
        try:
            read(text)
        except (ValueError, RecursionError):
            return reason
        return None

    def _mistake_in_number(self, text: str) -> str | None:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return "is not a number"
        bits = _INTEGER_BITS.get(self.name)
        if bits is not None:
            limit = 2 ** (bits - 1)
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
