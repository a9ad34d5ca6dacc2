"""Tables that were found as the answer `entities`, and what that answer cannot say of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..schema.expressions import ColumnValue, ExpressionError
from ..schema.names import snake
from ..schema.references import reference_column
from ..schema.types import WHOLE
from . import said
from .compare import DifferenceKind
from .found import FoundColumn, FoundIndex, FoundReference, FoundSchema, FoundTable
from .naming import NONE_GIVEN, GivenNames, Naming, is_stored
from .rules import Rule, read
from .typed import TypedTable, types_of


@dataclass(frozen=True)
class Unsaid:
    """Something that the answers have no words for.

    Args:
        kind: What it is, in the words of `compare`.
        subject: The column, or the name of what it is about.
        text: It, as the store says it.
    """

    kind: DifferenceKind
    subject: str
    text: str


@dataclass
class Written:
    """The answer, as far as it can be written.

    Args:
        entities: The answer `entities`.
        unsaid: What it does not say of a table, by entity.
        tables: The table of each entity.
    """

    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    unsaid: dict[str, list[Unsaid]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)


def write(schema: FoundSchema, given: GivenNames = NONE_GIVEN) -> Written:
    """Write tables as entities.

    Args:
        schema: The tables.
        given: What their entities and fields are called already.
    """
    written = Written()
    naming = Naming(schema, given)
    typed = {table.name: types_of(table, schema.store) for table in schema.tables}
    for table in schema.tables:
        entity = _Entity(schema, table, naming, typed)
        name = naming.entities[table.name]
        written.entities[name] = entity.fields()
        written.unsaid[name] = entity.unsaid
        written.tables[name] = table.name
    return written


_OF_PLACES = re.compile(r"using (?:gist|spatial)|prefix SPATIAL|\S+ 2dsphere", re.IGNORECASE)
"""What is particular about an index of places, which the model says by `indexed`."""


class _Entity:
    """Writes one table."""

    def __init__(
        self,
        schema: FoundSchema,
        table: FoundTable,
        naming: Naming,
        typed: Mapping[str, TypedTable],
    ) -> None:
        self._schema = schema
        self._table = table
        self._naming = naming
        self._field_of = {c.name: naming.fields[table.name, c.name] for c in table.columns}
        self._single = naming.single.get(table.name, {})
        self.unsaid: list[Unsaid] = []
        self._typed = typed
        self._kinds = typed[table.name].kinds
        for name in typed[table.name].unread:
            column = table.column(name)
            self._lose("type", name, f"{column.type if column else ''}, written as text")
        self._whole = self._whole_references()
        self._fields: dict[str, list[str]] = {}

    def _about(self) -> dict[str, Any]:
        """What is said of the whole table before its fields."""
        result: dict[str, Any] = {}
        table = self._table
        if table.comment:
            result["_note"] = _one_line(table.comment)
        if snake(self._naming.entities[table.name]) != table.name:
            if is_stored(table.name):
                result["_table"] = table.name
            else:
                self._lose("table", "", f"the name {table.name}")
        for words in table.fragile:
            if not words.startswith("trigger "):  # which is a line of its own
                self._lose("attribute", "", words)
        if table.ttl_seconds is not None:
            result["_ttl"] = f"{table.ttl_seconds} seconds"
        if table.count is not None:
            result["_count"] = str(table.count)
        if table.item_bytes is not None:
            result["_size"] = f"{table.item_bytes} B"
        return result

    def fields(self) -> dict[str, Any]:
        """Return the entity as the answer has it."""
        result = self._about()
        table = self._table
        leading = [c for c in map(table.column, table.key) if c is not None]
        for column in [*leading, *(c for c in table.columns if c not in leading)]:
            whole = self._whole.get(column.name)
            if whole is None:
                self._add_column(column)
            elif column.name == whole.columns[0]:
                self._add_wide_reference(whole, [column])
        self._add_checks()
        for key in table.references:
            if len(key.columns) > 1 and self._naming.points(key):
                if key not in self._whole.values():
                    self._add_wide_reference(key, [])
            elif key is not self._single.get(key.columns[0]):
                self._lose_reference(key)
        rules = self._rules_of_several()  # an index of places is said with its field
        result |= {name: " ".join(words) for name, words in self._fields.items()}
        return result | rules

    def _lose(self, kind: DifferenceKind, subject: str, text: str) -> None:
        self.unsaid.append(Unsaid(kind, subject, text))

    def _lose_reference(self, key: FoundReference) -> None:
        target = f"to {key.table}({', '.join(key.referred)})"
        self._lose("reference", ", ".join(key.columns), target)

    def _add_column(self, column: FoundColumn) -> None:
        key = self._single.get(column.name)
        name = self._field_of[column.name]
        words = self._type_words(column) if key is None else self._reference_words(column, key)
        alone = self._table.key == (column.name,)
        if column.name in self._table.key:
            words.append("pk")
        elif not column.nullable and not column.numbered:
            words.append("not null")
        whole = self._kinds[column.name].name in WHOLE and key is None
        if alone and whole and not column.numbered and not column.default:
            words.append("assigned")
        if (column.name,) in self._table.uniques and not alone:
            words.append("unique")
        words += self._default_words(column, key)
        words += self._actions(key, [column]) if key is not None else []
        if column.computed:
            self._lose("computed", column.name, column.computed)
        if column.domain:
            self._lose("type", column.name, f"the domain {column.domain}, which the column keeps")
        for attribute in column.attributes:
            self._lose("attribute", column.name, attribute)
        words += self._stored_words(column, snake(name)) if key is None else []
        if column.comment:
            words.append(f"-- {_one_line(column.comment)}")
        self._fields[name] = words

    def _type_words(self, column: FoundColumn) -> list[str]:
        kind = self._kinds[column.name]
        if not column.numbered or kind.name not in WHOLE:
            return [str(kind)]
        if self._table.key == (column.name,):
            return [str(kind)]
        return [{"smallint": "smallserial", "int": "serial", "bigint": "bigserial"}[kind.name]]

    def _default_words(self, column: FoundColumn, key: FoundReference | None) -> list[str]:
        if not column.default or column.numbered:
            return []
        text = None
        if key is None:
            text = said.default(column.default, self._schema.store, self._kinds[column.name])
        if text is None:
            if column.default.upper().partition(":")[0] != "NULL":
                self._lose("default", column.name, column.default)
            return []
        return [f"default {text}"]

    def _reference_words(self, column: FoundColumn, key: FoundReference) -> list[str]:
        usual = reference_column(snake(self._field_of[column.name]), key.referred[0])
        return [self._target_words(key), *self._stored_words(column, usual)]

    def _stored_words(self, column: FoundColumn, usual: str) -> list[str]:
        """Say the stored name of a column, where it is not the usual one of its field."""
        if column.name == usual:
            return []
        if is_stored(column.name):
            return [f"as {column.name}"]
        self._lose("column", column.name, f"the name {column.name}")
        return []

    def _target_words(self, key: FoundReference) -> str:
        target = self._schema.table(key.table)
        words = f"ref {self._naming.entities[key.table]}"
        if target is not None and key.referred == target.key:
            return words
        fields = (self._naming.fields[key.table, column] for column in key.referred)
        return f"{words}({', '.join(fields)})"

    def _actions(self, key: FoundReference, columns: list[FoundColumn]) -> list[str]:
        words = []
        for event, action in (("on delete", key.on_delete), ("on update", key.on_update)):
            fixed = any(not c.nullable or c.name in self._table.key for c in columns)
            if action == "no action":
                continue
            if action not in {"restrict", "cascade", "set null"} or (
                action == "set null" and fixed
            ):
                self._lose("reference", ", ".join(key.columns), f"{event} {action}")
            else:
                words.append(f"{event} {action}")
        return words

    def _whole_references(self) -> dict[str, FoundReference]:
        """References of several columns that have nothing of their own to say, by each column."""
        found: dict[str, FoundReference] = {}
        often = Counter(name for key in self._table.references for name in key.columns)
        for key in self._table.references:
            columns = [c for c in map(self._table.column, key.columns) if c is not None]
            alike = len({(c.nullable, c.name in self._table.key) for c in columns}) == 1
            plain = not any(c.default or c.comment or c.computed or c.numbered for c in columns)
            own = all(often[name] == 1 for name in key.columns)
            wide = len(key.columns) > 1 and self._naming.points(key) and self._alike(key)
            if wide and alike and plain and own and all(map(is_stored, key.columns)):
                found |= dict.fromkeys(key.columns, key)
        return found

    def _alike(self, key: FoundReference) -> bool:
        """Whether the columns of a reference have the types of those that they point to."""
        target = self._schema.table(key.table)
        there = [c for c in map(target.column, key.referred) if c is not None] if target else []
        columns = [c for c in map(self._table.column, key.columns) if c is not None]
        return [c.type for c in columns] == [c.type for c in there]

    def _add_wide_reference(self, key: FoundReference, first: list[FoundColumn]) -> None:
        """Write a reference of several columns.

        Args:
            key: The reference.
            first: Its first column, where it has no other field.
        """
        columns = [c for c in map(self._table.column, key.columns) if c is not None]
        kinds = self._typed[key.table].kinds
        pairs = zip(key.columns, key.referred, strict=True)
        same = first or all(kinds[other] == self._kinds[name] for name, other in pairs)
        if not (same and self._alike(key) and all(map(is_stored, key.columns))):
            self._lose_reference(key)
            return
        name = self._naming.another(self._table, snake(self._naming.entities[key.table]))
        while name in self._fields:
            name = f"{name}_too"
        words = [self._target_words(key), f"as ({', '.join(key.columns)})"]
        for column in first:
            keyed = column.name in self._table.key
            words += ["pk"] if keyed else [] if column.nullable else ["not null"]
        self._fields[name] = [*words, *self._actions(key, columns)]

    def _add_checks(self) -> None:
        referring = self._single.keys() | self._whole.keys()
        plain = [c for c in self._table.columns if c.name not in referring]
        names = {check.text: check.name for check in self._table.checks}
        for found, rule in self._typed[self._table.name].rules.items():
            text = said.check(rule, self._value)
            home = self._home(rule, plain)
            if text is None or home is None:
                self._lose("check", names[found], found)
                continue
            words = self._fields[self._field_of[home]]
            has_note = words[-1].startswith("-- ")  # which ends a field
            words.insert(len(words) - has_note, f"check({text})")

    def _home(self, rule: Rule, plain: list[FoundColumn]) -> str | None:
        """The column whose field a check is written at: one that it mentions, and no reference."""
        mentioned = set(_columns_of(rule))
        best = [column.name for column in plain if column.name in mentioned]
        return next(iter([*best, *(column.name for column in plain)]), None)

    def _value(self, name: str) -> ColumnValue:
        kind = self._kinds.get(name)
        if kind is None or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise ExpressionError(name)
        return ColumnValue(name, kind)

    def _rules_of_several(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        groups: list[list[str]] = []
        parted: list[FoundIndex] = []
        for group in self._table.uniques:
            if not set(group) & self._whole.keys():
                groups += [[self._field_of[name] for name in group]] * (len(group) > 1)
            else:
                parted.append(FoundIndex("", tuple((name, "asc") for name in group), unique=True))
        if not self._table.key:
            result["_key"] = "none"
        if groups:
            result["_unique"] = groups
        indexes = [text for index in (*parted, *self._table.indexes) for text in self._index(index)]
        if indexes:
            result["_indexes"] = indexes
        return result

    def _index(self, index: FoundIndex) -> Iterator[Any]:
        if self._of_place(index):
            words = self._fields[self._field_of[index.columns[0][0]]]
            has_note = words[-1].startswith("-- ")
            words.insert(len(words) - has_note, "indexed")
            return
        where = None
        if index.where:
            families = {name.lower(): kind.family for name, kind in self._kinds.items()}
            where = said.check(read(index.where, self._schema.store, families), self._value)
        known = all(name in self._field_of for name, _ in index.columns)
        orderable = known and all(self._kinds[name].orderable for name, _ in index.columns)
        if index.special or not orderable or (index.where and where is None):
            columns = ", ".join(name for name, _ in index.columns)
            more = f" where {index.where}" if index.where else ""
            special = f" ({index.special})" if index.special else ""
            kind = "unique on" if index.unique else "on"
            self._lose("index", index.name, f"{kind} {columns}{more}{special}")
            return
        named = [
            (name if name in self._whole else self._field_of[name], way)
            for name, way in index.columns
        ]
        fields = [name if way == "asc" else f"{name} desc" for name, way in named]
        given: dict[str, Any] = {"fields": fields}
        if where:
            given["where"] = where
        if index.unique:
            given["unique"] = True
        yield given if len(given) > 1 else fields

    def _of_place(self, index: FoundIndex) -> bool:
        """Whether an index is one of all places of a field."""
        if len(index.columns) > 1 or index.where or not _OF_PLACES.fullmatch(index.special):
            return False
        kind = self._kinds.get(index.columns[0][0])
        return kind is not None and str(kind) == "point"


def _columns_of(rule: Rule) -> Iterator[str]:
    if rule and rule[0] in {"column", "length"}:
        yield str(rule[1])
        return
    for part in rule:
        if isinstance(part, tuple):
            yield from _columns_of(part)


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
