"""Collections with validators and indexes for MongoDB."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..catalog.backend import Backend
from . import common
from .common import Sizes
from .jsontext import readable
from .keys import Abilities, IndexPlan, Served, plan_indexes
from .model import Column, DataModel, Entity
from .mongodb_embedding import Embedding, embeddings
from .mongorules import TYPES, filterable, filters_of, stored_name, validator
from .names import Names
from .needs import order_findings
from .result import Artifact, Design, EntityTable, Finding, IndexRow
from .rules import Rule, cases, rules_of
from .shard_ways import ShardChoice
from .shards import shard_finding, shard_keys, shard_statement
from .spatial import BY_DISTANCE, Spatial
from .ways import EMBEDDED, EmbedChoice

_NAME_LENGTH = 120  # names of a collection and its index share 255 bytes in old versions
TTL_FIELD = "expires_at"
"""Field that holds the time after which a document is deleted."""


def mongodb_design(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Design collections, one an entity or one for several that are read together.

    References hold the other document's key.

    A missing value is an absent field, not a null, so that partial unique indexes can skip it.
    """
    names = Names(_NAME_LENGTH)
    order = model.in_dependency_order
    within, choices = embeddings(model, backend, sizes)
    plans = {entity.name: plan_indexes(model, entity, names, _ABILITIES) for entity in order}
    rules = [rule for entity in order for rule in rules_of(entity, plans[entity.name], names)]
    alone = tuple(entity for entity in order if entity.name not in within)
    findings = [finding for entity in alone for finding in plans[entity.name].findings]
    for entity in alone:
        for pattern in model.patterns_of(entity):
            findings += order_findings(entity, pattern, nulls_last=False)
        findings += common.index_limit(backend, entity, len(plans[entity.name].indexes))
        if entity.ttl_seconds is not None:
            expiry = (("seconds", entity.ttl_seconds), ("attribute", TTL_FIELD))
            form = ("form", "a date")
            findings.append(Finding("ttl-attribute", entity.name, (*expiry, form)))
    findings += [found for choice in choices if (found := _choice_finding(choice))]
    shards = shard_keys(model, alone, backend, sizes)
    findings += [shard_finding(model.entity(choice.entity), choice) for choice in shards.values()]
    lost = {(name, rule) for name, choice in shards.items() for rule in choice.ways[0].lost}
    served = {name: way for entity in alone for name, way in plans[entity.name].served.items()}
    for item in within.values():
        served |= _served_within(model, item, plans[item.parent.name])
    kept = {id(rule) for item in within.values() for rule in item.rules(_of(rules, item.child))}
    return Design(
        backend=backend.key,
        entities=tuple(_table(entity, plans, within) for entity in order),
        relationships=tuple(
            replace(relation, enforced_by="store")
            if relation.entity in within and relation.target == within[relation.entity].parent.name
            else relation
            for relation in common.relationships(model, enforced=False)
        ),
        diagram="",
        patterns=common.pattern_rows(model, served),
        indexes=tuple(row for entity in alone for row in plans[entity.name].indexes),
        findings=(*findings, *common.key_exhaustion(model)),
        constraints=cases(
            model,
            rules,
            lambda rule: (
                id(rule) in kept
                if rule.entity.name in within
                else rule.kind != "reference"
                and not (rule.kind == "unique" and (rule.entity.name, rule.columns) in lost)
            ),
        ),
        artifacts=_artifacts(alone, plans, rules, list(within.values()), shards),
        embeds=choices,
        shards=tuple(shards.values()),
    )


def _of(rules: list[Rule], entity: Entity) -> list[Rule]:
    return [rule for rule in rules if rule.entity is entity]


def _choice_finding(choice: EmbedChoice) -> Finding | None:
    """The decision about an entity that lies in another's document without a person's word."""
    best = choice.ways[0]
    if best.word != EMBEDDED or best.verdict == "said":
        return None
    numbers = (("parent", choice.parent), ("number", choice.number), ("most", choice.most))
    return Finding("embed-choice", choice.entity, numbers)


