"""Names as a store writes them, and names for what is there only while a step is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..schema.names import PORTABLE_LENGTH, Names
from .parts import ColumnParts, SchemaParts


class StepNames:
    """Quotes the names of a store, and makes new ones that neither schema has.

    Args:
        schemas: Those that the step lies between.
    """

    def __init__(self, *schemas: SchemaParts) -> None:
        from ..schema.reserved import quoted
        from ..schema.sqltypes import DIALECTS

        prepare: Any = DIALECTS[schemas[0].store]().identifier_preparer
        self.quote: Callable[[str], str] = lambda name: str(prepare.quote(quoted(name)))
        taken = frozenset(
            name
            for schema in schemas
            for table_name, table in schema.tables.items()
            for name in (table_name, *table.columns, *table.constraints, *table.indexes)
        )
        self._names = Names(PORTABLE_LENGTH, taken)
        self._made: dict[tuple[str, ...], str] = {}

    def made(self, *parts: str) -> str:
        """Return a quoted name for a thing: the same each time."""
        if parts not in self._made:
            self._made[parts] = self._names.make(*parts)
        return self.quote(self._made[parts])

    def column(self, name: str, column: ColumnParts, *, nullable: bool = False) -> str:
        """Write a column as a table has it.

        Args:
            name: Its name.
            column: What it is.
            nullable: Whether it may be missing, whatever it says.
        """
        words = [self.quote(name), column.type]
        if not (column.nullable or nullable):
            words.append("NOT NULL")
        if column.default:
            words.append(f"DEFAULT {column.default}")
        return " ".join([*words, *filter(None, (column.counted, column.more))])
