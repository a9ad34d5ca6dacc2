"""The types of a table in the words of the answers, and the checks that no type says."""

from __future__ import annotations

from dataclasses import dataclass

from ..schema.types import FieldType
from . import standins
from .found import FoundColumn, FoundTable
from .kinds import family_of, field_type, kind_of
from .rules import Rule, read


@dataclass(frozen=True)
class TypedTable:
    """What a table's columns hold.

    Args:
        kinds: The type of each column.
        rules: The checks by their text, without those that say no more than a type.
        unread: Columns whose type has no word; they count as texts.
    """

    kinds: dict[str, FieldType]
    rules: dict[str, Rule]
    unread: tuple[str, ...]


def types_of(table: FoundTable, store: str) -> TypedTable:
    """Find the types of a table.

    Args:
        table: The table.
        store: Catalog key of its store.
    """
    families = {c.name.lower(): family_of(kind_of(c.type, store)) for c in table.columns}
    rules = {check.text: read(check.text, store, families) for check in table.checks}
    kinds: dict[str, FieldType] = {}
    unread = []
    for column in table.columns:
        kind = _kind(column, store, rules)
        if kind is None:
            unread.append(column.name)
        kinds[column.name] = kind or FieldType("text")
    families = {name.lower(): kind.family for name, kind in kinds.items()}
    final = {text: read(text, store, families) for text in rules}
    return TypedTable(kinds, final, tuple(unread))


def _kind(column: FoundColumn, store: str, rules: dict[str, Rule]) -> FieldType | None:
    """The type of a column; the checks that say no more than it are taken away."""
    found = standins.kind_by_rules(column, store, rules)
    if found is None:
        return field_type(kind_of(column.type, store), store)
    kind, used = found
    for text in [text for text, rule in rules.items() if rule == used]:
        del rules[text]
    return kind
