"""What is said of entities, summed up: volume, growth, and what a lifetime leaves of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.loading import headings
from .formulas import DAYS_PER_MONTH, GB, SECONDS_PER_DAY

if TYPE_CHECKING:
    from ..schema.model import DataModel, Entity


def item_bytes(entity: Entity, average: float | None) -> float | None:
    """Return the bytes of an entry: as stated of it, else the average one, else by its types."""
    stated = entity.facts.item_bytes or average
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


def grown_gb(model: DataModel | None, average: float | None) -> float | None:
    """Return what comes in a month in GB; None where one of the entities lacks a number."""
    if model is None or all(entity.facts.growth is None for entity in counted(model)):
        return None
    return _sum(_comes(entity, average) for entity in counted(model))


def _comes(entity: Entity, average: float | None) -> float | None:
    """Return the growth of an entity beside others; one with a count and no growth stays so."""
    fixed = entity.facts.growth is None and entity.facts.count is not None
    return 0.0 if fixed else growth_gb(entity, average)


def growth_gb(entity: Entity, average: float | None) -> float | None:
    """Return what comes of an entity in a month in GB."""
    growth, size = entity.facts.growth, item_bytes(entity, average)
    month = DAYS_PER_MONTH * SECONDS_PER_DAY
    if growth is None:
        return None
    if growth.bytes is not None:
        return growth.bytes * month / GB
    return None if growth.items is None or size is None else growth.items * size * month / GB


def inserts(model: DataModel, entity: Entity) -> float | None:
    """Return the rows a second that the patterns insert into an entity; None where not stated."""
    found = [
        p.per_second
        for p in model.patterns_of(entity)
        if p.kind == "write" and not p.finds_rows and not p.job
    ]
    return sum(rate for rate in found if rate) if found and None not in found else None


def lifetime_seconds(entity: Entity) -> float | None:
    """Return how long a row is kept after it was written, where one duration says so."""
    created = entity.facts.lifetime("creation")
    return created.seconds if created else entity.ttl_seconds


class SteadyState(NamedTuple):
    """An entity when as much goes as comes.

    Args:
        rows: How many there are.
        gb: Their volume in GB, where the size of one is known.
        least: Whether more may be there, since the time runs from an event after the writing.
    """

    rows: float
    gb: float | None
    least: bool


def steady_state(entity: Entity, average: float | None) -> SteadyState | None:
    """Return start + growth × lifetime of an entity; None where one of them is not stated.

    Args:
        entity: The entity.
        average: Bytes of an average item, for one without a size of its own.
    """
    growth, size = entity.facts.growth, item_bytes(entity, average)
    event = entity.facts.lifetime("event")
    kept = lifetime_seconds(entity) or (event.seconds if event else None)
    if growth is None or growth.items is None or kept is None:
        return None
    rows = (entity.facts.count or 0) + growth.items * kept
    return SteadyState(rows, rows * size / GB if size else None, event is not None)


def _sum(values: Iterable[float | None]) -> float | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if known and len(known) == len(found) else None
