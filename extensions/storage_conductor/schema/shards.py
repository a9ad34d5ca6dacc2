"""The shard key of a collection of MongoDB: what the stated patterns ask of the shards by each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..catalog.backend import Backend
from ..errors import ConductorError
from .common import Sizes
from .model import DataModel, Entity, Pattern
from .mongodb_embedding import document_bytes
from .mongorules import stored_name
from .needs import few_values
from .result import Finding
from .shard_ways import SHARDED, ShardChoice, Sharding, ShardVerdict, ShardWay
from .volumes import groups, kept_rows
from .ways import verdict

_FEWEST = 2
_EACH = 100  # values for each shard below which the shards cannot be filled alike
_LITTLE = 0.01
_RISING = ("date", "timestamp", "timestamptz")


def shard_choice(model: DataModel, entity: Entity, shards: int) -> ShardChoice | None:
    """Choose the shard key of a collection; None where the entity has no key.

    The rule: of the keys with many values, never missing, whose inserts spread and which lose the
    fewest unique rules, the one by which the stated patterns ask the fewest shards.

    Raises:
        ConductorError: `_layout` asks for a key that the entity cannot have.
    """
    if not entity.key:
        return None
    patterns = [p for p in model.patterns_of(entity) if not p.whole]
    rated = all(p.per_second is not None for p in patterns)
    keys = list(_keys(entity, patterns))
    said = next((word for word in entity.layout if word in SHARDED), None)
    if said and said not in [word for word, _, _ in keys]:
        raise ConductorError(
            f"entities.{entity.name}._layout: `{said}` is not possible here",
            remedy=f"Take it out, or write one of: {', '.join(word for word, _, _ in keys)}.",
        )
    asked = {
        word: sum(_asked(pattern, columns, shards, rated=rated) for pattern in patterns)
        for word, columns, _ in keys
    }
    lost = {word: _lost(entity, columns, hashed) for word, columns, hashed in keys}
    against = {word: _against(model, entity, c, hashed, shards) for word, c, hashed in keys}
    free = [word for word, _, _ in keys if not against[word]] or ["id hash"]
    ruled = min(free, key=lambda word: (len(lost[word]), asked[word], SHARDED.index(word)))
    ways = [
        ShardWay(
            word,
            columns,
            hashed,
            asked[word],
            lost[word],
            verdict(
                word,
                ruled,
                said,
                against[word]
                or ("loses" if len(lost[word]) > len(lost[ruled]) else None)
                or ("dearer" if asked[word] > asked[ruled] else "whole"),
            ),
        )
        for word, columns, hashed in keys
    ]
    ways.sort(key=lambda way: (way.word != (said or ruled), way.asked))
    return ShardChoice(entity.name, tuple(ways), shards, rated)


def _keys(
    entity: Entity, patterns: Sequence[Pattern]
) -> Iterator[tuple[Sharding, tuple[str, ...], bool]]:
    """The keys that come into question, each once."""
    yield "id hash", entity.key[:1], True
    rates: dict[str, float] = {}
    for pattern in patterns:
        for column in pattern.equal:
            rates[column] = rates.get(column, 0.0) + (pattern.per_second or 1e-9)
    best = max(rates, key=lambda name: rates[name], default="")
    if best and entity.key != (best,):
        rest = tuple(column for column in entity.key if column != best)
        yield "filter first", (best, *rest), False
        if best != entity.key[0]:
            yield "filter hash", (best,), True
    own = [tuple(c for c, _ in index.columns) for index in entity.indexes if index.unique]
    for group in [*entity.unique, *own][:1]:
        yield "unique first", group, False


def _asked(pattern: Pattern, columns: tuple[str, ...], shards: int, *, rated: bool) -> float:
    """Shards that a pattern asks a second: one where it gives the first column of the key."""
    rate = (pattern.per_second or 0.0) if rated else 1.0
    alone = not pattern.finds_rows or columns[0] in pattern.equal
    return rate * (1 if alone else shards)


def _lost(entity: Entity, columns: tuple[str, ...], hashed: bool) -> tuple[tuple[str, ...], ...]:
    """Unique rules beside the document's own key that do not begin with the shard key."""
    own = [tuple(c for c, _ in index.columns) for index in entity.indexes if index.unique]
    return tuple(
        rule for rule in (*entity.unique, *own) if hashed or rule[: len(columns)] != columns
    )


def _against(
    model: DataModel, entity: Entity, columns: tuple[str, ...], hashed: bool, shards: int
) -> ShardVerdict | None:
    """What speaks against a key whatever it costs."""
    first = entity.column(columns[0])
    known = few_values(entity, columns[:1]) or groups(model, entity, columns[:1])
    if known is not None and known < _EACH * shards and columns[0] not in entity.key:
        return "few"
    if any(entity.column(name).nullable for name in columns):
        return "missing"
    if not hashed and (first.type.name in _RISING or entity.numbered == first.name):
        return "rising"
    return None


def shard_keys(
    model: DataModel, entities: Sequence[Entity], backend: Backend, sizes: Sizes
) -> dict[str, ShardChoice]:
    """Choose the shard keys of collections by the names of their entities; none on one replica set.

    Beside larger ones, a collection below a hundredth of a replica set stays on one shard.

    Raises:
        ConductorError: `_layout` asks for what an entity cannot have.
    """
    said = [entity.name for entity in entities if {*entity.layout} & {*SHARDED}]
    if said and sizes.shards < _FEWEST:
        raise ConductorError(
            f"entities.{said[0]}._layout: a shard key is chosen for data over shards alone",
            remedy="Say in `scalability` that it is sharded, or take `_layout` out.",
        )
    if sizes.shards < _FEWEST:
        return {}
    large = [e for e in entities if e.name in said or not _small(e, backend, sizes)] or entities
    found = {entity.name: shard_choice(model, entity, sizes.shards) for entity in large}
    return {name: choice for name, choice in found.items() if choice}


def _small(entity: Entity, backend: Backend, sizes: Sizes) -> bool:
    """Whether all documents of an entity are known to take little of a replica set."""
    most = backend.number("replica_set_bytes_max")
    rows, size = kept_rows(entity), document_bytes(entity, sizes.average_item_bytes)
    return bool(most and rows is not None and size and rows * size < most * _LITTLE)


def shard_finding(entity: Entity, choice: ShardChoice) -> Finding:
    """The decision about a shard key."""
    best = choice.ways[0]
    own = best.columns[0] != entity.key[0]
    lost = "; ".join(", ".join(rule) for rule in best.lost)
    key = ", ".join(best.columns) + (", hashed" if best.hashed else "")
    numbers = (("shards", choice.shards), ("key", key), ("lost", lost))
    return Finding("shard-choice", entity.name, (*numbers, ("own", "yes" if own else "")))


def shard_statement(entity: Entity, choice: ShardChoice) -> str:
    """The statement that spreads a collection, which makes the index of its key where none is."""
    best = choice.ways[0]
    unique = ", true" if best.word == "unique first" else ""
    place = f'db.getName() + ".{entity.table}"'
    return f"sh.shardCollection({place}, {_text(entity, best)}{unique});"


def _text(entity: Entity, way: ShardWay) -> str:
    ways = ((stored_name(entity, name), "hashed" if way.hashed else 1) for name in way.columns)
    return json.dumps(dict(ways))
