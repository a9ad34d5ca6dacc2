"""Tables and global secondary indexes for DynamoDB: one table an entity, one index a pattern."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..catalog.backend import Backend
from . import common
from .common import Sizes
from .jsontext import readable
from .keys import Served
from .model import Column, DataModel, Entity, Pattern
from .names import Names
from .needs import few_values, leading, range_findings, sorts_in_memory, useful_tail
from .result import Artifact, Cost, Design, Finding, KeyRow, ServedKind
from .rules import cases
from .unindexed import key_rules

_NAME_LENGTH = 255
_LIMITS = ("key_bytes_max", "sort_key_bytes_max")
TTL_ATTRIBUTE = "expires_at"
"""Attribute that holds the time, in seconds since 1970, after which an item is deleted."""

_ALONE = {"uuid", "text", "varchar", "char", "enum", "date", "time", "timestamp", "timestamptz"}
_TYPES = {"bool": "BOOL", "json": "M", "bytes": "B"}


@dataclass
class _Key:
    """A key schema: the attribute that finds an item collection, and the one that orders it.

    An attribute is the columns it is made of; several are joined with `#`.
    """

    name: str
    partition: tuple[str, ...]
    order: tuple[tuple[str, str], ...]
    serves: list[str] = field(default_factory=list)

    @property
    def schema(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.partition, tuple(column for column, _ in self.order)


def dynamodb_design(model: DataModel, backend: Backend, _sizes: Sizes) -> Design:
    """Design a table for each entity and an index for each way it is found."""
    names = Names(_NAME_LENGTH, frozenset(entity.table for entity in model.entities))
    tables = [
        _Table(model, entity, _table_name(entity, names), backend)
        for entity in model.in_dependency_order
    ]
    served = {name: way for table in tables for name, way in table.served.items()}
    rules = key_rules(model)
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(
                table.entity,
                "dynamodb",
                attribute_type,
                name=table.name,
                writes=1 + len(table.indexes),
            )
            for table in tables
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        keys=tuple(row for table in tables for row in table.rows()),
        findings=tuple(
            [finding for table in tables for finding in table.findings]
            + [*common.key_exhaustion(model)]
        ),
        constraints=cases(model, rules, lambda rule: rule.kind == "key"),
        artifacts=_artifacts(tables),
    )


def attribute_type(column: Column) -> str:
    """The attribute type that holds a column, by DynamoDB's letter."""
    if column.type.array:
        return "L"
    if column.type.family == "number":
        return "N"
    return _TYPES.get(column.type.name, "S")


class _Table:
    def __init__(self, model: DataModel, entity: Entity, name: str, backend: Backend) -> None:
        self.entity = entity
        self.name = name
        self._names = Names(_NAME_LENGTH)
        lead = leading(model, entity)
        first = lead.equal if lead else entity.key[:1]
        tail = [column for column, _ in useful_tail(entity, lead)] if lead else []
        rest = dict.fromkeys((*tail, *(c for c in entity.key if c not in first)))
        self.base = _Key(name, first, tuple((column, "asc") for column in rest))
        self.indexes: list[_Key] = []
        self.served: dict[str, Served] = {}
        self.findings: list[Finding] = []
        patterns = model.patterns_of(entity)
        for pattern in patterns:
            self._serve(pattern)
        if not patterns:
            self.findings.append(Finding("no-patterns", entity.name))
        self.findings += common.index_limit(backend, entity, len(self.indexes))
        for key in (self.base, *self.indexes):
            for limit, columns in zip(_LIMITS, key.schema, strict=True):
                most = common.fact(backend, limit)
                self.findings += common.key_lengths(entity, columns, most)
        if entity.ttl_seconds is not None:
            numbers = (("seconds", entity.ttl_seconds), ("attribute", TTL_ATTRIBUTE))
            self.findings.append(Finding("ttl-attribute", entity.name, numbers))

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

    def _key(self, pattern: Pattern) -> _Key:
        tail = useful_tail(self.entity, pattern)
        order = tuple((column, way or "asc") for column, way in tail)
        # Within one value of the sort key DynamoDB pages by the table's own key.
        asked = {*pattern.ranges, *(column for column, _ in pattern.sort)}
        while len(order) > 1 and order[-1][0] not in asked:
            order = order[:-1]
        wanted = _Key("", pattern.equal, order)
        for key in (self.base, *self.indexes):
            if self._fits(key, wanted):
                return key
        wanted.name = self._names.make("by", *pattern.equal, *(column for column, _ in order))
        self.indexes.append(wanted)
        return wanted

    @staticmethod
    def _fits(key: _Key, wanted: _Key) -> bool:
        further = set(wanted.partition) - set(key.partition)
        width, order = len(further), key.schema[1]
        if not set(key.partition) <= set(wanted.partition) or set(order[:width]) != further:
            return False
        return order[width : width + len(wanted.order)] == wanted.schema[1]

    def _judge(self, pattern: Pattern, key: _Key) -> None:
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
        values = few_values(self.entity, key.partition)
        if values is not None:
            found.append(Finding("hot-partition", pattern.name, (("values", values),)))
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
                ttl_seconds=self.entity.ttl_seconds,
            )
            for key in (self.base, *self.indexes)
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
                "Projection": {"ProjectionType": "ALL"},
            }
            for key in self.indexes
        ]
        definitions = [{"AttributeName": n, "AttributeType": k} for n, k in sorted(kinds.items())]
        request |= {"AttributeDefinitions": definitions, "KeySchema": schema}
        if indexes:
            request["GlobalSecondaryIndexes"] = indexes
        return request | {"BillingMode": "PAY_PER_REQUEST"}

    def _schema(self, key: _Key, kinds: dict[str, str]) -> list[dict[str, str]]:
        schema = []
        for role, columns in zip(("HASH", "RANGE"), key.schema, strict=True):
            if columns:
                name, kinds_name = self._attribute(columns)
                kinds[name] = kinds_name
                schema.append({"AttributeName": name, "KeyType": role})
        return schema

    def _attribute(self, columns: tuple[str, ...]) -> tuple[str, str]:
        if len(columns) == 1:
            column = self.entity.column(columns[0])
            if column.type.name in _ALONE or attribute_type(column) in {"N", "B"}:
                return column.name, attribute_type(column)
        return "#".join(columns), "S"


def _table_name(entity: Entity, names: Names) -> str:
    """Names have three characters at least."""
    return entity.table if len(entity.table) > 2 else names.make(entity.table, "table")


def _artifacts(tables: list[_Table]) -> tuple[Artifact, ...]:
    definitions = readable([table.definition() for table in tables])
    drops = [f"aws dynamodb delete-table --table-name {table.name}" for table in reversed(tables)]
    blocks = [
        Artifact("DynamoDB: CreateTable inputs", "json", definitions + "\n", "schema"),
        Artifact("DynamoDB: rollback", "bash", "\n".join(drops) + "\n", "rollback"),
    ]
    expiring = [table.name for table in tables if table.entity.ttl_seconds is not None]
    if expiring:
        setting = f"Enabled=true,AttributeName={TTL_ATTRIBUTE}"
        command = "aws dynamodb update-time-to-live --table-name"
        lines = [f"{command} {name} --time-to-live-specification {setting}" for name in expiring]
        blocks.append(
            Artifact("DynamoDB: time to live", "bash", "\n".join(lines) + "\n", "lifecycle")
        )
    return tuple(blocks)
