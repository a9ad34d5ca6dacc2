"""Buckets of Cassandra's partitions: what parts rows that would become too many in one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..catalog.backend import Backend
from ..errors import ConductorError
from . import common
from .cql import Table
from .model import DataModel, Entity
from .names import Names
from .volumes import HORIZON_SECONDS, added_per_second, groups, kept_seconds
from .ways import Bucket, BucketChoice, Bucketing, BucketWay, verdict

_SECONDS: Mapping[Bucketing, float] = {
    "by year": 365.25 * 86_400,
    "by month": 365.25 / 12 * 86_400,
    "by day": 86_400.0,
    "by hour": 3_600.0,
}
# Columns by whose names one knows the seconds between two of their values, at most.
_SPANS: Mapping[str, float] = {
    "year": 366 * 86_400.0,
    "month": 31 * 86_400.0,
    "week": 7 * 86_400.0,
    "day": 86_400.0,
    "hour": 3_600.0,
    "minute": 60.0,
}
_SHOWN = 4
_DAY = _SECONDS["by day"]


class _Load(NamedTuple):
    """What one group of rows comes to: what is there, what comes a second, how long it stays."""

    first: float
    added: float
    kept: float
    row_bytes: int
    cells: int


def bucketed(
    model: DataModel, table: Table, backend: Backend, row_bytes: int, cells: int
) -> BucketChoice | None:
    """Compare the ways to part the rows of a table; None where a partition has one row.

    The rule: the longest span whose partition stays within what is advised in bytes and in values;
    where rows are not in the order of a time, a hash of the rest of their key.

    Args:
        model: The part of the model that the store holds.
        table: The table, without a bucket.
        backend: The store as it is run.
        row_bytes: Bytes of a row.
        cells: Values of a row.
    """
    entity, day = table.entity, day_of(table)
    if any(set(group) <= set(table.partition) for group in (entity.key, *entity.unique)):
        return None
    most_bytes = common.fact(backend, "partition_bytes_recommended")
    most_cells = common.fact(backend, "partition_cells_recommended")
    parted = tuple(name for name in table.partition if name != day)
    load = _load(model, entity, parted, row_bytes, cells)
    if load and day:  # whatever is kept for longer lies in the partitions of other days
        first, kept = load.first * min(_DAY / load.kept, 1.0), min(load.kept, _DAY)
        load = load._replace(first=first, kept=kept)
    source = _source(table)
    possible = _possible(source, load)
    said = next((word for word in possible if word in entity.layout), None)
    limits = (most_bytes, most_cells)
    rated = [_way(word, load, limits) for word in possible] if load and any(limits) else []
    fitting = [way for way in rated if way.verdict != "large"]
    ruled = (fitting or rated)[0 if fitting else -1].word if rated else "one partition"
    best = said or ruled
    ways = [way._replace(verdict=verdict(way.word, ruled, said, way.verdict)) for way in rated]
    ways.sort(key=lambda way: way.word != best)
    parts = next((way.parts for way in ways if way.word == best), 0.0)
    return BucketChoice(
        entity.name,
        table.name,
        table.partition,
        tuple(possible),
        tuple(_shown(ways, ruled)),
        _bucket(entity, best, source, math.ceil(parts)),
        most_bytes,
        most_cells,
    )


def refuse_impossible(entity: Entity, choices: Sequence[BucketChoice]) -> None:
    """Refuse a way that none of an entity's tables can have.

    Raises:
        ConductorError: `_layout` names one.
    """
    possible = list(dict.fromkeys(word for choice in choices for word in choice.words))
    for word in entity.layout:
        if word not in possible:
            raise ConductorError(
                f"entities.{entity.name}._layout: `{word}` is not possible here",
                remedy=f"Possible are: {', '.join(possible) or 'none'}. A span of time needs a"
                " table that is ordered by a time that each row has, and `by hash` a stated"
                " `_growth` or `_count` of the entity and of what it refers to.",
            )


def _shown(ways: list[BucketWay], ruled: str) -> Iterator[BucketWay]:
    """Yield the chosen one, what the rule takes, and its neighbours: few lines are read."""
    spans = [way.word for way in sorted(ways, key=lambda way: way.parts)]
    place = spans.index(ways[0].word) if ways else 0
    near = {*spans[max(place - 1, 0) : place + 2], *spans[:1], ruled}
    yield from [way for way in ways if way.word in near][:_SHOWN]


def day_of(table: Table) -> str:
    """Return the day that is a part of the partition of entries in the order of a time, if any."""
    days = (name for name in table.partition if table.entity.column(name).type.family == "date")
    return next(days, "") if _source(table) else ""


def fewest_parts(model: DataModel, table: Table, rows: int) -> int:
    """Return how many values the rest of a partition's key must have to stay within the guidance.

    Args:
        model: The part of the model that the store holds.
        table: The table, without a bucket.
        rows: Rows of a partition at most.

    Returns:
        The number, or 0 where nobody knows what comes, or entries replace each other.
    """
    added, kept = added_per_second(model, table.entity), kept_seconds(table.entity)
    if not added or not _source(table):
        return 0
    span = min(kept or HORIZON_SECONDS, _DAY if day_of(table) else math.inf)
    return math.ceil(added * span / rows)


def most_rows(model: DataModel, table: Table) -> float | None:
    """Return how many rows a partition can have by what its columns are; None for no bound.

    An `hour` of a `year` has few values, and so has the id of an entity that was counted.
    """
    entity = table.entity
    steps = {name: _SPANS[name] for name, _ in table.clustering if name in _SPANS}
    spans = [_SPANS[name] for name in table.partition if name in _SPANS]
    spans += [_DAY] if day_of(table) else []
    if len(steps) == len(table.clustering) == 1 and spans:
        return math.ceil(min(spans) / min(steps.values()))
    return groups(model, entity, tuple(name for name, _ in table.clustering))


def _source(table: Table) -> str:
    """The time by which the rows of a partition are ordered, if they are."""
    for column, _ in table.clustering[:1]:
        found = table.entity.column(column)
        if found.type.family in ("date", "timestamp", "timestamptz") and not found.nullable:
            return column
    return ""


def _load(
    model: DataModel, entity: Entity, group: tuple[str, ...], row_bytes: int, cells: int
) -> _Load | None:
    count, added = groups(model, entity, group), added_per_second(model, entity)
    if not count or (added is None and entity.facts.count is None):
        return None
    first = (entity.facts.count or 0.0) / count
    kept = kept_seconds(entity) or HORIZON_SECONDS
    return _Load(first, (added or 0.0) / count, kept, row_bytes, cells)


def _possible(source: str, load: _Load | None) -> list[Bucketing]:
    found: list[Bucketing] = ["one partition"]
    if source:
        found += [word for word in _SECONDS if load is None or _SECONDS[word] < load.kept]
    elif load:
        found.append("by hash")
    return found


def _way(word: Bucketing, load: _Load, limits: tuple[int | None, int | None]) -> BucketWay:
    whole = load.first + load.added * load.kept
    if word == "by hash":
        each = min(limit / size for limit, size in zip(limits, load[3:], strict=True) if limit)
        parts = max(2, math.ceil(whole / each))
        rows = whole / parts
    elif word == "one partition":
        rows, parts = whole, 1
    else:
        # Those of the first day lie in the spans before it as evenly as those that come.
        rows, parts = whole * _SECONDS[word] / load.kept, math.ceil(load.kept / _SECONDS[word])
    size, cells = rows * load.row_bytes, rows * load.cells
    pairs = zip((size, cells), limits, strict=True)
    large = any(limit is not None and value > limit for value, limit in pairs)
    return BucketWay(word, rows, size, cells, parts, "large" if large else "more")


def _bucket(entity: Entity, word: Bucketing, source: str, parts: int) -> Bucket | None:
    if word == "one partition":
        return None
    taken = frozenset(column.name for column in entity.columns)
    names = Names(48, taken)
    if word == "by hash":
        return Bucket(word, names.make("bucket"), "", parts)
    return Bucket(word, names.make(source, word.removeprefix("by ")), source)
