"""How rows go when their time is over: with the partition that they lie in, or in batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ..catalog.backend import Backend
from ..catalog.rulebook import general
from ..errors import ConductorError
from ..units import days_text
from .common import Sizes
from .model import Column, DataModel, Entity, Pattern
from .notes import owning
from .result import Finding
from .stored import written_bytes
from .volumes import groups, kept_rows, kept_seconds
from .ways import EXPIRED, ExpiryChoice, ExpiryWay, Partition, Unit, verdict

BATCH = 1_000
"""Rows of one batch, and batches of one day up to which deleting them is no work to speak of."""

PARTITIONED = ("postgresql", "mysql", "mariadb")
"""Stores whose partitions are drafted."""

_DAY = 86_400.0
_MONTH = 365.25 / 12 * _DAY
_LATE = 0.1  # share of the lifetime by which a row may stay too long


def partitioned(
    model: DataModel,
    backends: Sequence[Backend],
    sizes: Sizes,
    retained: Mapping[str, float] = MappingProxyType({}),
) -> DataModel:
    """Return the model with the partitions of its entities, and what they do to its keys.

    A key gets the time, since a store keeps a rule within one partition alone. References to a
    partitioned entity are left to the application and, in MySQL and MariaDB, its own as well.

    Args:
        model: The model as it was given.
        backends: The stores as they are run.
        sizes: What is known beside the model.
        retained: How long what the component holds is kept, by the name of the entity; it holds for
            an entity of which nothing else is said, where its rows go by partitions or as a person
            chose.

    Raises:
        ConductorError: `_layout` asks for partitions that an entity cannot have.
    """
    stores = owning(model, backends)
    kept = model.kept_for(retained)
    found = (_retained(kept, entity, stores[entity.name], sizes) for entity in model.entities)
    model = replace(model, entities=tuple(found))
    spans = {}
    for entity in model.entities:
        choice = compared(model, entity, stores[entity.name], sizes)
        if choice and choice.ways[0].word == "partitions":
            spans[entity.name] = choice.partition
        elif "partitions" in entity.layout and choice is None:
            raise ConductorError(
                f"entities.{entity.name}._layout: `partitions` is not possible here",
                remedy="They need PostgreSQL, MariaDB or MySQL, a `_lifetime` from the writing, a"
                " `_growth` or the rate of its inserts, and one time that each row has."
                " Take the word out, or say these.",
            )
    return replace(
        model,
        entities=tuple(
            _spanned(_expiring(entity, stores[entity.name]), spans, stores[entity.name])
            for entity in model.entities
        ),
    )


def _retained(kept: DataModel, entity: Entity, backend: Backend, sizes: Sizes) -> Entity:
    """Return an entity with the lifetime of the component, where that decides its layout."""
    lasting = kept.entity(entity.name)
    choice = None if lasting == entity else compared(kept, lasting, backend, sizes)
    wanted = choice is not None and choice.ways[0].word == "partitions"
    asked = any(word in EXPIRED for word in entity.layout)
    return lasting if choice and (wanted or asked) else entity


def _expiring(entity: Entity, backend: Backend) -> Entity:
    """Return an entity with the time by which a job finds what is over its lifetime."""
    column = timed(entity) if kept_seconds(entity) and not entity.derived else None
    if column is None or backend.family != "relational":
        return entity
    return replace(entity, expiring=column.name)


def choices(model: DataModel, backend: Backend, sizes: Sizes) -> Iterator[ExpiryChoice]:
    """Yield the comparison for each entity of a store whose rows go in time."""
    for entity in model.entities:
        if choice := compared(model, entity, backend, sizes):
            yield choice


def choice_finding(choice: ExpiryChoice) -> Finding | None:
    """Return the decision about partitions that nobody chose."""
    best = choice.ways[0]
    if best.word != "partitions" or best.verdict == "said":
        return None
    return Finding("expiry-choice", choice.entity, (("unit", choice.partition.unit),))


def purge_job(entity: Entity, by: str) -> Iterator[Finding]:
    """Say what a job removes of an entity whose entries go a time after they were written.

    Args:
        entity: The entity.
        by: What tells when one was written; empty where nothing does.
    """
    seconds, growth = kept_seconds(entity), entity.facts.growth
    if seconds:
        daily = math.ceil(growth.items * 86_400) if growth and growth.items else 0
        numbers = (("after", days_text(seconds / 86_400)), ("daily", daily))
        batches = math.ceil(daily / BATCH)
        yield Finding("purge-job", entity.name, (*numbers, ("batches", batches), ("by", by)))


def timed(entity: Entity) -> Column | None:
    """Return the column that tells when a row was written, where one does so.

    It is the one that is filled with the time of the write, else the only time that each row has.
    """
    times = [
        column
        for column in entity.columns
        if column.type.family in ("date", "timestamp", "timestamptz")
        and not column.nullable
        and not column.type.array
    ]
    made = [column for column in times if column.default and column.default.kind == "now"]
    created = [c for c in made if c.name.startswith(("created", "inserted", "written"))]
    for found in (created, made, times):
        if len(found) == 1:
            return found[0]
    return None


def compared(
    model: DataModel, entity: Entity, backend: Backend, sizes: Sizes
) -> ExpiryChoice | None:
    """Compare the ways in which rows of an entity go; None where there is only one, or no number.

    The rule: partitions that lose no rule, where a day's rows are more than a thousand batches of a
    thousand or the table is larger than is advised; else batches.
    """
    seconds, rows, column = kept_seconds(entity), kept_rows(entity), timed(entity)
    growth = entity.facts.growth.items if entity.facts.growth else None
    known = backend.key in PARTITIONED and not entity.derived
    if not (known and seconds and rows and growth and column):
        return None
    unit: Unit = "month" if seconds * _LATE >= _MONTH else "day"
    count = math.ceil(seconds / (_MONTH if unit == "month" else _DAY)) + 2
    given = entity.identity
    partition = Partition(column.name, unit, count, given)
    average = entity.average_of(sizes.average_item_bytes)
    found, structures = written_bytes(model, replace(entity, expiring=""), backend.key, average)
    if entity.expiring:
        # The index by which batches find what goes is written, but is no reason for partitions.
        _, structures = written_bytes(model, entity, backend.key, average)
    gb = None if found is None else rows * found / 1e9
    lost = tuple(_lost(model, entity, given, column.name))
    large = gb is not None and gb > _advised_gb()
    many = growth * _DAY > BATCH * BATCH
    ruled = EXPIRED[1] if (large or many) and not lost else EXPIRED[0]
    said = next((word for word in entity.layout if word in EXPIRED), None)
    looked = _looked(model, entity, partition, backend)
    ways = [
        ExpiryWay("deleted in batches", growth, growth * structures, 0.0, (), "dearer"),
        ExpiryWay("partitions", 0.0, 0.0, looked, lost, "loses" if lost else "needless"),
    ]
    best = said or ruled
    ways = [way._replace(verdict=verdict(way.word, ruled, said, way.verdict)) for way in ways]
    ways.sort(key=lambda way: way.word != best)
    return ExpiryChoice(entity.name, seconds, tuple(ways), rows, gb, partition)


def _advised_gb() -> float:
    found = next(f.value for f in general().facts if f.key == "table_bytes_recommended")
    return float(found) / 1e9


def _lost(model: DataModel, entity: Entity, key: tuple[str, ...], column: str) -> Iterator[str]:
    """What a store does not keep over several partitions.

    A key that its writer draws at random, or that the store counts, stays unique by that.
    """
    drawn = len(key) == 1 and (
        entity.column(key[0]).type.name == "uuid" or key[0] == entity.numbered
    )
    for group in ([] if drawn or not key else [key]) + [*entity.unique]:
        if column not in group:
            yield f"unique {', '.join(entity.column(name).field for name in group)}"
    for index in entity.indexes:
        if index.unique and column not in (name for name, _ in index.columns):
            yield f"unique {', '.join(name for name, _ in index.columns)}"
    for other in model.entities:
        if other.summary and other.summary.source == entity.name:
            yield f"what {other.name} has added up"
        for reference in other.foreign_keys:
            if reference.entity == entity.name:
                yield f"reference {other.name}.{reference.field}"


def _looked(
    model: DataModel, entity: Entity, partition: Partition, backend: Backend
) -> float | None:
    """Look-ups a second in partitions in which nothing is found; None where nobody can tell."""
    total = 0.0
    for pattern in model.patterns_of(entity):
        if pattern.finds_rows and not pattern.job:
            many = _visited(model, pattern, partition, backend)
            if many is None or (pattern.per_second is None and many > 1):
                return None
            total += (pattern.per_second or 0.0) * (many - 1)
    return total


def _visited(
    model: DataModel, pattern: Pattern, partition: Partition, backend: Backend
) -> float | None:
    """Return how many partitions a read looks into.

    It is one where its time is given, and all where nothing tells where its rows are. PostgreSQL
    reads partitions in their order until a page is full, which a few rows of a group never fill.
    """
    column, count = partition.column, partition.count
    if column in (*pattern.equal, *pattern.ranges, *pattern.among):
        return 1
    first = [name for name, _ in pattern.sort if name not in pattern.equal][:1]
    if first != [column] or pattern.page_size is None or backend.key != "postgresql":
        return count
    if not pattern.equal:
        return 1
    entity = model.entity(pattern.entity)
    rows, different = kept_rows(entity), groups(model, entity, tuple(pattern.equal))
    if rows is None or different is None:
        return None
    return min(math.ceil(pattern.page_size * count * different / rows), count)


def _spanned(entity: Entity, spans: Mapping[str, Partition], backend: Backend) -> Entity:
    partition = spans.get(entity.name)
    left = partition is not None and backend.key != "postgresql"
    references = tuple(
        replace(reference, kept=False) if left or reference.entity in spans else reference
        for reference in entity.foreign_keys
    )
    if partition is None:
        return replace(entity, foreign_keys=references)
    key, counted = entity.key, entity.numbered
    if key and partition.column not in key:
        key = (*key, partition.column)
    columns = tuple(
        replace(column, numbered=True) if column.name == counted else column
        for column in entity.columns
    )
    return replace(
        entity,
        columns=columns,
        key=key,
        foreign_keys=references,
        partition=partition,
        expiring="",
    )
