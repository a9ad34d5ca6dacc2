"""An enum of the store's own, and the values that it takes at its end.

PostgreSQL gives an enum a name; MariaDB and MySQL write its values as the type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .parts import ColumnParts, constants

_WRITTEN = "ENUM("


def literal(value: str) -> str:
    """Write a value as a store takes it."""
    return "'" + value.replace("'", "''") + "'"


def written(values: Sequence[str]) -> str:
    """Write a type by its values."""
    return f"{_WRITTEN}{', '.join(map(literal, values))})"


def values_of(column: ColumnParts) -> tuple[str, ...]:
    """Return the values of a column that is an enum of the store's own; else none."""
    return constants(column.type) if column.type.startswith(_WRITTEN) else column.values


def with_values(column: ColumnParts, values: tuple[str, ...]) -> ColumnParts:
    """Return a column that is an enum of the store's own with other values."""
    if column.type.startswith(_WRITTEN):
        return replace(column, type=written(values))
    return replace(column, values=values)


def values_added(old: ColumnParts, new: ColumnParts) -> tuple[str, ...]:
    """Return what an enum takes at its end that it did not take before; none for other changes."""
    before, after = values_of(old), values_of(new)
    same = before and with_values(old, after).type == new.type
    return after[len(before) :] if same and after[: len(before)] == before else ()
