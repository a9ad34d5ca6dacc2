"""What an entry takes on disk with its index entries, known before a schema is drafted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalog.backend import Backend
from .common import Sizes
from .keys import plan_indexes
from .model import DataModel, Entity
from .names import PORTABLE_LENGTH, Names
from .notes import owning
from .sqlbytes import row_bytes
from .volumes import kept_rows, rows_of_keys


def measured(model: DataModel, backends: Sequence[Backend], sizes: Sizes) -> DataModel:
    """Return the model with what an entry of each entity takes, where its store computes it.

    Args:
        model: The model with all that follows from it.
        backends: The stores as they are run.
        sizes: What is known beside the model.
    """
    stores = owning(model, backends)
    average = sizes.average_item_bytes
    entities = (
        replace(
            entity,
            stored_bytes=written_bytes(
                model,
                entity,
                stores[entity.name].key,
                None if entity.derived else entity.average_of(average),
            )[0],
        )
        for entity in model.entities
    )
    return replace(model, entities=tuple(entities))


def written_bytes(
    model: DataModel, entity: Entity, store: str, average: float | None
) -> tuple[float | None, int]:
    """Return bytes of a row with its index entries, or None, and how many indexes there are.

    Args:
        model: The part of the model that the store holds, or more.
        entity: The entity.
        store: Key of the store.
        average: Bytes of the values of a row, where neither types nor the entity tell them.
    """
    plan = plan_indexes(model, entity, Names(PORTABLE_LENGTH))
    shared = rows_of_keys(model, entity, plan.indexes, kept_rows(entity))
    found = row_bytes(entity, plan.indexes, store, average, shared)
    return None if found is None else found.table + found.entries, len(plan.indexes)
