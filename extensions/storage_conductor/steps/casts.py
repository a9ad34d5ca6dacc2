"""Whether a value keeps its meaning in another type of PostgreSQL, and how it is cast.

Casts: https://www.postgresql.org/docs/current/sql-createcast.html and the types' own pages. One
that would round, cut or guess is none here.
"""

from __future__ import annotations

import re

_WHOLE = {"SMALLINT": 4, "INTEGER": 9, "BIGINT": 18}
"""Types of whole numbers, and how many decimal digits always fit."""
_UTC = "AT TIME ZONE 'UTC'"


def _measures(text: str) -> tuple[int, ...]:
    found = re.search(r"\(([\d, ]+)\)", text)
    return tuple(int(part) for part in found[1].split(",")) if found else ()


def _base(text: str) -> str:
    return re.sub(r"\([\d, ]+\)", "", text)


def widens(old: str, new: str) -> bool:
    """Tell whether only the catalog changes, as all stored values stay as they are."""
    if (_base(old), _base(new)) in {("VARCHAR", "VARCHAR"), ("NUMERIC", "NUMERIC")}:
        before, after = _measures(old), _measures(new)
        return before[1:] == after[1:] and before[0] <= after[0]
    return (_base(old), new) == ("VARCHAR", "TEXT")


def cast(old: str, new: str, value: str) -> str | None:
    """Write a value of one type as another, or return None where that is not safe.

    Args:
        old: Its type, as PostgreSQL writes it.
        new: The other type.
        value: The expression.
    """
    bases = _base(old), _base(new)
    texts = {"TEXT", "VARCHAR", "CHAR"}
    if bases[0] in texts and bases[1] in texts:
        return value  # assigned and not cast: what is too long is refused, and not cut off
    if old.startswith("ENUM(") and bases[1] in texts:
        return value
    if bases[1] == "TEXT" and not old.endswith("[]"):
        return f"{value}::text"
    if bases in {
        ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
    }:
        return f"({value} {_UTC})" if _measures(old) == _measures(new) else None
    if bases == ("DATE", "TIMESTAMP") or _keeps_number(old, new):
        return f"{value}::{new}"
    return None


def cast_back(old: str, new: str, value: str) -> str:
    """Write a value of the new type as the old one; the store refuses what does not fit."""
    return cast(new, old, value) or f"{value}::{old}"


def _keeps_number(old: str, new: str) -> bool:
    if old in _WHOLE and new in _WHOLE:
        return True  # one that does not fit is refused
    if _base(new) == "NUMERIC":
        digits, scale = _measures(new)
        if old in _WHOLE:
            return digits - scale >= _WHOLE[old]
        return _base(old) == "NUMERIC" and _measures(old)[1] <= scale
    return (old, new) == ("REAL", "DOUBLE PRECISION")
