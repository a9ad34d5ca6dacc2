"""What a catalog may tell beyond SQLAlchemy's inspector, of one store each in `supplements`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from .found import FoundCheck, FoundColumn, FoundIndex


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
        remarks: What else is particular about an index, by table and index.
        declared: Types of a name of their own that were taken apart, by table and column.
        options: What follows the closing bracket of a table.
        attributes: What else is said of a column, by table and column.
        endings: What else stands behind a column and `MODIFY` would forget, by table and column.
        readers: Columns that something else reads, by table, and by its name and what it is.
        fragile: What making a table anew from the rest would lose.
        indexes: Those of a table that the inspector may skip.
        computed: Expressions of computed columns, by table and column.
        defaults: Defaults that the inspector may miss, likewise.
        of_types: Checks that the types of columns bring, by table.
        unique_words: What else a unique rule says, by table and name.
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
        self.remarks: dict[tuple[str, str], tuple[str, ...]] = {}
        self.declared: dict[tuple[str, str], str] = {}
        self.options: dict[str, str] = {}
        self.attributes: dict[tuple[str, str], tuple[str, ...]] = {}
        self.endings: dict[tuple[str, str], str] = {}
        self.readers: dict[str, dict[tuple[str, str], list[str]]] = {}
        self.fragile: dict[str, tuple[str, ...]] = {}
        self.indexes: dict[str, list[FoundIndex]] = {}
        self.computed: dict[tuple[str, str], str] = {}
        self.defaults: dict[tuple[str, str], str] = {}
        self.of_types: dict[str, list[FoundCheck]] = {}
        self.unique_words: dict[tuple[str, str], str] = {}
        self.look()

    def look(self) -> None:
        """Ask the store."""

    def keyed(
        self, column: FoundColumn, key: tuple[str, ...], documents: frozenset[str]
    ) -> FoundColumn:
        """Return a column with what its key, and the checks beside it, say of it."""
        del key, documents
        return column

    def remark(self, table: str, index: str, words: str) -> None:
        """Note what is particular about an index."""
        self.remarks[table, index] = (*self.remarks.get((table, index), ()), words)

    def rows(self, statement: str) -> Iterator[Any]:
        """Ask for rows whose first value is the name of a table that matters."""
        for row in self.connection.exec_driver_sql(statement):
            if row[0] in self.names:
                yield row
