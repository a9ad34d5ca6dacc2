"""What follows the closing bracket of a table: its engine, collation, partitions and the like."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .extra import need
from .found import MY_STORES, SQLGLOT_DIALECTS

_TABLE = re.compile(
    r"CREATE\s+(?P<kind>(?:(?:OR\s+REPLACE|GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED)\s+)*)TABLE\b",
    re.IGNORECASE,
)
_TEXT = r"'(?:[^'\\]|\\.|'')*'"
_OPTION = re.compile(
    r"[\s,]*(?:DEFAULT\s+)?(?:(?P<plain>CHARSET|CHARACTER\s+SET|COLLATE|ENGINE|COMMENT|TABLESPACE)\s*=?"
    r"|(?P<name>[A-Z_]+(?:\s+DIRECTORY)?)\s*=)"
    rf"\s*(?P<value>{_TEXT}|[`\w.+-]+)",
    re.IGNORECASE,
)
_STORAGE = re.compile(r"\bWITH\s*\(([^()]*)\)", re.IGNORECASE)
_PARAMETER = re.compile(r"([\w.]+)\s*(?:=\s*('?)([^',]*)\2)?")


class Parted(NamedTuple):
    """A statement that makes a table, taken apart.

    Args:
        definition: Up to the closing bracket.
        ending: What follows it.
        unlogged: Whether its rows are lost in a crash.
    """

    definition: str
    ending: str
    unlogged: bool


class MyOptions(NamedTuple):
    """The ending of a table of MySQL or MariaDB.

    Args:
        engine: Of the table; empty where it is not told, as the others.
        charset: The character set, where no collation says it.
        collation: By which texts are compared.
        more: What else is said, as it is written again.
        comment: What is noted.
    """

    engine: str
    charset: str
    collation: str
    more: str
    comment: str

    def __str__(self) -> str:
        """Write it again, without the note, which the answers have, and the state of a counter."""
        set_ = f"CHARSET={self.charset}" if self.charset else ""
        compared = f"COLLATE={self.collation}" if self.collation else set_
        engine = f"ENGINE={self.engine}" if self.engine else ""
        return " ".join(filter(None, (engine, compared, self.more)))


def parted(statement: str, store: str) -> Parted | None:
    """Take a statement apart that makes a table from columns; `None` for any other."""
    found = _TABLE.match(statement)
    if found is None:
        return None
    depth = 0
    for token in need("sqlglot").tokenize(statement, dialect=SQLGLOT_DIALECTS[store]):
        kind = token.token_type.name
        if not depth and kind in {"ALIAS", "PARTITION"}:  # the rows of a query, a part of a table
            return None
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(kind, 0)
        if not depth and kind == "R_PAREN":
            end = token.end + 1
            unlogged = "UNLOGGED" in found["kind"].upper()
            return Parted(statement[:end], statement[end:].strip(), unlogged)
    return None


def plain(ending: str, store: str) -> str:
    """Return an ending in one spelling, as it is written again."""
    if store in MY_STORES:
        return str(my_options(ending))
    if store == "sqlite":
        return ", ".join(" ".join(w.upper().split()) for w in ending.split(",") if w.strip())
    return _STORAGE.sub(lambda found: with_storage(_PARAMETER.findall(found[1])), one_line(ending))


def with_storage(parameters: Iterable[tuple[str, ...]]) -> str:
    """Return storage parameters as PostgreSQL takes them, each a name first and a value last."""
    named = (f"{each[0]} = {each[-1]}" if each[-1] else each[0] for each in parameters)
    return f"WITH ({', '.join(named)})"


def my_options(ending: str) -> MyOptions:
    """Read what follows the closing bracket of a table of MySQL or MariaDB."""
    options: dict[str, str] = {}
    place = 0
    while found := _OPTION.match(ending, place):
        name = one_line(found["plain"] or found["name"]).upper()
        options["CHARSET" if name == "CHARACTER SET" else name] = found["value"]
        place = found.end()
    known = {name: options.pop(name, "") for name in ("ENGINE", "CHARSET", "COLLATE", "COMMENT")}
    rest = [f"{name}={value}" for name, value in options.items() if name != "AUTO_INCREMENT"]
    return MyOptions(
        known["ENGINE"],
        known["CHARSET"],
        known["COLLATE"],
        " ".join([*rest, *filter(None, [one_line(ending[place:])])]),
        known["COMMENT"][1:-1].replace("''", "'").replace("\\", ""),
    )


def one_line(text: str) -> str:
    """Return a text with one space between its words."""
    return " ".join(text.split())


def ending(collation: str, *words: str, comment: str) -> str:
    """Return what MariaDB and MySQL have behind a column, and forget where it is written again."""
    told = f"COMMENT {_literal(comment)}" if comment else ""
    return " ".join(filter(None, (f"COLLATE {collation}" if collation else "", *words, told)))


def computed_by(expression: str, *, stored: bool) -> str:
    """Return what stands behind a column that is computed of others."""
    return f"GENERATED ALWAYS AS ({expression}) {'STORED' if stored else 'VIRTUAL'}"


def _literal(text: str) -> str:
    """Write a text as MariaDB and MySQL take it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
