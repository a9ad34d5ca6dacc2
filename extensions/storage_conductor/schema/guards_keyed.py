# ruff: noqa: S608 - drafts for a reader; nothing here runs them
"""Guards in stores of keys and documents: DynamoDB, MongoDB, Cassandra and the caches."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from ..catalog.backend import Backend
from .claims import Claim, claims
from .cql import quoted
from .dynamodb_table import attribute_type, key_attribute
from .guards import Guard, Shape, inserted
from .model import DataModel, Entity, Pattern
from .result import Design
from .ways import EMBEDDED

_PLACE = re.compile(r"<(\w+)>")
_TAG = re.compile(r"\{([^}]+)\}")
_TURN = ".updateOne({{{}}}, {{$inc: {{turn: 1}}}}, {{session}})"
_UPSERTED_TURN = ".updateOne({_id: <rule>}, {$inc: {turn: 1}}, {upsert: true, session})"
_Writer = Callable[[Shape, Pattern, DataModel, Design], Guard]


def keyed_guard(
    shape: Shape, pattern: Pattern, model: DataModel, design: Design, backend: Backend
) -> Guard:
    """Return what keeps an operation in a store of keys; without text where nothing does.

    Args:
        shape: `insert`, `single` or `several`.
        pattern: The operation.
        model: The whole model.
        design: Its design.
        backend: The store as it is run.
    """
    writers: dict[str, _Writer] = {
        "dynamodb": _dynamodb,
        "mongodb": _mongodb,
        "cassandra": _cassandra,
        "redis": _redis,
        "valkey": _redis,
        "memcached": _memcached,
    }
    writer = writers.get(backend.key)
    return writer(shape, pattern, model, design) if writer else Guard(shape)


def _beside(pattern: Pattern, model: DataModel) -> Iterator[tuple[Entity, dict[str, str], bool]]:
    """Yield what changes or is looked at beside the own entity, referenced ones first.

    Yields:
        The entity; the value of each column of its key, as a column; whether it is there already.
    """
    own = model.entity(pattern.entity)
    names = set(pattern.operation.atomic) - {own.name}
    if not names and not pattern.finds_rows:
        names = {k.entity for k in own.foreign_keys if k.entity in model and k.entity != own.name}
    touched = [model.entity(name) for name in (*names, own.name)]
    referenced = {key.entity for entity in touched for key in entity.foreign_keys}
    for entity in model.in_dependency_order:
        if entity.name in names:
            way = next((key for key in own.foreign_keys if key.entity == entity.name), None)
            known = dict(zip(way.referenced, way.columns, strict=True)) if way else {}
            key = {c: known.get(c, f"{entity.table}_{c}") for c in entity.key}
            yield entity, key, entity.name in referenced


class _Requests:
    """The parts of a request to DynamoDB, with values in the place of words."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._tables = {entity.entity: entity.name for entity in design.entities}

    def place(self, entity: Entity, key: dict[str, str]) -> dict[str, object]:
        values = {
            name: {kind: "#".join(f"<{key.get(column, column)}>" for column in columns)}
            for columns, name, kind in self._attributes(entity)
        }
        return {"TableName": self._tables[entity.name], "Key": values}

    def first(self, entity: Entity) -> str:
        """Return the attribute that every item of a table has."""
        return next((name for _, name, _ in self._attributes(entity)), "<key>")

    def put(self, entity: Entity) -> dict[str, object]:
        item = {"TableName": self._tables[entity.name], "Item": f"<{entity.table}>"}
        free = {"ConditionExpression": "attribute_not_exists(#key)"}
        named = {"ExpressionAttributeNames": {"#key": self.first(entity)}}
        return {"Put": {**item, **free, **named}}

    def change(self, entity: Entity, key: dict[str, str], kind: str) -> dict[str, object]:
        rule = {"ConditionExpression": "<condition>"}
        if kind == "delete":
            return {"Delete": {**self.place(entity, key), **rule}}
        if kind == "look":
            return {"ConditionCheck": {**self.place(entity, key), **rule}}
        return {"Update": {**self.place(entity, key), "UpdateExpression": "<changes>", **rule}}

    def rule(self, entity: Entity) -> dict[str, object]:
        """Change an item that stands for a rule over many, which no condition can look at."""
        place = {"TableName": self._tables[entity.name], "Key": "<item of the rule>"}
        changed = {"UpdateExpression": "<changes>", "ConditionExpression": "<condition>"}
        return {"Update": {**place, **changed}}

    def _attributes(self, entity: Entity) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """Yield the attributes by which a table finds an item: their columns, name and type."""
        rows = (row for row in self._design.keys if row.kind == "table")
        row = next(row for row in rows if row.entity == entity.name)
        for columns in (row.partition, tuple(column for column, _ in row.order)):
            if columns:
                yield columns, *key_attribute(entity, columns)


