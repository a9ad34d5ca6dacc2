"""What a file holds beside its tables: what says something about the schema, one line each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from .endings import one_line
from .virtual import tables_of

_NAME = r"(?:(?:\"[^\"]+\"|`[^`]+`|\w+)\.)?(\"[^\"]+\"|`[^`]+`|\w+)"
_MADE = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s*=\s*\S+\s+|SQL\s+SECURITY\s+\w+\s+"
    r"|(?:TEMP|TEMPORARY|RECURSIVE|AGGREGATE|CONSTRAINT)\s+)*"
    r"(VIRTUAL\s+TABLE|MATERIALIZED\s+VIEW|VIEW|TRIGGER|FUNCTION|PROCEDURE|EVENT|SEQUENCE|RULE|POLICY|STATISTICS"
    rf"|DOMAIN|TYPE|EXTENSION)\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}",
    re.IGNORECASE,
)
_KINDS = {"domain": "type", "policy": "row policy"}
"""What a database that is asked calls them as well."""
_OF_TABLES = {"trigger", "policy"}
_ON = re.compile(rf"\bON\s+{_NAME}", re.IGNORECASE)
_PART = re.compile(
    rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s+PARTITION\s+OF\b"
    rf"|ALTER\s+TABLE\s+.*\sATTACH\s+PARTITION\s+{_NAME}",
    re.IGNORECASE,
)
_OWNED = re.compile(rf"ALTER\s+SEQUENCE\s+{_NAME}\s+OWNED\s+BY\s+(?!NONE)", re.IGNORECASE)
_DROPPED = re.compile(rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE)
# Rows, sessions and owners, and what stands in every database.
_QUIET = re.compile(
    r"(?:SET|SELECT|LOCK|UNLOCK|DROP|INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|COPY|REFRESH|USE|BEGIN"
    r"|END|START|COMMIT|ROLLBACK|PRAGMA|ANALYZE|VACUUM|REINDEX|SHOW"
    r"|(?:CREATE|ALTER)\s+(?:DATABASE|SCHEMA)|ALTER\s+SEQUENCE"
    r"|COMMENT\s+ON\s+(?:EXTENSION|SCHEMA|DATABASE)"
    r"|ALTER\s+INDEX\s+\S+\s+ATTACH)\b"
    r"|ALTER\s+TABLE\s+\S+\s+(?:DIS|EN)ABLE\s+KEYS\b|ALTER\s[^;]*\sOWNER\s+TO\s",
    re.IGNORECASE,
)


class Leftover:
    """Collects what is no table.

    Attributes:
        parts: Tables that are parts of others.
        virtual: Tables of SQLite that are none of rows, with those that they are kept in.
        triggers: Each with the table on which it fires.
        dropped: Tables that are dropped after they were read.
    """

    def __init__(self) -> None:
        self.parts: set[str] = set()
        self.virtual: set[str] = set()
        self.triggers: list[tuple[str, str]] = []
        self.dropped: set[str] = set()
        self._lines: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()
        self._owned: set[str] = set()

    def note(self, line: str) -> None:
        """Keep a line about something that was read and has no place."""
        self._lines[line] += 1

    def take(self, text: str, tables: Collection[str] = ()) -> None:
        """Keep what a statement says of the schema, if anything.

        Args:
            text: The statement.
            tables: Names of those that were read before it.
        """
        if owned := _OWNED.match(text):
            self._owned.add(_bare(owned[1]))
        elif part := _PART.match(text):
            self.parts.add(_bare(part[1] or part[2]))
        elif made := _MADE.match(text):
            self.virtual.update(tables_of(text))
            self._made(one_line(made[1]).lower(), _bare(made[2]), text[made.end() :])
        elif (gone := _DROPPED.match(text)) and _bare(gone[1]) in tables:
            self.dropped.add(_bare(gone[1]))
            self._other(text)
        elif not _QUIET.match(text):
            self._other(text)

    def _made(self, kind: str, name: str, rest: str) -> None:
        on = _ON.search(rest) if kind in _OF_TABLES else None
        table = _bare(on[1]) if on else ""
        if kind == "trigger":
            self.triggers.append((table, f"trigger {name}"))
        self._lines[f"{_KINDS.get(kind, kind)} {name}{f' on {table}' if table else ''}"] = 1

    def _other(self, text: str) -> None:
        words = text.split()
        first = words[0].upper()
        if first in {"CREATE", "ALTER", "COMMENT", "DROP"}:
            self.note(f"statement {' '.join(words[:8])[:90]}")
        elif first.isalpha():
            self._counted[first] += 1

    def lines(self) -> Iterator[str]:
        """Yield what was kept."""
        quiet = {f"sequence {name}" for name in self._owned} | {"extension plpgsql"}
        for line, often in self._lines.items():
            if line not in quiet:
                yield line if often == 1 else f"{line} ({often} times)"
        yield from (f"partition {name}" for name in sorted(self.parts))
        for word, often in self._counted.items():
            yield f"{often} statement{'s' if often > 1 else ''} {word}"


def _bare(name: str) -> str:
    return name.strip('"`')
