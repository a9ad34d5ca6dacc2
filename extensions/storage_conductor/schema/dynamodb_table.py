"""How DynamoDB lays an entity out: its key, its indexes, and what each index holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from ..catalog.backend import Backend
from . import common
from .keys import Served
from .model import Column, DataModel, Entity, Pattern
from .names import Names
from .needs import few_values, leading, range_findings, sorts_in_memory, useful_tail
from .result import Cost, Finding, KeyRow, ServedKind
from .ways import Copies, KeyChoice

NAME_LENGTH = 255
TTL_ATTRIBUTES = ("expires_at", "delete_after")
"""Names for the attribute that holds when an item is deleted; the first that is free is taken."""

_NO_WORD = re.compile(r"\W+")
_LIMITS = ("key_bytes_max", "sort_key_bytes_max")
_ALONE = {"uuid", "text", "varchar", "char", "enum", "date", "time", "timestamp", "timestamptz"}
_TYPES = {"bool": "BOOL", "json": "M", "bytes": "B"}


@dataclass
class Key:
    """A key schema: the attribute that finds an item collection, and the one that orders it.

    An attribute is the columns it is made of; several are joined with `#`.

    Args:
        copied: Columns that an index holds beside the keys; `None` for whole items.
        only: What holds for the items in an index, in words; empty for all. The attribute that
            finds them is set no longer than that.
    """

    name: str
    partition: tuple[str, ...]
    order: tuple[tuple[str, str], ...]
    serves: list[str] = field(default_factory=list)
    copied: tuple[str, ...] | None = None
    only: str = ""

    @property
    def schema(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns of both attributes."""
        return self.partition, tuple(column for column, _ in self.order)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it is made of."""
        return frozenset((*self.partition, *self.schema[1]))


@dataclass(frozen=True)
class Variant:
    """A layout: what the table is found by, and what its indexes hold."""

    key: KeyChoice = "own key"
    copies: Copies = "whole items"

    @property
    def words(self) -> tuple[str, ...]:
        """What `_layout` says for it."""
        return self.key, self.copies


def attribute_type(column: Column) -> str:
    """The attribute type that holds a column, by DynamoDB's letter."""
    if column.type.array:
        return "L"
    if column.type.family == "number":
        return "N"
    return _TYPES.get(column.type.name, "S")


def key_attribute(entity: Entity, columns: tuple[str, ...]) -> tuple[str, str]:
    """Name and type of the attribute of a key that columns of an entity make together."""
    if len(columns) == 1:
        column = entity.column(columns[0])
        if column.type.name in _ALONE or attribute_type(column) in {"N", "B"}:
            return column.name, attribute_type(column)
    return "#".join(columns), "S"


def by_parent(model: DataModel, entity: Entity) -> Pattern | None:
    """The pattern whose fields can find the items in place of the entity's own key, if any.

    That is the busiest one, where nothing else finds an item by its key: no pattern, no reference.
    A table keyed by an id that nobody reads would only be written.
    """
    patterns = [pattern for pattern in model.patterns_of(entity) if pattern.finds_rows]
    referred = any(key.entity == entity.name for e in model.entities for key in e.foreign_keys)
    changing = any(pattern.kind in {"update", "delete"} for pattern in patterns)
    keyed = any(set(entity.key) <= set(pattern.equal) for pattern in patterns)
    if referred or changing or keyed or leading(model, entity):
        return None
    usable = [
        pattern
        for pattern in patterns
        if pattern.equal
        and few_values(entity, pattern.equal) is None
        and not any(
            entity.column(column).nullable
            for column in (*pattern.equal, *(c for c, _ in useful_tail(entity, pattern)))
        )
    ]
    return max(usable, key=lambda pattern: pattern.per_second or 0.0, default=None)