def _dynamodb(shape: Shape, pattern: Pattern, model: DataModel, design: Design) -> Guard:
    parts, own = _Requests(design), model.entity(pattern.entity)
    first = parts.change(own, {}, pattern.kind) if pattern.finds_rows else parts.put(own)
    if shape != "several":
        ((_, request),) = first.items()
        return Guard(shape, "json", json.dumps(request))
    looked = "update" if pattern.operation.atomic else "look"
    items = [first]
    beside = list(_beside(pattern, model))
    taken = {claim.entity.name: claim for claim in claims(pattern, model)}
    for entity, key, there in beside:
        if claim := taken.get(entity.name):
            items.append(_take(claim, parts.place(entity, {}), parts.first(entity), own))
        elif there or pattern.finds_rows:
            items.append(parts.change(entity, key, looked))
        else:
            items.append(parts.put(entity))
    if not (taken or _alone_by_key(pattern, own)) and not any(there for _, _, there in beside):
        items.append(parts.rule(own))
    lines = ",\n  ".join(json.dumps(item) for item in items)
    return Guard(shape, "json", f'{{"TransactItems": [\n  {lines}\n]}}')


def _take(claim: Claim, place: dict[str, object], key: str, own: Entity) -> dict[str, object]:
    """Take an item that is there and free; the request has one such part for each that is taken."""
    names = {f"#{number}": c for number, c in enumerate(claim.reference.columns)}
    values = {
        f":{number}": {attribute_type(own.column(c)): f"<{c}>"}
        for number, c in enumerate(claim.reference.referenced)
    }
    free = [f"attribute_not_exists({name})" for name in names]
    return {
        "Update": {
            **place,
            "UpdateExpression": "SET " + ", ".join(f"#{n} = :{n}" for n in range(len(names))),
            "ConditionExpression": " AND ".join(["attribute_exists(#key)", *free]),
            "ExpressionAttributeNames": {**names, "#key": key},
            "ExpressionAttributeValues": values,
        }
    }


def _mongodb(shape: Shape, pattern: Pattern, model: DataModel, design: Design) -> Guard:
    own = model.entity(pattern.entity)
    inside = {c.entity: c.parent for c in design.embeds if c.ways[0].word == EMBEDDED}
    if own.name in inside:
        return _element(pattern, own, model.entity(inside[own.name]))
    whole = {inside.get(name, name) for name in pattern.touched} == {own.name}
    if shape == "several" and whole and not pattern.operation.invariants:
        shape = "single" if pattern.finds_rows else "insert"  # all of it is one document
    own_write = _document_write(pattern, own)
    if shape == "insert":
        return Guard(shape, "javascript", f"{own_write}) // E11000: another was first")
    if shape == "single":
        return Guard(shape, "javascript", f"{own_write}) // none matched: refused")
    beside = [item for item in _beside(pattern, model) if item[0].name not in inside]
    return _session(shape, pattern, model, beside)


