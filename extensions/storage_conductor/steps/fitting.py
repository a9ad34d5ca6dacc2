"""A drafted schema as a store says it that was there; what is new fits the tables that it has.

A column that refers to one that was there has the type and the collation of that one, without which
InnoDB refuses the reference: https://mariadb.com/kb/en/foreign-keys/. A text that is new in a table
of another collation says its own, as it would be compared by that of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .existing import Readings, TableReading
from .names import StepNames
from .parts import ColumnParts, SchemaParts, TableParts, columns_of, target_of

_COLLATE = re.compile(r"\bCOLLATE[ =](\w+)")
_TEXT = re.compile(r"(?:VAR)?CHAR\b|\w*TEXT\b|ENUM\b|SET\b")
_UNTOLD = " "
"""In what a source tells in place of a collation that it does not name, as `the usual one`."""


def as_there(drafted: SchemaParts, readings: Readings) -> SchemaParts:
    """Return a drafted schema as the store says it."""
    if not readings:
        return drafted
    taken = {
        name
        for reading in readings.values()
        for name in (*(p.found_name for p in reading.pieces), *(k.name for k in reading.kept))
    }
    tables = {
        name: readings.get(name, TableReading()).applied(table, taken)
        for name, table in drafted.tables.items()
    }
    return _fitted(drafted, replace(drafted, tables=tables), readings)


def _fitted(drafted: SchemaParts, there: SchemaParts, readings: Readings) -> SchemaParts:
    """Return a schema with its new columns as the tables that were there need them.

    Args:
        drafted: What it is to be, as it is drafted.
        there: The same as the store says it.
        readings: What the store has in place of the draft.
    """
    tables = {
        name: replace(table, columns=_compared(table, readings[name]))
        if name in readings
        else table
        for name, table in there.tables.items()
    }
    if drafted.store == "sqlite":  # whose strict tables take no other types, and need none
        return there
    names = StepNames(drafted)
    for name, column, target, referred in _references(drafted, names):
        own, other = tables[name].columns[column], tables[target].columns[referred]
        before = drafted.tables[name].columns[column].type
        if own.type == before == drafted.tables[target].columns[referred].type:
            collation = _collation(readings[target], referred) if target in readings else other.more
            changed = replace(own, type=other.type, values=other.values, more=own.more or collation)
            columns = {**tables[name].columns, column: changed}
            tables[name] = replace(tables[name], columns=columns)
    return replace(there, tables=tables)


def _compared(table: TableParts, reading: TableReading) -> dict[str, ColumnParts]:
    drafted, found = (_COLLATE.search(options) for options in (*reading.options[:1], table.options))
    if drafted is None or found is None or drafted[1] == found[1]:
        return dict(table.columns)
    told = {subject for kind, subject, _, _ in reading.differences if kind == "collation"}
    return {
        name: replace(column, more=f"COLLATE {drafted[1]}")
        if _TEXT.match(column.type) and not {name} & {*told, *reading.columns}
        else column
        for name, column in table.columns.items()
    }


def _collation(reading: TableReading, column: str) -> str:
    told = {place: f for kind, place, _, f in reading.differences if kind == "collation"}
    known = told.get(column, _UNTOLD)
    return "" if _UNTOLD in known else f"COLLATE {known}"


def _references(schema: SchemaParts, names: StepNames) -> Iterator[tuple[str, str, str, str]]:
    """Yield each column that refers to another: its table and name, and those of the other."""
    tables = {names.quote(name): name for name in schema.tables}
    for name, table in schema.tables.items():
        for text in table.constraints.values():
            target = tables.get(target_of(text)) if text.startswith("FOREIGN") else None
            if target is not None:
                quoted = {
                    names.quote(c): c for c in (*table.columns, *schema.tables[target].columns)
                }
                there = columns_of(text.partition("REFERENCES")[2])
                for column, referred in zip(columns_of(text), there, strict=True):
                    yield name, quoted[column], target, quoted[referred]