def _served_within(model: DataModel, item: Embedding, plan: IndexPlan) -> dict[str, Served]:
    """What answers the patterns of an entity within a document: the key of the document."""
    key = next(row.name for row in plan.indexes if row.kind == "key")
    return {
        pattern.name: Served(key, "key", "point")
        if pattern.finds_rows
        else Served("", "insert", "insert")
        for pattern in model.patterns_of(item.child)
    }


def _table(
    entity: Entity, plans: dict[str, IndexPlan], within: dict[str, Embedding]
) -> EntityTable:
    item = within.get(entity.name)
    name = f"{item.parent.table}.{item.place}" if item else None
    writes = 1 if item else plans[entity.name].writes
    return common.entity_table(entity, "mongodb", _shown_type, name=name, writes=writes)


_ABILITIES = Abilities(
    range_last=True,
    partial_unique=True,
    partial=filterable,
    spatial=Spatial("2dsphere", prefix=True, limited=True, ordered=BY_DISTANCE),
)


def _shown_type(column: Column) -> str:
    if column.type.array:
        return "array"
    return " or ".join(TYPES.get(column.type.name, ["any"]))


def _artifacts(
    order: tuple[Entity, ...],
    plans: dict[str, IndexPlan],
    rules: list[Rule],
    within: list[Embedding],
    shards: Mapping[str, ShardChoice],
) -> tuple[Artifact, ...]:
    create = ["// MongoDB: collections, validators and indexes; run with mongosh."]
    drop = ["// MongoDB: removes the collections and all documents in them."]
    for entity in order:
        whole = validator(entity, _of(rules, entity))
        schema = whole["$and"][0]["$jsonSchema"] if "$and" in whole else whole["$jsonSchema"]
        for item in within:
            if item.parent.name == entity.name:
                schema["properties"][item.place] = item.schema(_of(rules, item.child))
        options = {"validator": whole, "validationLevel": "strict"}
        text = readable(options | {"validationAction": "error"})
        create.append(f'db.createCollection("{entity.table}", {text});')
        choice = shards.get(entity.name)
        for row in plans[entity.name].indexes:
            statement = _index(entity, row, choice)
            if statement:
                create.append(statement)
        create += [shard_statement(entity, choice)] if choice else []
        if entity.ttl_seconds is not None:
            create.append(_expiry(entity))
    drop += [f'db.getCollection("{entity.table}").drop();' for entity in reversed(order)]
    return (
        Artifact("MongoDB: collections", "javascript", "\n\n".join(create) + "\n", "schema"),
        Artifact("MongoDB: rollback", "javascript", "\n".join(drop) + "\n", "rollback"),
    )


def _index(entity: Entity, row: IndexRow, choice: ShardChoice | None) -> str:
    if row.kind == "key" and len(row.columns) == 1:
        return ""  # every collection has the index on _id
    columns: dict[str, int | str] = {
        stored_name(entity, c): -1 if way == "desc" else 1 for c, way in row.columns
    }
    if row.method:
        columns[row.columns[-1][0]] = row.method
    options: dict[str, Any] = {"name": row.name}
    filters: list[dict[str, Any]] = []
    lost = choice.ways[0].lost if choice else ()
    if row.unique and {c for c, _ in row.columns} in map(set, lost):
        row = replace(row, unique=False)
    if row.unique:
        options["unique"] = True
        optional = [c for c, _ in row.columns if entity.column(c).nullable]
        filters += [{c: {"$exists": True}} for c in optional]
    filters += filters_of(entity, row.where) if row.where is not None else []
    if filters:
        fields = [name for item in filters for name in item]
        apart = len(set(fields)) == len(fields)
        whole = {k: v for item in filters for k, v in item.items()} if apart else {"$and": filters}
        options["partialFilterExpression"] = whole
    reasons = "; ".join(reason.name for reason in row.why)
    collection = f'db.getCollection("{entity.table}")'
    arguments = f"{json.dumps(columns)}, {json.dumps(options)}"
    return f"// For: {reasons}\n{collection}.createIndex({arguments});"


def _expiry(entity: Entity) -> str:
    options = json.dumps({"name": f"ttl_{entity.table}", "expireAfterSeconds": 0})
    return f'db.getCollection("{entity.table}").createIndex({{"{TTL_FIELD}": 1}}, {options});'
