"""How much of a schema is read: what answers can hold, in a time that a person waits.

A file is somebody else's. What is above these bounds is refused before it is worked on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ..errors import ConductorError
from ..schema.tokens import TEXT_LENGTH
from .found import FoundSchema, FoundTable

_TABLES = 1_000
_COLUMNS = 6_000  # of all tables
_REFERENCES = 2_000  # likewise
_CHARACTERS = 250_000  # of types, conditions and comments
# MySQL's most columns, https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html
_OF_TABLE = {
    "columns": 4_096,
    "checks": 200,
    "uniques": 1_000,
    "references": 1_000,
    "indexes": 1_000,
}
# PyDBML compares each table and reference with all others, and takes 13 µs for a character.
_OF_DBML = {
    "characters": 250_000,
    "lines": 8_000,
    "tables": 1_500,
    "references": 1_500,
}
_WORD_OF = {"table": "tables", "ref": "references"}
_MANY_VALUES = "Take it out; of many values, make rows of a table."
_PART = "Take out what the component does not need: a track is of one."
# https://dbml.dbdiagram.io/cli/
_AS_SQL = "Write it as SQL by `dbml2sql` of @dbml/cli and import that, or import a part of it."


def require_readable_dbml(text: str) -> None:
    """Make sure that a file of DBML can be parsed in a bearable time.

    Raises:
        ConductorError: It is too large.
    """
    numbers = Counter({"characters": len(text), "lines": text.count("\n")})
    for word in re.findall(r"\b(?:table|ref)\b", text, re.IGNORECASE):
        numbers[_WORD_OF[word.lower()]] += 1
    for what, most in _OF_DBML.items():
        _require("has", numbers[what], most, f"{what} of DBML", _AS_SQL)


def require_workable(found: FoundSchema) -> None:
    """Make sure that what was read can become answers.

    Raises:
        ConductorError: It is empty, or too large; the message names the limit.
    """
    if not found.tables:
        raise ConductorError(
            "holds no table, so that there is nothing to import",
            remedy="Write the file anew from something that has tables.",
        )
    for table in found.tables:
        for what, most in _OF_TABLE.items():
            _require(f"the table {table.name[:64]} has", len(getattr(table, what)), most, what)
        for what, text in _texts(table):
            said = f"the table {table.name[:64]}: {what} has"
            _require(said, len(text), TEXT_LENGTH, "characters", _MANY_VALUES)
    columns = sum(len(table.columns) for table in found.tables)
    references = sum(len(table.references) for table in found.tables)
    characters = sum(len(text) for table in found.tables for _, text in _texts(table))
    _require("has", len(found.tables), _TABLES, "tables")
    _require("has", columns, _COLUMNS, "columns in all")
    _require("has", references, _REFERENCES, "references in all")
    _require("has", characters, _CHARACTERS, "characters in names, types, conditions and comments")


def _require(said: str, number: int, most: int, what: str, remedy: str = _PART) -> None:
    if number > most:
        message = f"{said} {number:,} {what}; at most {most:,} are read"
        raise ConductorError(message, remedy=remedy)


def _texts(table: FoundTable) -> Iterator[tuple[str, str]]:
    """Yield what of a table may be long, by its name."""
    yield "its name", table.name
    yield "its comment", table.comment
    for column in table.columns:
        name = column.name[:64]
        yield f"the type of {name}", column.type
        yield f"the default of {name}", column.default
        yield f"the expression of {name}", column.computed
        yield f"the comment of {name}", column.comment
        yield "the name of a column", column.name
    yield from (("a check", check.text) for check in table.checks)
    yield from (("the condition of an index", index.where) for index in table.indexes)
