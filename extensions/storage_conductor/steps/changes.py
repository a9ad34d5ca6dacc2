"""What differs between two drafted schemas, part by part; both are texts of this package.

A live schema is compared by meaning (`importing.compare`), as a server gives rules back in its own
words. Two drafts have one wording, so that what is not the same text is another rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .enums import literal, values_added
from .parts import ColumnParts, SchemaParts, TableParts

ChangeKind = Literal[
    "add-table", "drop-table", "add-column", "drop-column", "change-type", "add-value", "set-null",
    "set-not-null", "set-default", "drop-default", "change-counting", "change-key",
    "change-options", "add-unique", "drop-unique", "change-unique", "add-check", "drop-check",
    "change-check", "add-reference", "drop-reference", "change-reference", "add-index",
    "drop-index", "change-index", "rename-table", "rename-column", "rename-key", "rename-unique",
    "rename-check", "rename-reference", "rename-index",
]  # fmt: skip
_WORDS = {"CHECK": "check", "FOREIGN": "reference", "UNIQUE": "unique", "PRIMARY": "key"}


@dataclass(frozen=True)
class Change:
    """One difference.

    Args:
        kind: What is done.
        table: The table's name.
        name: Of the column, constraint or index; empty for the table.
        old: Its text before: of a column's type or default, a constraint or an index; for what is
            renamed its name before.
        new: Its text after; of an enum of the store's own the values that it takes besides.
    """

    kind: ChangeKind
    table: str
    name: str = ""
    old: str = ""
    new: str = ""


def changes(old: SchemaParts, new: SchemaParts) -> list[Change]:
    """List what differs, in the order of the tables."""
    found = []
    for name, table in new.tables.items():
        before = old.tables.get(name)
        if before is None:
            found.append(Change("add-table", name))
        else:
            found += _table(name, before, table)
    gone = [name for name in old.tables if name not in new.tables]
    found += [Change("drop-table", name) for name in reversed(gone)]
    return found


def _table(name: str, old: TableParts, new: TableParts) -> Iterator[Change]:
    if old.options != new.options:
        yield Change("change-options", name, "", old.options, new.options)
    for column, parts in new.columns.items():
        before = old.columns.get(column)
        if before is None:
            yield Change("add-column", name, column, "", parts.type)
        else:
            yield from _column(name, column, before, parts)
    for column, parts in old.columns.items():
        if column not in new.columns:
            yield Change("drop-column", name, column, parts.type, "")
    yield from _named(name, "constraint", old.constraints, new.constraints)
    yield from _named(name, "index", old.indexes, new.indexes)


def _column(table: str, name: str, old: ColumnParts, new: ColumnParts) -> Iterator[Change]:
    if added := values_added(old, new):
        yield Change("add-value", table, name, "", ", ".join(map(literal, added)))
    elif old.type != new.type:
        yield Change("change-type", table, name, old.type, new.type)
    if old.counted != new.counted:
        yield Change("change-counting", table, name, old.counted, new.counted)
    if old.nullable != new.nullable:
        yield Change("set-null" if new.nullable else "set-not-null", table, name)
    if old.default != new.default:
        kind: ChangeKind = "set-default" if new.default else "drop-default"
        yield Change(kind, table, name, old.default, new.default)


def subject_of(constraint: str) -> str:
    """Return what a constraint is, by its text: key, unique, check or reference."""
    return _WORDS[constraint.split(maxsplit=1)[0].split("(", maxsplit=1)[0]]


def _named(
    table: str, what: str, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Change]:
    for name in (*new, *(name for name in old if name not in new)):
        before, after = old.get(name, ""), new.get(name, "")
        if before == after:
            continue
        subject = "index" if what == "index" else subject_of(after or before)
        verb = "change" if before and after else "add" if after else "drop"
        if subject == "key":
            verb = "change"
        yield Change(f"{verb}-{subject}", table, name, before, after)  # type: ignore[arg-type]
