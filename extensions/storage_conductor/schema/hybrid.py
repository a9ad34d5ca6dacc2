"""Which store owns which entity when there are several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..catalog.backend import Backend
from ..errors import ConductorError
from .model import DataModel, Entity, Pattern
from .result import Finding
from .tokens import nearest


def owners(model: DataModel, backends: Sequence[Backend]) -> dict[str, str]:
    """Choose the store of each entity.

    An entity goes where its `_store` says. Without one, an entity with a `bytes` field goes to the
    first object store or file system, and every other one to the first database; a cache owns
    nothing unless `_store` names it, as what only a cache holds is lost with it.

    Args:
        model: The whole model.
        backends: The stores, in the order the person chose them.

    Raises:
        ConductorError: A `_store` names a backend that was not chosen.
    """
    problems = []
    chosen = {}
    for entity in model.entities:
        named = named_store(entity, backends)
        if entity.store is not None and named is None:
            known = nearest(entity.store, [backend.name for backend in backends])
            problems.append(f"entities.{entity.name}._store: `{entity.store}`{known}")
        else:
            chosen[entity.name] = (named or usual_owner(entity, backends)).key
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ConductorError(
            f"an entity is given to a backend that is not among the chosen ones:{listed}",
            remedy="Choose that backend too, or correct `_store`.",
        )
    return chosen


def named_store(entity: Entity, backends: Sequence[Backend]) -> Backend | None:
    """The store that an entity's `_store` names, among several."""
    return next((item for item in backends if entity.store and item.is_named(entity.store)), None)


def usual_owner(entity: Entity, backends: Sequence[Backend]) -> Backend:
    """The store of an entity without `_store`, among several."""
    blobs = [b for b in backends if holds_bodies(b)]
    databases = [b for b in backends if b.storage_type == "database"]
    return blobs[0] if blobs and _has_bytes(entity) else (databases or blobs or list(backends))[0]


def holds_bodies(backend: Backend) -> bool:
    """Whether a store holds bodies, which are written once and then referred to by their name."""
    return backend.storage_type in {"object_storage", "file_system"}


def written_first(pattern: Pattern, stores: Iterable[Backend]) -> tuple[Backend, ...]:
    """The stores that an operation writes before the deciding one commits: new bodies.

    Args:
        pattern: The operation.
        stores: The stores that it changes beside the deciding one.
    """
    return tuple(b for b in stores if pattern.kind == "write" and holds_bodies(b))


def _has_bytes(entity: Entity) -> bool:
    return any(column.type.name == "bytes" for column in entity.columns)


def ownership_findings(
    model: DataModel, backends: Sequence[Backend], chosen: Mapping[str, str]
) -> list[Finding]:
    """References between stores, which no store keeps, and stores that own nothing."""
    found = [
        Finding(
            "cross-store-reference",
            f"{entity.name}.{key.field}",
            (("from", chosen[entity.name]), ("to", chosen[key.entity])),
        )
        for entity in model.in_dependency_order
        for key in entity.foreign_keys
        if chosen[entity.name] != chosen[key.entity]
    ]
    owning = set(chosen.values())
    idle = [backend.key for backend in backends if backend.key not in owning]
    return found + [Finding("store-owns-nothing", key) for key in idle]
