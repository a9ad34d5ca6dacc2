"""How many rows an entity comes to hold, from what is stated of it."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Column, DataModel, Entity
from .result import IndexRow

HORIZON_SECONDS = 3 * 365.25 * 86_400
"""Three years: the time for which growth without an end is looked at."""


def kept_seconds(entity: Entity) -> float | None:
    """Return how long a row is kept after it was written, where one duration says so."""
    return entity.facts.lasting_seconds("creation") or entity.ttl_seconds


def added_per_second(model: DataModel, entity: Entity) -> float | None:
    """Return the rows that come a second: as stated, else what its writes add; None without both.

    An entity without a rate for one of its writes has no sum.
    """
    if entity.facts.growth and entity.facts.growth.items is not None:
        return entity.facts.growth.items
    writes = [
        p.per_second
        for p in model.patterns
        if p.kind == "write" and not p.finds_rows and entity.name in p.touched
    ]
    known = [rate for rate in writes if rate is not None]
    return sum(known) if writes and len(known) == len(writes) else None


def leaves_after(entity: Entity) -> float | None:
    """Return the seconds after which a row goes: from its writing, else from an event."""
    return kept_seconds(entity) or entity.facts.lasting_seconds("event")


def grows_for(entity: Entity) -> float | None:
    """Return the seconds after which as many rows go as come; None where no duration says so.

    Where the growth follows from inserts, the rows of the first day are such as they left, and go
    in the same time; beside a stated growth they count in full, which is on the safe side.
    """
    kept = leaves_after(entity)
    growth, count = entity.facts.growth, entity.facts.count
    if kept and growth and growth.derived and growth.items and count:
        return max(kept - count / growth.items, 0.0)
    return kept


def kept_rows(entity: Entity) -> float | None:
    """Return the rows when as many go as come, else those in three years; None where not stated.

    What goes by a condition or for want of use leaves nobody knows how much.
    """
    growth, grows = entity.facts.growth, grows_for(entity)
    if growth is None or growth.items is None:
        return entity.facts.count
    if grows is None and any(life.kind in ("idle", "condition") for life in entity.facts.lifetimes):
        return None
    seconds = HORIZON_SECONDS if grows is None else grows
    return (entity.facts.count or 0.0) + growth.items * seconds


def groups(model: DataModel, entity: Entity, columns: tuple[str, ...]) -> float | None:
    """Return how many different values columns have together; None where nobody stated it.

    A reference has as many as its target has rows, a list of values as many as are listed. A
    column that is called after the key of another entity, `sensor_id`, is as one: stores of keys
    have no references.
    """
    known = {it.name: it for it in (*model.elsewhere, *model.entities)}
    left, product = list(dict.fromkeys(columns)), 1.0
    for key in entity.foreign_keys:
        target = known.get(key.entity)
        if set(key.columns) <= set(left) and target is not None:
            count = kept_rows(target)
            if count is None:
                return None
            product *= count
            left = [column for column in left if column not in key.columns]
    for name in left:
        values = _values(entity.column(name)) or _rows_named(model, entity, entity.column(name))
        if values is None:
            return None
        product *= values
    return product or None


def _rows_named(model: DataModel, entity: Entity, column: Column) -> float | None:
    """Return the rows of the entity after which, or whose key, a column is called; None if none."""
    for other in (*model.entities, *model.elsewhere):
        alone = len(other.key) == 1 and other is not entity
        if alone and column.name in (other.table, f"{other.table}_{other.key[0]}"):
            kind = other.column(other.key[0]).type
            return kept_rows(other) if kind == column.type else None
    return None


def _values(column: Column) -> int | None:
    return 2 if column.type.name == "bool" else len(column.type.values) or None


def rows_of_keys(
    model: DataModel, entity: Entity, indexes: Iterable[IndexRow], rows: float | None
) -> dict[str, float]:
    """Return how many rows share a key of an index on average, by its name, where it is known."""
    found = {}
    for index in indexes:
        different = groups(model, entity, tuple(column for column, _ in index.columns))
        if rows and different and not index.unique:
            found[index.name] = max(rows / different, 1.0)
    return found