def _session(
    shape: Shape,
    pattern: Pattern,
    model: DataModel,
    beside: list[tuple[Entity, dict[str, str], bool]],
) -> Guard:
    """What one transaction of MongoDB changes in several documents."""
    own = model.entity(pattern.entity)
    taken = {claim.entity.name: claim for claim in claims(pattern, model)}
    locks, lines, changed = [], [], []
    for entity, key, there in beside:
        target = f'db.collection("{entity.table}")'
        if claim := taken.get(entity.name):
            lines.append(_take_document(claim, target))
        elif there:
            where = ", ".join(_field(entity, column, value) for column, value in key.items())
            locks.append(entity.table)
            lines.append(f"  await {target}{_TURN.format(where)} // one caller at a time from here")
        elif pattern.finds_rows:
            changed.append(entity.table)
        else:
            lines.append(f"  await {target}.insertOne(<document>, {{session}})")
    own_line = f"  await {_document_write(pattern, own)}, {{session}})"
    rest = [f"  // and the changes of {', '.join(changed)}, with {{session}}"] if changed else []
    if not (locks or taken) and _alone_by_key(pattern, own):
        # Its own document is what callers meet on: whoever writes it first goes first.
        body = [f"{own_line} // none matched: throw", *lines, *rest]
    else:
        if not (locks or taken):
            rule = f"{own.table}_rule"
            locks.append(rule)
            lines.insert(0, f'  await db.collection("{rule}"){_UPSERTED_TURN}')
        said = "; ".join(pattern.operation.invariants) or "what must hold"
        if locks:
            lines.insert(len(locks), f"  // look again here: {said}; else throw")
        body = [*lines, own_line, *rest]
    text = "\n".join(["await session.withTransaction(async () => {", *body, "})"])
    claimed = "claim" if taken and not locks else shape
    count = len(lines) + 1 + len(changed)
    return Guard(claimed, "javascript", text, count, tuple(locks), repeated=True)


def _alone_by_key(pattern: Pattern, own: Entity) -> bool:
    """Whether an operation changes one entry that its key finds, so that callers meet on that."""
    return pattern.finds_rows and bool(own.key) and set(own.key) <= set(pattern.equal)


def _document_write(pattern: Pattern, own: Entity) -> str:
    """The one write of an operation's own document, without its closing bracket."""
    found = ", ".join(_field(own, column) for column in (pattern.equal or own.key))
    target = f'db.collection("{own.table}")'
    if not pattern.finds_rows:
        return f"{target}.insertOne(<document>"
    if pattern.kind == "delete":
        return f"{target}.deleteOne({{{found}, <condition>}}"
    return f"{target}.updateOne({{{found}, <condition>}}, <changes>"


def _element(pattern: Pattern, own: Entity, parent: Entity) -> Guard:
    """One write that changes an element of the array in the document that it belongs to."""
    way = next(key for key in own.foreign_keys if key.entity == parent.name)
    found = ", ".join(
        _field(parent, there, here) for here, there in zip(way.columns, way.referenced, strict=True)
    )
    key = [column for column in own.key if column not in way.columns]
    same = ", ".join(f"{column}: {column}" for column in key) or "<the same>"
    if not pattern.finds_rows:
        free = f"{own.table}: {{$not: {{$elemMatch: {{{same}}}}}}}"
        change = f"{{$push: {{{own.table}: <element>}}}}"
    else:
        free = f"{own.table}: {{$elemMatch: {{{same}, <condition>}}}}"
        change = f'{{$set: {{"{own.table}.$": <element>}}}}'
        if pattern.kind == "delete":
            change = f"{{$pull: {{{own.table}: {{{same}}}}}}}"
    text = f'db.collection("{parent.table}").updateOne({{{found}, {free}}}, {change})'
    return Guard("single", "javascript", f"{text} // none matched: refused")


def _take_document(claim: Claim, target: str) -> str:
    """Take documents that are free, and count them: fewer than asked for end the transaction."""
    columns = zip(claim.reference.columns, claim.reference.referenced, strict=True)
    pairs = list(columns)
    free = ", ".join(f"{here}: null" for here, _ in pairs)
    values = ", ".join(f"{here}: {there}" for here, there in pairs)
    update = f"{target}.updateMany({{<{claim.entity.table}>, {free}}}, {{$set: {{{values}}}}}"
    return f"  await {update}, {{session}}) // matchedCount below what was asked for: throw"


