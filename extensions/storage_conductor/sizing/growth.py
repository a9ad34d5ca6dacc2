"""What comes of an entity of which nobody said it: what the access patterns insert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..questions.answers import Answers
from ..units import number
from .entities import inserts
from .rates import ROUNDING
from .workload import Workload

if TYPE_CHECKING:
    from ..schema.model import DataModel, Entity


def with_growth(model: DataModel, answers: Answers, stores: Mapping[str, Backend]) -> DataModel:
    """Return the model with the growth that follows from inserts, where none is stated.

    The rates of a busy hour count with the share that the stated average has of them. Entries of
    a cache replace each other under their keys, and say nothing. A growth that is stated of all
    data holds where it is compared with all writes.

    Args:
        model: The model as it was given.
        answers: What was said beside it.
        stores: The store of each entity.
    """
    load = Workload(answers, model)
    if answers.growth_gb_per_month is not None and load.intake_gb is not None:
        return model
    listed, planned = load.listed_writes.total, load.writes
    share = planned / listed if planned and listed > planned * ROUNDING else 1.0
    entities = (
        entity
        if stores[entity.name].storage_type == "cache"
        else _growing(model, entity, share, retained=answers.retention_days is not None)
        for entity in model.entities
    )
    return replace(model, entities=tuple(entities))


def _growing(model: DataModel, entity: Entity, share: float, *, retained: bool) -> Entity:
    added, removed = inserts(model, entity), _removed(model, entity, retained=retained)
    if entity.facts.growth or added is None or removed is None or added <= removed:
        return entity
    from ..schema.durations import Growth

    rate = (added - removed) * share
    shown = f"{number(added)}/s" if not removed else f"({number(added)} - {number(removed)})/s"
    shown += f" × {number(share)}" if share < 1 else ""
    growth = Growth(shown, items=rate, derived=True)
    return replace(entity, facts=replace(entity.facts, growth=growth))


def _removed(model: DataModel, entity: Entity, *, retained: bool) -> float | None:
    """Return the rows a second that go; None where something takes away nobody knows how many.

    What a lifetime ends, or the `retained` of all data, is none of them, whatever removes it.
    """
    from ..schema.volumes import groups, grows_for

    bounded = bool(entity.identity) and groups(model, entity, entity.identity) is not None
    lasting = retained or grows_for(entity) is not None
    if bounded or (not lasting and entity.facts.lifetimes):
        return None
    gone = 0.0
    for pattern in model.patterns_of(entity):
        cleans = pattern.job and pattern.kind in ("delete", "job") and not pattern.whole
        if cleans and lasting:
            continue
        rate = pattern.per_second
        if cleans:
            items, every = pattern.operation.items, pattern.operation.interval_seconds
            rate = items / every if items and every else None
        if pattern.kind == "delete" or cleans:
            if rate is None:
                return None
            gone += rate
    return gone
