"""What a store has under names that the answers cannot give: it stays, and is never made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..errors import ConductorError
from .found import FoundSchema, FoundTable
from .naming import is_stored


@dataclass(frozen=True)
class Sayable:
    """The part of a schema whose names the answers can give.

    Args:
        schema: What entities are written of.
        there: The same tables with all of their columns, and a line for each of the other tables.
        columns: Those that are left out, by table.
    """

    schema: FoundSchema
    there: FoundSchema
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def sayable(found: FoundSchema) -> Sayable:
    """Leave tables and columns out whose stored names the answers cannot give.

    Args:
        found: What a store has.

    Raises:
        ConductorError: No table is left.
    """
    reasons = {table.name: _reason(table) for table in found.tables}
    tables = [table for table in found.tables if not reasons[table.name]]
    if found.tables and not tables:
        raise ConductorError(
            "No table has a name, and a key of names, that the answers can give.",
            remedy="Of a design that no store has yet, say --design.",
        )
    columns = {table.name: _unsayable(table) for table in tables if _unsayable(table)}
    lines = (f"table {name}: {why}; it stays as it is" for name, why in reasons.items() if why)
    return Sayable(
        replace(found, tables=tuple(map(_without, tables))),
        replace(found, tables=tuple(map(_kept, tables)), unsaid=(*found.unsaid, *lines)),
        columns,
    )


def _reason(table: FoundTable) -> str:
    """Why no entity can stand for a table; empty where one can."""
    if not is_stored(table.name):
        return "its name cannot be written here"
    keys = ", ".join(name for name in _unsayable(table) if name in table.key)
    return f"the name of its key {keys} cannot be written here" if keys else ""


def _unsayable(table: FoundTable) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if not is_stored(column.name))


def _without(table: FoundTable) -> FoundTable:
    """Return a table without such columns, and rules of them that entities say by field."""
    gone = set(_unsayable(table))
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name not in gone),
        uniques=tuple(group for group in table.uniques if not gone & set(group)),
        references=tuple(key for key in table.references if not gone & set(key.columns)),
    )


def _kept(table: FoundTable) -> FoundTable:
    """Return a table that says what would be lost if it were made anew from its entity."""
    return replace(
        table, fragile=(*table.fragile, *(f"column {name}" for name in _unsayable(table)))
    )
