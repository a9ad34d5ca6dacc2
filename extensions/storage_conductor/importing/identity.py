"""How a column of PostgreSQL counts, where that is not by ones from one.

https://www.postgresql.org/docs/current/sql-createsequence.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

IDENTITY = "IDENTITY ("
"""How the words begin."""
_OPTION = re.compile(r"(START|INCREMENT|MINVALUE|MAXVALUE|CACHE)\s+(?:WITH\s+|BY\s+)?(-?\d+)")
_CYCLE = re.compile(r"(?<!NO )\bCYCLE\b")
_WORDS = {"START": "START WITH", "INCREMENT": "INCREMENT BY"}
_USUAL = {"MAXVALUE": {str(2**bits - 1) for bits in (15, 31, 63)}}


def words(options: Mapping[str, object]) -> tuple[str, ...]:
    """Say what is not usual as one attribute of a column, or none.

    Args:
        options: By the names that SQLAlchemy gives them.
    """
    told = [f"{name} {value}" for name, value in options.items() if type(value) is int]
    return words_of(" ".join([*told, "CYCLE" if options.get("cycle") else ""]))


def words_of(statement: str) -> tuple[str, ...]:
    """Say the same of a statement that makes such a column."""
    text = statement.upper()
    said = [
        f"{_WORDS.get(name, name)} {value}"
        for name, value in _OPTION.findall(text)
        if value not in _USUAL.get(name, {"1"})
    ]
    said += ["CYCLE"] if _CYCLE.search(text) else []
    return (f"{IDENTITY}{' '.join(said)})",) if said else ()
