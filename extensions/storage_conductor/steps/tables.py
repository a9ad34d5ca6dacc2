"""Whole tables from their parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .enums import literal
from .names import StepNames
from .parts import SchemaParts, TableParts, create_index, target_of


def create(
    schema: SchemaParts,
    table: str,
    among: Collection[str],
    names: StepNames,
    *,
    called: str = "",
) -> str:
    """Write the statements that make a table with its indexes.

    Args:
        schema: What it is part of.
        table: Its name.
        among: The tables that are made with it; references between them may come later.
        names: The names of the store.
        called: A quoted name to make it under instead, without its indexes.
    """
    parts = schema.tables[table]
    late = {name for owner, name, _ in late_references(schema, among, names) if owner == table}
    lines = [names.column(name, column) for name, column in parts.columns.items()]
    lines += [
        f"CONSTRAINT {names.quote(name)} {text}"
        for name, text in parts.constraints.items()
        if name not in late
    ]
    options = f" {parts.options}" if parts.options else ""
    inner = ",\n  ".join(lines)
    made = [f"CREATE TABLE {called or names.quote(table)} (\n  {inner}\n){options};"]
    return "\n".join([*made, *(() if called else indexes(parts, names))])


def whole(schema: SchemaParts) -> str:
    """Write the statements that make all tables of a schema, and its enums, on an empty store."""
    names = StepNames(schema)
    columns = [column for table in schema.tables.values() for column in table.columns.values()]
    enums = {column.type: column.values for column in columns if column.values}
    made = [
        f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, values))});"
        for name, values in enums.items()
    ]
    made += [create(schema, table, schema.tables, names) for table in schema.tables]
    made += [
        f"ALTER TABLE {names.quote(table)} ADD CONSTRAINT {names.quote(name)} {text};"
        for table, name, text in late_references(schema, schema.tables, names)
    ]
    return "\n".join(made)


def indexes(parts: TableParts, names: StepNames) -> Iterator[str]:
    """Write the statements that make the indexes of a table without rows."""
    for name, text in parts.indexes.items():
        yield create_index(names.quote(name), text)


def late_references(
    schema: SchemaParts, among: Collection[str], names: StepNames
) -> Iterator[tuple[str, str, str]]:
    """Yield the references of some tables, as (table, name, text), that no table can begin with.

    Their target is made later, or what they point to may become unique only by the same step.
    """
    seen: set[str] = set()
    order = [name for name in schema.tables if name in among]
    for table in order:
        seen.add(names.quote(table))
        for name, text in schema.tables[table].constraints.items():
            if not text.startswith("FOREIGN"):
                continue
            target = target_of(text)
            waiting = {names.quote(other) for other in order} - seen
            if target in waiting or not (target in seen or _to_key(schema, text, names)):
                yield table, name, text


def _to_key(schema: SchemaParts, reference: str, names: StepNames) -> bool:
    """Whether a reference points to the primary key of its table."""
    target = target_of(reference)
    columns = reference.partition("REFERENCES")[2].partition("(")[2].partition(")")[0]
    return any(
        names.quote(table) == target and parts.key == f"PRIMARY KEY ({columns})"
        for table, parts in schema.tables.items()
    )
