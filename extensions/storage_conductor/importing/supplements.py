"""What the catalog of a store tells beyond SQLAlchemy's inspector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector

from .extra import need
from .found import FoundColumn, row_number


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
            if kind != "e":
                self.types[table, name] = text
            if collation:
                self.collations[table, name] = collation
        invalid = (
            "SELECT t.relname, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisvalid"
            " AND pg_table_is_visible(t.oid)"
        )
        self.invalid = dict.fromkeys(self.rows(invalid), ("invalid",))


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
        indexes = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'"
        for table, index in list(self.rows(indexes)):
            quoted = index.replace('"', '""')
            infos = self.connection.exec_driver_sql(f'PRAGMA index_xinfo("{quoted}")')
            self.falling[table, index] = frozenset(r[0] for r in infos if r[3] and r[5])

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


def _is_word(token: Any, word: str) -> bool:
    return token.text.upper() == word and token.token_type.name not in {"IDENTIFIER", "STRING"}


SUPPLEMENTS: dict[str, type[Supplement]] = {
    "postgresql": _Postgresql,
    "mysql": _Innodb,
    "mariadb": _Mariadb,
    "sqlite": _Sqlite,
}
"""By store."""
_PARTITIONS = (
    "SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind IN ('r', 'p')"
    " AND pg_table_is_visible(c.oid)"
)
_BESIDE = {
    "postgresql": (
        ("trigger", "SELECT DISTINCT trigger_name || ' on ' || event_object_table FROM"
         " information_schema.triggers WHERE trigger_schema = current_schema()"),
        ("function", "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
         " WHERE n.nspname = current_schema() AND NOT EXISTS (SELECT FROM pg_depend d WHERE"
         " d.objid = p.oid AND d.deptype = 'e')"),
        ("row policy", "SELECT policyname || ' on ' || tablename FROM pg_policies"
         " WHERE schemaname = current_schema()"),
        ("partition", _PARTITIONS),
        ("exclusion constraint", "SELECT conname FROM pg_constraint c JOIN pg_namespace n ON n.oid"
         " = c.connamespace WHERE n.nspname = current_schema() AND contype = 'x'"),
    ),
    "sqlite": (("trigger", "SELECT name FROM sqlite_master WHERE type = 'trigger'"),),
    "mysql": (
        ("trigger", "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS"
         " WHERE TRIGGER_SCHEMA = DATABASE()"),
        ("routine", "SELECT ROUTINE_NAME FROM information_schema.ROUTINES"
         " WHERE ROUTINE_SCHEMA = DATABASE()"),
    ),
}  # fmt: skip
_BESIDE["mariadb"] = _BESIDE["mysql"]


def partitions(connection: sa.Connection, store: str) -> frozenset[str]:
    """Return the tables that are parts of others."""
    if store != "postgresql":
        return frozenset()
    return frozenset(name for (name,) in connection.exec_driver_sql(_PARTITIONS))


def beside(connection: sa.Connection, store: str, inspector: Inspector) -> Iterator[str]:
    """Yield what a database holds that is no table."""
    for name in sorted(inspector.get_view_names()):
        yield f"view {name}"
    if store == "postgresql":
        for name in sorted(inspector.get_materialized_view_names()):
            yield f"materialized view {name}"
    for kind, statement in _BESIDE.get(store, ()):
        for (name,) in connection.exec_driver_sql(statement.replace("%", "%%")):
            yield f"{kind} {name}"
