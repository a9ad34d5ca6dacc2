"""What is said of entities, summed up: volume, growth, and what a lifetime leaves of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.loading import headings
from ..units import size_text
from .formulas import DAYS_PER_MONTH, GB, SECONDS_PER_DAY, stored_gb

if TYPE_CHECKING:
    from ..schema.model import DataModel, Entity, Pattern


def item_bytes(entity: Entity, average: float | None) -> float | None:
    """Return the bytes of an entry, with those of its indexes where the store computes them.

    Elsewhere they are as stated of it, else the average ones, else those of its types.
    """
    stated = entity.stored_bytes or entity.facts.item_bytes or entity.average_of(average)
    if stated:
        return stated
    from ..schema.sqlbytes import value_bytes

    return value_bytes(entity)


def entity_gb(entity: Entity, average: float | None) -> float | None:
    """Return count × size of an entity in GB, where both are known."""
    size = item_bytes(entity, average)
    count = entity.facts.count
    return None if size is None or count is None else count * size / GB


def counted_gb(model: DataModel | None, average: float | None) -> float | None:
    """Return the volume of all entities in GB; None where one of them lacks a number."""
    return _sum(entity_gb(entity, average) for entity in counted(model)) if model else None


def counted(model: DataModel) -> tuple[Entity, ...]:
    """Return the entities that a volume is made of.

    What follows from operations is nearly empty, and what a cache beside them holds is a copy.
    """
    caches = {heading.key for heading in headings() if heading.storage_type == "cache"}
    own = [entity for entity in model.entities if not entity.derived]
    kept = tuple(entity for entity in own if entity.store not in caches)
    return kept or tuple(own)


class Coming(NamedTuple):
    """What comes of an entity.

    Args:
        entity: The entity.
        gb: GB a month.
        text: The arithmetic of `gb`, where it follows from what is inserted.
    """

    entity: Entity
    gb: float
    text: str


def coming(model: DataModel | None, average: float | None) -> tuple[Coming, ...] | None:
    """Return what comes of each entity that grows; None where one of them lacks a number.

    An entity with a count and no growth stays so, and so does one into which nothing is inserted.
    """
    entities = counted(model) if model else ()
    if model is None or all(entity.facts.growth is None for entity in entities):
        return None
    filled = {name for p in model.patterns if inserting(p) for name in p.touched}
    found = []
    for entity in entities:
        if entity.facts.growth is None:
            if entity.facts.count is None and entity.name in filled:
                return None
            continue
        gb = growth_gb(entity, average)
        if gb is None:
            return None
        found.append(Coming(entity, gb, _coming_text(entity, average)))
    return tuple(found)


class Filled(NamedTuple):
    """An entity, the entries a second that are inserted less those deleted, and bytes of one."""

    entity: Entity
    rate: float
    size: float


def filling(model: DataModel | None, average: float | None) -> tuple[Filled, ...]:
    """Return the entities into which patterns insert; none where one of them has no size.

    Args:
        model: The entities and access patterns.
        average: Bytes of an average item, for an entity without a size of its own.
    """
    found = []
    for entity in model.entities if model else ():
        rate, size = inserts(model, entity) if model else None, _filled_bytes(entity, average)
        if model and rate and not size:
            if entity.beside_files:
                continue  # a row is nothing beside its file
            return ()
        if model and rate and size:
            gone = (p.per_second or 0.0 for p in model.patterns_of(entity) if p.kind == "delete")
            found.append(Filled(entity, max(rate - sum(gone), 0.0), size))
    return tuple(found)


def _filled_bytes(entity: Entity, average: float | None) -> float | None:
    """Return the bytes of an entry without its indexes."""
    if not entity.beside_files:
        return entity.facts.item_bytes or average
    return item_bytes(replace(entity, stored_bytes=None), average)


def _months(entity: Entity) -> float | None:
    from ..schema.volumes import grows_for

    seconds = grows_for(entity)
    return None if seconds is None else seconds / SECONDS_PER_DAY / DAYS_PER_MONTH


def grown_for(entity: Entity, retention: float | None) -> float | None:
    """Return the months for which an entity grows; None where nobody knows an end.

    Args:
        entity: The entity.
        retention: Months for which all data is kept, where the entity says nothing of its own.
    """
    own = _months(entity)
    return retention if own is None and not entity.told_how_long else own


def _coming_text(entity: Entity, average: float | None) -> str:
    growth, size = entity.facts.growth, item_bytes(entity, average)
    if growth is None or not growth.derived or size is None:
        return ""
    return f"{growth.text} × {size_text(round(size))} × 86,400 s × 30.44 d"


def growth_gb(entity: Entity, average: float | None) -> float | None:
    """Return what comes of an entity in a month in GB."""
    growth, size = entity.facts.growth, item_bytes(entity, average)
    month = DAYS_PER_MONTH * SECONDS_PER_DAY
    if growth is None:
        return None
    if growth.bytes is not None:
        return growth.bytes * month / GB
    return None if growth.items is None or size is None else growth.items * size * month / GB


def held_gb(
    entity: Entity, average: float | None, months: float, retention: float | None
) -> float | None:
    """Return the volume of an entity after some months in GB; None where a number lacks.

    Args:
        entity: The entity, which is empty on the first day if only what is inserted is known.
        average: Bytes of an average item, for one without a size of its own.
        months: The time from the first day on.
        retention: Months for which all data is kept, where the entity says nothing of its own.
    """
    start, growth = entity_gb(entity, average), growth_gb(entity, average)
    derived = entity.facts.growth is not None and entity.facts.growth.derived
    if start is None and (growth is None or not derived):
        return None
    return stored_gb(start or 0.0, growth or 0.0, months, grown_for(entity, retention))


def inserting(pattern: Pattern) -> bool:
    """Tell whether a pattern adds rows whenever a caller asks for it."""
    return pattern.kind == "write" and not pattern.finds_rows and not pattern.job


def inserts(model: DataModel, entity: Entity) -> float | None:
    """Return the rows a second that the patterns insert into an entity; None where not stated."""
    found = [p.per_second for p in model.patterns_of(entity) if inserting(p)]
    return sum(rate for rate in found if rate) if found and None not in found else None


class ComesTo(NamedTuple):
    """What an entity comes to: when as much goes as comes, else in three years.

    Args:
        rows: How many there are.
        gb: Their volume in GB, where the size of one is known.
        least: Whether more may be there, since the time runs from an event after the writing.
    """

    rows: float
    gb: float | None
    least: bool


def comes_to(entity: Entity, average: float | None) -> ComesTo | None:
    """Return start + growth × lifetime of an entity, or × three years; None if not stated.

    Args:
        entity: The entity.
        average: Bytes of an average item, for one without a size of its own.
    """
    from ..schema.volumes import kept_rows

    size, rows = item_bytes(entity, average), kept_rows(entity)
    if rows is None:
        return None
    least = entity.facts.lifetime("event") is not None
    return ComesTo(rows, rows * size / GB if size else None, least)


def steady_state(entity: Entity, average: float | None) -> ComesTo | None:
    """Return what an entity comes to where a lifetime ends its growth; None where none does."""
    from ..schema.volumes import grows_for

    growth = entity.facts.growth
    if growth is None or growth.items is None or grows_for(entity) is None:
        return None
    return comes_to(entity, average)


def of_each(
    model: DataModel | None,
    average: float | None,
    known: Callable[[Entity, float | None], ComesTo | None],
) -> dict[str, ComesTo]:
    """Return what is known of the entities, by their names, for those of which something is."""
    found = ((entity.name, known(entity, average)) for entity in (model.entities if model else ()))
    return {name: held for name, held in found if held is not None}


def entries_at_once(model: DataModel, entity: Entity) -> float | None:
    """Return the entries that are there at once: what comes and stays, else what was counted."""
    steady = steady_state(entity, None)
    if steady is not None:
        return steady.rows
    if entity.facts.count is not None:
        return float(entity.facts.count)
    from ..schema.volumes import kept_seconds

    rate, life = inserts(model, entity), kept_seconds(entity)
    return rate * life if rate and life else None


def _sum(values: Iterable[float | None]) -> float | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if known and len(known) == len(found) else None
