"""Notes of what other stores and outside systems are still to be told, written with the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..catalog.backend import Backend
from .hybrid import named_store, usual_owner, written_first
from .invariants import outsiders
from .model import Column, DataModel, Default, Entity, Pattern, SortColumn
from .types import FieldType

TABLE = "outbox"
READ = "outbox, oldest first"
"""Name of the access pattern by which what carries the notes finds them; nobody stated it."""

PAGE = 100
"""How many notes are read at once, where a job does not say how many it does."""

_FILES = ("object", "posix")
_ORDER: tuple[SortColumn, ...] = (("id", "asc"),)
_NAME = FieldType("varchar", length=80)
_NOTE = "what others are still to be told; follows from the operations"


def noted(model: DataModel, backends: Sequence[Backend], depends_on: Iterable[str]) -> DataModel:
    """Return the model with who is told by its operations, and notes where they need some.

    Args:
        model: The model as it was given.
        backends: The stores as they are run, in the order chosen.
        depends_on: Components and services that must be there first.
    """
    known = tuple(depends_on)
    patterns = tuple(_telling(pattern, known) for pattern in model.patterns)
    model = replace(model, patterns=patterns)
    stores = owning(model, backends)
    found = (decider(pattern, stores) for pattern in patterns if _reaches_out(pattern, stores))
    store = next((item for item in found if item is not None), None)
    if store is None or any(entity.table == TABLE for entity in model.entities):
        return model
    entity = _outbox(store.key if len(backends) > 1 else None)
    carried = tuple(
        _from_notes(pattern, entity, model)
        if pattern.job and pattern.operation.tells and stores[pattern.entity] is store
        else pattern
        for pattern in patterns
    )
    if not any(pattern.entity == entity.name for pattern in carried):
        read = Pattern(READ, entity.name, sort=_ORDER, page_size=PAGE)
        carried = (*carried, read)
    return DataModel((*model.entities, entity), carried)


def _from_notes(pattern: Pattern, notes: Entity, model: DataModel) -> Pattern:
    """Return a job that reads notes instead of searching for what changed."""
    table = model.entity(pattern.entity).table
    conditions = " and ".join(map(str, pattern.conditions))
    about = f"{table} with {conditions}" if conditions else table
    asked = replace(pattern.operation, atomic=(), told_of=about)
    return Pattern(
        pattern.name,
        notes.name,
        sort=_ORDER,
        kind=pattern.kind,
        consistency=pattern.consistency,
        page_size=PAGE,
        operation=asked,
    )


def outbox(model: DataModel) -> Entity | None:
    """Return the entity of the notes, whether it was given or follows."""
    return next((entity for entity in model.entities if entity.table == TABLE), None)


def owning(model: DataModel, backends: Sequence[Backend]) -> dict[str, Backend]:
    """Return the store of each entity, where an unknown `_store` is the usual one.

    Args:
        model: The whole model.
        backends: The stores as they are run, at least one.
    """
    return {
        entity.name: named_store(entity, backends) or usual_owner(entity, backends)
        for entity in model.entities
    }


def beside_files(model: DataModel, backends: Sequence[Backend]) -> DataModel:
    """Return the model with the rows marked beside which another store holds the files.

    What is said of an average item is then said of a file.
    """
    stores = owning(model, backends)
    if not any(stores[entity.name].family in _FILES for entity in model.entities):
        return model
    entities = (
        replace(entity, beside_files=stores[entity.name].family not in _FILES)
        for entity in model.entities
    )
    return replace(model, entities=tuple(entities))


def decider(pattern: Pattern, stores: Mapping[str, Backend]) -> Backend | None:
    """Return the store that commits an operation and its note first; None where none can.

    Args:
        pattern: The operation.
        stores: The store of each entity.
    """
    touched = (pattern.entity, *(name for name in pattern.touched if name != pattern.entity))
    able = (stores[name] for name in touched if keeps_notes(stores[name]))
    return next(able, None)


def keeps_notes(backend: Backend) -> bool:
    """Whether a store changes several rows at once and reads the notes back in their order."""
    return backend.family == "relational" and not backend.lacks("multi_item_transactions")


def _telling(pattern: Pattern, depends_on: Iterable[str]) -> Pattern:
    asked = pattern.operation
    told = asked.tells or outsiders(pattern, depends_on)
    return replace(pattern, operation=replace(asked, tells=told)) if told else pattern


def leader(pattern: Pattern, stores: Mapping[str, Backend]) -> Backend:
    """Return the store that decides whether an operation took place.

    Where none can commit a note it is a database, and never a cache beside another store.

    Args:
        pattern: The operation.
        stores: The store of each entity.
    """
    touched = [stores[name] for name in (pattern.entity, *pattern.touched)]
    databases = [item for item in touched if item.storage_type == "database"]
    kept = [item for item in touched if item.storage_type != "cache"]
    return decider(pattern, stores) or (databases or kept or touched)[0]


def in_order(
    pattern: Pattern, stores: Mapping[str, Backend]
) -> tuple[tuple[Backend, ...], tuple[Backend, ...]]:
    """Return the stores that an operation writes before the deciding one commits, and after it.

    Args:
        pattern: The operation.
        stores: The store of each entity.
    """
    deciding = leader(pattern, stores).key
    touched = {stores[name].key: stores[name] for name in pattern.touched}
    others = [item for key, item in touched.items() if key != deciding]
    first = written_first(pattern, others)
    return first, tuple(item for item in others if item not in first)


def _reaches_out(pattern: Pattern, stores: Mapping[str, Backend]) -> bool:
    split = len({stores[name].key for name in pattern.touched}) > 1
    _, follow = in_order(pattern, stores)
    return bool(pattern.operation.tells) or (split and pattern.changes and bool(follow))


def _outbox(store: str | None) -> Entity:
    columns = (
        Column("id", "id", FieldType("bigint"), nullable=False),
        Column("operation", "operation", _NAME, nullable=False),
        Column("subject", "subject", _NAME, nullable=False),
        Column(
            "created_at",
            "created_at",
            FieldType("timestamptz"),
            nullable=False,
            default=Default("now"),
        ),
    )
    notes = (
        ("operation", "what is to be carried out"),
        ("subject", "key of the entry that it is about"),
    )
    return Entity(
        "Outbox", TABLE, columns, ("id",), notes=notes, note=_NOTE, store=store, derived=True
    )