def _field(entity: Entity, column: str, value: str = "") -> str:
    name = "_id" if entity.key == (column,) else column
    return f"{name}: {value or column}"


def _cassandra(shape: Shape, pattern: Pattern, model: DataModel, design: Design) -> Guard:
    if shape == "several":
        return Guard(shape)
    own = model.entity(pattern.entity)
    row = next(key for key in design.keys if key.entity == own.name)
    table, bucket = quoted(row.name), [name for name in row.partition if not own.has(name)]
    if not pattern.finds_rows:
        columns = (*inserted(own), *bucket)
        names, marks = ", ".join(map(quoted, columns)), ", ".join("?" for _ in columns)
        text = f"INSERT INTO {table} ({names}) VALUES ({marks}) IF NOT EXISTS;"
        return Guard(shape, "sql", text)
    where = " AND ".join(f"{quoted(column)} = ?" for column in (*bucket, *own.key))
    verb = "DELETE FROM {}" if pattern.kind == "delete" else "UPDATE {} SET <changes>"
    return Guard(shape, "sql", f"{verb.format(table)} WHERE {where} IF <condition>;")


def _redis(shape: Shape, pattern: Pattern, model: DataModel, design: Design) -> Guard:
    own = model.entity(pattern.entity)
    row, *more = [key for key in design.keys if key.entity == own.name]
    plain = row.kind == "string"
    if shape == "insert" and plain and not more:
        first = row.write.splitlines()[0]
        return Guard(shape, "text", f"{first} NX", 1)
    around = _beside(pattern, model) if shape == "several" else ()
    beside = [_key(design, entity, key) for entity, key, _ in around]
    rule = "redis.call('EXISTS', KEYS[1]) == 1" if shape == "insert" else "not (<condition>)"
    if pattern.kind == "delete":
        write = ["redis.call('DEL', KEYS[1])"]
    else:
        write = [f"redis.call('{'SET' if plain else 'HSET'}', KEYS[1], unpack(ARGV))"]
        if row.ttl_seconds:
            write.append(f"redis.call('EXPIRE', KEYS[1], {row.ttl_seconds})")
    if more:
        write.append(f"-- and its other keys: {', '.join(key.name for key in more)}")
    others = ", ".join(f"KEYS[{number}]" for number in range(2, len(beside) + 2))
    lines = [
        f"-- EVAL with KEYS {' '.join([row.name, *beside])}",
        *([_APART] if design.clustered and not _same_slot([row.name, *beside]) else []),
        f"if {rule} then return 0 end -- 0: refused",
        *write,
        *([f"-- and the changes of {others}"] if others and pattern.operation.atomic else []),
        "return 1",
    ]
    return Guard(shape, "lua", "\n".join(lines), 1)


_APART = (
    "-- CROSSSLOT: these keys lie on several shards, where EVAL is refused; the names of all get"
    " one tag in braces, of a value that each has"
)


def _same_slot(names: list[str]) -> bool:
    """Whether keys lie on one shard: there is one, or all have the same tag."""
    tags = {found[1] if (found := _TAG.search(name)) else name for name in names}
    return len(tags) == 1


def _key(design: Design, entity: Entity, key: dict[str, str]) -> str:
    """The key of an entry as the design names it, with the values that the operation has."""
    name = next(row.name for row in design.keys if row.entity == entity.name)
    return _PLACE.sub(lambda found: f"<{key.get(found[1], found[1])}>", name)


def _memcached(shape: Shape, pattern: Pattern, _model: DataModel, design: Design) -> Guard:
    if shape == "several":
        return Guard(shape)
    row = next(key for key in design.keys if key.entity == pattern.entity)
    command, _, rest = row.write.partition(" ")
    if shape == "insert":
        return Guard(shape, "text", f"add {rest} # NOT_STORED: another was first")
    text = (
        f"gets {row.name}\n# decide by what came; then, with its last number\ncas {rest} <number>"
    )
    return Guard(shape, "text", f"{text} # EXISTS: again from gets", 2) if command else Guard(shape)
