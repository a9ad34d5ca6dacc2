"""Rows and queries in the words of a SQL store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..importing.connecting import store_of
from ..schema.common import fact
from ..schema.model import Column, Entity, Pattern
from ..schema.needs import by_distance, row_order
from ..schema.placesql import PlaceQuery, PlaceSql, Spot
from ..schema.reserved import quoted
from ..schema.sql import Schema
from ..schema.sqlrules import check_clause
from ..schema.sqltypes import utc
from .rows import Row

_METRES = 500.0  # where a pattern leaves the distance to its caller
ROW_NUMBER = "PRIMARY KEY"
"""What SQLite's plans call the key of a table whose key is the number of the row."""


class Writer:
    """Writes for one store.

    Args:
        connection: To the scratch database.
        schema: The draft that was loaded.
    """

    def __init__(self, connection: sa.Connection, schema: Schema) -> None:
        self._connection = connection
        self._schema = schema
        self._store = store_of(connection)
        self._quote = connection.dialect.identifier_preparer.quote

    def ask(self, text: str) -> sa.CursorResult[*tuple[Any, ...]]:
        """Run a statement as it stands."""
        # A driver takes a percent sign for the place of a value, but for SQLite's.
        plain = text if self._store == "sqlite" else text.replace("%", "%%")
        return self._connection.exec_driver_sql(plain)

    def name(self, name: str) -> str:
        """Quote a name where it needs that."""
        return self._quote(quoted(name))

    def literal(self, column: Column, value: Any) -> str:
        """Write a value of a column."""
        postgresql = self._store == "postgresql"
        if value is None:
            text = "NULL"
        elif column.type.name == "point" and not postgresql:
            order = ", 4326, 'axis-order=long-lat'" if self._store == "mysql" else ""
            text = f"ST_GeomFromText('{value}'{order})"
        elif isinstance(value, bool):
            text = str(value).upper() if postgresql else str(int(value))
        elif isinstance(value, Decimal | int | float):
            text = f"{Decimal(value):f}"
        elif isinstance(value, bytes):
            text = f"'\\x{value.hex()}'" if postgresql else f"X'{value.hex()}'"
        elif isinstance(value, list):
            text = self._list(value)
        else:
            text = self._text(column, str(value))
        return text

    def _text(self, column: Column, text: str) -> str:
        if self._store == "mysql" and column.type.name == "uuid":
            return f"UUID_TO_BIN('{text}')"
        if self._store in {"mysql", "mariadb"}:
            text = utc(text) if column.type.name == "timestamptz" else text
            text = text.replace("\\", "\\\\")
        return "'" + text.replace("'", "''") + "'"

    def _list(self, values: list[Any]) -> str:
        if self._store == "postgresql":
            texts = (str(v).lower() if isinstance(v, bool) else str(v) for v in values)
            inner = ",".join('"' + t.replace("\\", "\\\\").replace('"', '\\"') + '"' for t in texts)
            return "'{" + inner.replace("'", "''") + "}'"
        plain = [float(v) if isinstance(v, Decimal) else v for v in values]
        return "'" + json.dumps(plain, default=str).replace("'", "''") + "'"

    def insert(self, entity: Entity, rows: Iterable[Row]) -> str:
        """Write an INSERT of rows."""
        names = ", ".join(self.name(column.name) for column in entity.columns)
        values = ",\n".join(
            "({})".format(", ".join(self.literal(c, row[c.name]) for c in entity.columns))
            for row in rows
        )
        return f"INSERT INTO {self.name(entity.table)} ({names}) VALUES\n{values}"

    def query(self, entity: Entity, pattern: Pattern, row: Row, index: str = "") -> str:
        """Write the SELECT that finds the rows of a pattern.

        Args:
            entity: The pattern's entity.
            pattern: What it does.
            row: A row that it finds, for the values.
            index: One that the store is told to use, where it has words for that.
        """
        hint = ""
        if index == ROW_NUMBER:
            hint = " NOT INDEXED"
        elif index and self._store == "sqlite":
            hint = f" INDEXED BY {self.name(index)}"
        elif index and self._store in {"mysql", "mariadb"}:
            hint = f" FORCE INDEX ({self.name(index)})"
        text = f"SELECT * FROM {self.name(entity.table)}{hint}"  # noqa: S608  (quoted parts)
        conditions = [*self._filters(entity, pattern, row), *self._conditions(entity, pattern)]
        near = self._near(entity, pattern, row)
        conditions += [near.where] if near and near.where else []
        if conditions:
            text += f" WHERE {' AND '.join(conditions)}"
        if pattern.vector:
            text += f" ORDER BY {self._distance(entity.column(pattern.vector), row)}"
        elif near and by_distance(pattern):
            text += f" ORDER BY {near.order}"
        else:
            # Of several values one is asked for here, and MariaDB sorts a single word of an enum.
            kept = [item for item in row_order(entity, pattern) if item[0] not in pattern.among]
            order = [f"{self.name(column)} {way.upper()}" for column, way in kept]
            text += f" ORDER BY {', '.join(order)}" if order else ""
        return f"{text} LIMIT {pattern.page_size}" if pattern.page_size else text

    def _near(self, entity: Entity, pattern: Pattern, row: Row) -> PlaceQuery | None:
        """How it finds what is near the place of a row, at a distance of its own where none is."""
        place = pattern.by_place
        if place is None:
            return None
        index = self._schema.served[pattern.name].name
        values = [row[name] for name in place.columns]
        if len(values) == 1:
            values = str(values[0]).removeprefix("POINT(").rstrip(")").split()[::-1]
        lat, lon = map(float, values)
        spot = Spot.around(lon, lat, place.metres or _METRES)
        return PlaceSql(self._store, self.name).query(entity, place, index, spot)

    def _distance(self, column: Column, row: Row) -> str:
        """The distance as the index holds it: of halves where the vector is too long for it."""
        name, vector = self.name(column.name), self.literal(column, row[column.name])
        most = fact(self._schema.engine.backend, "vector_indexed_dimensions_max")
        size = column.type.length or 0
        cast = "" if most is None or size <= most else f"::halfvec({size})"
        return f"({name}{cast}) <=> {vector}{cast}"

    def _filters(self, entity: Entity, pattern: Pattern, row: Row) -> Iterable[str]:
        def compared(name: str, operator: str) -> str:
            if row[name] is None:
                return f"{self.name(name)} IS NULL"
            return f"{self.name(name)} {operator} {self.literal(entity.column(name), row[name])}"

        yield from (compared(name, "=") for name in pattern.equal)
        yield from (compared(name, ">=") for name in pattern.ranges)
        for name in pattern.among:
            yield f"{self.name(name)} IN ({self.literal(entity.column(name), row[name])})"

    def _conditions(self, entity: Entity, pattern: Pattern) -> Iterable[str]:
        table = self._schema.metadata.tables[entity.table]
        for rule in pattern.conditions:
            clause = check_clause(self._schema.engine, table, rule)
            options = {"literal_binds": True, "include_table": False}
            text = str(
                clause.compile(dialect=self._schema.engine.dialect(), compile_kwargs=options)
            )
            yield f"({text})"
