"""What the catalog of a store tells beyond SQLAlchemy's inspector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from .endings import my_options, parted, plain, with_storage
from .extra import need
from .found import FoundColumn, FoundIndex, row_number
from .statements import run

_UPDATED = re.compile(r"on update current_timestamp(\(\d*\))?", re.IGNORECASE)
_EXPRESSION = -2  # in place of a column: https://www.sqlite.org/pragma.html#pragma_index_xinfo
_PARTICULAR = ("AUTOINCREMENT", "COLLATE", "CONFLICT", "GENERATED")
"""Words of a table's statement in SQLite for which nothing that was read has a place."""


class Supplement:
    """What the inspector does not tell of a store; here of one where it tells all that matters.

    Attributes:
        checks: By table, in the inspector's form; empty to ask it.
        uniques: Likewise.
        references: Options of references by table and columns, in the inspector's form.
        types: Of columns, by table and column.
        collations: Likewise, where it is not the usual one.
        falling: Places of the columns of an index that fall, by table and index.
        documents: Columns of JSON that the store keeps as text with a check, by table.
        invalid: Why an index is not used, by table and index.
        declared: Types of a name of their own that were taken apart, by table and column.
        options: What follows the closing bracket of a table.
        attributes: What else is said of a column, by table and column.
        endings: What else stands behind a column and `MODIFY` would forget, by table and column.
        readers: Columns that views read, by table and view.
        fragile: What making a table anew from the rest would lose.
        indexes: Those of a table that the inspector skips.
    """

    def __init__(self, connection: sa.Connection, names: list[str]) -> None:
        self.connection = connection
        self.names = frozenset(names)
        self.checks: dict[str, list[dict[str, str]]] = {}
        self.uniques: dict[str, list[dict[str, list[str]]]] = {}
        self.references: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
        self.types: dict[tuple[str, str], str] = {}
        self.collations: dict[tuple[str, str], str] = {}
        self.falling: dict[tuple[str, str], frozenset[int]] = {}
        self.documents: dict[str, frozenset[str]] = {}
        self.invalid: dict[tuple[str, str], tuple[str, ...]] = {}
        self.declared: dict[tuple[str, str], str] = {}
        self.options: dict[str, str] = {}
        self.attributes: dict[tuple[str, str], tuple[str, ...]] = {}
        self.endings: dict[tuple[str, str], str] = {}
        self.readers: dict[str, dict[str, list[str]]] = {}
        self.fragile: dict[str, tuple[str, ...]] = {}
        self.indexes: dict[str, list[FoundIndex]] = {}
        self.look()

    def look(self) -> None:
        """Ask the store."""

    def keyed(
        self, column: FoundColumn, key: tuple[str, ...], documents: frozenset[str]
    ) -> FoundColumn:
        """Return a column with what its key, and the checks beside it, say of it."""
        del key, documents
        return column

    def rows(self, statement: str) -> Iterator[Any]:
        """Ask for rows whose first value is the name of a table that matters."""
        for row in self.connection.exec_driver_sql(statement):
            if row[0] in self.names:
                yield row


