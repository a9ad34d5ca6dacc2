"""What a source says about tables, in the words of its store, whichever way it was read."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..steps.described import DescribedTable
from ..steps.existing import NOTHING_MADE, Making
from ..steps.parts import renamed

SQLGLOT_DIALECTS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "sql-server": "tsql",
}
"""The SQL stores by their catalog keys, and what sqlglot calls their dialects."""
MY_STORES = frozenset({"mysql", "mariadb"})
"""Those that speak the language of MySQL."""


@dataclass(frozen=True)
class FoundColumn:
    """A column.

    Args:
        type: As the store writes it; the values of an enum stand in it.
        default: The expression, or empty.
        numbered: Whether the store counts it.
        computed: The expression that the store computes it by, or empty.
        collation: By which it is compared, where that is not the usual one.
        declared: The type as it is declared, where that is a name of the store's own.
        more: What else the store writes behind it and a later `MODIFY` has to repeat.
        always: Whether the store takes no other number than the one that it counts.
        attributes: What else is said of it and has no place here, such as that it is not shown.
    """

    name: str
    type: str
    nullable: bool = True
    default: str = ""
    numbered: bool = False
    computed: str = ""
    comment: str = ""
    collation: str = ""
    declared: str = field(default="", compare=False)
    more: str = field(default="", compare=False)
    always: bool = field(default=False, compare=False)
    attributes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def domain(self) -> str:
        """The domain of PostgreSQL that it is declared as; its type is then that below it."""
        return "" if self.type.upper().startswith("ENUM(") else self.declared


@dataclass(frozen=True)
class FoundReference:
    """A foreign key.

    Args:
        deferred: Whether it is checked when a transaction ends.
        deferrable: Whether a transaction may say so.
    """

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]
    on_delete: str = "no action"
    on_update: str = "no action"
    name: str = ""
    deferred: bool = False
    deferrable: bool = False


@dataclass(frozen=True)
class FoundCheck:
    """A check, as an expression of the store's dialect.

    Args:
        of_type: Whether a domain brings it, so that the table has no such constraint.
    """

    text: str
    name: str = ""
    of_type: bool = field(default=False, compare=False)


def domain_check(name: str, text: str, column: str) -> FoundCheck:
    """Return a check that a domain brings to a column.

    Args:
        name: Of the check; that of the column tells apart what one domain brings to several.
        text: The condition on `VALUE`.
        column: Its name.
    """
    quoted = column if re.fullmatch(r"[a-z_][a-z0-9_]*", column) else f'"{column}"'
    return FoundCheck(renamed(text, "VALUE", quoted), f"{name} of {column}", of_type=True)


class FoundUnique(NamedTuple):
    """Columns that no two rows share.

    Args:
        words: What else the rule says, in capitals, such as `NULLS NOT DISTINCT`.
    """

    columns: tuple[str, ...]
    words: str = ""


IGNORED = "ignored"
"""What is particular about an index that is kept and that no query uses."""


@dataclass(frozen=True)
class FoundIndex:
    """An index that is no key and no constraint.

    Args:
        columns: Each with `asc` or `desc`.
        where: The condition of the rows in it, or empty for all rows.
        special: What else is particular about it, such as its method; empty for the usual.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    unique: bool = False
    where: str = ""
    special: str = ""


@dataclass(frozen=True)
class FoundTable:
    """A table.

    Args:
        key: The columns of the primary key.
        uniques: Columns that no two rows share, by constraint or by an index of all rows.
        ttl_seconds: How long a row is kept, where the store removes it.
        count: How many rows there are, where the source tells.
        item_bytes: Bytes of a row on average, likewise.
        key_name: Of the primary key, where it has one.
        unique_names: Names of unique rules, by their columns.
        unique_words: What else they say, likewise.
        unique_indexes: Those of them that are an index and no constraint.
        options: What follows the closing bracket of the table, where that was told.
        beside: What else is about it and was not read: a name or an empty text, what it is, and
            the columns that it names.
        fragile: What making the table anew from all this would lose.
    """

    name: str
    columns: tuple[FoundColumn, ...]
    key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    checks: tuple[FoundCheck, ...] = ()
    references: tuple[FoundReference, ...] = ()
    indexes: tuple[FoundIndex, ...] = ()
    comment: str = ""
    ttl_seconds: int | None = None
    count: int | None = None
    item_bytes: int | None = None
    key_name: str = field(default="", compare=False)
    unique_names: Mapping[tuple[str, ...], str] = field(default_factory=dict, compare=False)
    unique_words: Mapping[tuple[str, ...], str] = field(default_factory=dict, compare=False)
    unique_indexes: frozenset[tuple[str, ...]] = field(default=frozenset(), compare=False)
    options: str | None = field(default=None, compare=False)
    beside: tuple[tuple[str, str, tuple[str, ...]], ...] = field(default=(), compare=False)
    fragile: tuple[str, ...] = field(default=(), compare=False)

    def column(self, name: str) -> FoundColumn | None:
        """Return a column by its name."""
        return self._columns.get(name)

    @functools.cached_property
    def _columns(self) -> Mapping[str, FoundColumn]:
        return {column.name: column for column in reversed(self.columns)}

    @property
    def unique_rules(self) -> tuple[FoundUnique, ...]:
        """The unique rules with all that they say."""
        return tuple(FoundUnique(each, self.unique_words.get(each, "")) for each in self.uniques)


@dataclass(frozen=True)
class FoundSchema:
    """Everything that a source says.

    Args:
        store: Catalog key of the store that it is of; empty where the source names none.
        patterns: Access patterns, in the form of that answer.
        unsaid: What was read and has no place in a schema of tables, each in one line.
        making: Where the source tells statements.
        described: Of a store of keys, its tables by name.
    """

    store: str
    tables: tuple[FoundTable, ...]
    patterns: tuple[dict[str, Any], ...] = ()
    unsaid: tuple[str, ...] = field(default=())
    making: Making = NOTHING_MADE
    described: Mapping[str, DescribedTable] = field(default_factory=dict)

    def table(self, name: str) -> FoundTable | None:
        """Return a table by its name."""
        return self._tables.get(name)

    @functools.cached_property
    def _tables(self) -> Mapping[str, FoundTable]:
        return {table.name: table for table in reversed(self.tables)}

    def with_uniques_merged(self) -> FoundSchema:
        """Return the schema with unique indexes of all rows among the unique rules."""
        return replace(self, tables=tuple(map(_merged, self.tables)))


def row_number(column: FoundColumn, key: tuple[str, ...]) -> bool:
    """Tell whether a column of SQLite is the number of the row, which is never missing.

    A lone key of type INTEGER is: https://www.sqlite.org/lang_createtable.html#rowid
    """
    return key == (column.name,) and column.type.upper() == "INTEGER"


def _merged(table: FoundTable) -> FoundTable:
    plain = [i for i in table.indexes if i.unique and not i.where and not i.special]
    plain = [i for i in plain if all(way == "asc" for _, way in i.columns)]
    added = {tuple(name for name, _ in i.columns): i.name for i in plain}
    added = {columns: name for columns, name in added.items() if columns not in table.uniques}
    return replace(
        table,
        uniques=(*table.uniques, *added),
        unique_names={**added, **table.unique_names},
        unique_indexes=frozenset(added),
        indexes=tuple(index for index in table.indexes if index not in plain),
    )
