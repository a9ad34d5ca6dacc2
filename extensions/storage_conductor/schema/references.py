"""Which columns a field has: its own, or for a reference one for each column it points to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .names import snake
from .tokens import nearest
from .types import FieldType
from .words import FieldWords

Columns = list[tuple[str, FieldType]]
"""Stored names and types."""


@dataclass
class Draft:
    """An entity whose fields are read one by one."""

    name: str
    fields: dict[str, FieldWords]
    options: dict[str, Any] = field(default_factory=dict)
    complete: bool = True

    @property
    def table(self) -> str:
        """The stored name."""
        return str(self.options.get("_table") or snake(self.name))

    @property
    def key(self) -> list[FieldWords]:
        """The fields of the primary key."""
        return [words for words in self.fields.values() if "pk" in words.flags]

    def rule(self, fields: Sequence[str]) -> list[str] | None:
        """The key or unique rule of just these fields, in its own order, if there is one."""
        groups = [[words.name for words in self.key], *self.options.get("_unique", ())]
        groups += [[words.name] for words in self.fields.values() if "unique" in words.flags]
        return next((list(group) for group in groups if set(group) == set(fields)), None)


class References:
    """Finds the columns of fields, through references to references.

    Args:
        drafts: All entities by name.
        note: Receives the place and the words of a mistake.
    """

    def __init__(self, drafts: Mapping[str, Draft], note: Callable[[str, str], None]) -> None:
        self._drafts = drafts
        self._note = note
        self._known: dict[tuple[str, ...], Columns] = {}

    def check(self, draft: Draft) -> None:
        """Note the references of an entity that point to nothing that identifies a row."""
        for words in draft.fields.values():
            if words.target is None:
                continue
            problem = self._problem(words)
            if problem:
                draft.complete = False
                self._note(f"entities.{draft.name}.{words.name}", problem)

    def _problem(self, words: FieldWords) -> str:
        name, fields = words.target or "", words.target_fields
        target = self._drafts.get(name)
        if target is None:
            return f"unknown entity `{name}`{nearest(name, self._drafts)}"
        unknown = [item for item in fields if item not in target.fields]
        if unknown:
            return f"`{name}` has no field `{unknown[0]}`{nearest(unknown[0], target.fields)}"
        rule = target.rule(fields) if fields else None
        if fields and rule is None:
            listed = ", ".join(fields)
            return f"`{name}` can have several rows with the same {listed}: make it unique there"
        if rule is not None and rule != list(fields):
            return f"name the fields in the order of the rule: `ref {name}({', '.join(rule)})`"
        if not fields and not target.key and target.complete:
            return f"`{name}` has no key: name a unique field of it, as in `ref {name}(code)`"
        return ""

    def of_field(self, entity: str, words: FieldWords, trail: tuple[str, ...] = ()) -> Columns:
        """The columns of a field; empty when they cannot be known."""
        place = (entity, words.name)
        if place not in self._known:
            self._known[place] = self._named(entity, words, self._unnamed(words, trail))
        return self._known[place]

    def _unnamed(self, words: FieldWords, trail: tuple[str, ...]) -> Columns:
        if words.type is not None:
            return [(snake(words.name), words.type)]
        return _reference_columns(words.name, self.target(words, trail))

    def _named(self, entity: str, words: FieldWords, columns: Columns) -> Columns:
        if not words.stored:
            return columns
        if columns and len(columns) != len(words.stored):
            problem = f"`as` gives {len(words.stored)} names for {len(columns)} columns"
            self._note(f"entities.{entity}.{words.name}", problem)
            return columns
        return [(name, kind) for name, (_, kind) in zip(words.stored, columns, strict=False)]

    def target(self, words: FieldWords, trail: tuple[str, ...] = ()) -> Columns:
        """The columns that a reference points to."""
        name = words.target or ""
        if not words.target_fields:
            return self.of_key(name, trail)
        draft = self._drafts.get(name)
        columns: Columns = []
        for item in words.target_fields:
            if draft is not None and item in draft.fields:
                step = f"{name}.{item}"
                if step in trail:
                    self._circle(f"entities.{name}.{item}", "it points to itself", trail, step)
                    return []
                columns += self.of_field(name, draft.fields[item], (*trail, step))
        return columns

    def of_key(self, name: str, trail: tuple[str, ...] = ()) -> Columns:
        """The columns of an entity's key; empty when they cannot be known."""
        if (name,) in self._known:
            return self._known[name,]
        if name in trail:
            self._circle(f"entities.{name}", "its key contains itself", trail, name)
            self._known.update({(member,): [] for member in trail})
            return []
        draft = self._drafts.get(name)
        columns: Columns = []
        for words in draft.key if draft else ():
            columns += self.of_field(name, words, (*trail, name))
        return self._known.setdefault((name,), columns)

    def _circle(self, place: str, problem: str, trail: tuple[str, ...], last: str) -> None:
        circle = " -> ".join((*trail[trail.index(last) :], last))
        self._note(place, f"{problem}: {circle}")


def _reference_columns(name: str, key: Columns) -> Columns:
    """Name the columns of a reference.

    `account` to a key `id` is `account_id`; a name that already ends in the key's name or in `_id`
    stays; a key that begins with the field's name, such as `account_id`, is not doubled. A key of
    several columns gives one column each.
    """
    stored = snake(name)
    if len(key) > 1:
        return [(f"{stored}_{column}", kind) for column, kind in key]
    return [(reference_column(stored, column), kind) for column, kind in key]


def reference_column(stored: str, column: str) -> str:
    """Return the stored name of a reference to a key of one column.

    Args:
        stored: The field's name in snake case.
        column: The key's column.
    """
    if stored.endswith((f"_{column}", "_id")) or stored == column:
        return stored
    return column if column.startswith(f"{stored}_") else f"{stored}_{column}"