class KeyedTable:
    """A table and its indexes, in one layout."""

    def __init__(
        self, model: DataModel, entity: Entity, name: str, backend: Backend, variant: Variant
    ) -> None:
        self.entity = entity
        self.name = name
        self.variant = variant
        self._names = Names(NAME_LENGTH)
        self._copied_max = common.fact(backend, "projected_attributes_max") or 0
        own = leading(model, entity)
        lead = own if variant.key == "own key" else by_parent(model, entity)
        first = lead.equal if lead else entity.key[:1]
        tail = [column for column, _ in useful_tail(entity, lead)] if lead else []
        rest = dict.fromkeys((*tail, *(c for c in entity.key if c not in first)))
        self.base = Key(name, first, tuple((column, "asc") for column in rest))
        self.indexes: list[Key] = []
        self.served: dict[str, Served] = {}
        self.findings: list[Finding] = []
        patterns = self.patterns = model.patterns_of(entity)
        for pattern in patterns:
            self._serve(pattern)
        for index in self.indexes:
            index.copied = self._copied(index, [p for p in patterns if p.name in index.serves])
        if not patterns:
            self.findings.append(Finding("no-patterns", entity.name))
        if variant.key == "parent key":
            words = (("key", ", ".join(entity.key)), ("by", ", ".join(first)))
            self.findings.append(Finding("key-of-parent", entity.name, words))
        for index in self.indexes:
            if index.only:
                attribute, _ = self.attribute(index.partition, index.only)
                held = (("attribute", attribute), ("columns", ", ".join(index.partition)))
                self.findings.append(
                    Finding("sparse-index", entity.name, (*held, ("only", index.only)))
                )
        self.findings += common.index_limit(backend, entity, len(self.indexes))
        for key in self.keys:
            for limit, columns in zip(_LIMITS, key.schema, strict=True):
                most = common.fact(backend, limit)
                self.findings += common.key_lengths(entity, columns, most)
        if entity.ttl_seconds is not None:
            numbers = (("seconds", entity.ttl_seconds), ("attribute", self.ttl_attribute))
            form = ("form", "a number of seconds since 1970")
            self.findings.append(Finding("ttl-attribute", entity.name, (*numbers, form)))

    @property
    def ttl_attribute(self) -> str:
        """Attribute with the seconds since 1970 after which the store deletes an item.

        It is a number: the store ignores a column of that name that holds another type.
        """
        held = {c.name for c in self.entity.columns if attribute_type(c) != "N"}
        names = chain(TTL_ATTRIBUTES, (f"{TTL_ATTRIBUTES[-1]}_{number}" for number in count(2)))
        return next(name for name in names if name not in held)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The table's own key and those of its indexes."""
        return self.base, *self.indexes

    @property
    def words(self) -> tuple[str, ...]:
        """What a reader is told of the layout: without indexes there is nothing that they hold."""
        return self.variant.words if self.indexes else (self.variant.key,)

    def _copied(self, index: Key, served: Sequence[Pattern]) -> tuple[str, ...] | None:
        """The columns beside the keys that an index holds; `None` for all.

        What a pattern sorts or filters by is in the key; what its answer holds may not be.
        """
        if self.variant.copies == "whole items":
            return None
        if self.variant.copies == "keys only":
            return ()
        if not all(pattern.fields for pattern in served):
            return None
        known = index.columns | self.base.columns
        read = dict.fromkeys(column for pattern in served for column in pattern.fields)
        rest = tuple(column for column in read if column not in known)
        return rest if len(rest) <= self._copied_max else None

    def lacks(self, pattern: Pattern, key: Key) -> bool:
        """Whether an answer needs the table's items beside what an index holds."""
        if key is self.base or key.copied is None:
            return False
        held = key.columns | self.base.columns | set(key.copied)
        wanted = pattern.fields or tuple(column.name for column in self.entity.columns)
        return not set(wanted) <= held

    def _serve(self, pattern: Pattern) -> None:
        if not pattern.finds_rows:
            self.served[pattern.name] = Served("", "insert", "insert")
            return
        if set(self.entity.key) <= set(pattern.equal):
            self.base.serves.append(pattern.name)
            self.served[pattern.name] = Served(self.base.name, "key", "point")
            return
        if not pattern.equal:
            self._scan(pattern)
            return
        key = self._key(pattern)
        key.serves.append(pattern.name)
        self._judge(pattern, key)

    def _scan(self, pattern: Pattern) -> None:
        self.served[pattern.name] = Served("", "scan", "scan")
        if not pattern.whole:
            self.findings.append(Finding("unserved", pattern.name))

    def _key(self, pattern: Pattern) -> Key:
        tail = useful_tail(self.entity, pattern)
        order = tuple((column, way or "asc") for column, way in tail)
        # Within one value of the sort key DynamoDB pages by the table's own key.
        asked = {*pattern.ranges, *(column for column, _ in pattern.sort)}
        while len(order) > 1 and order[-1][0] not in asked:
            order = order[:-1]
        wanted = self._sparse(pattern, order)
        for key in self.keys:
            if self._fits(key, wanted):
                return key
        wanted.name = self._names.make("by", *pattern.equal, *(column for column, _ in order))
        self.indexes.append(wanted)
        return wanted

    def key_of(self, pattern: Pattern) -> Key | None:
        """The key that answers a pattern; `None` for a scan or an insert."""
        return next((k for k in self.keys if pattern.name in k.serves), None)

    def _sparse(self, pattern: Pattern, order: tuple[tuple[str, str], ...]) -> Key:
        """The key for a pattern; of items in one state alone, where it always asks for that one."""
        fixed = {column for rule in pattern.fixed for column in rule.columns()}
        rest = tuple(column for column in pattern.equal if column not in fixed)
        states = {p.fixed for p in self.patterns if set(p.equal) == set(pattern.equal)}
        if not fixed or len(states) > 1:
            return Key("", pattern.equal, order)
        return Key("", rest or pattern.equal, order, only=" and ".join(map(str, pattern.fixed)))

    @staticmethod
    def _fits(key: Key, wanted: Key) -> bool:
        if key.only != wanted.only:
            return False
        further = set(wanted.partition) - set(key.partition)
        width, order = len(further), key.schema[1]
        if not set(key.partition) <= set(wanted.partition) or set(order[:width]) != further:
            return False
        return order[width : width + len(wanted.order)] == wanted.schema[1]

    def _judge(self, pattern: Pattern, key: Key) -> None:
        found = self.findings
        kind: ServedKind = "key" if key is self.base else "index"
        sorting = sorts_in_memory(pattern)
        single = any(set(group) <= set(pattern.equal) for group in self.entity.unique)
        cost: Cost = "sort" if sorting else "page" if pattern.page_size else "range"
        cost = "point" if single else cost
        self.served[pattern.name] = Served(key.name, kind, cost)
        if key is not self.base and pattern.consistency == "strong":
            found.append(Finding("strong-read-on-index", pattern.name, (("index", key.name),)))
        if len({way for _, way in pattern.sort}) > 1:
            found.append(Finding("mixed-sort-directions", pattern.name))
        found += range_findings(pattern, sorting=sorting)
        for column in (*key.partition, *key.schema[1]):
            if self.entity.column(column).nullable:
                subject = f"{self.entity.name}.{self.entity.column(column).field}"
                finding = Finding("nullable-key", subject, (("index", key.name),))
                if finding not in found:
                    found.append(finding)

    def rows(self) -> list[KeyRow]:
        """The item collections: what is found together, and in which order."""
        return [
            KeyRow(
                entity=self.entity.name,
                name=key.name,
                kind="table" if key is self.base else "index",
                partition=key.partition,
                order=key.order,
                serves=tuple(key.serves),
                only=key.only,
                ttl_seconds=self.entity.ttl_seconds,
            )
            for key in self.keys
        ]

    def definition(self) -> dict[str, Any]:
        """The input of `CreateTable`."""
        kinds: dict[str, str] = {}
        request: dict[str, Any] = {"TableName": self.name}
        schema = self._schema(self.base, kinds)
        indexes = [
            {
                "IndexName": key.name,
                "KeySchema": self._schema(key, kinds),
                "Projection": self._projection(key),
            }
            for key in self.indexes
        ]
        definitions = [{"AttributeName": n, "AttributeType": k} for n, k in sorted(kinds.items())]
        request |= {"AttributeDefinitions": definitions, "KeySchema": schema}
        if indexes:
            request["GlobalSecondaryIndexes"] = indexes
        return request | {"BillingMode": "PAY_PER_REQUEST", "DeletionProtectionEnabled": True}

    @staticmethod
    def _projection(key: Key) -> dict[str, Any]:
        if key.copied is None:
            return {"ProjectionType": "ALL"}
        if not key.copied:
            return {"ProjectionType": "KEYS_ONLY"}
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(key.copied)}

    def _schema(self, key: Key, kinds: dict[str, str]) -> list[dict[str, str]]:
        schema = []
        roles = zip(("HASH", "RANGE"), key.schema, (key.only, ""), strict=True)
        for role, columns, only in roles:
            if columns:
                name, kinds_name = self.attribute(columns, only)
                kinds[name] = kinds_name
                schema.append({"AttributeName": name, "KeyType": role})
        return schema

    def attribute(self, columns: tuple[str, ...], only: str = "") -> tuple[str, str]:
        """Name and type of the attribute that columns make, of all items or of some."""
        if only:
            return f"{'_'.join(columns)}_while_{_NO_WORD.sub('_', only).strip('_')}", "S"
        return key_attribute(self.entity, columns)
