"""A store of keys that was there: its tables, as their description tells, beside the draft.

A key and a local index are settled when a table is made; global indexes come and go while it is in
use: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .changes import Change

if TYPE_CHECKING:
    from ..schema.result import KeyRow

DESCRIBED = "described"
"""Under what an import writes it, in place of tables of columns."""


@dataclass(frozen=True)
class DescribedTable:
    """One table.

    Args:
        key: Its attributes, that of the partition first.
        indexes: Those of each index likewise, by its name.
        local: The names of indexes that are local.
    """

    key: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]]
    local: frozenset[str] = frozenset()

    def to_data(self) -> dict[str, Any]:
        """Return plain values, as YAML has them."""
        indexes = {name: list(columns) for name, columns in self.indexes.items()}
        return {"key": list(self.key), "indexes": indexes, "local": sorted(self.local)}


def tables_of(data: Mapping[str, Any]) -> dict[str, DescribedTable]:
    """Read what an import found of a store, by the names of its tables.

    Raises:
        ValueError: It has another form.
    """
    try:
        return {
            str(name): DescribedTable(
                tuple(map(str, found["key"])),
                {str(index): tuple(map(str, each)) for index, each in found["indexes"].items()},
                frozenset(map(str, found["local"])),
            )
            for name, found in data[DESCRIBED].items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not what an import writes: {error}") from error


def changes(there: Mapping[str, DescribedTable], drafted: Iterable[KeyRow]) -> Iterator[Change]:
    """Yield what leads from the tables that are there to the draft.

    Args:
        there: By name.
        drafted: The tables and indexes of the draft.
    """
    rows = list(drafted)
    names = {row.entity: row.name for row in rows if row.kind == "table"}
    for row in rows:
        table = names.get(row.entity, "")
        found = there.get(table)
        if found is None:
            if row.kind == "table":
                yield Change("add-table", table)
        elif row.kind == "table" and _columns(row) != found.key:
            yield Change("change-key", table)
        elif row.kind == "index" and _columns(row) not in found.indexes.values():
            yield Change("add-index", table, row.name)
    for table, found in there.items():
        wanted = [_columns(row) for row in rows if names.get(row.entity) == table]
        if not wanted:
            yield Change("drop-table", table)
        for name, columns in found.indexes.items():
            if wanted and columns not in wanted and name not in found.local:
                yield Change("drop-index", table, name)


def _columns(row: KeyRow) -> tuple[str, ...]:
    return (*row.partition, *(column for column, _ in row.order))
