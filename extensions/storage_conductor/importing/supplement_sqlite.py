"""What SQLite keeps as the text of a statement, and the inspector reads in part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .endings import parted, plain
from .extra import need
from .found import FoundColumn, FoundIndex, row_number
from .supplement import Supplement

_EXPRESSION = -2  # in place of a column: https://www.sqlite.org/pragma.html#pragma_index_xinfo
_PARTICULAR = ("AUTOINCREMENT", "COLLATE", "CONFLICT", "GENERATED")
"""Words of a table's statement in SQLite for which nothing that was read has a place."""


class SqliteSupplement(Supplement):
    """What the inspector reads from the text of a statement, and misses beside a column."""

    def look(self) -> None:
        """Ask for what is kept as text, and how indexes compare."""
        statement = "SELECT name, type, sql FROM sqlite_master WHERE type = 'table'"
        for name, _, sql in self.rows(statement):
            self.checks[name] = list(_checks_in(sql or ""))
            self._look_at(name, frozenset(_deferred_in(sql or "")))
            self.computed |= {(name, column): text for column, text in _computed_in(sql or "")}
            made = parted(sql or "", "sqlite")
            self.options[name] = plain(made.ending, "sqlite") if made else ""
            self.fragile[name] = tuple(particular(sql or ""))
        triggers = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        for table, name in self.rows(triggers):
            self.fragile[table] = (*self.fragile.get(table, ()), f"trigger {name}")
        indexes = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'"
        for table, index, sql in list(self.rows(indexes)):
            quoted = index.replace('"', '""')
            infos = self.connection.exec_driver_sql(f'PRAGMA index_xinfo("{quoted}")').all()
            self.falling[table, index] = frozenset(r[0] for r in infos if r[3] and r[5])
            for _, _, column, _, collation, keyed in infos if sql else ():
                if keyed and column and collation.upper() != "BINARY":
                    self.remark(table, index, f"collate {collation} of {column}")
            if any(row[1] == _EXPRESSION and row[5] for row in infos):
                found = _of_expressions(index, " ".join(sql.split()))
                self.indexes.setdefault(table, []).append(found)

    def _look_at(self, table: str, deferred: frozenset[str]) -> None:
        quoted = table.replace('"', '""')
        for _, column, kind, *_ in self.connection.exec_driver_sql(
            f'PRAGMA table_info("{quoted}")'
        ):
            if kind.upper() in {"", "ANY"}:  # which the inspector takes for numbers, or for nothing
                self.types[table, column] = kind.upper() or "BLOB"
        indexes = self.connection.exec_driver_sql(f'PRAGMA index_list("{quoted}")').all()
        self.uniques[table] = [
            {"column_names": self._columns_of(index[1])} for index in indexes if index[3] == "u"
        ]
        keys: dict[int, list[Any]] = {}
        for row in self.connection.exec_driver_sql(f'PRAGMA foreign_key_list("{quoted}")'):
            keys.setdefault(row[0], []).append(row)
        for rows in keys.values():
            columns = tuple(row[3] for row in sorted(rows, key=lambda row: row[1]))
            found = {"onupdate": rows[0][5], "ondelete": rows[0][6]}
            if columns[0] in deferred:
                found["initially"] = "DEFERRED"
            self.references[table, columns] = found

    def _columns_of(self, index: str) -> list[str]:
        quoted = index.replace('"', '""')
        rows = self.connection.exec_driver_sql(f'PRAGMA index_info("{quoted}")').all()
        return [row[2] for row in sorted(rows)]

    def keyed(
        self, column: FoundColumn, key: tuple[str, ...], documents: frozenset[str]
    ) -> FoundColumn:
        """Return a column, which may be the number of the row."""
        del documents
        return replace(column, nullable=False, numbered=True) if row_number(column, key) else column


def _checks_in(statement: str) -> Iterator[dict[str, str]]:
    """Find the checks of a table in its statement, which SQLite keeps as it was written."""
    tokens = need("sqlglot").tokenize(statement, dialect="sqlite")
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if not _is_word(token, "CHECK") or tokens[place + 1].token_type.name != "L_PAREN":
            place += 1
            continue
        named = place > 1 and _is_word(tokens[place - 2], "CONSTRAINT")
        depth, at = 1, place + 2
        while depth and at < len(tokens):
            depth += {"L_PAREN": 1, "R_PAREN": -1}.get(tokens[at].token_type.name, 0)
            at += 1
        text = statement[tokens[place + 1].end + 1 : tokens[at - 1].start]
        yield {"name": tokens[place - 1].text if named else "", "sqltext": text.strip()}
        place = at


def _deferred_in(statement: str) -> Iterator[str]:
    """Find the columns whose own reference is checked when a transaction ends."""
    tokens = need("sqlglot").tokenize(statement, dialect="sqlite")
    depth, column, last = 0, "", ""
    for place, token in enumerate(tokens):
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(token.token_type.name, 0)
        if depth == 1 and last in {"(", ","}:
            column = token.text
        if _is_word(token, "INITIALLY") and _is_word(tokens[place + 1], "DEFERRED"):
            yield column
        last = token.text if depth == 1 else ""


def _computed_in(statement: str) -> Iterator[tuple[str, str]]:
    """Find the computed columns, each with its expression."""
    tokens = need("sqlglot").tokenize(statement, dialect="sqlite")
    column, last, begun = "", "", []
    for place, token in enumerate(tokens):
        if token.token_type.name == "L_PAREN":
            begun.append(place)
        elif token.token_type.name == "R_PAREN" and begun:
            first = begun.pop()
            if len(begun) == 1 and _is_word(tokens[first - 1], "AS"):
                yield column, statement[tokens[first].end + 1 : token.start].strip()
        if len(begun) == 1 and last in {"(", ","}:
            column = token.text
        last = token.text if len(begun) == 1 else ""


def _of_expressions(name: str, statement: str) -> FoundIndex:
    """Return an index that the inspector skips; its statement is kept as it was written."""
    inner = statement.partition("(")[2]
    whole, _, where = inner.rpartition(") WHERE ")
    text = whole or inner.removesuffix(")")
    unique = statement.upper().startswith("CREATE UNIQUE")
    return FoundIndex(name, ((text, "asc"),), unique, where if whole else "", "expression")


def particular(statement: str) -> Iterator[str]:
    """Find what a table says in its statement and no description of it does."""
    tokens = need("sqlglot").tokenize(statement, dialect="sqlite")
    found = {word for token in tokens for word in _PARTICULAR if _is_word(token, word)}
    yield from (f"{word} in its statement" for word in sorted(found))


def _is_word(token: Any, word: str) -> bool:
    return token.text.upper() == word and token.token_type.name not in {"IDENTIFIER", "STRING"}