class _Postgresql(Supplement):
    def look(self) -> None:
        columns = (
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), t.typtype,"
            " CASE WHEN a.attcollation <> t.typcollation THEN l.collname END"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_type t ON t.oid = a.atttypid"
            " LEFT JOIN pg_collation l ON l.oid = a.attcollation"
            " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')"
            " AND pg_table_is_visible(c.oid)"
        )
        for table, name, text, kind, collation in self.rows(columns):
            (self.declared if kind == "e" else self.types)[table, name] = text
            if collation:
                self.collations[table, name] = collation
        invalid = (
            "SELECT t.relname, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisvalid"
            " AND pg_table_is_visible(t.oid)"
        )
        self.invalid = dict.fromkeys(self.rows(invalid), ("invalid",))
        readers = (
            "SELECT t.relname, v.relname, a.attname FROM pg_depend d"
            " JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class"
            " JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid"
            " AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_rewrite'::regclass"
            " AND d.refclassid = 'pg_class'::regclass AND v.oid <> t.oid"
            " AND pg_table_is_visible(t.oid) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        for table, view, column in self.rows(readers):
            self.readers.setdefault(table, {}).setdefault(view, []).append(column)
        self._look_at_tables()

    def _look_at_tables(self) -> None:
        endings = (
            "SELECT c.relname, c.relpersistence, c.reloptions,"
            " CASE c.relkind WHEN 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END,"
            " (SELECT string_agg(p.inhparent::regclass::text, ', ') FROM pg_inherits p"
            "  WHERE p.inhrelid = c.oid AND NOT c.relispartition)"
            " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"
        )
        for table, persistence, storage, partition, parents in self.rows(endings):
            pairs = [each.partition("=") for each in storage or ()]
            words = (partition, with_storage(pairs) if pairs else "")
            self.options[table] = " ".join(filter(None, words))
            lost = (
                *(["UNLOGGED"] if persistence == "u" else []),
                *([f"INHERITS ({parents})"] if parents else []),
            )
            if lost:
                self.fragile[table] = lost


class _Innodb(Supplement):
    def look(self) -> None:
        falling = (
            "SELECT TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX - 1 FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION = 'D'"
        )
        for table, index, place in self.rows(falling):
            known = self.falling.get((table, index), frozenset())
            self.falling[table, index] = known | {int(place)}
        columns = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL"
        )
        self.collations = {(table, name): text for table, name, text in self.rows(columns)}
        shapes = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE IN ('point', 'geometry')"
        )
        self.types |= {(table, name): text for table, name, text in self.rows(shapes)}
        tables = (
            "SELECT TABLE_NAME, ENGINE, TABLE_COLLATION, CREATE_OPTIONS FROM"
            " information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_COLLATION IS NOT NULL"
        )
        usual = {}
        for table, engine, collation, options in list(self.rows(tables)):
            usual[table] = collation
            more = self._more_options(table) if options else ""
            self.options[table] = f"ENGINE={engine} COLLATE={collation} {more}".rstrip()
        more_of_columns = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME, EXTRA, COLUMN_COMMENT"
            " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
        )
        for table, name, collation, extra, comment in self.rows(more_of_columns):
            own = collation and collation != usual.get(table)
            update = _UPDATED.search(extra)
            words = (
                *([update[0].upper()] if update else []),
                *(["INVISIBLE"] if "INVISIBLE" in extra.upper() else []),
            )
            self.attributes[table, name] = words
            self.endings[table, name] = ending(collation if own else "", *words, comment=comment)

    def _more_options(self, table: str) -> str:
        """Ask for the statement of a table of which more is told than engine and collation."""
        quoted = table.replace("`", "``")
        statement = self.connection.exec_driver_sql(f"SHOW CREATE TABLE `{quoted}`").one()[1]
        whole = parted(run(statement), "mysql")
        return my_options(whole.ending).more if whole else ""


class _Mariadb(_Innodb):
    def look(self) -> None:
        super().look()
        checks = (
            "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM"
            " information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"
        )
        self.checks = {name: [] for name in self.names}
        for table, name, text in self.rows(checks):
            # A column of JSON is a LONGTEXT with this check: https://mariadb.com/kb/en/json/
            if text == f"json_valid(`{name}`)":
                self.documents[table] = self.documents.get(table, frozenset()) | {name}
            else:
                self.checks[table].append({"name": name, "sqltext": text})

    def keyed(
        self, column: FoundColumn, key: tuple[str, ...], documents: frozenset[str]
    ) -> FoundColumn:
        del key
        if column.name not in documents:
            return column
        return replace(column, type="JSON", collation="")


class _Sqlite(Supplement):
    """What the inspector reads from the text of a statement, and misses beside a column."""

    def look(self) -> None:
        statement = "SELECT name, type, sql FROM sqlite_master WHERE type = 'table'"
        for name, _, sql in self.rows(statement):
            self.checks[name] = list(_checks_in(sql or ""))
            self._look_at(name, frozenset(_deferred_in(sql or "")))
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
            if any(row[1] == _EXPRESSION and row[5] for row in infos):
                found = _of_expressions(index, " ".join(sql.split()))
                self.indexes.setdefault(table, []).append(found)

    def _look_at(self, table: str, deferred: frozenset[str]) -> None:
        quoted = table.replace('"', '""')
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


def ending(collation: str, *words: str, comment: str) -> str:
    """Return what MariaDB and MySQL have behind a column, and forget where it is written again."""
    told = f"COMMENT {_literal(comment)}" if comment else ""
    return " ".join(filter(None, (f"COLLATE {collation}" if collation else "", *words, told)))


def _literal(text: str) -> str:
    """Write a text as MariaDB and MySQL take it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _is_word(token: Any, word: str) -> bool:
    return token.text.upper() == word and token.token_type.name not in {"IDENTIFIER", "STRING"}


SUPPLEMENTS: dict[str, type[Supplement]] = {
    "postgresql": _Postgresql,
    "mysql": _Innodb,
    "mariadb": _Mariadb,
    "sqlite": _Sqlite,
}
"""By store."""
