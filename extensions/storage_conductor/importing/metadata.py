"""Tables as SQLAlchemy describes them: a project's own models, or the draft of a track."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.engine.mock import MockConnection

from ..schema.sqltypes import DIALECTS
from ..steps.existing import Making
from .found import (
    FoundCheck,
    FoundColumn,
    FoundIndex,
    FoundReference,
    FoundSchema,
    FoundTable,
    row_number,
)


def read(metadata: sa.MetaData, store: str) -> FoundSchema:
    """Describe tables as a store would hold them.

    Args:
        metadata: The tables.
        store: Catalog key of a SQL store.
    """
    reader = _Reader(store)
    tables = tuple(reader.table(table) for table in metadata.tables.values())
    return FoundSchema(store, tables).with_uniques_merged()


def _place(key: sa.ForeignKeyConstraint) -> tuple[list[str], str]:
    return [str(column.name) for column in key.columns], str(key.name)


def making(metadata: sa.MetaData, store: str) -> Making:
    """Return the statements by which SQLAlchemy would make tables, and the types that they have."""
    dialect = DIALECTS[store]()
    made: list[str] = []

    def note(statement: Any, *_: Any, **__: Any) -> None:
        text = str(statement.compile(dialect=dialect))
        made.append(text.replace("\t", "  ").replace(", \n", ",\n").strip())

    metadata.create_all(MockConnection(dialect, note), checkfirst=False)
    return Making(tuple(made))


class _Reader:
    def __init__(self, store: str) -> None:
        self._store = store
        self._dialect: Dialect = DIALECTS[store]()

    def table(self, table: sa.Table) -> FoundTable:
        """Describe one table."""
        kinds = table.constraints
        key = tuple(str(column.name) for column in table.primary_key.columns)
        columns = [self._column(table, column) for column in table.columns]
        if self._store == "sqlite":
            columns = [
                replace(c, nullable=False, numbered=True) if row_number(c, key) else c
                for c in columns
            ]
        return FoundTable(
            name=str(table.name),
            columns=tuple(columns),
            key=key,
            key_name=str(table.primary_key.name or ""),
            unique_names={
                tuple(str(c.name) for c in item.columns): str(item.name or "")
                for item in kinds
                if isinstance(item, sa.UniqueConstraint)
            },
            uniques=tuple(
                tuple(str(c.name) for c in item.columns)
                for item in sorted(kinds, key=lambda item: str(item.name))
                if isinstance(item, sa.UniqueConstraint)
            ),
            checks=tuple(
                FoundCheck(self._text(item.sqltext), str(item.name or ""))
                for item in sorted(kinds, key=lambda item: str(item.name))
                if isinstance(item, sa.CheckConstraint)
            ),
            references=tuple(
                map(self._reference, sorted(table.foreign_key_constraints, key=_place))
            ),
            indexes=tuple(self._index(i) for i in sorted(table.indexes, key=lambda i: str(i.name))),
            comment=table.comment or "",
        )

    def _text(self, element: Any) -> str:
        if isinstance(element, str):
            return element
        compiled = element.compile(
            dialect=self._dialect, compile_kwargs={"literal_binds": True, "include_table": False}
        )
        return str(compiled)

    def _column(self, table: sa.Table, column: sa.Column[Any]) -> FoundColumn:
        text = self._type(column.type)
        counted = column.identity is not None or text.endswith(" AUTO_INCREMENT")
        counted = counted or (
            table.autoincrement_column is column and column.server_default is None
        )
        default = column.server_default
        shown = self._text(default.arg) if isinstance(default, sa.DefaultClause) else ""
        if isinstance(default, sa.DefaultClause) and isinstance(default.arg, str):
            shown = "'" + default.arg.replace("'", "''") + "'"
        return FoundColumn(
            name=str(column.name),
            type=text.removesuffix(" AUTO_INCREMENT"),
            nullable=bool(column.nullable),
            default=shown,
            numbered=counted,
            computed=self._text(column.computed.sqltext) if column.computed is not None else "",
            comment=column.comment or "",
            collation=self._collation(table, column),
            declared=self._declared(column.type),
        )

    def _type(self, kind: sa.types.TypeEngine[Any]) -> str:
        if isinstance(kind, sa.Enum):
            return "ENUM({})".format(", ".join(f"'{value}'" for value in kind.enums))
        return kind.compile(dialect=self._dialect)

    def _declared(self, kind: sa.types.TypeEngine[Any]) -> str:
        """The name of an enum of PostgreSQL; else empty."""
        named = isinstance(kind, sa.Enum) and kind.native_enum and self._store == "postgresql"
        return str(getattr(kind, "name", "") or "") if named else ""

    def _collation(self, table: sa.Table, column: sa.Column[Any]) -> str:
        if self._store not in {"mysql", "mariadb"}:
            return ""
        text = self._type(column.type).upper()
        words = ("CHAR", "TEXT", "ENUM")
        whole = table.dialect_options[self._store].get("collate") or ""
        return str(whole) if any(word in text for word in words) else ""

    def _reference(self, key: sa.ForeignKeyConstraint) -> FoundReference:
        return FoundReference(
            columns=tuple(str(column.name) for column in key.columns),
            table=str(key.referred_table.name),
            referred=tuple(str(element.column.name) for element in key.elements),
            on_delete=self._action(key.ondelete),
            on_update=self._action(key.onupdate),
            name=str(key.name or ""),
            deferred=str(key.initially or "").upper() == "DEFERRED",
            deferrable=bool(key.deferrable),
        )

    def _action(self, action: str | None) -> str:
        low = (action or "no action").lower()
        return "no action" if self._store in {"mysql", "mariadb"} and low == "restrict" else low

    def _index(self, index: sa.Index) -> FoundIndex:
        columns: list[tuple[str, str]] = []
        special = []
        for element in index.expressions:
            falls = getattr(element, "modifier", None) is sa.sql.operators.desc_op
            inner = getattr(element, "element", element) if falls else element
            if isinstance(inner, sa.Column):
                columns.append((str(inner.name), "desc" if falls else "asc"))
            else:
                name, more = self._expression(index, self._text(inner))
                columns.append((name, "asc"))
                special += more
        prefix = {"sql-server": "mssql", "mariadb": "mysql"}.get(self._store, self._store)
        options = index.dialect_options[prefix]
        if options.get("using"):
            special.append(f"using {options['using']}")
        own = index.dialect_options[self._store] if self._store == "mariadb" else options
        if own.get("prefix"):
            special.append(f"prefix {own['prefix']}")
        where = options.get("where")
        return FoundIndex(
            str(index.name),
            tuple(columns),
            bool(index.unique),
            "" if where is None else self._text(where),
            "; ".join(sorted(special)),
        )

    def _expression(self, index: sa.Index, text: str) -> tuple[str, list[str]]:
        """Take an element of an index apart that was written as a text: what it holds, and how."""
        inner, _, operators = text.rpartition(" ") if text.endswith("_ops") else (text, "", "")
        special = [f"ops {operators}"] if operators else []
        names = {} if index.table is None else {str(c.name): c for c in index.table.columns}
        bare = inner.strip('"')
        return (bare, special) if bare in names else (inner, [*special, "expression"])
